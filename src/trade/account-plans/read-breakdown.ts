import type { Context } from '#context';
import { notFound } from '#problem';
import { lineCount } from './domain/grid-inputs.ts';
import { gridInputsOf, periodsOf } from './domain/plan-basis.ts';
import { openPlanGrid } from './domain/plan-grid.ts';
import {
  countedOf,
  lineJson,
  type PlanValues,
  planLines,
  sumCounted,
  tradeRateOf,
  valuesOf,
} from './domain/plan-lines.ts';
import type { PeriodFigures } from './domain/plan-result.ts';
import { type LoadedPlan, readNumbered } from './loaded-plan.ts';
import type { SnapshotHead } from './plan-store.ts';

/** One account, product or promotion of a plan; values by line, null where a line is not told apart for it. */
export interface BreakdownItem {
  id: string;
  code: string;
  name: string;
  plan: Record<string, ReturnType<typeof lineJson>>;
  /** Of closed weeks; null where nothing is closed, or nothing is told apart. */
  actual: Record<string, ReturnType<typeof lineJson>> | null;
}

function valuesJson(values: PlanValues, currency: string): BreakdownItem['plan'] {
  return Object.fromEntries(
    planLines.map((line) => [
      line,
      line === 'tradeRate' ? tradeRateOf(values) : lineJson(line, values[line], currency),
    ]),
  );
}

/** Segments of a period, or of the year: all of them, and the closed ones. */
export function segmentsIn({ basis }: LoadedPlan, period: number | undefined): { all: number[]; closed: number[] } {
  const wanted = periodsOf(basis.weeks, basis.closedWeeks).filter(
    (one) => period === undefined || one.period === period,
  );
  const closed = wanted.flatMap(({ closedSegments }) => closedSegments);
  return { all: [...closed, ...wanted.flatMap(({ openSegments }) => openSegments)], closed };
}

/** Σ of some segments of sums; nothing where there are none. */
export const sumOf = (totals: BigInt64Array, segments: readonly number[]) =>
  sumCounted(segments.filter((s) => s * lineCount < totals.length).map((s) => countedOf(totals, s)));

/** Spend is known by promotion, not by account and product: those lines are told apart in the plan only. */
const spendLines = ['tacticSpend', 'pocketSales', 'contribution', 'tradeSpend'] as const;

/** What a plan is broken down by. */
export const breakdownWays = ['account', 'product', 'promotion'] as const;
type BreakdownWay = (typeof breakdownWays)[number];

/** An account, product or promotion with its whole numbers. */
interface CountedItem {
  id: string;
  code: string;
  name: string;
  plan: PlanValues;
  actual: PlanValues | null;
}

function byNode(loaded: LoadedPlan, by: 'account' | 'product', period: number | undefined): CountedItem[] {
  const { basis, grid } = loaded;
  const nodes = by === 'account' ? basis.accounts : basis.products;
  const keyOf = (account: number, product: number) => (by === 'account' ? account : product);
  const segments = segmentsIn(loaded, period);
  const planned = grid.totalsBy(keyOf);
  const shipped = openPlanGrid({ ...gridInputsOf(basis), baselineMilli: basis.columns.actualMilli }).totalsBy(keyOf);
  return nodes.map((node, i) => {
    const plan = valuesOf(sumOf(planned.get(i) ?? new BigInt64Array(), segments.all), { predicted: true });
    const actual = valuesOf(sumOf(shipped.get(i) ?? new BigInt64Array(), segments.closed), { predicted: false });
    const unknown = Object.fromEntries(spendLines.map((line) => [line, null]));
    return { ...node, plan, actual: segments.closed.length === 0 ? null : { ...actual, ...unknown } };
  });
}

/** What each promotion that touches a period, or the year, adds and has spent. */
function countedPromotions({ basis, promotions, grid }: LoadedPlan, period: number | undefined): CountedItem[] {
  const inside = basis.weeks.map((week) => period === undefined || week.period === period);
  const earned = new Map(promotions.earned.map((one) => [one.promotionId, one.minorByWeek]));
  return promotions.promotions.flatMap(({ promotionId, code, name, startsOn, endsOn }) => {
    const effect = grid.effect(promotionId);
    const touches = basis.weeks.some((week, w) => inside[w] && week.startsOn <= endsOn && week.endsOn >= startsOn);
    if (!effect || !touches) return [];
    const places = [...effect.cells.keys()].filter((i) => inside[(effect.cells[i] ?? 0) % basis.weeks.length]);
    const milli = places.reduce((sum, i) => sum + (effect.incrementalMilli[i] ?? 0), 0);
    const spend = places.reduce((sum, i) => sum + (effect.spendMinor[i] ?? 0n), 0n);
    const spent = earned.get(promotionId)?.reduce((sum, minor, week) => sum + (inside[week] ? minor : 0), 0);
    return {
      ...{ id: promotionId, code, name },
      plan: { incremental: BigInt(milli), tacticSpend: spend },
      actual: spent === undefined ? null : { tacticSpend: BigInt(spent) },
    };
  });
}

/** {@link countedPromotions} ready for JSON, with the lines that are told apart for a promotion. */
export function byPromotion(loaded: LoadedPlan, period: number | undefined): BreakdownItem[] {
  const json = (values: PlanValues): BreakdownItem['plan'] =>
    Object.fromEntries(
      (['incremental', 'tacticSpend'] as const).flatMap((line) =>
        values[line] === undefined ? [] : [[line, lineJson(line, values[line], loaded.basis.currency)]],
      ),
    );
  return countedPromotions(loaded, period).map(({ plan, actual, ...names }) => ({
    ...{ ...names, plan: json(plan), actual: actual && json(actual) },
  }));
}

/** The rows behind the figures of a snapshot, in the order of their codes. */
export async function readBreakdown(
  context: Context,
  { planId, number }: SnapshotHead,
  by: BreakdownWay,
  period: number | undefined,
): Promise<BreakdownItem[]> {
  const loaded = await readNumbered(context, planId, number);
  if (by === 'promotion') return byPromotion(loaded, period);
  const { currency } = loaded.basis;
  return byNode(loaded, by, period).map(({ plan, actual, ...names }) => ({
    ...{ ...names, plan: valuesJson(plan, currency), actual: actual && valuesJson(actual, currency) },
  }));
}

/** One row of a breakdown as the columns of a plan: it has a plan and an actual. Throws `not_found`. */
export async function readItemFigures(
  context: Context,
  { planId, number }: SnapshotHead,
  { by, id, period }: { by: BreakdownWay; id: string; period: number | undefined },
): Promise<PeriodFigures> {
  const loaded = await readNumbered(context, planId, number);
  const items = by === 'promotion' ? countedPromotions(loaded, period) : byNode(loaded, by, period);
  const { plan, actual } = items.find((one) => one.id === id) ?? notFound(`${by} of the plan`, id);
  return { plan, actual: actual ?? {}, target: {}, latestEstimate: {}, gap: {} };
}
