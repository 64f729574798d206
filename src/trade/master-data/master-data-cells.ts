import { type CellFigure, enteredCell } from '#figure';

const ofPrice = enteredCell('money', [
  { name: 'recorded', field: 'recordedAt', source: 'price; the audit tells by whom' },
  { name: 'valid from', field: 'validFrom', source: 'price; earlier ones stay' },
]);

const ofFile = (formula: string, more: { rows?: string } = {}): CellFigure => ({
  ...{ unit: 'units', formula, formulaVersion: 'control-totals/1', ...more },
  inputs: [
    { name: 'file', field: 'fileName', source: 'import' },
    { name: 'read', field: 'read', source: 'rows of the file' },
    { name: 'accepted', field: 'accepted', source: 'rows that were stored or stood there already' },
    { name: 'quarantined', field: 'quarantined', source: 'rows that did not map' },
  ],
});

/** How the numbers in lists of master data explain themselves. */
export const masterDataCells: Readonly<Record<string, CellFigure>> = {
  'imports.totals.read': ofFile('Σ of the column over the rows read = accepted + quarantined'),
  'imports.totals.accepted': ofFile('Σ of the column over the rows accepted'),
  'imports.totals.quarantined': ofFile('Σ of the column over the rows in quarantine', {
    rows: '/api/v1/imports/{id}/quarantine',
  }),
  'customers.creditLimit': enteredCell('money', [
    { name: 'asked', field: 'requestedAt', source: 'onboarding' },
    { name: 'granted', field: 'decidedAt', source: 'onboarding; the audit tells by whom' },
    { name: 'on conditions', field: 'conditions', source: 'onboarding' },
  ]),
  'tasks.customer.spend': enteredCell('money', [
    { name: 'credit limit for', field: 'summary.customerName', source: 'onboarding' },
    { name: 'asked by', field: 'summary.makerName', source: 'onboarding' },
  ]),
  'prices.listPrice': { ...ofPrice, per: 'case' },
  'prices.cost': { ...ofPrice, per: 'case' },
};
