import type { FiscalWeek, Money } from '../../api/shapes.ts';

/** A price of a product as it was recorded; a later record of the same dates stands above an earlier one. */
export interface Price {
  id: string;
  productId: string;
  listPrice: Money;
  cost: Money;
  validFrom: string;
  validTo: string | null;
  recordedAt: string;
}

/** A fiscal calendar with the weeks of some years. */
export interface Calendar {
  id: string;
  code: string;
  name: string;
  isDefault: boolean;
  version: number;
  weeks: FiscalWeek[];
}

/** An exchange rate: one `from` is `rate` of `to`, by its type, from `on` until a later one. */
export interface FxRate {
  id: string;
  type: string;
  from: string;
  to: string;
  on: string;
  rate: string;
  /** Where it was taken from; empty: not said. */
  source: string;
  recordedBy: string;
  recordedAt: string;
}
