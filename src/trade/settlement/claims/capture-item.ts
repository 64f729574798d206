import { todayIn } from '#clock';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { addDays, isBusinessDate } from '#fiscal-calendar';
import { customerAncestors } from '#master-data';
import { amountOf, compare, fromJson, type Money, type MoneyJson, money, toJson, zero } from '#money';
import { notFound, Problem } from '#problem';
import { recordChange } from '../settlement-events.ts';
import type { ItemFlag } from './domain/item-flag.ts';
import type { ItemKind, ItemState } from './domain/settlement-item.ts';
import { flagsOf } from './flag-item.ts';
import { insertItems, type SettlementItem } from './item-store.ts';
import { meaningOf } from './reason-code-store.ts';

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

/** No customer takes more at once; beyond it sums would leave what the books can hold. */
const largestAmount = '1000000000000';

function requireAmounts(amount: Money, tax: Money): void {
  if (amount.minor <= 0n) refuse('amount', 'must be above zero');
  if (compare(amount, money(largestAmount, amount.currency)) > 0) refuse('amount', `must be at most ${largestAmount}`);
  if (tax.minor < 0n || compare(tax, amount) > 0) refuse('tax', 'must be between zero and the amount');
}

/** What the retailer's reason code says of an item: its category, or that nobody knows the code. */
async function readReason(tx: TenantTx<Context>, input: CaptureItem, customerLine: readonly string[]) {
  const nothing = { category: null, state: 'captured' as ItemState, flags: [] as ItemFlag[] };
  if (!input.reasonCode) return nothing;
  const { known, category } = await meaningOf(tx, customerLine, input.reasonCode, input.takenOn);
  if (category) return { ...nothing, category, state: 'categorised' as const };
  // A retailer without any code in the map has none to be unknown among.
  if (!known) return nothing;
  const reason = `the reason code ${input.reasonCode} is not in the customer’s map on ${input.takenOn}`;
  return { category, state: 'needs_research' as const, flags: [{ flag: 'unknown_reason_code' as const, reason }] };
}

/**
 * Captures an item inside the running transaction: categorised where the customer's reason codes say so, sent to research
 * where the code is unknown, flagged where it looks like a repeat or a claim after an audit. Throws `code.taken` for a
 * reference that is there already. `knownLine`: the customer and its ancestors, where the caller has read them.
 */
export async function captureItemIn(
  tx: TenantTx<Context>,
  input: CaptureItem,
  knownLine?: readonly string[],
): Promise<SettlementItem> {
  const amount = fromJson(input.amount);
  const tax = input.tax === undefined ? zero(amount.currency) : fromJson({ ...input.amount, amount: input.tax });
  requireAmounts(amount, tax);
  if (!isBusinessDate(input.takenOn)) refuse('takenOn', 'is no date of business');
  if (input.takenOn > todayIn(tx.context.clock, tx.context.tenant.timeZone)) refuse('takenOn', 'is after today');
  const disputeByOn = input.disputeByOn ?? addDays(input.takenOn, disputeDays);
  if (!isBusinessDate(disputeByOn)) refuse('disputeByOn', 'is no date of business');
  if (disputeByOn < input.takenOn) refuse('disputeByOn', 'is before takenOn');
  const customerLine = knownLine ?? (await customerAncestors(tx, input.customerId));
  if (customerLine.length === 0) notFound('customer', input.customerId);
  const { actor, clock, newId } = tx.context;
  const nothing = zero(amount.currency);
  const { category, state, flags } = await readReason(tx, input, customerLine);
  const head = { id: newId(), kind: input.kind, customerId: input.customerId, reference: input.reference };
  const note = input.note ?? '';
  const seen = await flagsOf(tx, { ...head, amount, takenOn: input.takenOn, note });
  const item: SettlementItem = {
    ...head,
    ...{ parentId: null, splitAt: null, amount, tax, takenOn: input.takenOn, disputeByOn },
    ...{ reasonCode: input.reasonCode ?? null, category, note, state, flags: [...flags, ...seen], proofWaived: null },
    ...{ validAmount: null, settled: nothing, recovered: nothing, writtenOff: nothing, concessions: 0 },
    ...{ capturedBy: actor.id, capturedAt: clock.now(), version: 1 },
  };
  if ((await insertItems(tx, [item])) === 0) {
    throw new Problem('code.taken', {
      detail: `This customer’s ${input.kind} ${input.reference} of ${input.takenOn} is there already.`,
    });
  }
  await recordChange(tx, {
    ...{ entityType: item.kind, entityId: item.id, happened: 'captured' },
    after: {
      ...{ customerId: item.customerId, reference: item.reference, amount: toJson(amount), tax: amountOf(tax) },
      ...{ state: item.state, category: item.category, flags: item.flags },
    },
  });
  return item;
}

/** Captures a deduction or claim. */
export async function captureItem(context: Context, input: CaptureItem): Promise<SettlementItem> {
  return context.db.transact(context, (tx) => captureItemIn(tx, input));
}
