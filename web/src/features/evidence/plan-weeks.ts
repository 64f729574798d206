import type { Plan, PlanWeek } from '../../api/promotion-shapes.ts';
import { dateText } from '../../ui/format.ts';
import type { ChartWeek } from './unit-chart.tsx';

/** `W12` of `FY2026 W12`; the date where the fiscal calendar has no week. */
export const labelOf = (fiscalWeek: string | null, weekStart: string) =>
  fiscalWeek?.split(' ').at(-1) ?? dateText(weekStart, false);

function add(sum: ChartWeek | undefined, week: PlanWeek): ChartWeek {
  return {
    label: labelOf(week.fiscalWeek, week.weekStart),
    baseline: (sum?.baseline ?? 0) + Number(week.baselineUnits),
    units: (sum?.units ?? 0) + Number(week.predictedUnits),
    low: (sum?.low ?? 0) + Number(week.low),
    high: (sum?.high ?? 0) + Number(week.high),
    shaded: (sum?.shaded ?? false) || week.promoted,
  };
}

/**
 * The plan's weeks for the chart, of one product or summed over all. The bounds of several products are summed too,
 * which is wider than the true interval of the sum: the totals beside the chart carry the true one.
 */
export function chartWeeks(plan: Plan, productId: string | null): ChartWeek[] {
  const weeks = new Map<string, ChartWeek>();
  for (const week of plan.weeks) {
    if (productId !== null && week.productId !== productId) continue;
    weeks.set(week.weekStart, add(weeks.get(week.weekStart), week));
  }
  return [...weeks.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, week]) => week);
}

/** Where the rows behind a plan are listed: of a stored one; what is only a preview has none. */
export const rowsOf = ({ figures }: Pick<Plan, 'figures'>) => ({
  weeks: figures.incrementalVolume?.rows,
  tactics: figures.eventSpend?.rows,
});
