/** A question that closing a period asks. */
export interface CloseCheck {
  key: CloseCheckKey;
  /** What must be so. */
  title: string;
  passed: boolean;
  /** A hard one cannot be set aside; the others can, with a reason. */
  hard: boolean;
  /** What was found, in words. */
  found: string;
  /** Up to 20 of what stands against it. */
  items: string[];
}

const checks = {
  period_ended: ['The period has ended', false],
  earlier_periods_closed: ['Earlier periods are closed', true],
  facts_complete: ['Every week has sales and shipments', false],
  accruals_prepared: ['Accruals were prepared after the last fact', false],
  journals_posted: ['Every journal is posted', true],
  journals_exported: ['Every posted journal is exported', false],
  deductions_categorised: ['Every deduction taken by the period’s end has a category', false],
  items_in_time: ['No open deduction or claim is past its deadline', false],
  nothing_overpaid: ['Nothing was paid beyond what is owed', false],
  ties_out: ['Sub-ledger, tactics and journals agree', true],
  invariants_hold: ['The invariants of the books hold', true],
} as const satisfies Record<string, readonly [title: string, hard: boolean]>;

/** The name of a check. */
export type CloseCheckKey = keyof typeof checks;
export const closeCheckKeys = Object.keys(checks) as CloseCheckKey[];

/** A check with its answer: passed where there is nothing against it. */
export function closeCheck(
  key: CloseCheckKey,
  against: { found: string; items?: readonly string[] } | null,
): CloseCheck {
  const [title, hard] = checks[key];
  return {
    ...{ key, title, hard, passed: against === null },
    ...{ found: against?.found ?? '', items: [...(against?.items ?? [])] },
  };
}

/** The checks that stand against closing: those that fail and are hard, or were not set aside. */
export function standingAgainst(list: readonly CloseCheck[], waived: ReadonlySet<string>): CloseCheck[] {
  return list.filter(({ passed, hard, key }) => !passed && (hard || !waived.has(key)));
}
