import type { Context } from '#context';
import type { TenantTx } from '#db';
import { amountOf, compare, fromJson, type Money, type MoneyJson, subtract, sum, toJson, zero } from '#money';
import { Problem } from '#problem';
import { findLiabilities, type TacticLiability } from '../books/liability-store.ts';
import { recordChange } from '../settlement-events.ts';
import { branchOf } from './branch-customers.ts';
import { type ItemAction, type ItemKind, requireAction, requireWholeSplit } from './domain/settlement-item.ts';
import {
  findItem,
  type ItemMatch,
  insertItems,
  readMatches,
  replaceMatches,
  type SettlementItem,
  saveItem,
} from './item-store.ts';

type Tx = TenantTx<Context>;

/** Which item a person works on. */
export interface ItemChange {
  kind: ItemKind;
  id: string;
  ifMatch: number | undefined;
}

/** An item locked for an action; throws `version.conflict` or `state.conflict`. */
export async function lockItem(tx: Tx, change: ItemChange, action: ItemAction): Promise<SettlementItem> {
  const item = await findItem(tx, change.kind, change.id, true);
  if (change.ifMatch !== undefined && change.ifMatch !== item.version) throw new Problem('version.conflict');
  requireAction(action, item);
  return item;
}

/** Saves an item after an action, with its audit entry and event; answers it with its new version. */
export async function saveChange(
  tx: Tx,
  before: SettlementItem,
  change: Partial<SettlementItem>,
  told: {
    happened: string;
    reason?: string;
    detail?: Record<string, unknown>;
    replaced?: Record<string, unknown>;
  },
): Promise<SettlementItem> {
  const after = { ...before, ...change };
  await saveItem(tx, after);
  await recordChange(tx, {
    ...{ entityType: before.kind, entityId: before.id, happened: told.happened, reason: told.reason },
    before: { state: before.state, ...told.replaced },
    after: { state: after.state, customerId: after.customerId, amount: toJson(after.amount), ...told.detail },
  });
  return { ...after, version: before.version + 1 };
}

/** captured → categorised: why the customer took or asks for the money. */
export async function categoriseItem(
  context: Context,
  change: ItemChange & { reasonCode?: string | undefined; category: string },
): Promise<SettlementItem> {
  return context.db.transact(context, async (tx) => {
    const item = await lockItem(tx, change, 'categorise');
    const reasonCode = change.reasonCode ?? item.reasonCode;
    const detail = { reasonCode, category: change.category };
    return saveChange(tx, item, { ...detail, state: 'categorised' }, { happened: 'categorised', detail });
  });
}

/** What an item loses where its review is begun anew. */
const notReviewed = { validAmount: null, proofWaived: null } as const;

/** What an audit entry keeps of a review that is replaced; nothing where there was none. */
export function replacedReview(item: SettlementItem): Record<string, unknown> {
  if (!item.validAmount) return {};
  return { validAmount: toJson(item.validAmount), proofWaived: item.proofWaived };
}

/** → needs_research: nobody knows yet what it is for. A review that nothing came of is begun anew. */
export async function sendToResearch(context: Context, change: ItemChange & { note: string }): Promise<SettlementItem> {
  return context.db.transact(context, async (tx) => {
    const item = await lockItem(tx, change, 'research');
    const told = { happened: 'sent_to_research', reason: change.note, replaced: replacedReview(item) };
    return saveChange(tx, item, { ...notReviewed, state: 'needs_research' }, told);
  });
}

/**
 * What the tactics owe. Throws `rule.violated` unless each has accrued, in the item's currency, for a customer of the same
 * branch.
 */
