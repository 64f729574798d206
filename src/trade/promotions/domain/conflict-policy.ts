import type { Mechanic } from '#performance';

/** What two overlapping promotions mean for each other. */
export type ConflictPolicy = 'block' | 'warn' | 'allow';

/** Mechanics that cut the shelf price or the invoice: two of them on one product pay the discount twice. */
const priceMechanics: readonly Mechanic[] = [
  'off_invoice',
  'bill_back',
  'scan_back',
  'temporary_price_reduction',
  'multibuy',
  'coupon',
];
/** Everyday deals and contracts run beside any event. */
const standingMechanics: readonly Mechanic[] = [
  'everyday_low_price',
  'volume_rebate',
  'slotting',
  'distributor_chargeback',
];

/** The house policy for a pair of mechanics (symmetric). */
export function policyFor(a: Mechanic, b: Mechanic): ConflictPolicy {
  if (standingMechanics.includes(a) || standingMechanics.includes(b)) return 'allow';
  if (priceMechanics.includes(a) && priceMechanics.includes(b)) return 'block';
  return a === b ? 'warn' : 'allow';
}

/** The strictest policy over all pairs, with the pair that makes it so; null where every pair is allowed. */
export function strictestPolicy(
  ours: readonly Mechanic[],
  theirs: readonly Mechanic[],
): { policy: 'block' | 'warn'; pair: [Mechanic, Mechanic] } | null {
  let warned: [Mechanic, Mechanic] | null = null;
  for (const a of ours) {
    for (const b of theirs) {
      const policy = policyFor(a, b);
      if (policy === 'block') return { policy, pair: [a, b] };
      if (policy === 'warn') warned ??= [a, b];
    }
  }
  return warned ? { policy: 'warn', pair: warned } : null;
}
