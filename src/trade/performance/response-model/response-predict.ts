import { AT, COVARIATE_COUNT } from './response-covariates.ts';
import type { FittedResponse } from './response-state.ts';
import { SEASON_MONTHS, SEASON_WEEKS, seasonOf } from './response-state.ts';
import type { UnitLevels } from './response-structure.ts';

/**
 * Sum of the coefficients of all layers that a unit belongs to, one per covariate. A deeper cut never sells less: a
 * negative depth response, which only noise makes, is taken as none.
 */
export function unitCoefficients(fitted: FittedResponse, unit: UnitLevels): Float64Array {
  const beta = new Float64Array(COVARIATE_COUNT);
  for (const layer of fitted.layers) {
    const level = layer.name === 'all' ? 0 : unit[layer.name];
    if (level < 0) continue;
    const width = layer.covariates.length;
    for (let k = 0; k < width; k++) {
      const covariate = layer.covariates[k]!;
      beta[covariate] = beta[covariate]! + layer.coefficients[level * width + k]!;
    }
  }
  beta[AT.depth] = Math.max(0, beta[AT.depth]!);
  return beta;
}

/** Log season effect of a unit in a week. */
export function seasonEffect(fitted: FittedResponse, unit: UnitLevels, week: number): number {
  const position = seasonOf(week, fitted.origin);
  const month = Math.floor(position / (SEASON_WEEKS / SEASON_MONTHS));
  const { category, group, month: months } = fitted.season;
  return (
    (category[unit.category * SEASON_WEEKS + position] ?? 0) +
    (unit.group < 0 ? 0 : group[unit.group * SEASON_WEEKS + position]!) +
    (months[unit.category * SEASON_MONTHS + month] ?? 0)
  );
}

/** Expected units of one row, without the recent level. */
export function predictRow(
  fitted: FittedResponse,
  unit: UnitLevels,
  beta: Float64Array,
  covariates: Float32Array,
  offset: number,
  week: number,
): number {
  let eta = seasonEffect(fitted, unit, week);
  for (let c = 0; c < COVARIATE_COUNT; c++) eta += covariates[offset + c]! * beta[c]!;
  return Math.exp(Math.min(20, Math.max(-12, eta)));
}
