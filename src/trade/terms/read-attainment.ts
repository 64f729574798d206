import type { Context } from '#context';
import type { TenantTx } from '#db';
import { addDays, type FiscalWeek } from '#fiscal-calendar';
import { customerLeaves, fiscalYearWeeks, productLeaves } from '#master-data';
import { Decimal } from '#money';
import { Problem } from '#problem';
import { type Attainment, attainment } from './domain/attainment.ts';
import type { ScopedLine } from './domain/term-line.ts';
import { addVolumes, measuredOf, noVolume, type VolumeSums } from './domain/tier-rebate.ts';
import { lineKey } from './domain/waterfall-steps.ts';
import { forecastRestOfYear, planOfRest, type RestOfYear } from './domain/year-end-forecast.ts';
import type { ShippedCases, TermsPorts } from './ports.ts';
import { readShippedVolumes, type ShippedCell } from './read-volumes.ts';
import { waterfallRowsPath } from './waterfall-query.ts';

type Tx = TenantTx<Context>;

/** A fiscal year of an agreement's customers and products: what was shipped, and what the year before was. */
export interface YearOfScope {
  weeks: FiscalWeek[];
  /** Last day for which shipments are known; null before the first of the year. */
  through: string | null;
  cells: ShippedCell[];
  lastYear: VolumeSums | null;
  rest: RestOfYear | null;
}

/** What an agreement covers. */
export interface AgreementScope {
  customerId: string;
  productId: string | null;
  currency: string;
}

/** A fiscal year's weeks; none where the calendar does not reach there. */
async function weeksIfKnown(tx: Tx, fiscalYear: number): Promise<FiscalWeek[]> {
  try {
    return await fiscalYearWeeks(tx, fiscalYear);
  } catch (error) {
    if (error instanceof Problem && error.code === 'calendar.missing') return [];
    throw error;
  }
}

/** What cells are worth at list and at invoice price. */
export function volumeOf(cells: readonly ShippedCell[]): VolumeSums {
  return cells.reduce((sum, { volume }) => addVolumes(sum, volume), noVolume);
}

/** Cases by week of the year, also of weeks without shipments. */
function byWeek(weeks: readonly FiscalWeek[], rows: readonly ShippedCases[]) {
  return weeks.map(({ week, startsOn, endsOn }) => {
    const inside = rows.filter(({ periodStart }) => startsOn <= periodStart && periodStart <= endsOn);
    return { week, cases: inside.reduce((sum, { cases }) => sum + Number(cases), 0) };
  });
}

/** Reads a fiscal year of a scope with the year before it. Throws `calendar.missing` and like {@link readShippedVolumes}. */
export async function readYearOfScope(
  tx: Tx,
  ports: TermsPorts,
  scope: AgreementScope,
  fiscalYear: number,
): Promise<YearOfScope> {
  const weeks = await fiscalYearWeeks(tx, fiscalYear);
  const weeksBefore = await weeksIfKnown(tx, fiscalYear - 1);
  const customerIds = await customerLeaves(tx, scope.customerId);
  const productIds = scope.productId ? new Set(await productLeaves(tx, scope.productId)) : null;
  const query = { customerIds, productIds, currency: scope.currency };
  const now = await readShippedVolumes(tx, ports, { ...query, weeks });
  const before = await readShippedVolumes(tx, ports, { ...query, weeks: weeksBefore });
  const [first, last] = [weeks[0]!, weeks.at(-1)!];
  // Whoever took nothing in the last week was still asked: the weeks that count are those of anybody's shipments.
  const known = await ports.shippedWeeks(tx, { startsOn: first.startsOn, endsOn: addDays(last.endsOn, 371) });
  const latest = known.at(-1);
  const behind = latest ? weeks.filter(({ startsOn }) => startsOn <= latest) : [];
  const forecast = forecastRestOfYear({
    toDate: byWeek(behind, now.rows),
    lastYear: byWeek(weeksBefore, before.rows),
    weeksLeft: weeks.slice(behind.length).map(({ week }) => week),
  });
  const through = behind.at(-1)?.endsOn ?? null;
  const { customerId, productId } = scope;
  const planned =
    through !== null && behind.length < weeks.length
      ? await ports.plannedVolume?.(tx, { customerId, productId, fiscalYear, after: through })
      : null;
  return {
    ...{ weeks, cells: now.cells, through, rest: planned ? planOfRest(planned, forecast) : forecast },
    lastYear: before.cells.length > 0 ? volumeOf(before.cells) : null,
  };
}

/** Attainment of one tiered line in a year of its agreement's scope. */
export function attainmentOf(line: ScopedLine, year: YearOfScope): Attainment {
  const mine = year.cells.filter(({ lines }) => lines.some((held) => lineKey(held) === lineKey(line)));
  return attainment({
    ...{ line, toDate: volumeOf(mine), rows: rowsOf(line, year) },
    rest: restOf(mine, year),
    lastYear: year.lastYear && measuredOf(line, year.lastYear),
  });
}

/** The path of the API that lists what was shipped in a year of the line's scope. */
function rowsOf({ customerId, productId }: ScopedLine, { weeks }: YearOfScope): string {
  const days = { from: weeks[0]!.startsOn, to: weeks.at(-1)!.endsOn };
  return waterfallRowsPath({ customerId, productId: productId ?? undefined, ...days });
}

/** The forecast is of the whole scope; a line that holds for a part of it takes its part. */
function restOf(mine: readonly ShippedCell[], { rest, cells }: YearOfScope): RestOfYear | null {
  const total = (of: readonly ShippedCell[]) => Decimal.sum(0, ...of.map(({ cases }) => cases)).toNumber();
  const all = total(cells);
  if (!rest || mine.length === cells.length || all === 0) return rest;
  const share = total(mine) / all;
  const part = (value: number | null) => value && value * share;
  const beside = rest.beside && { ...rest.beside, cases: rest.beside.cases * share };
  return { ...rest, cases: rest.cases * share, low: part(rest.low), high: part(rest.high), beside };
}
