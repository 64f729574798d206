import type { CellFigure, CellFormula } from '#figure';
import { formulaVersion } from './domain/event-figure.ts';
import { MEASUREMENT_FORMULA_VERSION } from './domain/event-measurement-model.ts';
import { ROLLUP_VERSION } from './domain/event-rollup.ts';

const measurement = [
  { name: 'measurement', field: 'measurementVersion', source: 'post-event result; a re-measurement is a new one' },
  { name: 'baseline version', field: 'baselineVersion', source: 'clean weeks before and after the event' },
] as const;

const measured = (formula: string, sumOf?: string): CellFormula => ({
  ...{ unit: 'units', formula, formulaVersion: MEASUREMENT_FORMULA_VERSION, inputs: measurement },
  rows: '/api/v1/promotions/{promotionId}/post-event/weeks?version={measurementVersion}',
  ...(sumOf ? { sumOf } : {}),
});

const ofEvent = (figure: string): CellFigure => ({
  figure: `/api/v1/promotions/{promotionId}/post-event?version={measurementVersion}#/figures/${figure}`,
});

const ofGroup = (formula: string, events: string, source: string): CellFormula => ({
  ...{ unit: 'ratio', formula, formulaVersion: ROLLUP_VERSION, rows: '{figures.spend.rows}' },
  inputs: [{ name: 'events', field: events, source }],
});

const fitted = [
  {
    name: 'weeks that it had not seen',
    field: 'rows',
    source: 'sales kept from the fitting, one row a series and week',
  },
  { name: 'model version', field: 'number', source: 'models' },
  { name: 'sales through', field: 'trainedThrough', source: 'sales facts' },
] as const;

const heldOut = '/api/v1/ml/models/{id}/hold-out?method={method}';

const ofModel = (
  unit: CellFormula['unit'],
  formula: string,
  inputs: CellFormula['inputs'],
  rows?: string,
): CellFormula => ({
  ...{ unit, formula, formulaVersion: 'promotion-response/1', inputs },
  ...(rows ? { rows } : {}),
});

/** How the numbers in lists of measured events and of models explain themselves. */
export const performanceCells: Readonly<Record<string, CellFigure>> = {
  'postEvent.actual.baselineUnits': measured('B = Σ weeks of what clean weeks say would have sold', 'baselineUnits'),
  'postEvent.actual.actualUnits': measured('A = Σ weeks of units sold', 'actualUnits'),
  'postEvent.actual.incrementalUnits': measured('I = A − B', 'incrementalUnits'),
  'postEvent.actual.dipUnits': measured('baseline − actual in the weeks after the event, pulled towards all events'),
  'postEvent.actual.cannibalisationUnits': measured(
    'baseline − actual of our other products of the category, pulled towards all events',
  ),
  'postEvent.actual.haloUnits': measured('actual − baseline of our products of other categories, by all events'),
  'results.events.incrementalUnits': measured('I = A − B', 'incrementalUnits'),
  'results.events.predictedUnits': {
    ...{ unit: 'units', formula: 'I = A − B, as it was predicted when it was relied on last', formulaVersion },
    inputs: [{ name: 'predicted', field: 'predictedUnits', source: 'the prediction kept at submission or amendment' }],
    rows: '/api/v1/promotions/{promotionId}/plan/weeks?as=submitted',
  },
  'results.events.spend': ofEvent('eventSpend'),
  'results.events.netProfit': ofEvent('netProfit'),
  'results.events.netRoi': ofEvent('netRoi'),
  'results.error': ofGroup(
    'Σ |predicted − measured| / Σ |measured|, incremental units',
    'prediction.events',
    'events with a prediction',
  ),
  'results.naiveError': ofGroup(
    'Σ |naive − measured| / Σ |measured|; naive: the mean lift of earlier events of the same mechanics',
    'prediction.naiveEvents',
    'events that the naive prediction covers',
  ),
  'results.errorOnNaive': ofGroup(
    'Σ |predicted − measured| / Σ |measured| on the events that the naive prediction covers',
    'prediction.naiveEvents',
    'events that the naive prediction covers',
  ),
  'models.wape': ofModel('ratio', 'WAPE = Σ |predicted − actual| / Σ actual, units a week', fitted, heldOut),
  'models.bias': ofModel('ratio', 'Σ (predicted − actual) / Σ actual, units a week', fitted, heldOut),
  'models.lift': ofModel(
    'units',
    'median of A / B over the promoted series-weeks',
    [
      { name: 'promoted series-weeks', field: 'rows', source: 'sales facts with the flag' },
      { name: 'model version', field: 'number', source: 'models' },
      { name: 'sales through', field: 'trainedThrough', source: 'sales facts' },
    ],
    '/api/v1/sales?promoted=true&from={trainedFrom}&to={trainedThrough}',
  ),
  'models.elasticity': ofModel(
    'units',
    'median over products of −d ln(units) / d ln(price)',
    [
      { name: 'products', field: 'products', source: 'products with price changes enough' },
      { name: 'model version', field: 'number', source: 'models' },
      { name: 'sales through', field: 'trainedThrough', source: 'sales facts' },
    ],
    '/api/v1/ml/models/{id}/products',
  ),
};
