import { AT, COVARIATE_COUNT } from './response-covariates.ts';
import { unitCoefficients } from './response-predict.ts';
import type { FittedResponse, PromotionKind } from './response-state.ts';
import type { TrainingSet } from './response-training.ts';

/** Kind of a promoted row, undefined where no flag is set. */
export function promotionKind(feature: number, display: number, priceReduction: number): PromotionKind | undefined {
  if (feature && display) return 'featureDisplay';
  if (feature) return 'feature';
  if (display) return 'display';
  return priceReduction ? 'priceReduction' : undefined;
}

/** Multiple of sales that a cut and flags make, by the coefficients of one unit (own effects, no pull-forward). */
export function ownMultiple(
  beta: Float64Array,
  state: { depth: number; feature: number; display: number; priceReduction: number },
): number {
  const { depth, feature, display, priceReduction } = state;
  return Math.exp(
    beta[AT.depth]! * depth +
      beta[AT.featureOnly]! * feature * (1 - display) +
      beta[AT.displayOnly]! * display * (1 - feature) +
      beta[AT.featureDisplay]! * feature * display +
      beta[AT.priceReduction]! * priceReduction +
      beta[AT.depthFeature]! * depth * feature +
      beta[AT.depthDisplay]! * depth * display,
  );
}

/** Median own multiple by kind over the promoted training rows. */
export function medianLifts(set: TrainingSet, fitted: FittedResponse): FittedResponse['medianLift'] {
  const found: Record<PromotionKind, number[]> = { featureDisplay: [], feature: [], display: [], priceReduction: [] };
  const { states } = set;
  let beta: Float64Array = new Float64Array(COVARIATE_COUNT);
  for (let row = 0; row < set.rows.rows; row++) {
    const series = set.rows.seriesIndex[row]!;
    if (row === set.unitStart[series]) beta = unitCoefficients(fitted, set.units[series]!);
    const kind = promotionKind(states.feature[row]!, states.display[row]!, states.priceReduction[row]!);
    if (!kind) continue;
    found[kind].push(
      ownMultiple(beta, {
        depth: states.depth[row]!,
        feature: states.feature[row]!,
        display: states.display[row]!,
        priceReduction: states.priceReduction[row]!,
      }),
    );
  }
  const medians: FittedResponse['medianLift'] = {};
  for (const [kind, multiples] of Object.entries(found) as [PromotionKind, number[]][]) {
    if (multiples.length === 0) continue;
    const sorted = Float64Array.from(multiples).sort();
    medians[kind] = { multiple: sorted[Math.floor(sorted.length / 2)]!, rows: sorted.length };
  }
  return medians;
}
