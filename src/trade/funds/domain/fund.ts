/** Where a fund's money comes from (domain.md, "Fund"). */
export const fundKinds = ['fixed', 'prior_period_accrual', 'live_accrual', 'rolling', 'vendor_funded'] as const;
export type FundKind = (typeof fundKinds)[number];

/** The kinds that shipments fill by a rate. */
export const filledByShipments: readonly FundKind[] = ['prior_period_accrual', 'live_accrual', 'rolling'];

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
  /** prior_period_accrual: the first days of the weeks whose shipments fill it, both inclusive; null otherwise. */
  sourceFrom: string | null;
  sourceTo: string | null;
  /** rolling: how many whole fiscal periods before the present one fill it; null otherwise. */
  windowPeriods: number | null;
  version: number;
}

/** What a tactic wants of a fund. */
export interface FundSplit {
  fundId: string;
  tacticId: string;
  /** Decimal string in the fund's currency. */
  amount: string;
  /** The promotion's customer; entries carry it, for checkbooks by account. */
  customerId?: string | undefined;
  /** What its entries say; a converted amount names its exchange rate. */
  note?: string | undefined;
  /** The nearest product above all of the tactic's; entries carry it, for checkbooks by brand. */
  productId?: string | undefined;
}

/** Accounts of a fund between which entries move money; `planned` holds wishes, which are no money. */
export type FundAccount = 'outside' | 'planned' | 'available' | 'reserved' | 'committed' | 'earned' | 'paid';

/** What a movement is (domain.md, "Fund"); `plan` is a draft's wish. */
export const entryKinds = [
  'deposit',
  'transfer',
  'reserve',
  'commit',
  'release',
  'earn',
  'pay',
  'adjust',
  'plan',
] as const;
export type EntryKind = (typeof entryKinds)[number];
