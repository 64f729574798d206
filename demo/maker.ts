import type { FiscalWeek } from './fiscal-weeks.ts';

/** A customer of the maker; leaves (`type` account) report sell-out and receive shipments. */
export interface DemoCustomer {
  code: string;
  name: string;
  parentCode: string | null;
  type: 'banner' | 'division' | 'account';
  channel: 'grocery' | 'mass' | 'club' | 'convenience';
  currency: 'USD';
}

/** A node of the product tree; only SKUs have packing and prices, competitors' SKUs have no price or cost of ours. */
export interface DemoProduct {
  code: string;
  name: string;
  parentCode: string | null;
  level: 'category' | 'brand' | 'family' | 'sku';
  own: boolean;
  categoryCode: string;
  /** Null above the brand. */
  brandCode: string | null;
  /** Null above the family. */
  familyCode: string | null;
  unitsPerCase: number | null;
  /** Regular shelf price of one unit in cents at the first week; null above the SKU. */
  shelfPriceMinor: number | null;
}

/** List price and cost of one case in cents from one date on. */
export interface DemoPrice {
  productCode: string;
  listPriceMinor: number;
  costMinor: number;
  validFrom: string;
  /** Null: open end. */
  validTo: string | null;
}

/** A fund; null scopes cover every customer or product. */
export interface DemoFund {
  code: string;
  name: string;
  kind: 'fixed' | 'live_accrual' | 'prior_period_accrual';
  amountMinor: number;
  validFrom: string;
  validTo: string;
  customerCode: string | null;
  productCode: string | null;
  /** What shipments put into it, per case or in percent of list price; null where they do not. */
  rate: { amount: string; per: 'case' | 'percent' } | null;
  /** The weeks whose shipments fill a prior-period fund; null otherwise. */
  source: { from: string; to: string } | null;
}

/** One line of an agreement: a rate, or tiers over cases (growth: percent over last year), retroactive. */
export interface DemoTermLine {
  code: string;
  kind: 'on_invoice' | 'off_invoice' | 'conditional' | 'growth' | 'volume_rebate';
  basis: 'percent_of_list' | 'percent_of_invoice';
  ratePercent: number | null;
  tiers: { from: number; rate: number }[] | null;
  condition: string | null;
}

/** Terms agreed with a banner, on a category or on everything. */
export interface DemoAgreement {
  code: string;
  name: string;
  customerCode: string;
  /** Null: all products. */
  productCode: string | null;
  validFrom: string;
  /** Null: open end. */
  validTo: string | null;
  lines: DemoTermLine[];
}

/** Whether a condition was met in a fiscal period. */
export interface DemoCondition {
  agreementCode: string;
  lineCode: string;
  fiscalYear: number;
  period: number;
  startsOn: string;
  endsOn: string;
  met: boolean;
}

/** The maker's trading terms. */
export interface DemoTerms {
  agreements: DemoAgreement[];
  conditions: DemoCondition[];
}

/** A person who signs in to the demo tenant as `<name>@demo.tradeai.example`. */
export interface DemoPerson {
  name: string;
  displayName: string;
  role: string;
}

/** The mechanics that the demo maker uses. */
export type DemoMechanic =
  | 'scan_back'
  | 'bill_back'
  | 'off_invoice'
  | 'temporary_price_reduction'
  | 'feature'
  | 'display';

/** One tactic: a rate on volume, or a lump sum. */
export interface DemoTactic {
  mechanic: DemoMechanic;
  /** In cents for `unit` and `case`, in percent of list price for `percent`. */
  rate: { value: number; per: 'unit' | 'case' | 'percent' } | null;
  lumpSumMinor: number | null;
  /** Share of the funded rate that reaches the shelf price; null for lump sums. */
  passThrough: number | null;
  feature: boolean;
  display: boolean;
}

/** One event at one customer node over whole fiscal weeks. */
export interface DemoPromotion {
  code: string;
  name: string;
  customerCode: string;
  startsOn: string;
  endsOn: string;
  shipStartsOn: string;
  shipEndsOn: string;
  productCodes: string[];
  tactics: DemoTactic[];
  fundCode: string;
  state: 'ended' | 'active' | 'approved' | 'draft';
}

/** A leaf account × SKU that is listed from `firstWeek` to `lastWeek` (indices into the sell-out weeks, inclusive). */
export interface DemoSeries {
  customerCode: string;
  productCode: string;
  firstWeek: number;
  lastWeek: number;
}

