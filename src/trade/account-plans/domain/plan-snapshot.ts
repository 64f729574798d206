import { Decimal } from '#money';
import type { PlanTerms } from './account-plan.ts';
import { countedLines, type GridInputs, lineCount } from './grid-inputs.ts';
import { gridInputsOf, type PlanBasis, periodsOf } from './plan-basis.ts';
import { countVolumes, openPlanGrid, type PlanGrid } from './plan-grid.ts';
import { type PlanFigures, planFigures } from './plan-result.ts';
import type { PlannedEvent } from './planned-effect.ts';

/** A promotion of the plan's customer and year, and how it was counted. */
export interface CountedPromotion {
  promotionId: string;
  code: string;
  name: string;
  state: string;
  version: number;
  customerId: string;
  startsOn: string;
  endsOn: string;
  /** Whether the plan counts it: a draft stands beside the plan. */
  counted: boolean;
  /** What was predicted when it was submitted, or by the model in force when the plan was calculated. */
  source: 'submitted' | 'predicted';
  modelVersion: string | null;
  /** Why it could not be predicted, or counted; null where it was. */
  refusal: string | null;
  event: PlannedEvent | null;
}

/** What a promotion has earned in the plan's closed weeks, in minor units by week of the year. */
export interface EarnedSpend {
  promotionId: string;
  code: string;
  minorByWeek: number[];
  /** Earned as accruals count it, or measured after the event. */
  source: 'accrual' | 'post_event';
}

/** The promotions of a plan. */
export interface PlanPromotions {
  promotions: CountedPromotion[];
  earned: EarnedSpend[];
  /** Codes of promotions that ran in closed weeks and whose spend nobody knows: it is in no actual figure. */
  spendUnknown: string[];
}

/** Versions of everything that a snapshot was counted from. */
export interface PlanInputs {
  formulaVersion: string;
  baselineVersion: string | null;
  modelVersion: string | null;
  baselines: PlanBasis['baselines'];
  termVersions: string[];
  closedThrough: string | null;
  periods: { period: number; startsOn: string; endsOn: string; state: 'closed' | 'running' | 'open' }[];
  promotions: { promotionId: string; code: string; version: number; modelVersion: string | null; counted: boolean }[];
  /** Codes of promotions whose spend is in no actual figure. */
  spendUnknown: string[];
  notes: string[];
}

/** Millionths of the baseline that a percentage makes of it. */
function millionthsOf(percent: string): number {
  return new Decimal(percent).plus(100).times(10_000).toDecimalPlaces(0).toNumber();
}

/** Sets the grid's baselines as the plan's terms have them; of changes that meet on a row the last one counts. */
export function applyBaselines(grid: PlanGrid, basis: PlanBasis, changes: PlanTerms['baselineChanges']): void {
  const { accounts, products } = basis;
  const factors = new Int32Array(accounts.length * products.length).fill(1_000_000);
  for (const { accountId, productId, percent } of changes) {
    accounts.forEach((account, a) => {
      if (accountId !== null && accountId !== account.id) return;
      products.forEach((product, p) => {
        if (productId === null || productId === product.id) factors[a * products.length + p] = millionthsOf(percent);
      });
    });
  }
  const byFactor = Map.groupBy([...factors.keys()], (row) => factors[row] ?? 0);
  for (const [factor, rows] of byFactor) grid.scaleRows(rows, factor);
}

/** Counts a plan whole: its promotions on its baselines. */
export function openGrid(basis: PlanBasis, promotions: PlanPromotions, terms: PlanTerms): PlanGrid {
  const grid = openPlanGrid(gridInputsOf(basis));
  applyBaselines(grid, basis, terms.baselineChanges);
  grid.setEvents(promotions.promotions.flatMap(({ counted, event }) => (counted && event ? [event] : [])));
  return grid;
}

/** Sums of the closed weeks: what was shipped at the list, terms and cost of its week, and what was earned on it. */
export function actualSums(basis: PlanBasis, { earned }: PlanPromotions): BigInt64Array {
  const inputs: GridInputs = gridInputsOf(basis);
  const sums = countVolumes(inputs, basis.columns.actualMilli);
  const spendLine = countedLines.indexOf('tacticSpend');
  for (const { minorByWeek } of earned) {
    minorByWeek.slice(0, basis.closedWeeks).forEach((minor, week) => {
      const at = (inputs.segmentOfWeek[week] ?? 0) * lineCount + spendLine;
      sums[at] = (sums[at] ?? 0n) + BigInt(minor);
    });
  }
  return sums;
}

/** Numbers of the periods in whose closed weeks a promotion ran whose spend nobody knows. */
function unknownPeriods({ weeks, closedWeeks }: PlanBasis, { promotions, spendUnknown }: PlanPromotions): Set<number> {
  const unknown = promotions.filter(({ code }) => spendUnknown.includes(code));
  const closed = weeks.slice(0, closedWeeks);
  const touched = closed.filter((week) =>
    unknown.some(({ startsOn, endsOn }) => startsOn <= week.endsOn && endsOn >= week.startsOn),
  );
  return new Set(touched.map(({ period }) => period));
}

/** The figures of a plan from its sums. Where nothing is known of a period's spend it is not estimated, and not zero. */
export function figuresFrom(
  basis: PlanBasis,
  promotions: PlanPromotions,
  sums: { planned: BigInt64Array; actual: BigInt64Array },
  targets: PlanTerms['targets'],
): PlanFigures {
  const periods = periodsOf(basis.weeks, basis.closedWeeks);
  const figures = planFigures({ ...sums, currency: basis.currency, periods, targets });
  const unknown = unknownPeriods(basis, promotions);
  periods.forEach(({ period }, i) => {
    const of = figures.periods[i];
    if (!of || !unknown.has(period)) return;
    for (const column of [of.actual, of.latestEstimate]) if (column.tacticSpend === 0n) column.tacticSpend = null;
  });
  return figures;
}
