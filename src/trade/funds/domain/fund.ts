/** Where a fund's money comes from (domain.md, "Fund"). */
export const fundKinds = ['fixed', 'prior_period_accrual', 'live_accrual', 'rolling', 'vendor_funded'] as const;
export type FundKind = (typeof fundKinds)[number];

/** Money to spend, in one currency, for a customer and product scope and a validity. */
export interface Fund {
  id: string;
  code: string;
  name: string;
  kind: FundKind;
  currency: string;
  customerId: string | null;
  productId: string | null;
  validFrom: string;
  validTo: string;
  version: number;
}

/** What a tactic wants of a fund. */
export interface FundSplit {
  fundId: string;
  tacticId: string;
  /** Decimal string in the fund's currency. */
  amount: string;
}

/** Accounts of a fund between which entries move money. */
export type FundAccount = 'outside' | 'available' | 'reserved' | 'committed' | 'earned' | 'paid';
