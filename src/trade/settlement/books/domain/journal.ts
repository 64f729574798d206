import { type Money, sum, zero } from '#money';
import { Problem } from '#problem';

/** Accounts of the journals, neutral of any ERP (domain.md, the worked accrual example). */
export const journalAccounts = [
  'promotional_allowances',
  'accrued_trade_liability',
  'receivables',
  'payables',
  'deduction_expense',
  'opening_balance',
  'tax',
] as const;
export type JournalAccount = (typeof journalAccounts)[number];

const movementAccounts = {
  accrue: ['promotional_allowances', 'accrued_trade_liability'],
  release: ['accrued_trade_liability', 'promotional_allowances'],
  settle_receivables: ['accrued_trade_liability', 'receivables'],
  settle_payables: ['accrued_trade_liability', 'payables'],
  tax_receivables: ['tax', 'receivables'],
  tax_payables: ['tax', 'payables'],
  write_off: ['deduction_expense', 'receivables'],
  open: ['opening_balance', 'accrued_trade_liability'],
} as const satisfies Record<string, readonly [JournalAccount, JournalAccount]>;

/** What moves money between accounts of the journals. */
export type JournalMovement = keyof typeof movementAccounts;
export const journalMovements = Object.keys(movementAccounts) as JournalMovement[];

/** The accounts that a movement above zero debits and credits. */
export function accountsOf(movement: JournalMovement): readonly [debit: JournalAccount, credit: JournalAccount] {
  return movementAccounts[movement];
}

/** What a journal books; `opening` takes over what another system owed. */
export type JournalKind = 'accrual' | 'release' | 'settlement' | 'write_off' | 'opening';

/**
 * The day that a journal posts on: what is settled or written off on its own day, where that lies before or after its
 * period on the nearest day of it; what is earned by a period's end, released or taken over on the last day.
 */
export function postingDateOf(
  kind: JournalKind,
  { startsOn, endsOn }: { startsOn: string; endsOn: string },
  today: string,
): string {
  if (kind !== 'settlement' && kind !== 'write_off') return endsOn;
  if (today < startsOn) return startsOn;
  return today > endsOn ? endsOn : today;
}

/** What a line is about, where it is about a tactic or an item. */
export interface LineSubject {
  customerId: string;
  promotionId: string | null;
  tacticId: string | null;
  mechanic?: string | null;
}

/** One side of an entry; amounts are positive, the side gives the sign. */
export interface JournalLine extends LineSubject {
  movement: JournalMovement;
  account: JournalAccount;
  side: 'debit' | 'credit';
  amount: Money;
}

/** Both sides of a movement: the other way round where the amount is negative, none where it is zero. */
export function movementLines(subject: LineSubject, movement: JournalMovement, amount: Money): JournalLine[] {
  if (amount.minor === 0n) return [];
  const { customerId, promotionId, tacticId, mechanic = null } = subject;
  const magnitude = { minor: amount.minor < 0n ? -amount.minor : amount.minor, currency: amount.currency };
  const [debit, credit] = accountsOf(movement);
  const [from, to] = amount.minor < 0n ? [credit, debit] : [debit, credit];
  const about = { customerId, promotionId, tacticId, mechanic, movement };
  return [
    { ...about, account: from, side: 'debit', amount: magnitude },
    { ...about, account: to, side: 'credit', amount: magnitude },
  ];
}

/** Accrue: Dr promotional allowances (contra-revenue) / Cr accrued trade liability; the other way round when negative. */
export function accrualLines(subject: LineSubject, amount: Money): JournalLine[] {
  return movementLines(subject, 'accrue', amount);
}

/** Release: the accrual reversed. */
export function releaseLines(subject: LineSubject, amount: Money): JournalLine[] {
  return movementLines(subject, 'release', amount);
}

/** Settle: Dr accrued trade liability / Cr receivables (deduction, credit memo, offset) or payables (check). */
export function settlementLines(subject: LineSubject, amount: Money, by: 'receivables' | 'payables'): JournalLine[] {
  return movementLines(subject, `settle_${by}`, amount);
}

/** Tax inside what is settled, which no tactic owes: Dr tax / Cr receivables or payables. */
export function taxLines(subject: LineSubject, amount: Money, by: 'receivables' | 'payables'): JournalLine[] {
  return movementLines(subject, `tax_${by}`, amount);
}

/** Invalid write-off: Dr deduction expense / Cr receivables. */
export function writeOffLines(subject: LineSubject, amount: Money): JournalLine[] {
  return movementLines(subject, 'write_off', amount);
}

/** Σ of the lines of one side. */
export function totalOf(lines: readonly JournalLine[], side: JournalLine['side'], currency: string): Money {
  return sum(
    lines.filter((line) => line.side === side).map((line) => line.amount),
    currency,
  );
}

/** Balance of an account: debits − credits. */
export function balanceOf(lines: readonly JournalLine[], account: JournalAccount, currency: string): Money {
  return lines
    .filter((line) => line.account === account)
    .reduce((balance, { side, amount }) => {
      const signed = side === 'debit' ? amount.minor : -amount.minor;
      return { minor: balance.minor + signed, currency };
    }, zero(currency));
}

/** Throws `rule.violated` unless there are lines, each above zero, and Σ Dr = Σ Cr in one currency. */
export function requireBalanced(lines: readonly JournalLine[], currency: string): void {
  const difference = totalOf(lines, 'debit', currency).minor - totalOf(lines, 'credit', currency).minor;
  if (lines.length === 0 || difference !== 0n || lines.some(({ amount }) => amount.minor <= 0n)) {
    throw new Problem('rule.violated', { detail: 'A journal needs lines above zero whose debits equal its credits.' });
  }
}
