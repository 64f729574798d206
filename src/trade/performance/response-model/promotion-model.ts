import type { SalesPanel } from '../domain/sales-panel.ts';
import {
  MINIMUM,
  type ModelVersion,
  PROMOTION_FORMULA,
  type PromotionModel,
  type Refusal,
} from './promotion-model-data.ts';
import { calibrateResponse, INTERVAL_LEVEL } from './response-calibration.ts';
import { AT, COVARIATES } from './response-covariates.ts';
import { fitResponse } from './response-fit.ts';

export type { ModelVersion, PromotionModel, Refusal } from './promotion-model-data.ts';
export { predictTotal, predictTotals, predictWeeks, type TotalPrediction } from './promotion-prediction.ts';
export type { PlannedWeek } from './response-open.ts';

/**
 * Fits the hierarchical promotion response model to the weeks before `originWeek` (an index into the panel's weeks),
 * with 90 % intervals calibrated on forecasts from earlier origins. Deterministic: same panel, same model. Answers a
 * refusal where the panel is below {@link MINIMUM}.
 */
export function fitPromotionModel(
  panel: SalesPanel,
  options: { originWeek: number; onProgress?: (share: number) => void },
): PromotionModel | Refusal {
  const { originWeek } = options;
  const report = options.onProgress ?? (() => undefined);
  const refusal = tooThin(panel, originWeek);
  if (refusal) return refusal;
  const calibration = calibrateResponse(panel, originWeek, (share) => report(share * 0.6));
  const fitted = fitResponse(panel, originWeek, (share) => report(0.6 + share * 0.4));
  const version: ModelVersion = {
    formula: PROMOTION_FORMULA,
    trainedThrough: panel.weekStart[originWeek - 1]!,
    observations: fitted.rows,
    series: fitted.structure.series.length,
    products: fitted.structure.products.length,
    customers: fitted.structure.customers.length,
    weeks: originWeek,
    hyperParameters: {
      intervalLevel: INTERVAL_LEVEL,
      calibrationHorizonWeeks: calibration.horizonWeeks,
      calibrationOrigins: calibration.origins,
    },
    accuracy: calibration.accuracy,
  };
  return { version, fitted, calibration };
}

function tooThin(panel: SalesPanel, originWeek: number): Refusal | undefined {
  if (!(originWeek >= 1 && originWeek <= panel.weekStart.length)) {
    throw new RangeError(`origin week ${originWeek} lies outside the panel's ${panel.weekStart.length} weeks`);
  }
  const weeks = new Set<number>();
  let usable = 0;
  for (let i = 0; i < panel.seriesIndex.length; i++) {
    if (panel.week[i]! >= originWeek || !(panel.units[i]! >= 0) || !(panel.price[i]! > 0) || !(panel.basePrice[i]! > 0))
      continue;
    usable++;
    weeks.add(panel.week[i]!);
  }
  if (weeks.size < MINIMUM.weeks) {
    return { refused: `${weeks.size} weeks of sales with prices are known; ${MINIMUM.weeks} are needed`, rows: [] };
  }
  if (usable < MINIMUM.observations) {
    return { refused: `${usable} observations with prices are known; ${MINIMUM.observations} are needed`, rows: [] };
  }
  return undefined;
}

/** How one product answers prices and support, averaged over its customers: what an analyst wants to see first. */
export interface ProductResponse {
  product: string;
  category: string;
  /** % change of units per % change of the price in a temporary cut (negative). */
  promotionalElasticity: number;
  /** % change of units per % change of the regular price. */
  regularElasticity: number;
  /** Multiples of sales at no cut ("×1.25" is a multiple). */
  feature: number;
  display: number;
  featureDisplay: number;
}

/** Describes the response of every product of the model. */
export function describeProducts(model: PromotionModel): ProductResponse[] {
  const { fitted } = model;
  const { structure } = fitted;
  return structure.products.map((product, number) => {
    const group = structure.groups[product.group]!;
    const beta = new Float64Array(COVARIATES.length);
    const level = { all: 0, category: group.category, group: product.group, product: number };
    for (const layer of fitted.layers) {
      if (!(layer.name in level)) continue;
      const start = level[layer.name as keyof typeof level] * layer.covariates.length;
      layer.covariates.forEach((covariate, k) => {
        beta[covariate] = beta[covariate]! + layer.coefficients[start + k]!;
      });
    }
    return {
      product: product.code,
      category: structure.categories[group.category]!,
      promotionalElasticity: -beta[AT.depth]!,
      regularElasticity: beta[AT.logBasePrice]!,
      feature: Math.exp(beta[AT.featureOnly]!),
      display: Math.exp(beta[AT.displayOnly]!),
      featureDisplay: Math.exp(beta[AT.featureDisplay]!),
    };
  });
}
