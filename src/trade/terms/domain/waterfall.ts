import { Decimal, roundToMoney } from '#money';
import { caseTerms } from './case-terms.ts';
import type { ScopedLine } from './term-line.ts';
import { addVolumes, noVolume, rewardBase, type VolumeSums } from './tier-rebate.ts';
import {
  describeWaterfall,
  type LineTotal,
  lineKey,
  type PeriodSums,
  type PromotionSpend,
  type Waterfall,
} from './waterfall-steps.ts';

/** Volume at one price under the same lines, in one fiscal period. */
export interface WaterfallCell {
  /** Key of its fiscal period. */
  period: string;
  cases: Decimal;
  /** Major units per case. */
  listPrice: Decimal;
  lines: readonly ScopedLine[];
}

/** What a waterfall is made of. */
export interface WaterfallInput {
  currency: string;
  /** Keys of the fiscal periods, in order. */
  periods: readonly string[];
  cells: readonly WaterfallCell[];
  /** By {@link lineKey} and period, for tiers and lump sums; null: not estimated. */
  yearly: (line: ScopedLine, period: string) => Decimal | null;
  /** Lump sums that a period owes also where nothing is sold under them. */
  owed: readonly { period: string; line: ScopedLine }[];
  /** What the tactics of promotions have earned by period; null: not known. */
  tacticSpend: ReadonlyMap<string, readonly PromotionSpend[]> | null;
  /** Where the shipped rows are: a path of the API. */
  rows: string;
}

interface Running {
  line: ScopedLine;
  versions: Set<number>;
  exact: Decimal;
  volume: VolumeSums;
}

/** Sums of one period: every line exact over its cells, then rounded once. */
function periodSums(input: WaterfallInput, period: string): PeriodSums {
  const { currency } = input;
  const running = new Map<string, Running>();
  let cases = new Decimal(0);
  let list = new Decimal(0);
  for (const cell of input.cells) {
    if (cell.period !== period) continue;
    const terms = caseTerms(cell.lines, cell.listPrice, currency);
    const volume = {
      cases: cell.cases,
      listSales: cell.cases.times(cell.listPrice),
      invoiceSales: cell.cases.times(terms.invoicePrice),
    };
    cases = cases.plus(cell.cases);
    list = list.plus(volume.listSales);
    const perCase = new Map(terms.lines.map((term) => [term.line, term.perCase]));
    for (const line of cell.lines) {
      const known = running.get(lineKey(line)) ?? {
        ...{ line, versions: new Set(), exact: new Decimal(0), volume: noVolume },
      };
      known.versions.add(line.versionNumber);
      known.exact = known.exact.plus(cell.cases.times(perCase.get(line) ?? 0));
      known.volume = addVolumes(known.volume, volume);
      running.set(lineKey(line), known);
    }
  }
  const lines = [...running.values()].map(({ line, exact, volume, versions: counted }): LineTotal => {
    const versions = [...counted];
    if (line.rate && line.basis !== 'lump_sum') return { line, versions, amount: roundToMoney(exact, currency) };
    const rate = input.yearly(line, period);
    const base = line.basis === 'lump_sum' ? volume.listSales : rewardBase(line, volume);
    return { line, versions, amount: rate && roundToMoney(rate.times(base), currency) };
  });
  for (const { period: of, line } of input.owed) {
    if (of !== period || !line.rate || running.has(lineKey(line))) continue;
    lines.push({ line, versions: [line.versionNumber], amount: roundToMoney(line.rate, currency) });
  }
  const tacticSpend = input.tacticSpend && (input.tacticSpend.get(period) ?? []);
  return { cases, list: roundToMoney(list, currency), lines, tacticSpend };
}

/**
 * The waterfall list → invoice → net → pocket by fiscal period and in total. A line rounds once per period; levels and
 * totals are sums of rounded parts, so that everything adds up to the cent; shares and money per case are computed after
 * adding up. Throws like {@link caseTerms}.
 */
export function waterfall(input: WaterfallInput): { periods: Map<string, Waterfall>; total: Waterfall } {
  const sums = input.periods.map((period) => periodSums(input, period));
  return {
    periods: new Map(input.periods.map((period, i) => [period, describeWaterfall([sums[i]!], input)])),
    total: describeWaterfall(sums, input),
  };
}
