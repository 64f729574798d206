import { type Money, sum, zero } from '#money';
import { Problem } from '#problem';

/** Accounts of the journals, neutral of any ERP (domain.md, the worked accrual example). */
export const journalAccounts = [
  'promotional_allowances',
  'accrued_trade_liability',
  'receivables',
  'payables',
  'deduction_expense',
] as const;
export type JournalAccount = (typeof journalAccounts)[number];

/** What a line is about, where it is about a tactic or an item. */
export interface LineSubject {
  customerId: string;
  promotionId: string | null;
  tacticId: string | null;
}

/** One side of an entry; amounts are positive, the side gives the sign. */
export interface JournalLine extends LineSubject {
  account: JournalAccount;
  side: 'debit' | 'credit';
  amount: Money;
}

function pair(subject: LineSubject, debit: JournalAccount, credit: JournalAccount, amount: Money): JournalLine[] {
  if (amount.minor === 0n) return [];
  const { customerId, promotionId, tacticId } = subject;
  const magnitude = { minor: amount.minor < 0n ? -amount.minor : amount.minor, currency: amount.currency };
  const [from, to] = amount.minor < 0n ? [credit, debit] : [debit, credit];
  const about = { customerId, promotionId, tacticId };
  return [
    { ...about, account: from, side: 'debit', amount: magnitude },
    { ...about, account: to, side: 'credit', amount: magnitude },
  ];
}

/** Accrue: Dr promotional allowances (contra-revenue) / Cr accrued trade liability; the other way round when negative. */
export function accrualLines(subject: LineSubject, amount: Money): JournalLine[] {
  return pair(subject, 'promotional_allowances', 'accrued_trade_liability', amount);
}

/** Release: the accrual reversed. */
export function releaseLines(subject: LineSubject, amount: Money): JournalLine[] {
  return pair(subject, 'accrued_trade_liability', 'promotional_allowances', amount);
}

/** Settle: Dr accrued trade liability / Cr receivables (deduction, credit memo, offset) or payables (check). */
export function settlementLines(subject: LineSubject, amount: Money, by: 'receivables' | 'payables'): JournalLine[] {
  return pair(subject, 'accrued_trade_liability', by, amount);
}

/** Invalid write-off: Dr deduction expense / Cr receivables. */
export function writeOffLines(subject: LineSubject, amount: Money): JournalLine[] {
  return pair(subject, 'deduction_expense', 'receivables', amount);
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
