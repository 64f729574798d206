import type { Context } from '#context';
import type { Job } from '#jobs';
import { customerLeaves, productLeaves } from '#master-data';
import { type EndedPromotion, measurePromotions, type OtherEvent, type PostEvent } from '#performance';
import type { Promotion } from './domain/promotion.ts';
import { emitPromotionEvent } from './events.ts';
import { performanceTactics } from './performance-tactics.ts';
import { addHistory, listHistory, promotionsInStates } from './promotion-store.ts';

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

/** What else was on the shelves: other promotions of the tenant that have run or are running. */
async function otherEventsOf(context: Context, promotions: readonly Promotion[]): Promise<OtherEvent[]> {
  return context.db.read(context, async (tx) => {
    const events: OtherEvent[] = [];
    for (const promotion of promotions) {
      const productIds = new Set<string>();
      for (const id of new Set(promotion.tactics.flatMap((tactic) => tactic.productIds))) {
        for (const leaf of await productLeaves(tx, id)) productIds.add(leaf);
      }
      events.push({
        customerIds: await customerLeaves(tx, promotion.customerId),
        productIds: [...productIds],
        startsOn: promotion.startsOn,
        endsOn: promotion.endsOn,
      });
    }
    return events;
  });
}

/**
 * Measures every ended promotion against the sales there are. A result that says the same as the last one is not
 * stored again; restated sales make a new version beside the old one.
 */
async function measureEnded(context: Context): Promise<void> {
  const ended = await context.db.read(context, (tx) => promotionsInStates(tx, ['ended', 'in_settlement', 'closed']));
  const active = await context.db.read(context, (tx) => promotionsInStates(tx, ['active']));
  const others = await otherEventsOf(context, active);
  for (let from = 0; from < ended.length; from += batchSize) {
    const batch = ended.slice(from, from + batchSize);
    const rest = await otherEventsOf(
      context,
      ended.filter((promotion) => !batch.includes(promotion)),
    );
    const results = await measurePromotions(context, {
      promotions: batch.map(toEnded),
      otherEvents: [...others, ...rest],
    });
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