async function findMatchable(tx: Tx, item: SettlementItem, tacticIds: readonly string[]): Promise<TacticLiability[]> {
  const liabilities = await findLiabilities(tx, tacticIds);
  const owners = liabilities.map(({ customerId }) => customerId);
  const { related } = await branchOf(tx, item.customerId, owners);
  for (const id of tacticIds) {
    const owed = liabilities.find(({ tacticId }) => tacticId === id);
    if (!owed) throw new Problem('rule.violated', { detail: `Nothing has accrued for tactic ${id} yet.` });
    if (owed.currency !== item.amount.currency) {
      throw new Problem('money.currency_mismatch', {
        detail: `The tactic owes ${owed.currency}, the ${item.kind} is in ${item.amount.currency}.`,
      });
    }
    if (!related.has(owed.customerId))
      throw new Problem('rule.violated', { detail: `Tactic ${id} is another customer’s.` });
  }
  return liabilities;
}

/** The tactics that an item is matched to. */
export interface ItemMatching extends ItemChange {
  matches: readonly { tacticId: string; amount: MoneyJson }[];
}

/**
 * → matched: the tactics that answer for it, n:m; replaces earlier matches and a review that nothing came of. The
 * amounts are at most the item's without tax. What had no category takes the mechanic that it turned out to be for.
 */
export async function matchItem(context: Context, change: ItemMatching): Promise<SettlementItem> {
  return context.db.transact(context, (tx) => matchItemIn(tx, change));
}

/** {@link matchItem} inside the running transaction. */
export async function matchItemIn(tx: Tx, change: ItemMatching): Promise<SettlementItem> {
  const found = await lockForMatch(tx, change);
  const matches = change.matches.map(({ tacticId, amount }) => ({ tacticId, amount: fromJson(amount) }));
  const ids = matches.map(({ tacticId }) => tacticId);
  if (ids.length === 0) throw new Problem('rule.violated', { detail: 'A match names at least one tactic.' });
  if (new Set(ids).size < ids.length) throw new Problem('rule.violated', { detail: 'A tactic is named twice.' });
  if (matches.some(({ amount }) => amount.minor <= 0n)) {
    throw new Problem('rule.violated', { detail: 'A matched amount must be above zero.' });
  }
  const liabilities = await findMatchable(tx, found, ids);
  const matched = sum(
    matches.map(({ amount }) => amount),
    found.amount.currency,
  );
  const net = subtract(found.amount, found.tax);
  if (compare(matched, net) > 0) {
    throw new Problem('rule.violated', {
      detail: `${amountOf(matched)} is matched to an amount of ${amountOf(net)} without tax.`,
    });
  }
  const category = found.category ?? liabilities[0]?.mechanic ?? null;
  const item = await categorised(tx, found, category);
  const known = await readMatches(tx, item);
  const before = known.map(({ tacticId, amount }) => ({ tacticId, amount: toJson(amount) }));
  const replaced = { ...replacedReview(item), ...(before.length > 0 ? { matches: before } : {}) };
  await replaceMatches(tx, item, withSettled(matches, known));
  const told = { happened: 'matched', detail: { matches: change.matches, category }, replaced };
  return saveChange(tx, item, { ...notReviewed, state: 'matched', category }, told);
}

/** New matches with what is paid of each already. Throws `rule.violated` where one would fall below that. */
function withSettled(
  matches: readonly { tacticId: string; amount: Money }[],
  known: readonly ItemMatch[],
): Pick<ItemMatch, 'tacticId' | 'amount' | 'settled'>[] {
  const amounts = new Map(matches.map(({ tacticId, amount }) => [tacticId, amount]));
  const undercut = known.find(({ tacticId, settled }) => settled.minor > (amounts.get(tacticId)?.minor ?? 0n));
  if (undercut) {
    const { promotionCode, mechanic, settled } = undercut;
    throw new Problem('rule.violated', {
      detail: `${amountOf(settled)} ${settled.currency} of it is settled from the ${mechanic} of ${promotionCode}: match at least that to it.`,
    });
  }
  const paid = new Map(known.map(({ tacticId, settled }) => [tacticId, settled]));
  return matches.map((match) => ({ ...match, settled: paid.get(match.tacticId) ?? zero(match.amount.currency) }));
}

