import { type CellFigure, enteredCell } from '#figure';

/** How the numbers in lists of terms explain themselves. */
export const termsCells: Readonly<Record<string, CellFigure>> = {
  'terms.waterfall.cases': {
    ...{ unit: 'units', formula: 'Σ cases shipped in the weeks of the period', formulaVersion: 'waterfall-cases/1' },
    ...{ inputs: [{ name: 'cases', field: 'cases', source: 'shipments' }], rows: '{steps.0.amount.rows}' },
    sumOf: 'cases',
  },
  'terms.waterfall.row.cases': {
    ...{ unit: 'units', formula: 'Σ cases shipped under the same price and terms in the period' },
    formulaVersion: 'waterfall-cases/1',
    inputs: [
      { name: 'fiscal year', field: 'fiscalYear', source: 'fiscal calendar' },
      { name: 'period', field: 'period', source: 'fiscal calendar' },
    ],
  },
  'terms.waterfall.row.listPrice': enteredCell('money', [
    { name: 'fiscal year', field: 'fiscalYear', source: 'the price in force in the week of the shipment' },
    { name: 'period', field: 'period', source: 'the prices of the product tell who recorded it and when' },
  ]),
  'terms.threshold': enteredCell('units', [
    { name: 'line', field: 'line', source: 'the agreement tells by whom and when it was agreed' },
  ]),
  'terms.growthThreshold': {
    ...{ unit: 'units', formula: 'volume of last year × (1 + growth)', formulaVersion: 'terms-threshold/1' },
    inputs: [
      { name: 'growth in percent', field: 'growth', source: 'the agreed tier' },
      { name: 'line', field: 'line', source: 'agreement' },
    ],
  },
};
