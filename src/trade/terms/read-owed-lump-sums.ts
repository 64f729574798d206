import { todayIn } from '#clock';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import type { FiscalWeek } from '#fiscal-calendar';
import {
  customerAncestorsOfEach,
  customerLeavesOfEach,
  fiscalYearWeeks,
  productAncestorsOfEach,
  productLeavesOfEach,
} from '#master-data';
import type { ScopedLine } from './domain/term-line.ts';
import { termsReader } from './domain/terms-book.ts';
import { lineKey } from './domain/waterfall-steps.ts';
import { findScopedLines } from './terms-store.ts';

type Tx = TenantTx<Context>;

/** A lump sum of a fiscal period that holds in it. */
interface OwedLumpSum {
  fiscalYear: number;
  period: number;
  line: ScopedLine;
}

/** What is asked for: leaf customers, SKUs (null: all), fiscal weeks, currency. */
interface OwedQuery {
  customerIds: readonly string[];
  productIds: readonly string[] | null;
  weeks: readonly FiscalWeek[];
  currency: string;
}

/** Weeks by period, of those periods that have begun and are asked for whole: a part of one owes no whole sum. */
async function wholePeriods(tx: Tx, weeks: readonly FiscalWeek[]): Promise<FiscalWeek[][]> {
  const today = todayIn(tx.context.clock, tx.context.tenant.timeZone);
  const asked = new Set(weeks.map(({ startsOn }) => startsOn));
  const years: FiscalWeek[] = [];
  for (const year of new Set(weeks.map(({ fiscalYear }) => fiscalYear))) {
    years.push(...(await fiscalYearWeeks(tx, year)));
  }
  const periods = [...Map.groupBy(years, ({ fiscalYear, period }) => `${fiscalYear}|${period}`).values()];
  return periods.filter(
    (inside) => inside[0]!.startsOn <= today && inside.every(({ startsOn }) => asked.has(startsOn)),
  );
}

/**
 * Lump sums of the periods that are owed at the customers asked for whether or not anything is sold: of agreements whose
 * customers and products are all among those asked for. What is agreed above them falls on what was sold.
 */
export async function readOwedLumpSums(
  tx: Tx,
  { customerIds, productIds, weeks, currency }: OwedQuery,
): Promise<OwedLumpSum[]> {
  const periods = await wholePeriods(tx, weeks);
  const [from, to] = [periods[0]?.[0]?.startsOn, periods.at(-1)?.at(-1)?.endsOn];
  if (from === undefined || to === undefined) return [];
  const customersAbove = await customerAncestorsOfEach(tx, customerIds);
  const nodes = [...new Set([...customersAbove.values()].flat())];
  const lines = await findScopedLines(tx, { customerIds: nodes, productIds: null, from, to });
  const lumps = lines.filter((line) => line.basis === 'lump_sum' && line.rate !== null && line.currency === currency);
  const customers = await customerLeavesOfEach(tx, [...new Set(lumps.map(({ customerId }) => customerId))]);
  const named = [...new Set(lumps.flatMap(({ productId }) => productId ?? []))];
  const products = await productLeavesOfEach(tx, named);
  const [here, wanted] = [new Set(customerIds), productIds && new Set(productIds)];
  /** A line on all products is found at a product that stands nowhere. */
  const productsOf = ({ productId }: ScopedLine) => (productId ? (products.get(productId) ?? []) : ['']);
  const whole = lumps.filter(
    (line) =>
      (customers.get(line.customerId) ?? []).every((id) => here.has(id)) &&
      (wanted === null || productsOf(line).every((id) => wanted.has(id))),
  );
  const leaves = [...new Set([...products.values()].flat())];
  const linesOn = termsReader({ lines, customersAbove, productsAbove: await productAncestorsOfEach(tx, leaves) });
  const holds = (line: ScopedLine, on: string) =>
    (customers.get(line.customerId) ?? []).some((customerId) =>
      productsOf(line).some((productId) => linesOn(customerId, productId, on).includes(line)),
    );
  return periods.flatMap((inside) => {
    const { fiscalYear, period } = inside[0]!;
    const held = whole.filter((line) => inside.some(({ startsOn }) => holds(line, startsOn)));
    // Of two versions that meet in a period the first one counts, as it does where something is sold.
    const once = new Map(held.toReversed().map((line) => [lineKey(line), line]));
    return [...once.values()].map((line) => ({ fiscalYear, period, line }));
  });
}