/** An item locked for a match; one that was only captured is categorised by it on the way. */
async function lockForMatch(tx: Tx, change: ItemChange): Promise<SettlementItem> {
  const { state } = await findItem(tx, change.kind, change.id, true);
  return lockItem(tx, change, state === 'captured' ? 'categorise' : 'match');
}

/** The item after the step that a match of a captured one takes on the way. */
async function categorised(tx: Tx, item: SettlementItem, category: string | null): Promise<SettlementItem> {
  if (item.state !== 'captured') return item;
  return saveChange(tx, item, { state: 'categorised', category }, { happened: 'categorised', detail: { category } });
}

/** → disputed: the customer is to pay back what is not valid. A valid part is settled first. */
export async function disputeItem(context: Context, change: ItemChange & { note: string }): Promise<SettlementItem> {
  return context.db.transact(context, async (tx) => {
    const item = await lockItem(tx, change, 'dispute');
    requireValidPartSettled(item);
    return saveChange(tx, item, { state: 'disputed' }, { happened: 'disputed', reason: change.note });
  });
}

/**
 * disputed → needs_research: the customer was right, in whole or in part. It is matched and reviewed anew, and what then is
 * valid beyond what was settled before is settled too.
 */
export async function concedeDispute(context: Context, change: ItemChange & { note: string }): Promise<SettlementItem> {
  return context.db.transact(context, async (tx) => {
    const item = await lockItem(tx, change, 'concede');
    const told = { happened: 'conceded', reason: change.note, replaced: replacedReview(item) };
    const concessions = item.concessions + 1;
    return saveChange(tx, item, { ...notReviewed, state: 'needs_research', concessions }, told);
  });
}

/** Throws `state.conflict` while the valid part of an item is not settled: it is owed and neither disputed nor written off. */
export function requireValidPartSettled(item: SettlementItem): void {
  if (!item.validAmount || compare(item.settled, item.validAmount) >= 0) return;
  throw new Problem('state.conflict', {
    detail: `Settle the valid ${amountOf(item.validAmount)} ${item.amount.currency} first.`,
  });
}

/** Splits an item into parts that sum exactly, amount and tax; answers the parts: captured anew, with the category of the whole. */
export async function splitItem(
  context: Context,
  change: ItemChange & { parts: readonly { amount: MoneyJson; tax?: string | undefined; note?: string | undefined }[] },
): Promise<SettlementItem[]> {
  return context.db.transact(context, async (tx) => {
    const item = await lockItem(tx, change, 'split');
    const { currency } = item.amount;
    const { actor, clock, newId } = tx.context;
    const parts = change.parts.map(
      ({ amount, tax, note }, index): SettlementItem => ({
        ...item,
        ...{ id: newId(), parentId: item.id, reference: `${item.reference}/${index + 1}` },
        state: item.category === null ? 'captured' : 'categorised',
        ...{ amount: fromJson(amount), tax: tax === undefined ? zero(currency) : fromJson({ amount: tax, currency }) },
        // The text says what the whole was for: a part without a word of its own keeps it.
        ...{ note: note ?? item.note, capturedBy: actor.id, capturedAt: clock.now(), version: 1 },
      }),
    );
    requireWholeSplit(
      item.amount,
      parts.map(({ amount }) => amount),
    );
    requireTaxSplit(item, parts);
    await insertItems(tx, parts);
    const detail = { parts: parts.map(({ id, amount }) => ({ id, amount: toJson(amount) })) };
    await saveChange(tx, item, { splitAt: clock.now() }, { happened: 'split', detail });
    return parts;
  });
}

function requireTaxSplit(item: SettlementItem, parts: readonly SettlementItem[]): void {
  const total = sum(
    parts.map(({ tax }) => tax),
    item.amount.currency,
  );
  const fits = parts.every(({ amount, tax }) => tax.minor >= 0n && compare(tax, amount) <= 0);
  if (fits && total.minor === item.tax.minor) return;
  throw new Problem('rule.violated', {
    detail: `The tax of the parts must sum to ${amountOf(item.tax)} and stay within each part.`,
    errors: [{ path: 'parts', message: 'tax does not sum to the whole' }],
  });
}
