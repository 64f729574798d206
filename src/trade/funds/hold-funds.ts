import type { Context } from '#context';
import type { TenantTx } from '#db';
import { emit } from '#events';
import { add, amountOf, compare, type Money, moneyFromNumeric, subtract, sum, toJson, zero } from '#money';
import { Problem } from '#problem';
import type { Fund, FundAccount, FundSplit } from './domain/fund.ts';
import {
  deleteEmptyHolds,
  type HoldRow,
  holdsOfPromotion,
  insertEntry,
  lockFunds,
  type NewEntry,
  readCheckbooks,
  saveHold,
} from './fund-store.ts';

type Tx = TenantTx<Context>;

/** Writes an entry and the event that tells of it. */
export async function postEntry(tx: Tx, entry: NewEntry): Promise<string> {
  const id = await insertEntry(tx, entry);
  await emit(tx, {
    type: 'funds.entry.posted',
    subjectType: 'fund',
    subjectId: entry.to.fundId,
    data: {
      entryId: id,
      fundId: entry.to.fundId,
      kind: entry.kind,
      amount: amountOf(entry.amount),
      currency: entry.amount.currency,
      promotionId: entry.promotionId ?? null,
    },
  });
  return id;
}

const emptyHold = (split: FundSplit, promotionId: string): HoldRow => ({
  fundId: split.fundId,
  promotionId,
  tacticId: split.tacticId,
  planned: '0',
  reserved: '0',
  committed: '0',
  earned: '0',
  paid: '0',
});

/** Replaces what a draft would like to spend of its funds. Moves no money. */
export async function planHolds(tx: Tx, promotionId: string, splits: readonly FundSplit[]): Promise<void> {
  const keyOf = (hold: { fundId: string; tacticId: string }) => `${hold.fundId}/${hold.tacticId}`;
  const holds = new Map(
    (await holdsOfPromotion(tx, promotionId)).map((hold) => [keyOf(hold), { ...hold, planned: '0' }]),
  );
  for (const split of splits) {
    const hold = holds.get(keyOf(split)) ?? emptyHold(split, promotionId);
    holds.set(keyOf(split), { ...hold, planned: split.amount });
  }
  for (const hold of holds.values()) await saveHold(tx, hold);
  await deleteEmptyHolds(tx, promotionId);
}

