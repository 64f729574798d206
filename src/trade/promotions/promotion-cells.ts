import { type CellFigure, type CellFormula, enteredCell } from '#figure';
import { formulaVersion } from '#performance';

const kept = (figure: string): CellFigure => ({ figure: `/api/v1/promotions/{id}/plan?as=kept#/figures/${figure}` });

const weeksOf = (sumOf: string) => ({
  rows: '{weeks}?productId={productId}',
  sumOf,
});

const model = 'prediction model, in the version that the plan names';

const units = (formula: string, inputs: CellFormula['inputs'], more: Partial<CellFormula> = {}): CellFormula => ({
  ...{ unit: 'units', formula, formulaVersion, inputs },
  ...more,
});

/** A product over the event: its weeks are the rows. */
const productCells: Record<string, CellFigure> = {
  'plan.products.baselineUnits': units(
    'B = Σ weeks of baseline units × the event’s share of the week’s days',
    [{ name: 'model version', field: 'modelVersion', source: model }],
    weeksOf('eventBaselineUnits'),
  ),
  'plan.products.incrementalUnits': units(
    'I = A − B',
    [
      { name: 'A, predicted units', field: 'predictedUnits', source: model },
      { name: 'B, baseline units', field: 'baselineUnits', source: model },
    ],
    weeksOf('eventIncrementalUnits'),
  ),
  'plan.products.predictedUnits': units(
    'A = B + I',
    [
      { name: 'B, baseline units', field: 'baselineUnits', source: model },
      { name: 'I, incremental units', field: 'incrementalUnits', source: model },
    ],
    weeksOf('eventUnits'),
  ),
  'plan.products.spend': {
    ...{ unit: 'money', formula: 'Σ tactics of rate × the product’s volume + its part of lump sums', formulaVersion },
    inputs: [{ name: 'predicted units', field: 'predictedUnits', source: model }],
    rows: '{tactics}',
  },
  'plan.products.basePrice': {
    ...{ unit: 'money', formula: 'mean base price of a unit over the customers of the event', formulaVersion },
    inputs: [
      { name: 'base price', field: 'basePrice', source: 'sales facts: the price on the shelf without an event' },
    ],
  },
  'plan.products.shelfPrice': {
    ...{ unit: 'money', formula: 'base price − Σ tactics of funded rate × pass-through, per unit', formulaVersion },
    inputs: [
      { name: 'base price', field: 'basePrice', source: 'sales facts' },
      { name: 'depth', field: 'depth', source: 'tactics: funded rate × pass-through / base price' },
    ],
  },
  'plan.products.depth': {
    ...{ unit: 'ratio', formula: '(base price − shelf price) / base price', formulaVersion },
    inputs: [
      { name: 'base price', field: 'basePrice', source: 'sales facts' },
      { name: 'shelf price', field: 'shelfPrice', source: 'tactics: funded rate × pass-through' },
    ],
  },
};

/** A product in one week. */
const weekCells: Record<string, CellFigure> = {
  'plan.weeks.baselineUnits': units('B: units that would sell in the week with no promotion', [
    { name: 'model version', field: 'modelVersion', source: model },
    { name: 'baseline version', field: 'baselineVersion', source: model },
    { name: 'week', field: 'weekStart', source: 'fiscal calendar' },
  ]),
  'plan.weeks.incrementalUnits': units('I = A − B', [
    { name: 'A, predicted units', field: 'predictedUnits', source: model },
    { name: 'B, baseline units', field: 'baselineUnits', source: model },
    { name: 'week', field: 'weekStart', source: 'fiscal calendar' },
  ]),
  'plan.weeks.predictedUnits': units('A = B + I', [
    { name: 'B, baseline units', field: 'baselineUnits', source: model },
    { name: 'I, incremental units', field: 'incrementalUnits', source: model },
    { name: 'model version', field: 'modelVersion', source: model },
    { name: 'week', field: 'weekStart', source: 'fiscal calendar' },
  ]),
};

const fundCells: Record<string, CellFigure> = {
  'plan.funds.needed': {
    ...{ unit: 'money', formula: 'Σ tactics of the fund’s share of their spend, by largest remainder', formulaVersion },
    inputs: [{ name: 'needed', field: 'needed', source: 'tactics of the plan' }],
    ...{ rows: '{tactics}?fundId={fundId}', sumOf: 'part' },
  },
  'plan.funds.available': {
    ...{ unit: 'money', formula: 'Available of the checkbook + what the fund already holds for this promotion' },
    formulaVersion,
    inputs: [
      {
        ...{ name: 'available for this promotion', field: 'available', source: 'the fund’s checkbook' },
        figure: '/api/v1/funds/{fundId}/checkbook#/figures/available',
      },
    ],
  },
  'plan.funds.after': {
    ...{ unit: 'money', formula: 'available for this promotion − needed', formulaVersion },
    inputs: [
      {
        ...{ name: 'available for this promotion', field: 'available', source: 'the fund’s checkbook' },
        figure: '/api/v1/funds/{fundId}/checkbook#/figures/available',
      },
      { name: 'needed', field: 'needed', source: 'tactics of the plan' },
    ],
  },
};

