import type { Context } from '#context';
import { armTimer, disarmTimers, emit, type Subscription, type TimerHandler } from '#events';
import type { Job } from '#jobs';
import { customerLeavesOfEach, productLeavesOfEach } from '#master-data';
import { type EndedPromotion, measurePromotions, type OtherEvent, type PostEvent, shipmentsStored } from '#performance';
import { daysOnShelf, type Promotion } from './domain/promotion.ts';
import { emitPromotionEvent } from './events.ts';
import { performanceTactics } from './planning/performance-tactics.ts';
import { promotionsInStates } from './promotion-store.ts';
import { addHistory, listHistory } from './version-store.ts';

/** Promotions measured in one go; each reads the sales of its categories. */
const batchSize = 50;

function toEnded(promotion: Promotion): EndedPromotion {
  return {
    promotionId: promotion.id,
    currency: promotion.currency,
    customerId: promotion.customerId,
    startsOn: promotion.startsOn,
    endsOn: promotion.endsOn,
    shipStartsOn: promotion.shipStartsOn,
    shipEndsOn: promotion.shipEndsOn,
    tactics: performanceTactics(promotion),
  };
}

/** What promotions put on the shelves, by promotion id: their leaf customers and SKUs, and the days that they ran. */
async function shelvesOf(context: Context, all: readonly Promotion[]): Promise<Map<string, OtherEvent>> {
  const onShelf = all.flatMap((promotion) => {
    const days = daysOnShelf(promotion);
    return days ? [{ promotion, days }] : [];
  });
  const promotions = onShelf.map(({ promotion }) => promotion);
  const unique = (ids: readonly string[]) => [...new Set(ids)];
  const productIdsOf = ({ tactics }: Promotion) => unique(tactics.flatMap((tactic) => tactic.productIds));
  return context.db.read(context, async (tx) => {
    const customers = await customerLeavesOfEach(tx, unique(promotions.map(({ customerId }) => customerId)));
    const products = await productLeavesOfEach(tx, unique(promotions.flatMap(productIdsOf)));
    return new Map(
      onShelf.map(({ promotion, days }) => [
        promotion.id,
        {
          customerIds: customers.get(promotion.customerId) ?? [],
          productIds: unique(productIdsOf(promotion).flatMap((id) => products.get(id) ?? [])),
          ...days,
        },
      ]),
    );
  });
}

/**
 * Measures every ended promotion against the sales there are. A result that says the same as the last one is not
 * stored again; restated sales make a new version beside the old one.
 */
async function measureEnded(context: Context): Promise<void> {
  const ended = await context.db.read(context, (tx) => promotionsInStates(tx, ['ended', 'in_settlement', 'closed']));
  const others = await context.db.read(context, (tx) => promotionsInStates(tx, ['active', 'on_hold', 'cancelled']));
  const shelves = await shelvesOf(context, [...ended, ...others]);
  for (let from = 0; from < ended.length; from += batchSize) {
    const batch = ended.slice(from, from + batchSize);
    const inBatch = new Set(batch.map(({ id }) => id));
    const otherEvents = [...shelves].flatMap(([id, event]) => (inBatch.has(id) ? [] : [event]));
    const results = await measurePromotions(context, { promotions: batch.map(toEnded), otherEvents });
    await recordMeasured(context, batch, results);
  }
}

/** Tells the promotion's watchers and its history of a first or a new measurement. */
async function recordMeasured(
  context: Context,
  promotions: readonly Promotion[],
  results: readonly PostEvent[],
): Promise<void> {
  for (const [index, result] of results.entries()) {
    const promotion = promotions[index];
    if (!promotion || result.state !== 'measured' || result.measurementVersion === null) continue;
    const detail = `measurement ${result.measurementVersion}: ${result.verdict?.decision ?? 'no verdict'}`;
    await context.db.transact(context, async (tx) => {
      const isNew = await addHistoryOnce(tx, promotion.id, detail);
      if (isNew) await emitPromotionEvent(tx, 'measured', promotion);
    });
  }
}

async function addHistoryOnce(
  tx: Parameters<typeof addHistory>[0],
  promotionId: string,
  detail: string,
): Promise<boolean> {
  const known = (await listHistory(tx, promotionId)).some(
    (entry) => entry.action === 'measured' && entry.detail === detail,
  );
  if (!known) await addHistory(tx, promotionId, 'measured', detail);
  return !known;
}

/** Runs when sales have settled or a promotion ended. */
export const measureEndedJob: Job = {
  name: 'promotions.measure-ended',
  queue: 'promotions.measure',
  handle: (context) => measureEnded(context),
};

/** Imports are over when nothing came for so long: promotions come one by one, shipments in batches. */
const quietMs = 5_000;

/** Kind of the timer that waits for imports of past promotions and of shipments to be over. */
export const historySettleTimer = 'promotions.history-settle';
/** Told when past promotions or shipments were imported and no more came: results may be others now. */
export const historySettled = 'promotions.history.settled';

/** Past promotions and late shipments change results as sales do. */
export const waitForHistory: Subscription = {
  name: 'promotions.wait-for-history',
  types: ['promotions.promotion.created', shipmentsStored],
  handle: async (tx, { type, data }) => {
    if (type !== shipmentsStored && data.state !== 'ended') return;
    const { tenant, clock } = tx.context;
    await disarmTimers(tx, historySettleTimer, tenant.id);
    const dueAt = new Date(clock.now().getTime() + quietMs);
    await armTimer(tx, { kind: historySettleTimer, subjectId: tenant.id, dueAt, data: {} });
  },
};

/** The timer's end starts the measurement by event, and with it the job. */
export const announceHistory: TimerHandler = async (tx) => {
  await emit(tx, { type: historySettled, subjectType: 'tenant', subjectId: tx.context.tenant.id, data: {} });
};
