import { type CellFigure, enteredCell } from '#figure';

/** What shipped in the week of a row within its fund’s scope. */
const shipmentsOfWeek =
  '/api/v1/shipments?customerId={fund.customerId}&productId={fund.productId}&from={weekStart}&to={weekStart}';

/** How the numbers in lists of funds, entries and transfers explain themselves. */
export const fundCells: Readonly<Record<string, CellFigure>> = {
  'funds.available': { figure: '/api/v1/funds/{id}/checkbook#/figures/available' },
  'funds.reservedInAll': {
    ...{ unit: 'money', formula: 'Σ funds of Reserved', formulaVersion: 'checkbook/1', inputs: [] },
    ...{ rows: '/api/v1/checkbooks/entries?column=reserved', sumOf: 'moved' },
  },
  'funds.committedInAll': {
    ...{ unit: 'money', formula: 'Σ funds of Committed', formulaVersion: 'checkbook/1', inputs: [] },
    ...{ rows: '/api/v1/checkbooks/entries?column=committed', sumOf: 'moved' },
  },
  'funds.entry': enteredCell('money', [
    { name: 'written by', field: 'actorId', source: 'fund entry: a person, or what the system earned and paid' },
    { name: 'written', field: 'occurredAt', source: 'fund entry; none is ever changed' },
    { name: 'for', field: 'note', source: 'fund entry' },
  ]),
  'funds.transfer': enteredCell('money', [
    { name: 'proposed', field: 'proposedAt', source: 'transfer' },
    { name: 'decided', field: 'decidedAt', source: 'transfer' },
    { name: 'why', field: 'note', source: 'transfer' },
  ]),
  'tasks.fund_transfer.spend': enteredCell('money', [
    { name: 'from', field: 'summary.fromFund', source: 'transfer' },
    { name: 'to', field: 'summary.toFund', source: 'transfer' },
    { name: 'proposed by', field: 'summary.makerName', source: 'transfer' },
  ]),
  'funds.budget-request': enteredCell('money', [
    { name: 'asked', field: 'requestedAt', source: 'budget request' },
    { name: 'decided', field: 'decidedAt', source: 'budget request' },
    { name: 'why', field: 'note', source: 'budget request' },
  ]),
  'tasks.fund_budget_request.spend': enteredCell('money', [
    { name: 'for', field: 'summary.toFund', source: 'budget request' },
    { name: 'asked by', field: 'summary.makerName', source: 'budget request' },
  ]),
  'funds.accrued.cases': {
    ...{
      unit: 'units',
      formula: 'Σ cases shipped in the week within the fund’s scope',
      formulaVersion: 'accrued-week/1',
    },
    inputs: [
      { name: 'week', field: 'weekStart', source: 'shipments' },
      { name: 'accrued', field: 'accruedAt', source: 'a restated week is accrued anew' },
    ],
    ...{ rows: shipmentsOfWeek, sumOf: 'cases' },
  },
  'funds.accrued.amount': {
    ...{
      unit: 'money',
      formula: 'cases × rate, or gross sales at list × rate in percent',
      formulaVersion: 'accrued-week/1',
    },
    inputs: [
      { name: 'cases', field: 'cases', source: 'shipments of the week' },
      { name: 'rate', field: 'rate', source: 'the fund’s rate on the first day of the week' },
      { name: 'per', field: 'per', source: 'the fund’s rate' },
    ],
    rows: shipmentsOfWeek,
  },
};
