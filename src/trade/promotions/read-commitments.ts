import type { Context } from '#context';
import type { TenantTx } from '#db';
import type { EarningPromotion } from '#performance';
import { performanceTactics } from './performance-tactics.ts';
import { promotionsCommittedBy } from './promotion-store.ts';

/** An approved promotion as those see it who follow what it earns. */
export interface Commitment extends EarningPromotion {
  id: string;
  code: string;
  currency: string;
  claimByOn: string;
}

/** Promotions that were approved here and whose event or buy window began on or before a day, oldest first. */
export async function readCommitments(tx: TenantTx<Context>, begunBy: string): Promise<Commitment[]> {
  const promotions = await promotionsCommittedBy(tx, begunBy);
  return promotions.map((promotion) => {
    const { id, code, currency, customerId, startsOn, endsOn, shipStartsOn, shipEndsOn, claimByOn } = promotion;
    const tactics = performanceTactics(promotion);
    return { id, code, currency, customerId, startsOn, endsOn, shipStartsOn, shipEndsOn, claimByOn, tactics };
  });
}
