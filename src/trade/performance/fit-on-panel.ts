import { gzipSync } from 'node:zlib';
import type { FitFunction } from '#ml';
import type { SalesPanel } from './domain/sales-panel.ts';
import { describeProducts, fitPromotionModel, type ModelVersion } from './response-model/promotion-model.ts';

/** A fit's answer: the model as gzipped JSON with what it says of itself, or why there is none. */
export type PanelFit =
  | { refused: string }
  | {
      artifact: Uint8Array;
      version: ModelVersion;
      medianLift: unknown;
      elasticity: { median: number; products: number };
    };

/** Fits the promotion response model to all weeks of a panel; runs in a worker thread. */
export const fitOnPanel: FitFunction<{ panel: SalesPanel }, PanelFit> = ({ panel }, { onProgress }) => {
  const model = fitPromotionModel(panel, { originWeek: panel.weekStart.length, onProgress });
  if ('refused' in model) return { refused: model.refused };
  const elasticities = describeProducts(model)
    .map(({ promotionalElasticity }) => promotionalElasticity)
    .sort((a, b) => a - b);
  return {
    artifact: gzipSync(JSON.stringify(model), { level: 3 }),
    version: model.version,
    medianLift: model.fitted.medianLift,
    elasticity: { median: elasticities[Math.floor(elasticities.length / 2)]!, products: elasticities.length },
  };
};
