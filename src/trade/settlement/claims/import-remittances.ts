import { todayIn } from '#clock';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { type Cells, customerAncestors, findCustomers, type ImportKind, inSavepoint, type KindRun } from '#master-data';
import { amountOf, compare, fromMinor, type Money, money, subtract, sum } from '#money';
import { Problem } from '#problem';
import { recordAudit } from '#security';
import { type CaptureItem, captureItemIn } from './capture-item.ts';
import { findCaptured } from './item-store.ts';
import { findRemittance, insertRemittance, type RemittanceLine, remittanceOf } from './remittance-store.ts';

type Tx = TenantTx<Context>;

/** One line of a remittance; rows of one customer, reference and day make one remittance. */
interface RemittanceRow {
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
const keyOf = (row: RemittanceKey) => `${row.customerCode}\n${row.reference}\n${row.paidOn}`;

/** A row that could not be read: what of its remittance stands in it, null where that is unreadable too. */
type UnreadRow = { [Part in keyof RemittanceKey]: string | null } & { rowNumber: number };

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

/** Reads of a row that is not taken whose line it is; undefined where neither its number nor its payer and day are there. */
function readUnread(cells: Cells, rowNumber: number): UnreadRow | undefined {
  const customerCode = cells.raw('customer_code') || null;
  const reference = cells.raw('reference') || null;
  const paidOn = cells.optionalDate('paid_on');
  if (reference === null && (customerCode === null || paidOn === null)) return undefined;
  return { customerCode, reference, paidOn, rowNumber };
}

/**
 * Remittances, each whole or not at all: every row must be readable and its lines must sum to its total. Every deducted line
 * becomes a deduction, or is linked to the one that was captured before.
 */
export const remittancesImport: ImportKind<RemittanceRow> = {
  kind: 'remittances',
  summary: 'Payment advices: one row a line, neighbouring rows of one customer, reference and day make one remittance',
  permission: 'claims:write',
  columns: [
    { name: 'customer_code', required: true, description: 'Customer who paid' },
    { name: 'reference', required: true, description: 'Number of the remittance' },
    { name: 'paid_on', required: true, description: 'Day of the payment (YYYY-MM-DD)' },
    { name: 'total', required: true, description: 'What was paid in all; the same on every row, Σ of the lines' },
    { name: 'currency', required: false, description: 'ISO 4217 code; the tenant’s when empty' },
    { name: 'line_reference', required: true, description: 'Number of the invoice, or of the deduction' },
    {
      name: 'amount',
      required: true,
      description: 'Above zero for an invoice, below for money taken off',
      total: true,
    },
    { name: 'tax', required: false, description: 'Tax inside the money taken off, not negative' },
    { name: 'reason_code', required: false, description: 'The customer’s reason code, on deducted lines' },
    { name: 'note', required: false, description: 'Reference text, on deducted lines' },
  ],
  batchRows: 50,
  open: async (context) => runOf(context),
};

function runOf(context: Context): KindRun<RemittanceRow> {
  const unread: UnreadRow[] = [];
  return {
    unread: (cells, rowNumber) => {
      const row = readUnread(cells, rowNumber);
      if (row) unread.push(row);
    },
    check: (cells) => {
      const currency = cells.currency('currency', context.tenant.currency);
      const total = cells.optionalAmount('total', currency, { negative: true });
      const amount = cells.optionalAmount('amount', currency, { negative: true, zero: false });
      if (total === null) cells.refuse('total is missing');
      if (amount === null) cells.refuse('amount is missing');
      return {
        customerCode: cells.code('customer_code'),
        reference: cells.code('reference'),
        paidOn: cells.date('paid_on'),
        total: total ?? '0',
        currency,
        lineReference: cells.code('line_reference'),
        amount: amount ?? '0',
        tax: cells.optionalAmount('tax', currency),
        reasonCode: cells.optionalText('reason_code', 100),
        note: cells.optionalText('note', 4_000) ?? '',
      };
    },
    groupOf: keyOf,
    apply: async (tx, rows) => {
      const groups = new Map<string, RemittanceRow[]>();
      for (const { value } of rows) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value]);
      const outcomes = new Map<string, Outcome>();
      for (const [key, group] of groups) outcomes.set(key, await takeRemittance(tx, group, unread));
      return rows.map(({ value }) => outcomes.get(keyOf(value)) ?? 'unchanged');
    },
  };
}

type Outcome = 'stored' | 'unchanged' | string[];

