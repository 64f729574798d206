export { deriveObservedEvents } from './derive-observed-events.ts';
export { type ComponentVolume, type EventInput, type PricedEvent, priceEvent } from './domain/event-economics.ts';
export { type Figure, type FigureName, type Figures, formulaVersion } from './domain/event-figure.ts';
export {
  type EventMeasurement,
  type MeasuredScope,
  type MeasurementRefused,
  measureEvent,
  prepareMeasurement,
} from './domain/event-measurement.ts';
export {
  type EventSpend,
  eventSpend,
  everydayContribution,
  type RetailerMargin,
  retailerMargin,
  type ShelfPrice,
  shelfPriceOf,
  type TacticSpend,
} from './domain/event-spend.ts';
export {
  type EventProduct,
  type EventTactic,
  type Mechanic,
  mechanics,
  type TacticRate,
  type VolumeBasis,
  volumeBasisOf,
} from './domain/event-tactic.ts';
export type { Verdict } from './domain/event-verdict.ts';
export type { PanelSeries, SalesPanel } from './domain/sales-panel.ts';
export { type EarningPromotion, readEarnedVolumes, type WeeklyVolume } from './earned-volumes.ts';
export { fitRequestedModel } from './fit-promotion-model.ts';
export { findPrediction, keepPrediction } from './keep-prediction.ts';
export {
  type EndedPromotion,
  type MeasurePromotions,
  measurePromotion,
  measurePromotions,
  type OtherEvent,
  readPostEvent,
} from './measure-promotion.ts';
export { performanceModule } from './module.ts';
export {
  modelFailed,
  modelFitted,
  modelFitting,
  modelRequested,
  promotionMeasured,
  salesSettled,
} from './performance-events.ts';
export type { ActualOutcome, PostEvent, PostEventWeek, PredictedOutcome } from './post-event.ts';
export {
  outcomeOf,
  type PlannedPromotion,
  type PromotionForecast,
  predictPromotion,
  type RefusedForecast,
} from './predict-promotion.ts';
export type { PromotionScope, PromotionTactic } from './promotion-scope.ts';
export {
  fitPromotionModel,
  type PlannedWeek,
  type PromotionModel,
  predictTotal,
  predictTotals,
  predictWeeks,
  type Refusal,
} from './response-model/promotion-model.ts';
export {
  countSalesPrices,
  readSalesFacts,
  readShipmentFacts,
  type SalesFact,
  type ShipmentFact,
  salesImport,
  salesStored,
  shipmentsImport,
  shipmentsStored,
} from './sales/index.ts';
export { trainPromotionModel } from './train-promotion-model.ts';
