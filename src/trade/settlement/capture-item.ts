import type { Context } from '#context';
import type { TenantTx } from '#db';
import { addDays, isBusinessDate } from '#fiscal-calendar';
import { findCustomers } from '#master-data';
import { amountOf, compare, fromJson, type Money, type MoneyJson, toJson, zero } from '#money';
import { notFound, Problem } from '#problem';
import type { ItemKind } from './domain/settlement-item.ts';
import { insertItems, type SettlementItem } from './item-store.ts';
import { recordChange } from './settlement-events.ts';

/** Days in which a deduction may be disputed where the file or form does not say. */
const disputeDays = 90;

/** What capturing a deduction or claim takes. */
export interface CaptureItem {
  kind: ItemKind;
  customerId: string;
  reference: string;
  amount: MoneyJson;
  tax?: string | undefined;
  takenOn: string;
  disputeByOn?: string | undefined;
  reasonCode?: string | null | undefined;
  note?: string | undefined;
}

function refuse(path: string, message: string): never {
  throw new Problem('rule.violated', { detail: `${path} ${message}.`, errors: [{ path, message }] });
}

function requireAmounts(amount: Money, tax: Money): void {
  if (amount.minor <= 0n) refuse('amount', 'must be above zero');
  if (tax.minor < 0n || compare(tax, amount) > 0) refuse('tax', 'must be between zero and the amount');
}

/** Captures an item inside the running transaction. Throws `code.taken` for a reference that is there already. */
export async function captureItemIn(tx: TenantTx<Context>, input: CaptureItem): Promise<SettlementItem> {
  const amount = fromJson(input.amount);
  const tax = input.tax === undefined ? zero(amount.currency) : fromJson({ ...input.amount, amount: input.tax });
  requireAmounts(amount, tax);
  if (!isBusinessDate(input.takenOn)) refuse('takenOn', 'is no date of business');
  const disputeByOn = input.disputeByOn ?? addDays(input.takenOn, disputeDays);
  if (!isBusinessDate(disputeByOn)) refuse('disputeByOn', 'is no date of business');
  if (disputeByOn < input.takenOn) refuse('disputeByOn', 'is before takenOn');
  if ((await findCustomers(tx, { ids: [input.customerId] })).length === 0) notFound('customer', input.customerId);
  const { actor, clock, newId } = tx.context;
  const nothing = zero(amount.currency);
  const item: SettlementItem = {
    ...{ id: newId(), kind: input.kind, customerId: input.customerId, reference: input.reference },
    ...{ parentId: null, splitAt: null, amount, tax, takenOn: input.takenOn, disputeByOn },
    ...{ reasonCode: input.reasonCode ?? null, category: null, note: input.note ?? '', state: 'captured' },
    ...{ validAmount: null, settled: nothing, recovered: nothing, writtenOff: nothing },
    ...{ capturedBy: actor.id, capturedAt: clock.now(), version: 1 },
  };
  if ((await insertItems(tx, [item])) === 0) {
    throw new Problem('code.taken', {
      detail: `This customer’s ${input.kind} ${input.reference} of ${input.takenOn} is there already.`,
    });
  }
  await recordChange(tx, {
    ...{ entityType: item.kind, entityId: item.id, happened: 'captured' },
    after: { customerId: item.customerId, reference: item.reference, amount: toJson(amount), tax: amountOf(tax) },
  });
  return item;
}

/** Captures a deduction or claim. */
export async function captureItem(context: Context, input: CaptureItem): Promise<SettlementItem> {
  return context.db.transact(context, (tx) => captureItemIn(tx, input));
}
