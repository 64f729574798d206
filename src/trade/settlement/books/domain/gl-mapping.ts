import type { Mechanic } from '#performance';
import { Problem } from '#problem';
import { accountsOf, type JournalLine, type JournalMovement } from './journal.ts';

/** Where a movement goes in the general ledger; without a mechanic or customer it serves all of them. */
export interface GlMappingLine {
  movement: JournalMovement;
  mechanic: Mechanic | null;
  /** A customer and everything below it. */
  customerId: string | null;
  debitAccount: string;
  creditAccount: string;
  costCentre: string | null;
}

/** A version of the mapping: it holds for posting dates from `validFrom` on until a later one does. */
export interface GlMapping {
  /** 0: the one that comes with the house. */
  number: number;
  validFrom: string;
  lines: readonly GlMappingLine[];
}

/** A line of a journal with the account of the general ledger that it goes to. */
export interface GlAccount {
  glAccount: string;
  costCentre: string | null;
}

const line = (movement: JournalMovement, debitAccount: string, creditAccount: string, mechanic?: Mechanic) => ({
  ...{ movement, debitAccount, creditAccount, mechanic: mechanic ?? null, customerId: null, costCentre: null },
});

const allowances: readonly [Mechanic, account: string][] = [
  ['bill_back', '4910'],
  ['scan_back', '4920'],
  ['temporary_price_reduction', '4930'],
  ['feature', '4940'],
  ['display', '4940'],
  ['demo', '4940'],
  ['co_op', '4945'],
  ['slotting', '4950'],
  ['everyday_low_price', '4960'],
  ['volume_rebate', '4970'],
  ['multibuy', '4980'],
  ['coupon', '4980'],
  ['distributor_chargeback', '4990'],
];

/** The mapping of a house that has none of its own: 49xx contra-revenue by mechanic, 2150 accrued trade liability. */
export const houseGlMapping: GlMapping = {
  number: 0,
  validFrom: '1900-01-01',
  lines: [
    line('accrue', '4900', '2150'),
    line('release', '2150', '4900'),
    line('settle_receivables', '2150', '1200'),
    line('settle_payables', '2150', '2000'),
    line('tax_receivables', '1450', '1200'),
    line('tax_payables', '1450', '2000'),
    line('write_off', '6850', '1200'),
    line('open', '3990', '2150'),
    ...allowances.flatMap(([mechanic, allowance]) => [
      line('accrue', allowance, '2150', mechanic),
      line('release', '2150', allowance, mechanic),
    ]),
  ],
};

/** Throws `rule.violated` (422) where two lines of a mapping serve the same movement, mechanic and customer. */
export function requireDistinct(lines: readonly GlMappingLine[]): void {
  const seen = new Set<string>();
  for (const { movement, mechanic, customerId } of lines) {
    const key = `${movement} of ${mechanic ?? 'any mechanic'}${customerId ? ` for customer ${customerId}` : ''}`;
    if (seen.has(key)) throw new Problem('rule.violated', { detail: `The mapping names ${key} twice.` });
    seen.add(key);
  }
}

/** Answers where lines of journals go: the nearest customer first, then the mechanic, then what serves all. */
export function glResolver(mapping: GlMapping) {
  const keyOf = (movement: string, mechanic: string | null, customerId: string | null) =>
    `${movement}|${mechanic ?? ''}|${customerId ?? ''}`;
  const byKey = new Map(mapping.lines.map((each) => [keyOf(each.movement, each.mechanic, each.customerId), each]));
  /** `customerPath` leads from the customer up to its root. Throws `gl_mapping.missing` naming what has no line. */
  return (of: JournalLine, customerPath: readonly string[]): GlAccount => {
    const { movement, mechanic = null } = of;
    for (const customerId of [...customerPath, null]) {
      const found = byKey.get(keyOf(movement, mechanic, customerId)) ?? byKey.get(keyOf(movement, null, customerId));
      if (!found) continue;
      const [debit] = accountsOf(movement);
      return {
        glAccount: of.account === debit ? found.debitAccount : found.creditAccount,
        costCentre: found.costCentre,
      };
    }
    throw new Problem('gl_mapping.missing', {
      detail: `Mapping ${mapping.number} names no account for ${movement} of ${mechanic ?? 'no mechanic'}.`,
      extra: { movement, mechanic },
    });
  };
}
