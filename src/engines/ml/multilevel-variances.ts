import { inverseDiagonal } from './dense-solve.ts';
import { setPrecision, type Workspace } from './multilevel-workspace.ts';

/** Fits (count − mean)² ≈ linear·mean + quadratic·mean² by weighted least squares, both kept positive. */
export function updateDispersion(work: Workspace): void {
  const { counts, mean, dispersion } = work;
  let a11 = 0;
  let a12 = 0;
  let a22 = 0;
  let b1 = 0;
  let b2 = 0;
  for (let row = 0; row < mean.length; row++) {
    const m = mean[row]!;
    const expected = dispersion.linear * m + dispersion.quadratic * m * m;
    // One wild row must not set the law for all.
    const square = Math.min((counts[row]! - m) ** 2, 30 * expected);
    const w = 1 / expected ** 2;
    a11 += w * m * m;
    a12 += w * m ** 3;
    a22 += w * m ** 4;
    b1 += w * m * square;
    b2 += w * m * m * square;
  }
  const determinant = a11 * a22 - a12 * a12;
  const linear = determinant > 1e-9 * a11 * a22 ? (b1 * a22 - b2 * a12) / determinant : b1 / a11;
  work.dispersion = {
    linear: Math.max(0.05, linear),
    quadratic: Math.max(1e-4, (b2 - Math.max(0.05, linear) * a12) / a22),
  };
}

const DEVIATION_FLOOR = 0.003;
const DEVIATION_CEILING = 3;

/** Fellner-Schall: variance ← Σ coefficient² / effective number of coefficients. */
export function updateDeviations(work: Workspace): void {
  const { design, layout, coefficients, precision, deviations } = work;
  const variances = posteriorVariances(work);
  design.groupings.forEach((grouping, g) => {
    if (grouping.fixed) return;
    const width = grouping.covariates.length;
    for (let k = 0; k < width; k++) {
      const indices = levelIndices(layout.groupingOffset[g]! + k, grouping.levels, width);
      deviations.groupings[g]![k] = pooledDeviation(indices, coefficients, variances, precision);
    }
  });
  design.rowFactors.forEach((factor, f) => {
    if (factor.fixed) return;
    const indices = levelIndices(layout.factorOffset[f]!, factor.levels, 1);
    deviations.factors[f] = pooledDeviation(indices, coefficients, variances, precision);
  });
  setPrecision(work);
}

function levelIndices(start: number, levels: number, stride: number): number[] {
  return Array.from({ length: levels }, (_, level) => start + level * stride);
}

function pooledDeviation(
  indices: number[],
  coefficients: Float64Array,
  variances: Float64Array,
  precision: Float64Array,
): number {
  const prior = 1 / precision[indices[0]!]!;
  let squares = 0;
  let effective = 0;
  for (const i of indices) {
    squares += coefficients[i]! ** 2;
    effective += Math.max(0, 1 - variances[i]! / prior);
  }
  // One pseudo-level at the current value steadies groupings with few levels.
  const updated = (squares + prior) / (effective + 1);
  return Math.min(DEVIATION_CEILING, Math.max(DEVIATION_FLOOR, Math.sqrt(updated)));
}

/** Posterior variance of every coefficient, given the other groupings. */
export function posteriorVariances(work: Workspace): Float64Array {
  const { design, layout } = work;
  const variances = new Float64Array(layout.length);
  design.groupings.forEach((grouping, g) => {
    const width = grouping.covariates.length;
    const offset = layout.groupingOffset[g]!;
    for (let level = 0; level < grouping.levels; level++) {
      const into = variances.subarray(offset + level * width, offset + (level + 1) * width);
      inverseDiagonal(work.blocks[g]!, width, level * width * width, into);
    }
  });
  design.rowFactors.forEach((factor, f) => {
    const offset = layout.factorOffset[f]!;
    for (let level = 0; level < factor.levels; level++) variances[offset + level] = 1 / work.factorDiagonal[f]![level]!;
  });
  return variances;
}
