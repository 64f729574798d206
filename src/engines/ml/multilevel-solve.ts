import { choleskyInPlace, solveCholesky } from './dense-solve.ts';
import { type MultilevelDesign, multiply, multiplyTransposed } from './multilevel-design.ts';
import type { Workspace } from './multilevel-workspace.ts';

/** Per-level information matrices plus prior precision, factored. */
export function buildBlocks(work: Workspace): void {
  const { design, layout, weight, blocks, precision } = work;
  const count = design.covariateCount;
  const gram = new Float64Array(count * count);
  for (const block of blocks) block.fill(0);
  for (let unit = 0; unit < design.units; unit++) {
    unitGram(design, weight, unit, gram);
    design.groupings.forEach((grouping, g) => {
      const level = grouping.levelOfUnit[unit]!;
      if (level >= 0) addGram(gram, count, grouping.covariates, blocks[g]!, level);
    });
  }
  design.groupings.forEach((grouping, g) => {
    const width = grouping.covariates.length;
    for (let level = 0; level < grouping.levels; level++) {
      const base = level * width * width;
      for (let k = 0; k < width; k++) {
        const at = base + k * width + k;
        blocks[g]![at] = blocks[g]![at]! + precision[layout.groupingOffset[g]! + level * width + k]!;
      }
      choleskyInPlace(blocks[g]!, width, base);
    }
  });
  design.rowFactors.forEach((factor, f) => {
    const diagonal = work.factorDiagonal[f]!;
    diagonal.fill(precision[layout.factorOffset[f]!]!);
    for (let row = 0; row < design.rows; row++) {
      const level = factor.levelOfRow[row]!;
      if (level >= 0) diagonal[level] = diagonal[level]! + weight[row]!;
    }
  });
}

function unitGram(design: MultilevelDesign, weight: Float64Array, unit: number, gram: Float64Array): void {
  const count = design.covariateCount;
  const { covariates } = design;
  gram.fill(0);
  for (let row = design.unitStart[unit]!; row < design.unitStart[unit + 1]!; row++) {
    const base = row * count;
    for (let i = 0; i < count; i++) {
      const value = covariates[base + i]!;
      if (value === 0) continue;
      const scaled = value * weight[row]!;
      for (let j = 0; j <= i; j++) gram[i * count + j] = gram[i * count + j]! + scaled * covariates[base + j]!;
    }
  }
}

function addGram(gram: Float64Array, count: number, chosen: number[], block: Float64Array, level: number): void {
  const width = chosen.length;
  const base = level * width * width;
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < width; j++) {
      const a = Math.max(chosen[i]!, chosen[j]!);
      const b = Math.min(chosen[i]!, chosen[j]!);
      block[base + i * width + j] = block[base + i * width + j]! + gram[a * count + b]!;
    }
  }
}

/** Solves the pass's normal equations for the change of the coefficients and applies it. */
export function newtonStep(work: Workspace, steps: number, tolerance: number): void {
  const { design, layout, counts, coefficients, precision, mean, weight, eta } = work;
  const length = layout.length;
  const rowValues = new Float64Array(design.rows);
  const fitted = new Float64Array(design.rows);
  multiply(design, layout, coefficients, fitted);
  for (let row = 0; row < design.rows; row++) {
    const working = eta[row]! + (counts[row]! - mean[row]!) / mean[row]!;
    rowValues[row] = weight[row]! * (working - fitted[row]!);
  }
  const residual = new Float64Array(length);
  multiplyTransposed(design, layout, rowValues, residual);
  for (let i = 0; i < length; i++) residual[i] = residual[i]! - precision[i]! * coefficients[i]!;
  const preconditioned = new Float64Array(length);
  precondition(work, residual, preconditioned);
  const direction = Float64Array.from(preconditioned);
  const image = new Float64Array(length);
  let energy = dot(residual, preconditioned);
  const target = energy * tolerance * tolerance;
  for (let step = 0; step < steps && energy > target && energy > 0; step++) {
    applyNormal(work, direction, rowValues, image);
    const length1 = energy / dot(direction, image);
    for (let i = 0; i < length; i++) {
      coefficients[i] = coefficients[i]! + length1 * direction[i]!;
      residual[i] = residual[i]! - length1 * image[i]!;
    }
    precondition(work, residual, preconditioned);
    const next = dot(residual, preconditioned);
    const ratio = next / energy;
    for (let i = 0; i < length; i++) direction[i] = preconditioned[i]! + ratio * direction[i]!;
    energy = next;
  }
}

function applyNormal(work: Workspace, vector: Float64Array, rowValues: Float64Array, into: Float64Array): void {
  const { design, layout, weight, precision } = work;
  multiply(design, layout, vector, rowValues);
  for (let row = 0; row < design.rows; row++) rowValues[row] = rowValues[row]! * weight[row]!;
  multiplyTransposed(design, layout, rowValues, into);
  for (let i = 0; i < into.length; i++) into[i] = into[i]! + precision[i]! * vector[i]!;
}

function precondition(work: Workspace, vector: Float64Array, into: Float64Array): void {
  const { design, layout } = work;
  into.set(vector);
  design.groupings.forEach((grouping, g) => {
    const width = grouping.covariates.length;
    const offset = layout.groupingOffset[g]!;
    for (let level = 0; level < grouping.levels; level++) {
      solveCholesky(work.blocks[g]!, width, level * width * width, into, offset + level * width);
    }
  });
  design.rowFactors.forEach((factor, f) => {
    const offset = layout.factorOffset[f]!;
    for (let level = 0; level < factor.levels; level++) {
      into[offset + level] = into[offset + level]! / work.factorDiagonal[f]![level]!;
    }
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
