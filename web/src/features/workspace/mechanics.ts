import type { RatePer } from '../../api/promotion-shapes.ts';

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

/** A mechanic as the form offers it. */
export interface Mechanic {
  value: string;
  label: string;
  /** The fields that the house takes for it: the same table as the API's. */
  takes: readonly TacticField[];
  per: RatePer;
  /** What its rate pays on, in words. */
  paidOn: string;
  /** What settles it, as the API's table has it. */
  settledBy: string;
}

const rated = ['rate', 'passThrough', 'cap', 'minimum'] as const;
const once = { per: 'case', paidOn: 'a fixed amount', settledBy: 'proof_of_performance' } as const;

/** The mechanics that can be planned, most used first. */
export const mechanics: readonly Mechanic[] = [
  {
    value: 'scan_back',
    label: 'Scan-back',
    takes: rated,
    per: 'unit',
    paidOn: 'units scanned in the event',
    settledBy: 'claim',
  },
  {
    value: 'bill_back',
    label: 'Bill-back',
    takes: rated,
    per: 'case',
    paidOn: 'cases shipped in the buy window',
    settledBy: 'claim',
  },
  {
    ...{ value: 'off_invoice', label: 'Off-invoice', per: 'case', paidOn: 'cases shipped' },
    ...{ takes: ['rate', 'passThrough'], settledBy: 'invoice' },
  },
  {
    ...{ value: 'temporary_price_reduction', label: 'Temporary price reduction', per: 'unit' },
    ...{ takes: [...rated, 'fundingBasis'], paidOn: 'units scanned, or cases shipped', settledBy: 'claim' },
  },
  { value: 'feature', label: 'Feature', takes: ['stores'], ...once },
  { value: 'display', label: 'Display', takes: ['stores'], ...once },
  { value: 'demo', label: 'Demo', takes: ['stores'], ...once },
  { value: 'co_op', label: 'Co-op', takes: ['stores'], ...once },
  { value: 'slotting', label: 'Slotting', takes: [], ...once, settledBy: 'contract_claim' },
  {
    ...{ value: 'everyday_low_price', label: 'Everyday low price', takes: rated, per: 'case' },
    ...{ paidOn: 'cases shipped, all through its dates', settledBy: 'deduction' },
  },
  {
    ...{ value: 'volume_rebate', label: 'Volume rebate', takes: [...rated, 'tiers'], per: 'percent' },
    ...{ paidOn: 'cases shipped, by the tier they reach', settledBy: 'credit_memo' },
  },
  {
    ...{ value: 'multibuy', label: 'Multibuy', takes: [...rated, 'redemptionRate'], per: 'unit' },
    ...{ paidOn: 'units that are redeemed', settledBy: 'claim' },
  },
  {
    ...{ value: 'coupon', label: 'Coupon', takes: [...rated, 'redemptionRate'], per: 'unit' },
    ...{ paidOn: 'units that are redeemed', settledBy: 'claim' },
  },
  {
    ...{ value: 'distributor_chargeback', label: 'Distributor chargeback', takes: rated, per: 'case' },
    ...{ paidOn: 'cases that the distributor sold on', settledBy: 'deduction' },
  },
];

/** What a mechanic is and takes. */
export function mechanicOf(code: string): Mechanic | undefined {
  return mechanics.find((each) => each.value === code);
}

/** Whether a mechanic takes a field. */
export function takes(code: string, field: TacticField): boolean {
  return mechanicOf(code)?.takes.includes(field) ?? false;
}
