import { Decimal } from '#money';
import { type PlanTerms, type TargetLine, targetAmount, targetLines } from './account-plan.ts';
import type { CountedLine } from './grid-inputs.ts';
import {
  countedOf,
  type PlanColumn,
  type PlanLine,
  type PlanValues,
  planLines,
  sumCounted,
  tradeRateOf,
  valuesOf,
} from './plan-lines.ts';

/** A fiscal period of the plan and the segments of the grid that make it. */
export interface PlanPeriod {
  period: number;
  startsOn: string;
  endsOn: string;
  /** The part of it that facts have closed, and the part that is still to come. */
  closedSegments: readonly number[];
  openSegments: readonly number[];
}

/** What a plan is read from. */
export interface PlanSums {
  currency: string;
  periods: readonly PlanPeriod[];
  /** Sums by segment × counted line. */
  planned: BigInt64Array;
  /** Of the weeks that are closed; spend by segment is what was earned. */
  actual: BigInt64Array;
  targets: PlanTerms['targets'];
}

/** The P&L of one period, or of the year. */
export type PeriodFigures = Record<PlanColumn, PlanValues>;

/** A plan's figures: whole numbers; ratios are made from them when they are shown. */
export interface PlanFigures {
  periods: PeriodFigures[];
  year: PeriodFigures;
}

const absolute = planLines.filter((line): line is Exclude<PlanLine, 'tradeRate'> => line !== 'tradeRate');

function targetOf(target: PlanTerms['targets'][number] | undefined, currency: string): PlanValues {
  const values: PlanValues = {};
  for (const line of targetLines) {
    const text = target?.[line];
    if (text !== undefined) values[line] = targetAmount(line, text, currency);
  }
  return values;
}

/** Latest estimate less target, where there is one. */
function gapOf(target: PlanValues, estimate: PlanValues): PlanValues {
  const gap: PlanValues = {};
  for (const line of targetLines) {
    const [aim, now] = [target[line], estimate[line]];
    if (aim !== null && aim !== undefined && now !== null && now !== undefined) gap[line] = now - aim;
  }
  return gap;
}

function figuresOf(
  target: PlanValues,
  counted: { planned: Counted[]; closed: Counted[]; open: Counted[] },
): PeriodFigures {
  const estimate = valuesOf(sumCounted([...counted.closed, ...counted.open]), { predicted: false });
  const nothing = Object.fromEntries(absolute.map((line) => [line, null])) as PlanValues;
  return {
    target,
    plan: valuesOf(sumCounted(counted.planned), { predicted: true }),
    latestEstimate: estimate,
    actual: counted.closed.length === 0 ? nothing : valuesOf(sumCounted(counted.closed), { predicted: false }),
    gap: gapOf(target, estimate),
  };
}

type Counted = Record<CountedLine, bigint>;

/** A target of the year is the sum of its periods, and there is one only where every period has one. */
function yearTarget(targets: readonly PlanValues[]): PlanValues {
  const year: PlanValues = {};
  for (const line of targetLines) {
    const parts = targets.map((target) => target[line]);
    if (parts.every((part) => part !== undefined && part !== null)) {
      year[line] = parts.reduce((sum: bigint, part) => sum + (part ?? 0n), 0n);
    }
  }
  return year;
}

/** Target, plan, latest estimate (actual of closed weeks and plan of the rest), actual and gap, by period and year. */
export function planFigures({ currency, periods, planned, actual, targets }: PlanSums): PlanFigures {
  const read = (totals: BigInt64Array, segments: readonly number[]) => segments.map((s) => countedOf(totals, s));
  const parts = periods.map(({ period, closedSegments, openSegments }) => ({
    target: targetOf(
      targets.find((one) => one.period === period),
      currency,
    ),
    counted: {
      planned: read(planned, [...closedSegments, ...openSegments]),
      closed: read(actual, closedSegments),
      open: read(planned, openSegments),
    },
  }));
  const all = (name: keyof (typeof parts)[number]['counted']) => parts.flatMap(({ counted }) => counted[name]);
  return {
    periods: parts.map(({ target, counted }) => figuresOf(target, counted)),
    year: figuresOf(yearTarget(parts.map(({ target }) => target)), {
      planned: all('planned'),
      closed: all('closed'),
      open: all('open'),
    }),
  };
}

/** A column of a period with its trade rate, where both of its parts are known. */
export function rateOf(figures: PeriodFigures, column: PlanColumn): string | null {
  if (column !== 'gap') return tradeRateOf(figures[column]);
  const [aim, now] = [tradeRateOf(figures.target), tradeRateOf(figures.latestEstimate)];
  return aim === null || now === null ? null : new Decimal(now).minus(aim).toFixed(4);
}

/** What is missing to a target of the year: positive where the latest estimate falls short; null without a target. */
export function shortfall(figures: PlanFigures, line: TargetLine): bigint | null {
  const gap = figures.year.gap[line];
  return gap === undefined || gap === null ? null : -gap;
}
