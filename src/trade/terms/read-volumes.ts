import type { Context } from '#context';
import type { TenantTx } from '#db';
import type { FiscalWeek } from '#fiscal-calendar';
import { type PriceOnDay, type ProductHistory, readProductHistory } from '#master-data';
import { Decimal, toDecimal } from '#money';
import { Problem } from '#problem';
import { caseTerms } from './domain/case-terms.ts';
import type { ScopedLine } from './domain/term-line.ts';
import { termsReader } from './domain/terms-book.ts';
import type { VolumeSums } from './domain/tier-rebate.ts';
import type { ShippedCases, TermsPorts } from './ports.ts';
import { readTermLines } from './read-terms.ts';

type Tx = TenantTx<Context>;

/** What was shipped of a product to a customer in neighbouring weeks of one period, at one price under the same terms. */
export interface ShippedCell {
  customerId: string;
  productId: string;
  fiscalYear: number;
  period: number;
  cases: Decimal;
  /** Major units of the query's currency per case. */
  listPrice: Decimal;
  lines: readonly ScopedLine[];
  /** Worth at list and at invoice price. */
  volume: VolumeSums;
}

/** Shipments with their prices and terms. */
export interface ShippedVolumes {
  cells: ShippedCell[];
  /** The facts behind them, by week. */
  rows: ShippedCases[];
}

/** Which shipments are wanted: leaf customers, SKUs (null: all), neighbouring fiscal weeks. */
export interface VolumeQuery {
  customerIds: readonly string[];
  productIds: ReadonlySet<string> | null;
  weeks: readonly FiscalWeek[];
  currency: string;
}

/** Days on which a line begins or ends to count. */
function turningDays(lines: readonly ScopedLine[]): string[] {
  return lines.flatMap(({ validFrom, validTo, results }) => [
    validFrom,
    ...(validTo ? [`${validTo}~`] : []),
    ...results.flatMap(({ startsOn, endsOn }) => [startsOn, `${endsOn}~`]),
  ]);
}

/**
 * For each week the first week from which on neither period nor terms have changed. `day~` sorts behind the day itself:
 * what ends on a day changes what begins after it.
 */
function segments(weeks: readonly FiscalWeek[], turns: readonly string[]): Map<string, string> {
  const since = new Map<string, string>();
  let start = '';
  weeks.forEach((week, i) => {
    const before = weeks[i - 1];
    const same =
      before?.fiscalYear === week.fiscalYear &&
      before.period === week.period &&
      !turns.some((turn) => before.startsOn < turn && turn <= week.startsOn);
    if (!same) start = week.startsOn;
    since.set(week.startsOn, start);
  });
  return since;
}

function weekFinder(weeks: readonly FiscalWeek[]): (day: string) => FiscalWeek {
  const found = new Map(weeks.map((week) => [week.startsOn, week]));
  return (day) => {
    const week = found.get(day) ?? weeks.find(({ startsOn, endsOn }) => startsOn <= day && day <= endsOn)!;
    found.set(day, week);
    return week;
  };
}

/** List price of a product in a week, with its text for telling prices apart: looked up once. */
interface WeekPrice {
  listPrice: Decimal;
  text: string;
}

function pricesByWeek(history: ProductHistory, currency: string): (productId: string, on: string) => WeekPrice {
  const known = new Map<string, WeekPrice>();
  return (productId, on) => {
    const key = `${productId}|${on}`;
    const before = known.get(key);
    if (before) return before;
    const listPrice = listPriceOf(history.priceOn(productId, on), currency);
    const price = { listPrice, text: listPrice.toString() };
    known.set(key, price);
    return price;
  };
}

/** Rows of one customer, product and segment at one price. */
interface Gathered {
  customerId: string;
  productId: string;
  /** First day of the segment. */
  on: string;
  listPrice: Decimal;
  cases: Decimal;
}

function listPriceOf(price: PriceOnDay, currency: string): Decimal {
  if (price.listPrice.currency === currency) return toDecimal(price.listPrice);
  throw new Problem('money.currency_mismatch', {
    detail: `A list price is in ${price.listPrice.currency}, the customer trades in ${currency}.`,
  });
}

function gather(
  rows: readonly ShippedCases[],
  segmentOf: (day: string) => string,
  priceOf: (productId: string, day: string) => WeekPrice,
): Gathered[] {
  const sums = new Map<string, Gathered>();
  for (const { customerId, productId, periodStart, cases } of rows) {
    const { listPrice, text } = priceOf(productId, periodStart);
    const on = segmentOf(periodStart);
    const key = `${customerId}|${productId}|${on}|${text}`;
    const known = sums.get(key);
    if (known) known.cases = known.cases.plus(cases);
    else sums.set(key, { customerId, productId, on, listPrice, cases: new Decimal(cases) });
  }
  return [...sums.values()];
}

/**
 * Shipments of the weeks with the price and the terms of each: a week belongs to its first day. Throws `rule.violated`
 * where a shipped product has no price, `money.currency_mismatch` for a price in another currency.
 */
export async function readShippedVolumes(tx: Tx, ports: TermsPorts, query: VolumeQuery): Promise<ShippedVolumes> {
  const { customerIds, weeks, currency, productIds: wanted } = query;
  const [first, last] = [weeks[0], weeks.at(-1)];
  if (!first || !last) return { cells: [], rows: [] };
  const [from, to] = [first.startsOn, last.endsOn];
  const shipped = await ports.readShipments(tx, { customerIds, from, to });
  const rows = wanted ? shipped.filter(({ productId }) => wanted.has(productId)) : shipped;
  const productIds = [...new Set(rows.map(({ productId }) => productId))].sort();
  const book = await readTermLines(tx, { customerIds, productIds, from, to });
  const weekOf = weekFinder(weeks);
  const since = segments(weeks, turningDays(book.lines));
  const priceOf = pricesByWeek(await readProductHistory(tx, productIds), currency);
  const linesOn = termsReader(book);
  const gathered = gather(
    rows,
    (day) => since.get(weekOf(day).startsOn)!,
    (productId, day) => priceOf(productId, weekOf(day).startsOn),
  );
  const cells = gathered.map(({ customerId, productId, on, cases, listPrice }): ShippedCell => {
    const { fiscalYear, period } = weekOf(on);
    const lines = linesOn(customerId, productId, on);
    const { invoicePrice } = caseTerms(lines, listPrice, currency);
    const volume = { cases, listSales: cases.times(listPrice), invoiceSales: cases.times(invoicePrice) };
    return { customerId, productId, fiscalYear, period, cases, listPrice, lines, volume };
  });
  return { cells, rows };
}
