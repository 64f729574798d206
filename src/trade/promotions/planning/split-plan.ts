import type { FundSplit } from '#funds';
import type { Plan } from './build-plan.ts';

/** What each tactic of a plan wants of each fund. */
export function splitsOf(plan: Pick<Plan, 'spendByTactic'>): FundSplit[] {
  return plan.spendByTactic.flatMap((tactic) =>
    tactic.splits.map(({ fundId, amount, fx }) => ({
      ...{ fundId, tacticId: tactic.tacticId, amount: amount.amount },
      ...{ customerId: tactic.customerId, productId: tactic.productId ?? undefined, note: fx },
    })),
  );
}
