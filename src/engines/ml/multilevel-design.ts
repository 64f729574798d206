/**
 * A grouping of units (say, products) whose levels each get their own coefficient for some covariates. Coefficients of
 * one covariate over the levels of one grouping share a variance that is estimated from the data: that is the pooling.
 */
export interface Grouping {
  name: string;
  levels: number;
  /** Level of each unit; length = number of units. -1 where a unit has no level. */
  levelOfUnit: Int32Array;
  /** Covariates (indices into the design) that vary by level of this grouping. */
  covariates: number[];
  /** First guess of the standard deviation, one per covariate; estimated from there unless `fixed`. */
  deviation: number[];
  /** True keeps the first guess: for groupings with too few levels to estimate a variance from. */
  fixed?: boolean;
}

/** An intercept per level that changes from row to row (say, week of the year); pooled to zero like a grouping. */
export interface RowFactor {
  name: string;
  levels: number;
  /** Level of each row, -1 for none; length = number of rows. */
  levelOfRow: Int32Array;
  deviation: number;
  fixed?: boolean;
}

/** Rows of a multilevel regression: N rows of C covariates, each row belonging to one of U units, sorted by unit. */
export interface MultilevelDesign {
  rows: number;
  units: number;
  /** First row of each unit, length U + 1. */
  unitStart: Int32Array;
  covariateCount: number;
  /** Row-major N × C. */
  covariates: Float32Array;
  groupings: Grouping[];
  rowFactors: RowFactor[];
}

/** Where the coefficients of each grouping and row factor stand in one long vector. */
export interface CoefficientLayout {
  groupingOffset: number[];
  factorOffset: number[];
  length: number;
}

/** Lays the coefficients out: groupings first (level-major), then row factors. */
export function layoutOf(design: MultilevelDesign): CoefficientLayout {
  let length = 0;
  const groupingOffset = design.groupings.map((grouping) => {
    const offset = length;
    length += grouping.levels * grouping.covariates.length;
    return offset;
  });
  const factorOffset = design.rowFactors.map((factor) => {
    const offset = length;
    length += factor.levels;
    return offset;
  });
  return { groupingOffset, factorOffset, length };
}

/** Adds up, over all groupings, the coefficients that apply to one unit; `into` has one entry per covariate. */
export function coefficientsOfUnit(
  design: Pick<MultilevelDesign, 'groupings'>,
  layout: CoefficientLayout,
  coefficients: Float64Array,
  unit: number,
  into: Float64Array,
): void {
  into.fill(0);
  for (let g = 0; g < design.groupings.length; g++) {
    const grouping = design.groupings[g]!;
    const level = grouping.levelOfUnit[unit]!;
    if (level < 0) continue;
    const width = grouping.covariates.length;
    const base = layout.groupingOffset[g]! + level * width;
    for (let k = 0; k < width; k++) {
      const covariate = grouping.covariates[k]!;
      into[covariate] = into[covariate]! + coefficients[base + k]!;
    }
  }
}

/** Adds a gradient per covariate of one unit to every coefficient that applies to it (transpose of the above). */
export function scatterToGroupings(
  design: Pick<MultilevelDesign, 'groupings'>,
  layout: CoefficientLayout,
  gradient: Float64Array,
  unit: number,
  into: Float64Array,
): void {
  for (let g = 0; g < design.groupings.length; g++) {
    const grouping = design.groupings[g]!;
    const level = grouping.levelOfUnit[unit]!;
    if (level < 0) continue;
    const width = grouping.covariates.length;
    const base = layout.groupingOffset[g]! + level * width;
    for (let k = 0; k < width; k++) into[base + k] = into[base + k]! + gradient[grouping.covariates[k]!]!;
  }
}

/** X v: the linear predictor of every row for a coefficient vector. */
export function multiply(
  design: MultilevelDesign,
  layout: CoefficientLayout,
  vector: Float64Array,
  into: Float64Array,
): void {
  const count = design.covariateCount;
  const beta = new Float64Array(count);
  const { covariates, rowFactors, unitStart } = design;
  for (let unit = 0; unit < design.units; unit++) {
    coefficientsOfUnit(design, layout, vector, unit, beta);
    for (let row = unitStart[unit]!; row < unitStart[unit + 1]!; row++) {
      let eta = 0;
      const base = row * count;
      for (let c = 0; c < count; c++) eta += covariates[base + c]! * beta[c]!;
      into[row] = eta;
    }
  }
  for (let f = 0; f < rowFactors.length; f++) {
    const { levelOfRow } = rowFactors[f]!;
    const offset = layout.factorOffset[f]!;
    for (let row = 0; row < design.rows; row++) {
      const level = levelOfRow[row]!;
      if (level >= 0) into[row] = into[row]! + vector[offset + level]!;
    }
  }
}

/** Xᵀ r: the sum of row values for every coefficient. */
export function multiplyTransposed(
  design: MultilevelDesign,
  layout: CoefficientLayout,
  values: Float64Array,
  into: Float64Array,
): void {
  const count = design.covariateCount;
  const gradient = new Float64Array(count);
  const { covariates, rowFactors, unitStart } = design;
  into.fill(0);
  for (let unit = 0; unit < design.units; unit++) {
    gradient.fill(0);
    for (let row = unitStart[unit]!; row < unitStart[unit + 1]!; row++) {
      const value = values[row]!;
      const base = row * count;
      for (let c = 0; c < count; c++) gradient[c] = gradient[c]! + covariates[base + c]! * value;
    }
    scatterToGroupings(design, layout, gradient, unit, into);
  }
  for (let f = 0; f < rowFactors.length; f++) {
    const { levelOfRow } = rowFactors[f]!;
    const offset = layout.factorOffset[f]!;
    for (let row = 0; row < design.rows; row++) {
      const level = levelOfRow[row]!;
      if (level >= 0) into[offset + level] = into[offset + level]! + values[row]!;
    }
  }
}
