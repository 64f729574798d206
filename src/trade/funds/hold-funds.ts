import type { Context } from '#context';
import type { TenantTx } from '#db';
import { add, compare, fromMinor, type Money, moneyFromNumeric, subtract, sum, toJson, zero } from '#money';
import { Problem } from '#problem';
import { readAvailable } from './checkbook-store.ts';
import type { Fund, FundSplit } from './domain/fund.ts';
import { type HeldMoney, heldMinor, larger, movesBetween, smaller } from './domain/hold.ts';
import type { NewEntry } from './entry-store.ts';
import { findFunds } from './fund-store.ts';
import { type Hold, holdsOf, lockHolds, saveHolds } from './hold-store.ts';
import { postEntries } from './post-entries.ts';

type Tx = TenantTx<Context>;

/** What becomes of a hold; the splits are what the caller wants of it (none: no longer named). */
type ChangeHold = (hold: Hold, wanted: bigint) => Partial<HeldMoney>;

/** How a change is written down. */
interface HoldChange {
  /** Refuse where Available does not cover what the change takes beyond what is held. */
  covered?: boolean;
  note?: string;
}

/** What each fund lacks for the wanted amounts; throws `fund.exceeded` when any lacks something. */
export async function requireAvailable(
  tx: Tx,
  funds: readonly Fund[],
  wanted: ReadonlyMap<string, Money>,
): Promise<void> {
  const asked = funds.filter(({ id }) => wanted.has(id));
  const available = await readAvailable(tx, asked);
  const shortfalls = asked.flatMap(({ id, code, currency }) => {
    const needed = wanted.get(id) ?? zero(currency);
    const there = available.get(id) ?? zero(currency);
    if (compare(needed, there) <= 0) return [];
    const shortfall = toJson(subtract(needed, there));
    return [{ fundId: id, fundCode: code, needed: toJson(needed), available: toJson(there), shortfall }];
  });
  if (shortfalls.length === 0) return;
  const told = shortfalls
    .map(
      (gap) =>
        `${gap.fundCode} lacks ${gap.shortfall.amount} ${gap.shortfall.currency} (needed ${gap.needed.amount}, available ${gap.available.amount})`,
    )
    .join('; ');
  throw new Problem('fund.exceeded', { detail: `${told}.`, extra: { shortfalls } });
}

function requireFund(funds: readonly Fund[], fundId: string): Fund {
  const fund = funds.find((one) => one.id === fundId);
  if (!fund) throw new Problem('not_found', { detail: `There is no fund ${fundId}.` });
  return fund;
}

const isUntouched = (hold: HeldMoney): boolean => heldMinor(hold) === 0n && hold.paid === 0n;

/** Money stays with the account and brand that it was first held for; a mere wish goes along with the draft. */
function attributed(hold: Hold, split: FundSplit | undefined): Hold {
  if (!split || !isUntouched(hold)) return hold;
  return { ...hold, customerId: split.customerId ?? hold.customerId, productId: split.productId ?? hold.productId };
}

const keyOf = ({ fundId, tacticId }: { fundId: string; tacticId: string }) => `${fundId}/${tacticId}`;

/** Every hold of a promotion, with an empty one for each split that has none yet. */
function holdsFor(
  promotionId: string,
  funds: readonly Fund[],
  known: readonly Hold[],
  splits: readonly FundSplit[],
): Hold[] {
  const there = new Set(known.map(keyOf));
  const fresh = splits
    .filter((split) => !there.has(keyOf(split)))
    .map((split): Hold => {
      const { fundId, tacticId } = split;
      const { currency } = requireFund(funds, fundId);
      const nothing = { planned: 0n, reserved: 0n, committed: 0n, earned: 0n, paid: 0n };
      return { fundId, tacticId, promotionId, currency, customerId: null, productId: null, ...nothing };
    });
  return [...known, ...fresh];
}

/** The entries that take holds from one state to another; a wish that moves to another account leaves the old one first. */
export function entriesBetween(before: Hold, after: Hold, more: Pick<NewEntry, 'on' | 'note'> = {}): NewEntry[] {
  const stays = before.customerId === after.customerId && before.productId === after.productId;
  const nothing = { ...after, planned: 0n, reserved: 0n, committed: 0n, earned: 0n, paid: 0n };
  const steps: [from: Hold, to: Hold][] = stays
    ? [[before, after]]
    : [
        [before, { ...before, planned: 0n }],
        [nothing, after],
      ];
  return steps.flatMap(([from, to]) =>
    movesBetween(from, to).map(({ kind, from: source, to: target, minor }) => ({
      ...more,
      kind,
      from: { fundId: to.fundId, account: source },
      to: { fundId: to.fundId, account: target },
      amount: fromMinor(minor, to.currency),
      promotionId: to.promotionId,
      tacticId: to.tacticId,
      customerId: to.customerId,
      productId: to.productId,
    })),
  );
}

