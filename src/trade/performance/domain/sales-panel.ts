/**
 * One customer × product series of a {@link SalesPanel}. `customer` is the planning-level customer (an account or a
 * store); the `…Group` fields say where estimates may borrow strength from (partial pooling).
 */
export interface PanelSeries {
  customer: string;
  /** The customer's parent at the level where promotions are planned (division, banner). */
  customerGroup: string;
  product: string;
  /** Family or sub-category: near substitutes. */
  productGroup: string;
  /** Category: cross-price terms stay inside it. */
  category: string;
  /** False for a competitor's product: modelled as a cross-price source, never planned. */
  own: boolean;
}

/**
 * Weekly sell-out facts in columnar form: N observations over S series and T weeks. A missing week has no
 * observation: missing is not zero.
 */
export interface SalesPanel {
  /** First day of each week, ISO date, length T, ascending and without holes (fiscal weeks). */
  weekStart: string[];
  series: PanelSeries[];
  /** Index into `series`, length N; observations are sorted by (series, week). */
  seriesIndex: Int32Array;
  /** Index into `weekStart`, length N. */
  week: Int32Array;
  /** Units sold, length N; NaN where the future is unknown. */
  units: Float64Array;
  /** Shelf price actually asked, money per unit as a model feature (never booked), length N. */
  price: Float64Array;
  /** Regular shelf price, length N. */
  basePrice: Float64Array;
  /** 0 or 1 each, length N. */
  feature: Uint8Array;
  display: Uint8Array;
  /** Temporary price reduction only: a shelf price cut without feature or display. */
  priceReduction: Uint8Array;
}
