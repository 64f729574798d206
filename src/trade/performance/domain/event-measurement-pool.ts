/** One event's direct estimate of an effect, the exposure it should be proportional to, and the estimate's variance. */
export interface ShareObservation {
  effect: number;
  exposure: number;
  variance: number;
}

/** A share (effect / exposure) pooled over events: its mean, the mean's variance and the spread between events. */
export interface PooledShare {
  share: number;
  shareVariance: number;
  betweenVariance: number;
  events: number;
}

/** Fewer events than this say nothing in common. */
const FEWEST_POOLED_EVENTS = 8;

/**
 * Random-effects mean of effect / exposure (DerSimonian and Laird 1986); null with fewer than
 * {@link FEWEST_POOLED_EVENTS} events.
 */
export function poolShares(observations: readonly ShareObservation[]): PooledShare | null {
  const usable = observations.filter((o) => o.exposure > 0 && o.variance > 0);
  if (usable.length < FEWEST_POOLED_EVENTS) return null;
  const shares = usable.map((o) => o.effect / o.exposure);
  const variances = usable.map((o) => o.variance / o.exposure ** 2);
  const fixed = weightedMean(shares, variances, 0);
  const q = shares.reduce((sum, share, i) => sum + (share - fixed.mean) ** 2 / variances[i]!, 0);
  const squares = variances.reduce((sum, v) => sum + 1 / v ** 2, 0);
  const scale = fixed.weights - squares / fixed.weights;
  const betweenVariance = Math.max(0, (q - (usable.length - 1)) / scale);
  const pooled = weightedMean(shares, variances, betweenVariance);
  return { share: pooled.mean, shareVariance: 1 / pooled.weights, betweenVariance, events: usable.length };
}

function weightedMean(values: number[], variances: number[], added: number): { mean: number; weights: number } {
  let weights = 0;
  let sum = 0;
  values.forEach((value, i) => {
    const weight = 1 / (variances[i]! + added);
    weights += weight;
    sum += weight * value;
  });
  return { mean: sum / weights, weights };
}

/**
 * Partial pooling: the event's own estimate and the pooled share's prediction, weighted by their precision. Either may
 * be absent (without exposure the pool predicts nothing); null when both are.
 */
export function pullTowardsPool(
  own: { effect: number; variance: number } | null,
  exposure: number,
  exposureVariance: number,
  pool: PooledShare | null,
): { effect: number; variance: number } | null {
  if (!pool || !(exposure > 0)) return own;
  const spread = pool.betweenVariance + pool.shareVariance;
  const prior = {
    effect: pool.share * exposure,
    variance: spread * (exposure ** 2 + exposureVariance) + pool.share ** 2 * exposureVariance,
  };
  if (!own) return prior;
  const weight = 1 / own.variance;
  const priorWeight = 1 / prior.variance;
  return {
    effect: (own.effect * weight + prior.effect * priorWeight) / (weight + priorWeight),
    variance: 1 / (weight + priorWeight),
  };
}
