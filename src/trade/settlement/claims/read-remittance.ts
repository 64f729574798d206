import { todayIn } from '#clock';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { findCustomers } from '#master-data';
import { amountOf, compare, type Money, money, subtract, sum } from '#money';
import { findRemittance } from './remittance-store.ts';

type Tx = TenantTx<Context>;

/** One line of a remittance; rows of one customer, reference and day make one remittance. */
export interface RemittanceRow {
  customerCode: string;
  reference: string;
  paidOn: string;
  /** What was paid in all, the same on every row. */
  total: string;
  currency: string;
  lineReference: string;
  /** Above zero: an invoice that was paid; below: money taken off. */
  amount: string;
  tax: string | null;
  reasonCode: string | null;
  note: string;
}

/** What rows of one remittance have in common. */
type RemittanceKey = Pick<RemittanceRow, 'customerCode' | 'reference' | 'paidOn'>;

/** What neighbouring rows of one remittance have in common, as text. */
export const keyOf = (row: RemittanceKey) => `${row.customerCode}\n${row.reference}\n${row.paidOn}`;

/** A row that could not be read: what of its remittance stands in it, null where that is unreadable too. */
export type UnreadRow = { [Part in keyof RemittanceKey]: string | null } & { rowNumber: number };

/** The row of a remittance that could not be read; neighbours come before the remittance is stored. */
function unreadRowOf(unread: readonly UnreadRow[], remittance: RemittanceKey): UnreadRow | undefined {
  const fits = (known: string | null, given: string) => known === null || known === given;
  return unread.find(
    (row) =>
      fits(row.customerCode, remittance.customerCode) &&
      fits(row.reference, remittance.reference) &&
      fits(row.paidOn, remittance.paidOn),
  );
}

/** What became of a remittance: stored, there already, or the reasons against it. */
export type Outcome = 'stored' | 'unchanged' | string[];

/** What a remittance that may be taken comes to. */
interface ReadRemittance {
  customerId: string;
  total: Money;
}

/** Looks whether a remittance may be taken; answers the reasons where not, or that it is there already. */
export async function readRemittance(
  tx: Tx,
  rows: readonly RemittanceRow[],
  unread: readonly UnreadRow[],
): Promise<ReadRemittance | { outcome: Outcome }> {
  const refused = (reason: string) => ({ outcome: [reason] });
  const [first] = rows;
  if (!first) return refused('there is no row');
  const { reference, paidOn, currency } = first;
  const broken = unreadRowOf(unread, first);
  if (broken)
    return refused(
      `row ${broken.rowNumber} of remittance ${reference} cannot be read: it is taken whole or not at all`,
    );
  if (paidOn > todayIn(tx.context.clock, tx.context.tenant.timeZone))
    return refused(`remittance ${reference} is paid on ${paidOn}, after today`);
  if (rows.some((row) => row.total !== first.total || row.currency !== currency))
    return refused(`the rows of remittance ${reference} differ in total or currency`);
  const total = money(first.total, currency);
  const lines = rows.map(({ amount }) => money(amount, currency));
  const apart = apartBy(sum(lines, currency), total);
  if (apart) return refused(`remittance ${reference} does not add up: ${apart}`);
  const [customer] = await findCustomers(tx, { codes: [first.customerCode] });
  if (!customer) return refused(`there is no customer ${first.customerCode}`);
  const known = await findRemittance(tx, { customerId: customer.id, reference, paidOn });
  if (!known) return { customerId: customer.id, total };
  const told = (line: { reference: string; amount: Money }) => `${line.reference} ${amountOf(line.amount)}`;
  const given = rows.map((row, at) => `${row.lineReference} ${amountOf(lines[at] as Money)}`);
  const same = compare(known.total, total) === 0 && known.lines.map(told).sort().join() === given.sort().join();
  return same ? { outcome: 'unchanged' } : refused(`remittance ${reference} of ${paidOn} is there with other lines`);
}

/** By how much lines miss their total, in words; null where they do not. */
function apartBy(summed: Money, total: Money): string | null {
  const over = subtract(summed, total);
  if (over.minor === 0n) return null;
  const much =
    over.minor > 0n
      ? `${amountOf(over)} ${over.currency} too much`
      : `${amountOf(subtract(total, summed))} ${over.currency} too little`;
  return `its lines sum to ${amountOf(summed)}, its total is ${amountOf(total)}, ${much}`;
}
