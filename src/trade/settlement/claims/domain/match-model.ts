import { type Evidence, evidenceNames, type NoneEvidence, noneNames } from './match-evidence.ts';

/** Weights by the name of what they weigh. */
export type MatchWeights = Readonly<Record<string, number>>;

/** All names in the order in which the fit has them. */
const names: readonly string[] = [...evidenceNames, ...noneNames];

/**
 * Weights fitted on generated claims of seeds 1-9 (demo/claims.ts, `node scripts/accuracy-claims.ts --fit`): where every tenant starts, and the
 * centre to which its own fit is drawn.
 */
export const builtInWeights: MatchWeights = {
  code_exact: 3.1813,
  code_slip: 2.108,
  code_number: 3.1463,
  other_code: -1.3063,
  words: 2.0674,
  mechanic_named: 0.0918,
  other_mechanic_named: -2.4708,
  amount_exact: 1.3338,
  amount_net_of_tax: 1.7111,
  amount_rounded: 0.5438,
  amount_part: -0.5691,
  amount_part_log: -1.4267,
  amount_beyond: -2.2701,
  amount_beyond_log: -0.8478,
  during_event: -0.5082,
  months_since_end_log: -0.5709,
  past_claim_by: -0.448,
  same_customer: 1.1739,
  customer_above: -0.1146,
  category_same: 1.995,
  category_other: 0.1195,
  reason_memory: 1.013,
  several_tactics: -0.7589,
  part_of_promotion: -0.6345,
  across_promotions: -1.0938,
  none: -0.7496,
  none_no_trade: 2.7065,
  none_duplicate: 7.1044,
  none_named_elsewhere: 0.6291,
  none_no_words: -0.0672,
};

/** Points for one alternative: Σ weight × evidence. */
export function pointsOf(weights: MatchWeights, evidence: Evidence | NoneEvidence): number {
  let points = 0;
  for (const [name, value] of Object.entries(evidence)) points += (weights[name] ?? 0) * value;
  return points;
}

/** Probabilities of alternatives from their points: e^points over their sum. */
export function probabilitiesOf(points: readonly number[]): number[] {
  const top = Math.max(...points);
  const powers = points.map((one) => Math.exp(one - top));
  const sum = powers.reduce((all, one) => all + one, 0);
  return powers.map((power) => power / sum);
}

/** An item whose answer a person confirmed: the evidence of every alternative and which one was right. */
export interface ConfirmedChoice {
  alternatives: readonly (Evidence | NoneEvidence)[];
  right: number;
}

/** Confirmed items between two fits of the weights. */
export const refitEvery = 25;

/** How strongly a fit is drawn to where it starts: as much as so many undecided items. */
const priorStrength = 20;
const maxSteps = 25;

/**
 * The weights that make the confirmed answers most probable, drawn to `prior` (conditional logit after McFadden 1974 with a
 * Gaussian prior, by Newton's method; deterministic). Without choices it answers the prior.
 */
export function fitWeights(
  choices: readonly ConfirmedChoice[],
  prior: MatchWeights,
  strength: number = priorStrength,
): MatchWeights {
  const start = names.map((name) => prior[name] ?? 0);
  const data = choices.map(({ alternatives, right }) => ({
    right,
    rows: alternatives.map((one) => names.map((name) => (one as Record<string, number>)[name] ?? 0)),
  }));
  let weights = start;
  let value = objective(data, weights, start, strength);
  for (let step = 0; step < maxSteps; step++) {
    const { gradient, curvature } = derivatives(data, weights, start, strength);
    const direction = solve(curvature, gradient);
    let length = 1;
    let next = weights;
    let nextValue = Number.NEGATIVE_INFINITY;
    for (; length > 1e-4; length /= 2) {
      next = weights.map((weight, i) => weight + length * (direction[i] ?? 0));
      nextValue = objective(data, next, start, strength);
      if (nextValue >= value) break;
    }
    if (nextValue - value < 1e-8 * Math.abs(value)) break;
    weights = next;
    value = nextValue;
  }
  return Object.fromEntries(names.map((name, i) => [name, Math.round((weights[i] ?? 0) * 1e4) / 1e4]));
}

interface ChoiceRows {
  rows: number[][];
  right: number;
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

function objective(
  data: readonly ChoiceRows[],
  weights: readonly number[],
  start: readonly number[],
  strength: number,
) {
  let value = 0;
  for (const { rows, right } of data) {
    const probabilities = probabilitiesOf(rows.map((row) => dot(row, weights)));
    value += Math.log(Math.max(1e-300, probabilities[right] ?? 0));
  }
  return value - (strength / 2) * weights.reduce((sum, weight, i) => sum + (weight - (start[i] ?? 0)) ** 2, 0);
}

/** Gradient and negative Hessian of {@link objective}. */
function derivatives(
  data: readonly ChoiceRows[],
  weights: readonly number[],
  start: readonly number[],
  strength: number,
) {
  const gradient = weights.map((weight, i) => -strength * (weight - (start[i] ?? 0)));
  const curvature = weights.map((_, i) => weights.map((__, j) => (i === j ? strength : 0)));
  for (const { rows, right } of data) {
    const probabilities = probabilitiesOf(rows.map((row) => dot(row, weights)));
    const mean = weights.map((_, i) =>
      rows.reduce((sum, row, at) => sum + (row[i] ?? 0) * (probabilities[at] ?? 0), 0),
    );
    weights.forEach((_, i) => {
      gradient[i] = (gradient[i] ?? 0) + (rows[right]?.[i] ?? 0) - (mean[i] ?? 0);
    });
    rows.forEach((row, at) => {
      const probability = probabilities[at] ?? 0;
      if (probability < 1e-9) return;
      const apart = row.map((value, i) => value - (mean[i] ?? 0));
      apart.forEach((a, i) => {
        const line = curvature[i];
        if (a === 0 || !line) return;
        for (let j = 0; j < apart.length; j++) line[j] = (line[j] ?? 0) + probability * a * (apart[j] ?? 0);
      });
    });
  }
  return { gradient, curvature };
}

/** Solves a symmetric positive definite system by Cholesky's factorisation. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const size = right.length;
  const lower = matrix.map(() => new Array<number>(size).fill(0));
  const at = (i: number, j: number) => lower[i]?.[j] ?? 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i]?.[j] ?? 0;
      for (let k = 0; k < j; k++) sum -= at(i, k) * at(j, k);
      const row = lower[i] as number[];
      row[j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / at(j, j);
    }
  }
  const middle: number[] = [];
  for (let i = 0; i < size; i++) {
    let sum = right[i] ?? 0;
    for (let k = 0; k < i; k++) sum -= at(i, k) * (middle[k] ?? 0);
    middle[i] = sum / at(i, i);
  }
  const answer = new Array<number>(size).fill(0);
  for (let i = size - 1; i >= 0; i--) {
    let sum = middle[i] ?? 0;
    for (let k = i + 1; k < size; k++) sum -= at(k, i) * (answer[k] ?? 0);
    answer[i] = sum / at(i, i);
  }
  return answer;
}
