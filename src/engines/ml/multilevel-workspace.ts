import type { CoefficientLayout, MultilevelDesign } from './multilevel-design.ts';

/** Variance of a count with mean μ: `linear`·μ + `quadratic`·μ². */
export interface Dispersion {
  linear: number;
  quadratic: number;
}

/** What the passes of a fit work on. */
export interface Workspace {
  design: MultilevelDesign;
  layout: CoefficientLayout;
  counts: ArrayLike<number>;
  coefficients: Float64Array;
  precision: Float64Array;
  deviations: { groupings: number[][]; factors: number[] };
  eta: Float64Array;
  mean: Float64Array;
  weight: Float64Array;
  /** Cholesky factors of each grouping's per-level blocks: the preconditioner. */
  blocks: Float64Array[];
  factorDiagonal: Float64Array[];
  dispersion: Dispersion;
}

/** Sets the prior precision of every coefficient from the current deviations. */
export function setPrecision({ design, layout, deviations, precision }: Workspace): void {
  design.groupings.forEach((grouping, g) => {
    const width = grouping.covariates.length;
    const offset = layout.groupingOffset[g]!;
    for (let i = 0; i < grouping.levels * width; i++) {
      precision[offset + i] = 1 / deviations.groupings[g]![i % width]! ** 2;
    }
  });
  design.rowFactors.forEach((factor, f) => {
    const value = 1 / deviations.factors[f]! ** 2;
    precision.fill(value, layout.factorOffset[f]!, layout.factorOffset[f]! + factor.levels);
  });
}
