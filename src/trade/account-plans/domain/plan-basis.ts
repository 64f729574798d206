import type { GridInputs } from './grid-inputs.ts';
import type { PlanPeriod } from './plan-result.ts';

/** A node of one of the trees, as people know it. */
export interface NamedNode {
  id: string;
  code: string;
  name: string;
}

/** A fiscal week of the plan's year. */
export interface PlanWeek {
  startsOn: string;
  endsOn: string;
  period: number;
}

/** What a plan is counted from, apart from its promotions: read once, kept with every snapshot that used it. */
export interface PlanBasis {
  currency: string;
  accounts: NamedNode[];
  products: NamedNode[];
  weeks: PlanWeek[];
  /** So many weeks from the first are closed by facts: their shipments are known. */
  closedWeeks: number;
  columns: {
    /** As the grid takes them; off-invoice terms without the rebates below. */
    baselineMilli: Int32Array;
    listMinor: Int32Array;
    costMinor: Int32Array;
    onInvoiceRate: Float64Array;
    offInvoiceRate: Float64Array;
    /** What tiers and lump sums of agreements come to per case, at what the year is expected to reach; by cell. */
    rebateRate: Float64Array;
    /** Thousandths of a case shipped, by cell; zero in weeks that are not closed. */
    actualMilli: Int32Array;
    /** Thousandths of a case shipped 52 weeks before, by cell. */
    lastYearMilli: Int32Array;
  };
  /** Units per case of each product, from a week on. */
  caseSizes: { week: number; units: string }[][];
  /** Version of the model that made the baselines; null where none answered. */
  baselineVersion: string | null;
  modelVersion: string | null;
  /** Accounts × products with a baseline by each method. */
  baselines: { predicted: number; lastYear: number };
  /** Ids of the agreement versions behind the terms, sorted. */
  termVersions: string[];
  /** What a reader should know. */
  notes: string[];
  /** Rebates that could not be estimated, in words. */
  rebateNotes: string[];
}

/** The segments of each period: what facts have closed of it, and what is open. */
export function periodsOf(weeks: readonly PlanWeek[], closedWeeks: number): PlanPeriod[] {
  const segments = segmentsOf(weeks, closedWeeks);
  const numbers = [...new Set(weeks.map(({ period }) => period))];
  return numbers.map((period) => {
    const mine = weeks.flatMap((week, index) => (week.period === period ? [{ week, index }] : []));
    const inState = (closed: boolean) => [
      ...new Set(mine.filter(({ index }) => index < closedWeeks === closed).map(({ index }) => segments[index] ?? 0)),
    ];
    return {
      period,
      startsOn: mine[0]?.week.startsOn ?? '',
      endsOn: mine.at(-1)?.week.endsOn ?? '',
      closedSegments: inState(true),
      openSegments: inState(false),
    };
  });
}

/** The segment of each week: it changes with the period, and where facts end. */
export function segmentsOf(weeks: readonly PlanWeek[], closedWeeks: number): number[] {
  let segment = -1;
  return weeks.map(({ period }, index) => {
    if (index === 0 || period !== weeks[index - 1]?.period || index === closedWeeks) segment += 1;
    return segment;
  });
}

/** The columns of a basis as the grid takes them. */
export function gridInputsOf({ accounts, products, weeks, closedWeeks, columns }: PlanBasis): GridInputs {
  const { baselineMilli, listMinor, costMinor, onInvoiceRate, rebateRate } = columns;
  const offInvoiceRate = columns.offInvoiceRate.map((standing, cell) => standing + (rebateRate[cell] ?? 0));
  return {
    ...{ accounts: accounts.length, products: products.length, segmentOfWeek: segmentsOf(weeks, closedWeeks) },
    ...{ baselineMilli, listMinor, costMinor, onInvoiceRate, offInvoiceRate },
  };
}

/** The week of the plan that a day lies in; undefined outside of its year. */
export function weekIndex(weeks: readonly PlanWeek[], day: string): number | undefined {
  let [low, high] = [0, weeks.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const week = weeks[middle];
    if (!week) return undefined;
    if (day < week.startsOn) high = middle - 1;
    else if (day > week.endsOn) low = middle + 1;
    else return middle;
  }
  return undefined;
}
