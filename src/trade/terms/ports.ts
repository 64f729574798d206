import type { Context } from '#context';
import type { TenantTx } from '#db';
import type { Money } from '#money';

type Tx = TenantTx<Context>;

/** Cases shipped to a customer of a product in the week that starts on a day. */
export interface ShippedCases {
  customerId: string;
  productId: string;
  periodStart: string;
  /** Decimal string. */
  cases: string;
}

/** A range of dates, both inclusive. */
export interface DayRange {
  startsOn: string;
  endsOn: string;
}

/** Cases that an account plan expects. */
interface PlannedVolume {
  /** Decimal string. */
  cases: string;
  /** Which plan, in words: "account plan North FY2026, snapshot 4". */
  method: string;
}

/** What terms ask of the modules that own sales and promotions; apps wires it. */
export interface TermsPorts {
  /** Shipments to leaf customers in the weeks that start in a range of days, both inclusive. */
  readShipments(tx: Tx, query: { customerIds: readonly string[]; from: string; to: string }): Promise<ShippedCases[]>;
  /** First days of the weeks in the range that have shipments of anybody, in order. */
  shippedWeeks(tx: Tx, range: DayRange): Promise<string[]>;
  /**
   * What tactics of approved promotions have earned in each period at a customer and everything below it, on SKUs (null:
   * on all), by promotion, in the order of the periods; amounts of other currencies are left out and counted in `leftOut`.
   */
  readTacticSpend(
    tx: Tx,
    query: { customerId: string; productIds: readonly string[] | null; periods: readonly DayRange[]; currency: string },
  ): Promise<{ promotions: { id: string; code: string; amounts: Money[] }[]; leftOut: number }>;
  /**
   * What the account plan of a fiscal year expects of a scope in the weeks that begin after a day; null: no plan covers it.
   * Absent: there are no account plans.
   */
  plannedVolume?(
    tx: Tx,
    query: { customerId: string; productId: string | null; fiscalYear: number; after: string },
  ): Promise<PlannedVolume | null>;
}
