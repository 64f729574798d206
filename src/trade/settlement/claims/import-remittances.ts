import type { Context } from '#context';
import type { TenantTx } from '#db';
import { customerAncestors, findCustomers, type ImportKind, inSavepoint } from '#master-data';
import { amountOf, compare, fromMinor, type Money, money, subtract, sum } from '#money';
import { Problem } from '#problem';
import { recordAudit } from '#security';
import { type CaptureItem, captureItemIn } from './capture-item.ts';
import { findRemittance, insertRemittance, type RemittanceLine } from './remittance-store.ts';

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

const keyOf = (row: RemittanceRow) => `${row.customerCode}\n${row.reference}\n${row.paidOn}`;

/** Remittances, each whole or not at all: its lines must sum to its total. Every deducted line becomes a deduction. */
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
  open: async (context) => ({
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
      for (const [key, group] of groups) outcomes.set(key, await takeRemittance(tx, group));
      return rows.map(({ value }) => outcomes.get(keyOf(value)) ?? 'unchanged');
    },
  }),
};

type Outcome = 'stored' | 'unchanged' | string[];

/** Stores one remittance whole, or answers why it is not taken. */
async function takeRemittance(tx: Tx, rows: readonly RemittanceRow[]): Promise<Outcome> {
  const [first] = rows;
  if (!first) return ['there is no row'];
  const { reference, paidOn, currency } = first;
  if (rows.some((row) => row.total !== first.total || row.currency !== currency)) {
    return [`the rows of remittance ${reference} differ in total or currency`];
  }
  const total = money(first.total, currency);
  const lines = rows.map(({ amount }) => money(amount, currency));
  const summed = sum(lines, currency);
  if (compare(summed, total) !== 0) {
    return [
      `remittance ${reference} does not add up: its lines sum to ${amountOf(summed)}, its total is ${amountOf(total)}, ${amountOf(subtract(summed, total))} ${currency} too much`,
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
  for (const row of rows) {
    const amount = money(row.amount, row.currency);
    const kind = amount.minor < 0n ? ('deduction' as const) : ('invoice' as const);
    const itemId = kind === 'deduction' ? await captureLine(tx, customerLine, row, amount) : null;
    lines.push({ kind, reference: row.lineReference, amount, itemId });
  }
  const remittance = { id: newId(), customerId, reference: first.reference, paidOn: first.paidOn, total };
  await insertRemittance(tx, remittance, lines);
  await recordAudit(tx, {
    ...{ action: 'remittance.captured', entityType: 'remittance', entityId: remittance.id },
    after: { ...remittance, total: amountOf(total), currency: total.currency, lines: lines.length },
  });
}

async function captureLine(
  tx: Tx,
  customerLine: readonly string[],
  row: RemittanceRow,
  amount: Money,
): Promise<string> {
  const { currency, lineReference: reference, paidOn: takenOn, reasonCode, note, tax } = row;
  const taken = amountOf(fromMinor(-amount.minor, currency));
  const line: CaptureItem = {
    ...{ kind: 'deduction', customerId: customerLine[0] ?? '', reference, takenOn, reasonCode, note },
    ...{ amount: { amount: taken, currency }, tax: tax ?? undefined },
  };
  const { id } = await captureItemIn(tx, line, customerLine);
  return id;
}
