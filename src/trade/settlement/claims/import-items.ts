import { customerAncestorsOfEach, findCustomers, type ImportKind, inSavepoint, type RowOutcome } from '#master-data';
import { amountOf, money } from '#money';
import { Problem } from '#problem';
import { captureItemIn } from './capture-item.ts';
import type { ItemKind } from './domain/settlement-item.ts';
import { findCaptured } from './item-store.ts';

interface ItemRow {
  customerCode: string;
  reference: string;
  amount: string;
  tax: string;
  currency: string;
  takenOn: string;
  disputeByOn: string | null;
  reasonCode: string | null;
  note: string;
}

/** Captures items. The same customer, reference and day again is unchanged, or refused where the amount differs. */
function itemsImport(
  kind: ItemKind,
  told: { summary: string; amount: string; takenOn: string; customer: string },
): ImportKind<ItemRow> {
  return {
    kind: `${kind}s`,
    summary: told.summary,
    permission: 'claims:write',
    keeps: { customer: 'customer_code' },
    columns: [
      { name: 'customer_code', required: true, description: told.customer },
      { name: 'reference', required: true, description: 'The customer’s own number' },
      { name: 'amount', required: true, description: told.amount, total: true },
      { name: 'tax', required: false, description: 'Tax inside the amount' },
      { name: 'currency', required: false, description: 'ISO 4217 code; the tenant’s when empty' },
      { name: 'taken_on', required: true, description: told.takenOn },
      { name: 'dispute_by_on', required: false, description: 'Last day to dispute; 90 days on when empty' },
      { name: 'reason_code', required: false, description: 'The customer’s reason code' },
      { name: 'note', required: false, description: 'Reference text' },
    ],
    // Each row looks for its reason code and for repeats of it: a few queries a row.
    batchRows: 50,
    open: async (context) => ({
      check: (cells) => {
        const currency = cells.currency('currency', context.tenant.currency);
        const amount = cells.optionalAmount('amount', currency, { zero: false });
        if (amount === null) cells.refuse('amount is missing');
        return {
          customerCode: cells.code('customer_code'),
          reference: cells.code('reference'),
          amount: amount ?? '0',
          tax: cells.optionalAmount('tax', currency) ?? '0',
          currency,
          takenOn: cells.date('taken_on'),
          disputeByOn: cells.optionalDate('dispute_by_on'),
          reasonCode: cells.optionalText('reason_code', 100),
          note: cells.optionalText('note', 4_000) ?? '',
        };
      },
      apply: async (tx, rows) => {
        const codes = rows.map(({ value }) => value.customerCode);
        const customers = new Map((await findCustomers(tx, { codes })).map((one) => [one.code, one.id]));
        const lines = await customerAncestorsOfEach(tx, [...customers.values()]);
        const outcomes: RowOutcome[] = [];
        for (const { value } of rows) {
          const { customerCode, amount, currency, disputeByOn, ...row } = value;
          const customerId = customers.get(customerCode);
          if (!customerId) {
            outcomes.push([`there is no customer ${customerCode}`]);
            continue;
          }
          const input = { ...row, kind, customerId, amount: { amount, currency } };
          const known = await findCaptured(tx, input);
          if (known) {
            const same = known.amount.currency === currency && known.amount.minor === money(amount, currency).minor;
            const there = `${row.reference} of ${row.takenOn} is there with ${amountOf(known.amount)} ${known.amount.currency}`;
            outcomes.push(same ? 'unchanged' : [there]);
            continue;
          }
          const captured = await inSavepoint(tx, () =>
            captureItemIn(tx, { ...input, disputeByOn: disputeByOn ?? undefined }, lines.get(customerId)),
          );
          outcomes.push(captured instanceof Problem ? [captured.detail] : 'stored');
        }
        return outcomes;
      },
    }),
  };
}

/** The import of deductions. */
export const deductionsImport = itemsImport('deduction', {
  summary: 'Deductions that customers took off their payments',
  customer: 'Customer who took the money',
  amount: 'Money taken, tax included, above zero',
  takenOn: 'Day of the payment (YYYY-MM-DD)',
});

/** The import of claims. */
export const claimsImport = itemsImport('claim', {
  summary: 'Claims in which customers ask for money',
  customer: 'Customer who asks for the money',
  amount: 'Money asked for, tax included, above zero',
  takenOn: 'Day of the claim (YYYY-MM-DD)',
});