/** What each fund lacks for the wanted amounts; throws `fund.exceeded` when any lacks something. */
async function requireAvailable(tx: Tx, funds: readonly Fund[], wanted: ReadonlyMap<string, Money>): Promise<void> {
  const checkbooks = await readCheckbooks(tx, [...wanted.keys()]);
  const shortfalls = [...wanted].flatMap(([fundId, needed]) => {
    const available = checkbooks.get(fundId)?.available ?? zero(needed.currency);
    if (compare(needed, available) <= 0) return [];
    const fund = funds.find((one) => one.id === fundId);
    return [
      {
        fundId,
        fundCode: fund?.code,
        needed: toJson(needed),
        available: toJson(available),
        shortfall: toJson(subtract(needed, available)),
      },
    ];
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

function currencyOfFund(funds: readonly Fund[], fundId: string): string {
  const fund = funds.find((one) => one.id === fundId);
  if (!fund) throw new Problem('not_found', { detail: `There is no fund ${fundId}.` });
  return fund.currency;
}

/**
 * Reserves money of a promotion's tactics, under the funds' locks: all of it, or none with `fund.exceeded` (422) and
 * the shortfalls. What the promotion had planned is cleared.
 */
export async function reserveFunds(tx: Tx, promotionId: string, splits: readonly FundSplit[]): Promise<void> {
  const funds = await lockFunds(tx, [...new Set(splits.map((split) => split.fundId))]);
  const wanted = new Map<string, Money>();
  for (const split of splits) {
    const currency = currencyOfFund(funds, split.fundId);
    const amount = moneyFromNumeric(split.amount, currency);
    wanted.set(split.fundId, add(wanted.get(split.fundId) ?? zero(currency), amount));
  }
  await requireAvailable(tx, funds, wanted);
  await planHolds(tx, promotionId, []);
  const holds = await holdsOfPromotion(tx, promotionId);
  for (const split of splits) {
    const amount = moneyFromNumeric(split.amount, currencyOfFund(funds, split.fundId));
    if (amount.minor <= 0n) continue;
    const known = holds.find((hold) => hold.fundId === split.fundId && hold.tacticId === split.tacticId);
    const hold = known ?? emptyHold(split, promotionId);
    const reserved = add(moneyFromNumeric(hold.reserved, amount.currency), amount);
    await saveHold(tx, { ...hold, planned: '0', reserved: amountOf(reserved) });
    await postEntry(tx, move('reserve', hold, 'available', 'reserved', amount));
  }
}

function move(kind: NewEntry['kind'], hold: HoldRow, from: FundAccount, to: FundAccount, amount: Money): NewEntry {
  return {
    kind,
    from: { fundId: hold.fundId, account: from },
    to: { fundId: hold.fundId, account: to },
    amount,
    promotionId: hold.promotionId,
    tacticId: hold.tacticId,
  };
}

/** The holds of a promotion with their funds locked. */
async function lockHolds(tx: Tx, promotionId: string): Promise<{ hold: HoldRow; currency: string }[]> {
  const ids = (await holdsOfPromotion(tx, promotionId)).map((hold) => hold.fundId);
  const funds = await lockFunds(tx, [...new Set(ids)]);
  const holds = await holdsOfPromotion(tx, promotionId);
  return holds.map((hold) => ({ hold, currency: currencyOfFund(funds, hold.fundId) }));
}

/** Turns every reservation of a promotion into a commitment, and answers the sum in `currency`. */
export async function commitFunds(tx: Tx, promotionId: string, currency: string): Promise<Money> {
  const committed: Money[] = [];
  for (const { hold, currency: unit } of await lockHolds(tx, promotionId)) {
    const reserved = moneyFromNumeric(hold.reserved, unit);
    if (reserved.minor === 0n) continue;
    const total = add(moneyFromNumeric(hold.committed, unit), reserved);
    await saveHold(tx, { ...hold, reserved: '0', committed: amountOf(total) });
    await postEntry(tx, move('commit', hold, 'reserved', 'committed', reserved));
    committed.push(reserved);
  }
  return sum(committed, currency);
}

/** Gives back what a promotion has reserved and what it has committed but not earned. */
export async function releaseFunds(tx: Tx, promotionId: string, note: string): Promise<void> {
  for (const { hold, currency } of await lockHolds(tx, promotionId)) {
    const reserved = moneyFromNumeric(hold.reserved, currency);
    const committed = moneyFromNumeric(hold.committed, currency);
    const earned = moneyFromNumeric(hold.earned, currency);
    const open = compare(committed, earned) > 0 ? subtract(committed, earned) : zero(currency);
    await saveHold(tx, { ...hold, planned: '0', reserved: '0', committed: amountOf(subtract(committed, open)) });
    if (reserved.minor > 0n) await postEntry(tx, { ...move('release', hold, 'reserved', 'available', reserved), note });
    if (open.minor > 0n) await postEntry(tx, { ...move('release', hold, 'committed', 'available', open), note });
  }
}

/** What funds have available to a promotion: their Available, and what they already hold for it. */
export async function availableFor(
  tx: Tx,
  fundIds: readonly string[],
  promotionId: string | null,
): Promise<Map<string, Money>> {
  const books = await readCheckbooks(tx, fundIds);
  const available = new Map([...books].map(([fundId, book]) => [fundId, book.available]));
  for (const hold of promotionId ? await holdsOfPromotion(tx, promotionId) : []) {
    const rest = available.get(hold.fundId);
    if (!rest) continue;
    const held = add(moneyFromNumeric(hold.reserved, rest.currency), moneyFromNumeric(hold.committed, rest.currency));
    available.set(hold.fundId, add(rest, held));
  }
  return available;
}