/** What changes take of each fund beyond what is held. */
function takenBy(changes: readonly { before: Hold; after: Hold }[]): Map<string, Money> {
  const taken = new Map<string, Money>();
  for (const { before, after } of changes) {
    if (after.reserved <= before.reserved) continue;
    const more = fromMinor(heldMinor(after) - heldMinor(before), after.currency);
    taken.set(after.fundId, add(taken.get(after.fundId) ?? zero(after.currency), more));
  }
  return taken;
}

/**
 * Changes the holds of a promotion under the locks of all the funds that it touches, and posts what that moves. Answers
 * each changed hold before and after.
 */
async function changeHolds(
  tx: Tx,
  promotionId: string,
  splits: readonly FundSplit[],
  change: ChangeHold,
  { covered = false, note }: HoldChange = {},
): Promise<{ before: Hold; after: Hold }[]> {
  const named = splits.map(({ fundId }) => fundId);
  const { funds, holds } = await lockHolds(tx, [promotionId], named);
  const changes = holdsFor(promotionId, funds, holds, splits).flatMap((before) => {
    const split = splits.find((one) => keyOf(one) === keyOf(before));
    const wanted = split ? moneyFromNumeric(split.amount, before.currency).minor : 0n;
    const moved = change(before, wanted);
    const after = { ...attributed(before, split), ...moved };
    const said = note ?? split?.note;
    return entriesBetween(before, after).length > 0 ? [{ before, after, ...(said ? { note: said } : {}) }] : [];
  });
  if (covered) await requireAvailable(tx, funds, takenBy(changes));
  if (changes.length === 0) return [];
  await saveHolds(
    tx,
    changes.map(({ after }) => after),
  );
  const entries = changes.flatMap(({ before, after, note: said }) => entriesBetween(before, after, { note: said }));
  await postEntries(tx, funds, entries);
  return changes;
}

/** Replaces what a draft would like to spend of its funds. Moves no money. */
export async function planHolds(tx: Tx, promotionId: string, splits: readonly FundSplit[]): Promise<void> {
  await changeHolds(tx, promotionId, splits, (_, planned) => ({ planned }));
}

/**
 * Reserves money of a promotion's tactics, under the funds' locks: all of it, or none with `fund.exceeded` (422) and
 * the shortfalls. What the promotion had planned is cleared.
 */
export async function reserveFunds(tx: Tx, promotionId: string, splits: readonly FundSplit[]): Promise<void> {
  const reserve: ChangeHold = (hold, wanted) => ({ planned: 0n, reserved: hold.reserved + wanted });
  await changeHolds(tx, promotionId, splits, reserve, { covered: true });
}

/**
 * Reserves only what an amended promotion wants beyond what it holds: `splits` is its whole new need per tactic and fund.
 * All of it, or none with `fund.exceeded` (422).
 */
export async function reserveDifference(tx: Tx, promotionId: string, splits: readonly FundSplit[]): Promise<void> {
  const reserve: ChangeHold = (hold, wanted) => {
    const missing = wanted - hold.reserved - hold.committed;
    return missing > 0n ? { reserved: hold.reserved + missing } : {};
  };
  await changeHolds(tx, promotionId, splits, reserve, { covered: true });
}

/**
 * After an amendment was approved: commits what is reserved, and releases what is committed beyond the whole new need,
 * though never what is earned.
 */
export async function settleDifference(tx: Tx, promotionId: string, splits: readonly FundSplit[]): Promise<void> {
  await changeHolds(tx, promotionId, splits, (hold, wanted) => {
    const needed = larger(wanted, hold.earned);
    return { reserved: 0n, committed: smaller(hold.committed + hold.reserved, needed) };
  });
}

/** Gives back what is reserved and not committed: a refused amendment. */
export async function releaseReserved(tx: Tx, promotionId: string, note: string): Promise<void> {
  await changeHolds(tx, promotionId, [], () => ({ reserved: 0n }), { note });
}

/** Turns every reservation of a promotion into a commitment, and answers the sum in `currency`. */
export async function commitFunds(tx: Tx, promotionId: string, currency: string): Promise<Money> {
  const changes = await changeHolds(tx, promotionId, [], (hold) => ({
    reserved: 0n,
    committed: hold.committed + hold.reserved,
  }));
  return sum(
    changes.map(({ before }) => fromMinor(before.reserved, before.currency)),
    currency,
  );
}

/** Gives back what a promotion wishes, what it has reserved, and what it has committed but not earned. */
export async function releaseFunds(tx: Tx, promotionId: string, note: string): Promise<void> {
  const release: ChangeHold = ({ committed, earned }) => ({
    planned: 0n,
    reserved: 0n,
    committed: smaller(committed, earned),
  });
  await changeHolds(tx, promotionId, [], release, { note });
}

/** What funds have available to a promotion: their Available, and what they already hold for it. */
export async function availableFor(
  tx: Tx,
  fundIds: readonly string[],
  promotionId: string | null,
): Promise<Map<string, Money>> {
  const available = await readAvailable(tx, await findFunds(tx, fundIds));
  for (const hold of promotionId ? await holdsOf(tx, [promotionId]) : []) {
    const rest = available.get(hold.fundId);
    if (rest) available.set(hold.fundId, add(rest, fromMinor(heldMinor(hold), hold.currency)));
  }
  return available;
}
