import type { Context } from '#context';
import type { TenantTx } from '#db';
import { type Cells, type ImportKind, inSavepoint, type KindRun } from '#master-data';
import { Problem } from '#problem';
import { keyOf, type Outcome, type RemittanceRow, readRemittance, type UnreadRow } from './read-remittance.ts';
import { captureAhead, storeRemittance } from './store-remittance.ts';

type Tx = TenantTx<Context>;

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
  keeps: { customer: 'customer_code' },
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
    prepare: async (_, rows) => {
      for (const group of remittancesOf(rows).values()) await captureAhead(context, group, unread);
    },
    apply: async (tx, rows) => {
      const outcomes = new Map<string, Outcome>();
      for (const [key, group] of remittancesOf(rows)) outcomes.set(key, await takeRemittance(tx, group, unread));
      return rows.map(({ value }) => outcomes.get(keyOf(value)) ?? 'unchanged');
    },
  };
}

const remittancesOf = (rows: readonly { value: RemittanceRow }[]): Map<string, RemittanceRow[]> =>
  Map.groupBy(
    rows.map(({ value }) => value),
    keyOf,
  );

/** Stores one remittance whole, or answers why it is not taken. */
async function takeRemittance(tx: Tx, rows: readonly RemittanceRow[], unread: readonly UnreadRow[]): Promise<Outcome> {
  const taken = await readRemittance(tx, rows, unread);
  if ('outcome' in taken) return taken.outcome;
  const stored = await inSavepoint(tx, () => storeRemittance(tx, taken.customerId, rows, taken.total));
  return stored instanceof Problem ? [`remittance ${rows[0]?.reference}: ${stored.detail}`] : 'stored';
}