/** Stores one remittance whole, or answers why it is not taken. */
async function takeRemittance(tx: Tx, rows: readonly RemittanceRow[], unread: readonly UnreadRow[]): Promise<Outcome> {
  const [first] = rows;
  if (!first) return ['there is no row'];
  const { reference, paidOn, currency } = first;
  const broken = unreadRowOf(unread, first);
  if (broken)
    return [`row ${broken.rowNumber} of remittance ${reference} cannot be read: it is taken whole or not at all`];
  if (paidOn > todayIn(tx.context.clock, tx.context.tenant.timeZone)) {
    return [`remittance ${reference} is paid on ${paidOn}, after today`];
  }
  if (rows.some((row) => row.total !== first.total || row.currency !== currency)) {
    return [`the rows of remittance ${reference} differ in total or currency`];
  }
  const total = money(first.total, currency);
  const lines = rows.map(({ amount }) => money(amount, currency));
  const summed = sum(lines, currency);
  const over = subtract(summed, total);
  if (over.minor !== 0n) {
    const apart =
      over.minor > 0n
        ? `${amountOf(over)} ${currency} too much`
        : `${amountOf(subtract(total, summed))} ${currency} too little`;
    return [
      `remittance ${reference} does not add up: its lines sum to ${amountOf(summed)}, its total is ${amountOf(total)}, ${apart}`,
    ];
  }
  const [customer] = await findCustomers(tx, { codes: [first.customerCode] });
  if (!customer) return [`there is no customer ${first.customerCode}`];
  const known = await findRemittance(tx, { customerId: customer.id, reference, paidOn });
  if (known) {
    const told = (line: { reference: string; amount: Money }) => `${line.reference} ${amountOf(line.amount)}`;
    const given = rows.map((row, at) => `${row.lineReference} ${amountOf(lines[at] as Money)}`);
    const same = compare(known.total, total) === 0 && known.lines.map(told).sort().join() === given.sort().join();
    return same ? 'unchanged' : [`remittance ${reference} of ${paidOn} is there with other lines`];
  }
  const stored = await inSavepoint(tx, () => storeRemittance(tx, customer.id, rows, total));
  return stored instanceof Problem ? [`remittance ${reference}: ${stored.detail}`] : 'stored';
}

async function storeRemittance(
  tx: Tx,
  customerId: string,
  rows: readonly RemittanceRow[],
  total: Money,
): Promise<void> {
  const { newId } = tx.context;
  const [first] = rows as [RemittanceRow, ...RemittanceRow[]];
  const customerLine = await customerAncestors(tx, customerId);
  const lines: RemittanceLine[] = [];
  const seen = new Map<string, number>();
  for (const row of rows) {
    const amount = money(row.amount, row.currency);
    const kind = amount.minor < 0n ? ('deduction' as const) : ('invoice' as const);
    const count = (seen.get(row.lineReference) ?? 0) + 1;
    if (kind === 'deduction') seen.set(row.lineReference, count);
    // Several lines of one number are several deductions: the second is `D-1 (2)`.
    const own = count > 1 ? `${row.lineReference} (${count})` : row.lineReference;
    const itemId =
      kind === 'deduction' ? await takeLine(tx, customerLine, { ...row, lineReference: own }, amount) : null;
    lines.push({ kind, reference: row.lineReference, amount, itemId });
  }
  const remittance = { id: newId(), customerId, reference: first.reference, paidOn: first.paidOn, total };
  await insertRemittance(tx, remittance, lines);
  await recordAudit(tx, {
    ...{ action: 'remittance.captured', entityType: 'remittance', entityId: remittance.id },
    after: { ...remittance, total: amountOf(total), currency: total.currency, lines: lines.length },
  });
}

/** Captures a deducted line, or finds what was captured of it before and stands in no remittance yet; answers the deduction. */
async function takeLine(tx: Tx, customerLine: readonly string[], row: RemittanceRow, amount: Money): Promise<string> {
  const { currency, lineReference: reference, paidOn: takenOn, reasonCode, note, tax } = row;
  const money = fromMinor(-amount.minor, currency);
  const taken = amountOf(money);
  const known = await findCaptured(tx, { kind: 'deduction', customerId: customerLine[0] ?? '', reference, takenOn });
  if (known) {
    const there = await remittanceOf(tx, known.id);
    if (there === undefined && known.amount.currency === currency && known.amount.minor === money.minor)
      return known.id;
    const how =
      there === undefined ? `with ${amountOf(known.amount)} ${known.amount.currency}` : `of remittance ${there}`;
    throw new Problem('code.taken', { detail: `${reference} of ${takenOn} is there ${how}` });
  }
  const line: CaptureItem = {
    ...{ kind: 'deduction', customerId: customerLine[0] ?? '', reference, takenOn, reasonCode, note },
    ...{ amount: { amount: taken, currency }, tax: tax ?? undefined },
  };
  const { id } = await captureItemIn(tx, line, customerLine);
  return id;
}
