/** What a deduction or claim may be for: a mechanic, several of a promotion, or nothing of ours. */
export const categories: readonly string[] = [
  ...['scan_back', 'bill_back', 'temporary_price_reduction', 'feature', 'display', 'demo', 'co_op', 'slotting'],
  ...['everyday_low_price', 'volume_rebate', 'multibuy', 'coupon', 'distributor_chargeback', 'promotion'],
  ...['shortage', 'pricing', 'freight', 'returns', 'other'],
];
