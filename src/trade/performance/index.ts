export { deriveObservedEvents } from './derive-observed-events.ts';
export { type ComponentVolume, type EventInput, type PricedEvent, priceEvent } from './domain/event-economics.ts';
export { type FigureName, type Figures, formulaVersion } from './domain/event-figure.ts';
export {
  type EventMeasurement,
  type MeasuredScope,
  type MeasurementRefused,
  measureEvent,
  prepareMeasurement,
} from './domain/event-measurement.ts';
export { type Dates, type EventPart, eventPart } from './domain/event-part.ts';
export {
  type EventSpend,
  eventSpend,
  everydayContribution,
  type ShelfPrice,
  shelfPriceOf,
  type TacticSpend,
} from './domain/event-spend.ts';
export type {
  EventProduct,
  EventTactic,
  FundShare,
  Recognition,
  TacticRate,
  TacticTiers,
} from './domain/event-tactic.ts';
export type { Verdict } from './domain/event-verdict.ts';
export { type Mechanic, type MechanicRule, mechanicRules, mechanics, type TacticField } from './domain/mechanic.ts';
export { type EventPlace, openEventFigures } from './domain/open-figures.ts';
export { type RetailerMargin, retailerMargin } from './domain/retailer-margin.ts';
export type { PanelSeries, SalesPanel } from './domain/sales-panel.ts';
export { type EarningTerms, lumpSumOf, moneyThrough } from './domain/tactic-money.ts';
export {
  type EarningPromotion,
  type PlannedVolumes,
  readEarnedVolumes,
  type TacticVolumes,
} from './earned-volumes.ts';
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
export { type BaselineWeek, predictBaselines } from './predict-baselines.ts';
export {
  outcomeOf,
  type PlannedPromotion,
  type PromotionForecast,
  predictPromotion,
  type RefusedForecast,
} from './predict-promotion.ts';
export { countSeries, type PromotionScope, type PromotionTactic } from './promotion-scope.ts';
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
  depletionsImport,
  readFactWeeks,
  readSalesFacts,
  readShipmentFacts,
  type SalesFact,
  type ShipmentFact,
  salesImport,
  salesStored,
  shipmentsImport,
  shipmentsStored,
} from './sales/index.ts';
export { listSalesFacts } from './sales-facts.ts';
export { readWeeklyShipments, type WeeklyShipment } from './shipment-store.ts';
export { trainPromotionModel } from './train-promotion-model.ts';
