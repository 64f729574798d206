/** What a tactic's cost is counted on. */
export type VolumeBasis = 'shipped_cases' | 'pos_units' | 'redemptions' | 'depletions' | 'none';

/** What a tactic of a mechanic may state beside products, funds, dates and a fixed amount. */
export type TacticField =
  | 'rate'
  | 'passThrough'
  | 'fundingBasis'
  | 'redemptionRate'
  | 'stores'
  | 'tiers'
  | 'cap'
  | 'minimum';

/** How a mechanic works. */
export interface MechanicRule {
  volumeBasis: VolumeBasis;
  /** What its money is earned on: `invoice` never accrues. */
  earnedOn: 'invoice' | 'shipment' | 'scan' | 'redemption' | 'depletion' | 'tier' | 'date';
  settledBy: 'invoice' | 'claim' | 'deduction' | 'credit_memo' | 'proof_of_performance' | 'contract_claim';
  takes: readonly TacticField[];
  /** Share of the rate that reaches the shelf price where the tactic does not say. */
  passThrough: '0' | '1';
}

const limits = ['cap', 'minimum'] as const;
const paidOnce = { volumeBasis: 'none', earnedOn: 'date', passThrough: '1' } as const;
const atEvent = { ...paidOnce, settledBy: 'proof_of_performance', takes: ['stores'] } as const;
const redeemed = {
  volumeBasis: 'redemptions',
  earnedOn: 'redemption',
  settledBy: 'claim',
  passThrough: '1',
  takes: ['rate', 'passThrough', 'redemptionRate', ...limits],
} as const;

/**
 * Ways to spend, row by row as domain.md ("Tactics") has them. Every mechanic may carry a fixed amount (`lumpSum`) beside
 * its rate, recognised by the tactic's `recognition`.
 */
export const mechanicRules = {
  off_invoice: {
    ...{ volumeBasis: 'shipped_cases', earnedOn: 'invoice', settledBy: 'invoice', passThrough: '1' },
    takes: ['rate', 'passThrough'],
  },
  bill_back: {
    ...{ volumeBasis: 'shipped_cases', earnedOn: 'shipment', settledBy: 'claim', passThrough: '1' },
    takes: ['rate', 'passThrough', ...limits],
  },
  scan_back: {
    ...{ volumeBasis: 'pos_units', earnedOn: 'scan', settledBy: 'claim', passThrough: '1' },
    takes: ['rate', 'passThrough', ...limits],
  },
  temporary_price_reduction: {
    ...{ volumeBasis: 'pos_units', earnedOn: 'scan', settledBy: 'claim', passThrough: '1' },
    takes: ['rate', 'passThrough', 'fundingBasis', ...limits],
  },
  feature: atEvent,
  display: atEvent,
  demo: atEvent,
  co_op: atEvent,
  slotting: { ...paidOnce, settledBy: 'contract_claim', takes: [] },
  everyday_low_price: {
    ...{ volumeBasis: 'shipped_cases', earnedOn: 'shipment', settledBy: 'deduction', passThrough: '1' },
    takes: ['rate', 'passThrough', ...limits],
  },
  volume_rebate: {
    ...{ volumeBasis: 'shipped_cases', earnedOn: 'tier', settledBy: 'credit_memo', passThrough: '0' },
    takes: ['rate', 'passThrough', 'tiers', ...limits],
  },
  multibuy: redeemed,
  coupon: redeemed,
  distributor_chargeback: {
    ...{ volumeBasis: 'depletions', earnedOn: 'depletion', settledBy: 'deduction', passThrough: '0' },
    takes: ['rate', 'passThrough', ...limits],
  },
} as const satisfies Record<string, MechanicRule>;

/** How a tactic works. */
export type Mechanic = keyof typeof mechanicRules;

/** All mechanics, in the order of domain.md. */
export const mechanics = Object.keys(mechanicRules) as [Mechanic, ...Mechanic[]];
