/** Weighted absolute percentage error: Σ|actual − forecast| / Σ actual, a ratio; NaN where nothing was sold. */
export function wape(actual: ArrayLike<number>, forecast: ArrayLike<number>): number {
  let error = 0;
  let total = 0;
  for (let i = 0; i < actual.length; i++) {
    error += Math.abs(actual[i]! - forecast[i]!);
    total += actual[i]!;
  }
  return total > 0 ? error / total : Number.NaN;
}

/** Total bias: Σ forecast / Σ actual − 1, a ratio; positive means too much was forecast. */
export function totalBias(actual: ArrayLike<number>, forecast: ArrayLike<number>): number {
  let forecasts = 0;
  let total = 0;
  for (let i = 0; i < actual.length; i++) {
    forecasts += forecast[i]!;
    total += actual[i]!;
  }
  return forecasts / total - 1;
}

/** Share of actuals inside [low, high], bounds included. */
export function coverage(actual: ArrayLike<number>, low: ArrayLike<number>, high: ArrayLike<number>): number {
  let inside = 0;
  for (let i = 0; i < actual.length; i++) if (actual[i]! >= low[i]! && actual[i]! <= high[i]!) inside++;
  return inside / actual.length;
}

/** Mean pinball (quantile) loss of forecasts of the given quantile (Koenker & Bassett 1978), in the unit of the actuals. */
export function pinballLoss(actual: ArrayLike<number>, forecast: ArrayLike<number>, quantile: number): number {
  let loss = 0;
  for (let i = 0; i < actual.length; i++) {
    const error = actual[i]! - forecast[i]!;
    loss += error >= 0 ? quantile * error : (quantile - 1) * error;
  }
  return loss / actual.length;
}
