import { Decimal } from '#money';
import type { TermLine, TermTier } from './term-line.ts';

/** What was sold under a line: cases, and what they are worth at list and at the invoice price, in major units. */
export interface VolumeSums {
  cases: Decimal;
  listSales: Decimal;
  invoiceSales: Decimal;
}

/** Where a volume stands in the tiers of a line. */
export interface TierReached {
  /** The highest step reached, with its threshold in what the tiers measure; null below the first. */
  step: TermTier | null;
  /** The step after it; null on top. */
  next: TermTier | null;
  /** What is missing to the next threshold; null on top. */
  missing: Decimal | null;
  /** What the volume earns, in major units, exact. */
  amount: Decimal;
}

type TieredLine = Pick<TermLine, 'kind' | 'basis' | 'tiers'>;

/** No volume. */
export const noVolume: VolumeSums = {
  cases: new Decimal(0),
  listSales: new Decimal(0),
  invoiceSales: new Decimal(0),
};

/** a + b. */
export function addVolumes(a: VolumeSums, b: VolumeSums): VolumeSums {
  return {
    cases: a.cases.plus(b.cases),
    listSales: a.listSales.plus(b.listSales),
    invoiceSales: a.invoiceSales.plus(b.invoiceSales),
  };
}

/** A volume of the same mix at another size. */
export function scaleVolumes(volume: VolumeSums, factor: Decimal): VolumeSums {
  return {
    cases: volume.cases.times(factor),
    listSales: volume.listSales.times(factor),
    invoiceSales: volume.invoiceSales.times(factor),
  };
}

/** What the tiers of a line count: cases, or gross sales at list. */
export function measuredOf(line: TieredLine, volume: VolumeSums): Decimal {
  return line.tiers?.measure === 'money' ? volume.listSales : volume.cases;
}

/** What a rate of the line is multiplied with. */
export function rewardBase({ basis }: Pick<TermLine, 'basis'>, volume: VolumeSums): Decimal {
  if (basis === 'per_case') return volume.cases;
  if (basis === 'percent_of_list') return volume.listSales.div(100);
  return basis === 'percent_of_invoice' ? volume.invoiceSales.div(100) : new Decimal(1);
}

/**
 * Thresholds in what the tiers measure: those of growth are percent over last year's volume. Null where there is no
 * last year to grow over: growth over nothing is not a number.
 */
export function thresholds({ kind, tiers }: TieredLine, lastYear: Decimal | null): TermTier[] | null {
  const steps = tiers?.steps ?? [];
  if (kind !== 'growth') return [...steps];
  if (!lastYear?.gt(0)) return null;
  return steps.map(({ from, rate }) => ({ from: lastYear.times(from.div(100).plus(1)), rate }));
}

/** The part of the reward base between a step's threshold and the next one, for incremental tiers. */
function inBand(base: Decimal, measured: Decimal, steps: readonly TermTier[], i: number, lump: boolean): Decimal {
  if (lump) return new Decimal(1);
  const top = Decimal.min(measured, steps[i + 1]?.from ?? measured);
  return base.times(top.minus(steps[i]!.from)).div(measured);
}

/**
 * The tier that a year's volume reaches and what it earns: `retroactive`, the reached step's rate on everything;
 * `incremental`, each step's rate on what lies between its threshold and the next. A lump sum is paid once per reached
 * step (incremental) or once for the highest (retroactive). Null where thresholds cannot be told ({@link thresholds}).
 */
export function reachTier(line: TieredLine, volume: VolumeSums, lastYear: Decimal | null): TierReached | null {
  const steps = thresholds(line, lastYear);
  if (!steps) return null;
  const measured = measuredOf(line, volume);
  const reached = steps.filter(({ from }) => measured.gte(from)).length;
  const step = steps[reached - 1] ?? null;
  const next = steps[reached] ?? null;
  const base = rewardBase(line, volume);
  const lump = line.basis === 'lump_sum';
  const amount =
    line.tiers?.method === 'incremental'
      ? steps
          .slice(0, measured.gt(0) || lump ? reached : 0)
          .reduce((sum, { rate }, i) => sum.plus(rate.times(inBand(base, measured, steps, i, lump))), new Decimal(0))
      : (step?.rate.times(base) ?? new Decimal(0));
  return { step, next, missing: next?.from.minus(measured) ?? null, amount };
}
