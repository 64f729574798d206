import { addDays } from './fiscal-weeks.ts';
import type { DemoPromotion } from './maker.ts';

/** A tactic that a planned event carries beside those that were drawn for it, as a row of the promotions file says it. */
export type LiveTactic = Record<string, string>;

/** What one of every five planned events carries. */
const plans: readonly ((promotion: DemoPromotion) => LiveTactic)[] = [
  () => ({ mechanic: 'coupon', rate: '0.50', rate_per: 'unit', redemption_rate: '0.03', pass_through: '1' }),
  () => ({
    ...{ mechanic: 'volume_rebate', rate: '0.5', rate_per: 'percent', tier_method: 'incremental' },
    ...{ tiers: '500:1|1500:1.5', cap: '4000.00', pass_through: '0' },
  }),
  () => ({ mechanic: 'everyday_low_price', rate: '0.20', rate_per: 'case', pass_through: '0' }),
  ({ startsOn }) => ({
    ...{ mechanic: 'demo', lump_sum: '45.00', stores: '24', recognition: 'on_date' },
    tactic_ends_on: addDays(startsOn, 6),
  }),
  () => ({ mechanic: 'co_op', lump_sum: '1250.00', recognition: 'volume_curve' }),
];

/** Stores among which the lump sum of a planned display is told; every drawn lump sum divides by them. */
const displayStores = 40;

/** What planned events carry beside their drawn tactics, by promotion code. Nothing here touches the past or the shelf. */
export function liveTactics(promotions: readonly DemoPromotion[]): Map<string, LiveTactic> {
  const planned = promotions.filter(({ state }) => state === 'approved' || state === 'draft');
  return new Map(planned.map((promotion, i) => [promotion.code, plans[i % plans.length]!(promotion)]));
}

/** A planned display is paid by the store: the same sum in other words. */
export function storesOf(promotion: DemoPromotion, mechanic: string): number {
  return mechanic === 'display' && (promotion.state === 'approved' || promotion.state === 'draft') ? displayStores : 1;
}
