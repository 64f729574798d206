import type { Context } from '#context';
import type { TenantTx } from '#db';
import type { EarningPromotion } from '#performance';
import { performanceTactics } from './planning/performance-tactics.ts';
import { promotionsCommittedBy } from './promotion-store.ts';

/** An approved promotion as those see it who follow what it earns. */
export interface Commitment extends EarningPromotion {
  code: string;
  currency: string;
  claimByOn: string;
}

/** Promotions at a time: their facts fit well into memory and into a transaction of less than a second. */
const batchSize = 200;

/**
 * Promotions that were approved here and whose event or buy window began on or before a day: some of them, by id, that
 * come after `after`; fewer than a batch where there are no more.
 */
export async function readCommitments(
  tx: TenantTx<Context>,
  begunBy: string,
  after: string | null,
): Promise<{ commitments: Commitment[]; next: string | null }> {
  const promotions = await promotionsCommittedBy(tx, begunBy, { after, limit: batchSize });
  const commitments = promotions.map((promotion) => {
    const { id, code, currency, customerId, startsOn, endsOn, shipStartsOn, shipEndsOn, claimByOn } = promotion;
    return {
      ...{ id, code, currency, customerId, startsOn, endsOn, shipStartsOn, shipEndsOn, claimByOn },
      ...{ stoppedOn: promotion.stoppedOn, pricesKnownAt: promotion.submittedAt },
      tactics: performanceTactics(promotion),
    };
  });
  return { commitments, next: promotions.length < batchSize ? null : (promotions.at(-1)?.id ?? null) };
}