const inRetailer = (unit: CellFormula['unit'], formula: string): CellFormula => ({
  ...{ unit, formula, formulaVersion },
  inputs: [{ name: 'note', field: 'note', source: 'a plan of before its margin explained itself' }],
});

const retailerCells: Record<string, CellFigure> = {
  'plan.retailer.marginBefore': inRetailer('money', 'shelf sales − paid to us, at baseline units'),
  'plan.retailer.marginAfter': inRetailer('money', 'shelf sales − paid to us + funded rates, at predicted units'),
  'plan.retailer.percentBefore': inRetailer('ratio', '(shelf sales − paid to us) / shelf sales'),
  'plan.retailer.percentAfter': inRetailer('ratio', '(shelf sales − paid to us + funded rates) / shelf sales'),
};

const ofTask = (figure: string): CellFigure => ({
  figure: `/api/v1/promotions/{subjectId}/plan?as=submitted#/figures/${figure}`,
});
const ofAmendment = (figure: string): CellFigure => ({
  figure: `/api/v1/promotions/{summary.promotionId}/amendments/{subjectId}#/plan/figures/${figure}`,
});

const deepestCut: CellFigure = {
  ...{ unit: 'ratio', formula: 'the deepest shelf price cut of a product / its shelf price', formulaVersion },
  inputs: [{ name: 'asked', field: 'createdAt', source: 'the plan as it was submitted' }],
};

/** How the numbers in lists of promotions and their plans explain themselves. */
export const promotionCells: Readonly<Record<string, CellFigure>> = {
  'promotions.plannedSpend': kept('eventSpend'),
  'promotions.netProfit': kept('netProfit'),
  'promotions.netRoi': kept('netRoi'),
  'promotions.netProfitChange': {
    ...{ unit: 'money', formula: 'net profit on the new days − net profit as it is planned', formulaVersion },
    inputs: [
      { name: 'on the new days', field: 'after', source: 'preview by the model in force' },
      {
        ...{ name: 'as it is planned', field: 'before', source: 'the plan on its own days' },
        figure: '/api/v1/promotions/{id}/plan#/figures/netProfit',
      },
    ],
  },
  'promotions.plannedSpendByState': {
    ...{ unit: 'money', formula: 'Σ planned spend of the promotions in the state', formulaVersion },
    inputs: [{ name: 'promotions', field: 'count', source: 'promotions in the state' }],
    ...{ rows: '/api/v1/promotions?state={state}', sumOf: 'plannedSpend' },
  },
  ...productCells,
  ...weekCells,
  ...fundCells,
  'plan.totals.baselineUnits': units(
    'B = Σ products and weeks of baseline units × the event’s share of the week’s days',
    [{ name: 'B, in cases', field: 'baselineCases', source: model }],
    { rows: '{weeks}', sumOf: 'eventBaselineUnits' },
  ),
  'plan.tactics.volume': units(
    'Σ products of the volume on the tactic’s own basis',
    [
      { name: 'basis', field: 'volumeBasis', source: 'mechanic' },
      { name: 'assumption', field: 'assumption', source: 'plan' },
    ],
    { rows: '{weeks}' },
  ),
  'plan.tactics.spend': {
    ...{ unit: 'money', formula: 'the tactic’s lump sums; what a rate costs is not known without a volume' },
    ...{ formulaVersion, inputs: [{ name: 'assumption', field: 'assumption', source: 'plan' }] },
  },
  ...retailerCells,
  'tasks.promotion.spend': ofTask('eventSpend'),
  'tasks.promotion.netRoi': ofTask('netRoi'),
  'tasks.promotion.margin': ofTask('eventMargin'),
  'tasks.promotion.discount': deepestCut,
  'tasks.promotion_amendment.spend': ofAmendment('eventSpend'),
  'tasks.promotion_amendment.netRoi': ofAmendment('netRoi'),
  'tasks.promotion_amendment.margin': ofAmendment('eventMargin'),
  'tasks.promotion_amendment.discount': deepestCut,
  'postEvent.predicted.incrementalUnits': units('I = A − B, as it was predicted when it was relied on last', [
    { name: '90 % interval from', field: 'low', source: model },
    { name: '90 % interval to', field: 'high', source: model },
    { name: 'model version', field: 'modelVersion', source: 'the prediction that was kept at submission or amendment' },
  ]),
  'postEvent.predicted.spend': { figure: '/api/v1/promotions/{promotionId}/plan?as=submitted#/figures/eventSpend' },
  'postEvent.predicted.netProfit': { figure: '/api/v1/promotions/{promotionId}/plan?as=submitted#/figures/netProfit' },
  'postEvent.predicted.netRoi': { figure: '/api/v1/promotions/{promotionId}/plan?as=submitted#/figures/netRoi' },
  'tactics.agreed': enteredCell('money', [
    { name: 'promotion', field: 'code', source: 'its versions tell who entered it' },
    { name: 'version', field: 'version', source: 'promotion' },
    { name: 'created by', field: 'createdBy', source: 'promotion' },
    { name: 'changed', field: 'updatedAt', source: 'promotion' },
  ]),
};