/**
 * Weekly sell-out, dense over series × weeks: cell = series index × weeks + week index. Cells outside the listing and
 * missing weeks have `units` −1.
 */
export interface SellOut {
  /** First day of each week. */
  weekStart: string[];
  series: DemoSeries[];
  /** POS units as they stand now, after restatements. */
  units: Int32Array;
  /** Shelf price asked and regular shelf price, cents per unit. */
  priceMinor: Int32Array;
  basePriceMinor: Int32Array;
  feature: Uint8Array;
  display: Uint8Array;
  /** A price cut without feature or display. */
  priceReduction: Uint8Array;
  /** Cells that were first reported with other units. */
  restated: { cell: number; firstUnits: number }[];
}

/** One week's sell-in of a SKU to an account, whole cases, revenue in cents after off-invoice discounts. */
export interface DemoShipment {
  customerCode: string;
  productCode: string;
  periodStart: string;
  cases: number;
  revenueMinor: number;
}

/** The truth of one past event; units are expected POS units (the mean of the process, free of noise). */
export interface EventTruth {
  code: string;
  /** Expected units of the event's series in its weeks, with and without the event. */
  expectedUnits: number;
  baselineUnits: number;
  incrementalUnits: number;
  /** Pantry loading: units missing in the four weeks after the event, cut short where the next event starts. */
  dipUnits: number;
  /** Units taken from own products outside the event. */
  cannibalisationUnits: number;
  /** Units taken from competitors' products. */
  competitorUnits: number;
  /** Spend on the actual volumes, and money of the true units, cents. */
  spendMinor: number;
  netProfitMinor: number;
  /** Net profit / spend. */
  netRoi: number;
}

/** What each series and week was made of; all arrays are dense like {@link SellOut}. */
export interface DemoTruth {
  /** Expected units with no promotion anywhere. */
  baseline: Float64Array;
  /** Expected = baseline + incremental − dip − cannibalisation − competition. */
  expected: Float64Array;
  incremental: Float64Array;
  dip: Float64Array;
  /** Units lost to own events on other products. */
  cannibalisation: Float64Array;
  /** Units lost to the other side of the shelf: own SKUs to competitors' events, competitors' SKUs to ours. */
  competition: Float64Array;
  events: EventTruth[];
  response: ResponseTruth;
}

/** True response of a family of products. */
export interface FamilyResponse {
  /** Own shelf-price elasticity, negative. */
  elasticity: number;
  featureMultiplier: number;
  displayMultiplier: number;
  /** Share of an event's incremental units that pantry loading takes back. */
  pantryShare: number;
  /** Share of incremental units taken from own sister products and from the other side of the shelf. */
  cannibalisationShare: number;
  competitorShare: number;
}

/** The parameters behind the numbers. */
export interface ResponseTruth {
  /** Per category code: factor for each week of the fiscal year (index 0 is week 1; 53 long), mean about 1. */
  seasonality: Map<string, Float64Array>;
  /** Per category code: growth in a year, 0.02 is 2 %. */
  trend: Map<string, number>;
  family: Map<string, FamilyResponse>;
  /** Per account code: factor on the elasticity. */
  accountSensitivity: Map<string, number>;
  basePriceElasticity: number;
  /** Shares of the dip in the first, second … week after the event. */
  dipWeights: readonly number[];
}

/** How the noise is set; zeros give the expected units, rounded. */
export interface NoiseSettings {
  /** Coefficient of variation of a series-week around its mean, beyond counting noise. */
  seriesCv: number;
  /** Standard deviation of the shock that all products of an account share in a week. */
  accountCv: number;
  /** Counting (Poisson) noise. */
  counting: boolean;
  /** Share of series-weeks that were never reported. */
  missingShare: number;
  /** Number of series-weeks that were restated later. */
  restatedCells: number;
}

/** The simulated maker: what a company knows, and the truth that a company never knows. */
export interface DemoMaker {
  seed: number;
  today: string;
  name: string;
  currency: 'USD';
  calendarCode: string;
  calendar: FiscalWeek[];
  customers: DemoCustomer[];
  products: DemoProduct[];
  prices: DemoPrice[];
  terms: DemoTerms;
  funds: DemoFund[];
  people: DemoPerson[];
  promotions: DemoPromotion[];
  sellOut: SellOut;
  shipments: DemoShipment[];
  truth: DemoTruth;
}
