import { type CoefficientLayout, layoutOf, type MultilevelDesign, multiply } from './multilevel-design.ts';
import { buildBlocks, newtonStep } from './multilevel-solve.ts';
import { posteriorVariances, updateDeviations, updateDispersion } from './multilevel-variances.ts';
import { type Dispersion, setPrecision, type Workspace } from './multilevel-workspace.ts';

/** How a fit runs; the defaults are meant for 10⁴-10⁶ rows. */
export interface MultilevelFitOptions {
  /** Reweighting passes; variances and dispersion are re-estimated in each. */
  passes?: number;
  /** Conjugate gradient steps at most in each pass. */
  solveSteps?: number;
  /** Stops a pass's solve at this relative residual. */
  solveTolerance?: number;
  /**
   * Mean-variance law of the weights, kept as given; estimated by moments where absent. A larger quadratic part gives
   * big counts less say, which is more robust against their outliers.
   */
  dispersion?: Dispersion;
  /** Told after each pass, share done in 0..1. */
  onProgress?: (share: number) => void;
}

/** A fitted multilevel regression of counts with a log link. */
export interface MultilevelFit {
  layout: CoefficientLayout;
  coefficients: Float64Array;
  /** Conditional posterior variance of each coefficient (given the other groupings). */
  variances: Float64Array;
  /** Standard deviation per grouping (one per its covariates). */
  groupingDeviation: number[][];
  /** Standard deviation per row factor. */
  factorDeviation: number[];
  dispersion: Dispersion;
  /** Fitted mean per row, row factors included. */
  mean: Float64Array;
}

/**
 * Fits log E[count] = Σ over groupings of covariate × level coefficient + Σ row factors, by penalised iteratively
 * reweighted least squares (penalised quasi-likelihood, Breslow & Clayton 1993) with a quadratic mean-variance law.
 * Each pass solves its normal equations by conjugate gradients preconditioned with per-level blocks; variances are
 * updated by the Fellner-Schall rule (Wood & Fasiolo 2017) with block-conditional posterior variances. Deterministic.
 * Counts must be ≥ 0 and finite (RangeError otherwise).
 */
export function fitMultilevelCounts(
  design: MultilevelDesign,
  counts: ArrayLike<number>,
  options: MultilevelFitOptions = {},
): MultilevelFit {
  checkCounts(design, counts);
  const passes = options.passes ?? 10;
  const work = openWorkspace(design, counts, options.dispersion);
  for (let pass = 0; pass < passes; pass++) {
    reweight(work);
    buildBlocks(work);
    newtonStep(work, options.solveSteps ?? 25, options.solveTolerance ?? 1e-3);
    refreshMean(work);
    if (pass >= 1) {
      if (!options.dispersion) updateDispersion(work);
      if (pass < passes - 1) updateDeviations(work);
    }
    options.onProgress?.((pass + 1) / passes);
  }
  return {
    layout: work.layout,
    coefficients: work.coefficients,
    variances: posteriorVariances(work),
    groupingDeviation: work.deviations.groupings,
    factorDeviation: work.deviations.factors,
    dispersion: work.dispersion,
    mean: work.mean,
  };
}

function checkCounts(design: MultilevelDesign, counts: ArrayLike<number>): void {
  if (counts.length !== design.rows) throw new RangeError(`${counts.length} counts for ${design.rows} rows`);
  for (let row = 0; row < design.rows; row++) {
    if (!(counts[row]! >= 0 && counts[row]! < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`count of row ${row} is ${counts[row]}`);
    }
  }
}

function openWorkspace(design: MultilevelDesign, counts: ArrayLike<number>, dispersion?: Dispersion): Workspace {
  const layout = layoutOf(design);
  const work: Workspace = {
    design,
    layout,
    counts,
    coefficients: new Float64Array(layout.length),
    precision: new Float64Array(layout.length),
    deviations: {
      groupings: design.groupings.map((grouping) => [...grouping.deviation]),
      factors: design.rowFactors.map((factor) => factor.deviation),
    },
    eta: new Float64Array(design.rows),
    mean: new Float64Array(design.rows),
    weight: new Float64Array(design.rows),
    blocks: design.groupings.map((g) => new Float64Array(g.levels * g.covariates.length ** 2)),
    factorDiagonal: design.rowFactors.map((factor) => new Float64Array(factor.levels)),
    dispersion: dispersion ?? { linear: 1, quadratic: 0.3 },
  };
  setPrecision(work);
  // Starting at the data, not at zero, keeps the first reweighting from exploding.
  for (let row = 0; row < design.rows; row++) {
    work.mean[row] = counts[row]! + 0.5;
    work.eta[row] = Math.log(work.mean[row]!);
  }
  return work;
}

function reweight({ mean, weight, dispersion }: Workspace): void {
  for (let row = 0; row < mean.length; row++) {
    weight[row] = mean[row]! / (dispersion.linear + dispersion.quadratic * mean[row]!);
  }
}

function refreshMean({ design, layout, coefficients, eta, mean }: Workspace): void {
  multiply(design, layout, coefficients, eta);
  for (let row = 0; row < mean.length; row++) mean[row] = Math.exp(Math.min(20, Math.max(-10, eta[row]!)));
}
