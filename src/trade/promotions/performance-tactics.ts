import { Decimal, moneyFromNumeric } from '#money';
import type { PromotionTactic } from '#performance';
import type { PromotionTerms } from './domain/promotion.ts';

/** The tactics of a promotion as performance calculates with them. */
export function performanceTactics(terms: Pick<PromotionTerms, 'tactics' | 'currency'>): PromotionTactic[] {
  return terms.tactics.map((tactic) => ({
    key: tactic.id,
    mechanic: tactic.mechanic,
    productIds: tactic.productIds,
    rate: tactic.rate && { ...tactic.rate, amount: new Decimal(tactic.rate.amount) },
    lumpSum: tactic.lumpSum === null ? null : moneyFromNumeric(tactic.lumpSum, terms.currency),
    passThrough: new Decimal(tactic.passThrough),
    fundSplit: tactic.fundSplit.map(({ fundId, share }) => ({ fundId, share: new Decimal(share) })),
    feature: tactic.mechanic === 'feature',
    display: tactic.mechanic === 'display',
  }));
}
