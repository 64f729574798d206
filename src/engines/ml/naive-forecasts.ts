/** Values of one series by period; a period without a value is NaN. */
export type History = ArrayLike<number>;

/** The last value known before `origin`, or NaN. */
export function lastValue(history: History, origin: number): number {
  for (let t = Math.min(origin, history.length) - 1; t >= 0; t--) if (Number.isFinite(history[t]!)) return history[t]!;
  return Number.NaN;
}

/** Mean of the values in the `periods` periods before `origin`, or NaN where there are none. */
export function recentMean(history: History, origin: number, periods: number): number {
  let sum = 0;
  let count = 0;
  for (let t = Math.max(0, origin - periods); t < origin; t++) {
    if (Number.isFinite(history[t]!)) {
      sum += history[t]!;
      count++;
    }
  }
  return count > 0 ? sum / count : Number.NaN;
}

/** The value one season before `period` (it must lie before `origin`), or NaN. */
export function sameSeasonBefore(history: History, origin: number, period: number, season: number): number {
  const t = period - season;
  return t >= 0 && t < origin ? (history[t] ?? Number.NaN) : Number.NaN;
}
