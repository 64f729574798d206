import type { Context } from '#context';
import type { TenantTx } from '#db';
import type { FiscalWeek } from '#fiscal-calendar';
import { fiscalWeeks } from '#master-data';
import { Decimal } from '#money';
import type { Attainment } from './domain/attainment.ts';
import type { ScopedLine } from './domain/term-line.ts';
import { rewardBase, type VolumeSums } from './domain/tier-rebate.ts';
import { waterfall } from './domain/waterfall.ts';
import { lineKey, type Waterfall } from './domain/waterfall-steps.ts';
import type { TermsPorts } from './ports.ts';
import { attainmentOf, readYearOfScope, volumeOf, type YearOfScope } from './read-attainment.ts';
import { readOwedLumpSums } from './read-owed-lump-sums.ts';
import { readShippedVolumes, type ShippedCell } from './read-volumes.ts';
import { type WaterfallQuery, waterfallRowsPath, waterfallScope } from './waterfall-query.ts';

type Tx = TenantTx<Context>;

/** A fiscal period of a waterfall, or the part of it that was asked for. */
export interface WaterfallPeriod extends Waterfall {
  fiscalYear: number;
  period: number;
  startsOn: string;
  endsOn: string;
}

/** A waterfall as it is answered. */
export interface WaterfallAnswer {
  customerId: string;
  productId: string | null;
  currency: string;
  periods: WaterfallPeriod[];
  total: Waterfall;
  notes: string[];
}

const periodKey = ({ fiscalYear, period }: { fiscalYear: number; period: number }): string => `${fiscalYear}|${period}`;

/** Lines that no single case carries: tiers and lump sums. */
const isYearly = ({ rate, basis }: ScopedLine): boolean => rate === null || basis === 'lump_sum';

/** What a year's rebate costs per unit of its base: the expected year's, or what is attained where nothing is expected. */
function rateOfYear(
  line: ScopedLine,
  { attained, expected, expectedVolume }: Attainment,
  toDate: VolumeSums,
): Decimal | null {
  const [reached, volume] = expected && expectedVolume ? [expected, expectedVolume] : [attained, toDate];
  if (!reached) return null;
  const base = line.basis === 'lump_sum' ? volume.listSales : rewardBase(line, volume);
  return base.gt(0) ? reached.amount.div(base) : new Decimal(0);
}

const holding = (line: ScopedLine, cells: readonly ShippedCell[]): ShippedCell[] =>
  cells.filter(({ lines }) => lines.some((held) => lineKey(held) === lineKey(line)));

/** A lump sum of a period falls on what was sold under the line in it, by gross sales at list; of nothing see `owed`. */
function rateOfPeriod(line: ScopedLine, cells: readonly ShippedCell[]): Decimal {
  const { listSales } = volumeOf(holding(line, cells));
  return listSales.gt(0) ? line.rate!.div(listSales) : new Decimal(0);
}

/** {@link isYearly} lines' rates by line and period, having read the years of their agreements, and how those were expected. */
async function yearlyRates(tx: Tx, ports: TermsPorts, cells: readonly ShippedCell[]) {
  const years = new Map<string, YearOfScope>();
  const rates = new Map<string, Decimal | null>();
  const methods = new Set<string>();
  // Tiers have one rate a year, lump sums one a period.
  const keyOf = (line: ScopedLine, fiscalYear: number, period: number) =>
    `${lineKey(line)}|${fiscalYear}|${line.tiers ? '' : period}`;
  for (const { lines, fiscalYear, period } of cells) {
    for (const line of lines.filter(isYearly)) {
      const key = keyOf(line, fiscalYear, period);
      if (rates.has(key)) continue;
      const scope = `${line.customerId}|${line.productId}|${line.currency}|${fiscalYear}`;
      const year = years.get(scope) ?? (await readYearOfScope(tx, ports, line, fiscalYear));
      years.set(scope, year);
      if (line.tiers && year.rest) methods.add(year.rest.method);
      const inPeriod = () => year.cells.filter((cell) => cell.period === period);
      const ofYear = () => rateOfYear(line, attainmentOf(line, year), volumeOf(holding(line, year.cells)));
      rates.set(key, line.tiers ? ofYear() : rateOfPeriod(line, inPeriod()));
    }
  }
  const rateOf = (line: ScopedLine, { fiscalYear, period }: { fiscalYear: number; period: number }) =>
    rates.get(keyOf(line, fiscalYear, period)) ?? null;
  return { rateOf, methods: [...methods].sort() };
}

function periodsOf(weeks: readonly FiscalWeek[]) {
  return [...Map.groupBy(weeks, periodKey).values()].map((inside) => {
    const { fiscalYear, period, startsOn } = inside[0]!;
    return { fiscalYear, period, startsOn, endsOn: inside.at(-1)!.endsOn };
  });
}

/**
 * The waterfall list → invoice → net → pocket of what was shipped to a customer, by fiscal period: weeks that touch the
 * range count whole. Rebates by tiers stand at what their fiscal year is expected to reach. Throws `not_found`,
 * `calendar.missing`, and like {@link readShippedVolumes}.
 */
export async function readWaterfall(tx: Tx, ports: TermsPorts, query: WaterfallQuery): Promise<WaterfallAnswer> {
  const { customerIds, productIds, currency } = await waterfallScope(tx, query);
  const weeks = await fiscalWeeks(tx, query.from, query.to);
  const periods = periodsOf(weeks);
  const wanted = productIds && new Set(productIds);
  const { cells } = await readShippedVolumes(tx, ports, { customerIds, productIds: wanted, weeks, currency });
  const yearly = await yearlyRates(tx, ports, cells);
  const owed = await readOwedLumpSums(tx, { customerIds, productIds, weeks, currency });
  const spend = await ports.readTacticSpend(tx, { customerId: query.customerId, productIds, periods, currency });
  const keys = periods.map(periodKey);
  const { periods: byPeriod, total } = waterfall({
    ...{ currency, periods: keys },
    yearly: (line, key) => yearly.rateOf(line, periods[keys.indexOf(key)]!),
    owed: owed.map(({ line, ...of }) => ({ line, period: periodKey(of) })),
    cells: cells.map((cell) => ({ ...cell, period: periodKey(cell) })),
    tacticSpend: new Map(
      keys.map((key, i) => [
        key,
        spend.promotions.map(({ id, code, amounts }) => ({ promotionId: id, code, amount: amounts[i]! })),
      ]),
    ),
    rows: waterfallRowsPath(query),
  });
  return {
    ...{ customerId: query.customerId, productId: query.productId ?? null, currency, total },
    periods: periods.map((period) => ({ ...period, ...byPeriod.get(periodKey(period))! })),
    notes: [
      ...yearly.methods.map((method) => `Rebates by tiers: the rest of the year by ${method}.`),
      ...(spend.leftOut > 0 ? [`${spend.leftOut} tactics in other currencies are left out.`] : []),
    ],
  };
}
