import { type CellFigure, type CellFormula, enteredCell } from '#figure';

const money = (formula: string, inputs: CellFormula['inputs'], more: Partial<CellFormula> = {}): CellFormula => ({
  ...{ unit: 'money', formula, formulaVersion: 'books/1', inputs },
  ...more,
});

const entries = (members: string) => `/api/v1/accruals/entries?${members}`;
const ofTactic = { rows: entries('tacticId={tacticId}') };
const liabilities = '/api/v1/accruals?customerId={customerId}';

const forecast = {
  ...{
    name: 'of it on forecast volumes',
    field: 'forecast',
    source: 'the submitted plan, where actual weeks are late',
  },
};

/** What preparing a period would book; groups and totals are sums over their tactics. */
const proposalCells: Record<string, CellFigure> = {
  'proposal.forecast': money(
    'Σ tactics of what is earned to date on forecast volumes',
    [{ name: 'tactics', field: 'tactics', source: 'approved tactics with the same account, mechanic and customer' }],
    { rows: liabilities },
  ),
  'proposal.lastRun': money(
    'Σ movements that the last run booked for the same tactics; releases count below zero',
    [{ name: 'due now', field: 'due.value', source: 'this proposal' }],
    { rows: '/api/v1/accruals/runs/{lastRunId}/entries?kind={entryKind}&customerId={customerId}&mechanic={mechanic}' },
  ),
  'proposal.earnedToDate': money('Σ tactics of rate × volume through the period’s end + lump sums earned', [forecast], {
    rows: liabilities,
  }),
  'proposal.plan': money(
    'Σ tactics of what the funds committed at approval',
    [{ name: 'earned to date', field: 'earnedToDate', source: 'volumes × rates of the approved tactics' }],
    { rows: '/api/v1/checkbooks/entries?customerId={customerId}&column=committed' },
  ),
  'proposal.tactic.forecast': money(
    'what is earned to date on forecast volumes, where actual weeks are late',
    [{ name: 'earned to date', field: 'earnedToDate', source: 'volumes × rates of the approved tactic' }],
    ofTactic,
  ),
  'proposal.tactic.accruedBefore': money('Σ entries that earned of the tactic', [], {
    ...{ rows: entries('tacticId={tacticId}&kind=earn'), sumOf: 'amount' },
  }),
  'proposal.tactic.earnedToDate': money(
    'rate × volume through the period’s end + the lump sum’s part, by the approved tactic',
    [forecast, { name: 'accrued before', field: 'accruedBefore', source: 'accrual entries' }],
    ofTactic,
  ),
};

const booked = (kind: 'earn' | 'settle' | 'release', words: string) =>
  money(`Σ entries of the tactic that ${words}`, [], {
    ...{ rows: entries(`tacticId={tacticId}&kind=${kind}`), sumOf: 'amount' },
  });

/** What each tactic earned, settled, released and still owes. */
const liabilityCells: Record<string, CellFigure> = {
  'liability.earned': booked('earn', 'earn'),
  'liability.settled': booked('settle', 'settle'),
  'liability.released': booked('release', 'release'),
  'liability.open': money(
    'earned − settled − released',
    [
      { name: 'earned', field: 'earned', source: 'accrual entries' },
      { name: 'settled', field: 'settled', source: 'accrual entries' },
      { name: 'released', field: 'released', source: 'accrual entries' },
    ],
    ofTactic,
  ),
};

const inPeriod = 'periodId={periodId}&customerId={customerId}&mechanic={mechanic}&opening=false';
const accounts = '/api/v1/journals/lines?account={account}&glAccount={glAccount}&costCentre={costCentre}';

/** The close report: liabilities rolled forward, and accounts. */
const reportCells: Record<string, CellFigure> = {
  'report.opening': money('Σ earned − settled − released before the period, and balances taken over at go-live', [], {
    rows: entries('customerId={customerId}&mechanic={mechanic}'),
  }),
  'report.earned': money('Σ entries of the period that earn', [], {
    ...{ rows: entries(`${inPeriod}&kind=earn`), sumOf: 'amount' },
  }),
  'report.settled': money('Σ entries of the period that settle', [], {
    ...{ rows: entries(`${inPeriod}&kind=settle`), sumOf: 'amount' },
  }),
  'report.released': money('Σ entries of the period that release', [], {
    ...{ rows: entries(`${inPeriod}&kind=release`), sumOf: 'amount' },
  }),
  'report.closing': money(
    'opening + earned − settled − released',
    [
      { name: 'opening', field: 'opening', source: 'entries of earlier periods' },
      { name: 'earned', field: 'earned', source: 'entries of the period' },
      { name: 'settled', field: 'settled', source: 'entries of the period' },
      { name: 'released', field: 'released', source: 'entries of the period' },
      { name: 'journals say', field: 'journals', source: 'accrued trade liability in the journals' },
    ],
    { rows: entries('customerId={customerId}&mechanic={mechanic}') },
  ),
  'report.journals': money('Σ credits − debits on accrued trade liability through the period’s end', [], {
    rows: '/api/v1/journals/lines?account=accrued_trade_liability&customerId={customerId}',
  }),
  'report.account.opening': money('Σ debits − credits before the period, and balances taken over at go-live', [], {
    rows: accounts,
  }),
  'report.account.debits': money('Σ debit lines of the period', [], {
    ...{ rows: `${accounts}&periodId={periodId}&side=debit&opening=false`, sumOf: 'amount' },
  }),
  'report.account.credits': money('Σ credit lines of the period', [], {
    ...{ rows: `${accounts}&periodId={periodId}&side=credit&opening=false`, sumOf: 'amount' },
  }),
  'report.account.closing': money(
    'opening + debits − credits',
    [
      { name: 'opening', field: 'opening', source: 'lines of earlier periods' },
      { name: 'debits', field: 'debits', source: 'lines of the period' },
      { name: 'credits', field: 'credits', source: 'lines of the period' },
    ],
    { rows: accounts },
  ),
  'journals.total': money(
    'Σ debits = Σ credits of its lines',
    [
      { name: 'prepared by', field: 'preparedBy', source: 'journal' },
      { name: 'version', field: 'version', source: 'journal' },
    ],
    { rows: '/api/v1/journals/lines?journalId={id}&side=debit', sumOf: 'amount' },
  ),
  'journals.line': money(
    'what the movement booked of the tactic, or of what was settled',
    [
      { name: 'position', field: 'position', source: 'journal' },
      { name: 'mapping version', field: 'glMapping', source: 'mapping of mechanics to accounts' },
    ],
    { rows: entries('tacticId={tacticId}&journalId={journalId}') },
  ),
};

const captured: CellFormula['inputs'] = [
  { name: 'captured by', field: 'capturedBy', source: 'form, API or import' },
  { name: 'captured', field: 'capturedAt', source: 'deduction or claim' },
  { name: 'version', field: 'version', source: 'deduction or claim' },
];

/** Deductions and claims. */
const itemCells: Record<string, CellFigure> = {
  'items.amount': enteredCell('money', captured),
  'items.tax': enteredCell('money', captured),
  'items.openAmount': money(
    'amount − settled − recovered − written off',
    [
      { name: 'amount', field: 'amount', source: 'as it was captured' },
      { name: 'settled', field: 'settled', source: 'settlements' },
      { name: 'recovered', field: 'recovered', source: 'settlements' },
      { name: 'written off', field: 'writtenOff', source: 'settlements' },
    ],
    { rows: '/api/v1/settlements?itemId={id}' },
  ),
  'items.validAmount': enteredCell('money', [
    { name: 'of', field: 'amount', source: 'as it was captured' },
    { name: 'version', field: 'version', source: 'who found it valid stands in the audit' },
  ]),
  'items.match': money(
    'the part of the amount that answers for the tactic, as it was matched',
    [{ name: 'open liability', field: 'openLiability.value', source: 'earned − settled − released of the tactic' }],
    { rows: entries('tacticId={tacticId}') },
  ),
  'items.earned': money('Σ entries that earned of the tactic', [], {
    ...{ rows: entries('tacticId={tacticId}&kind=earn'), sumOf: 'amount' },
  }),
  'items.settlement': enteredCell('money', [
    { name: 'settled', field: 'settledAt', source: 'settlement' },
    { name: 'note', field: 'note', source: 'settlement' },
  ]),
  'items.suggested': money(
    'the part of the amount that the suggestion gives to the tactic',
    [{ name: 'promotion', field: 'promotionCode', source: 'matching' }],
    { rows: entries('tacticId={tacticId}') },
  ),
  'items.confidence': {
    ...{ unit: 'ratio', formula: 'e^Σ weight × evidence / Σ of the same over all candidates and none of them' },
    formulaVersion: 'match/1',
    inputs: [{ name: 'model version', field: 'modelVersion', source: 'weights learned from confirmed matches' }],
  },
  'items.ageing': money(
    'Σ open amounts by the days to the deadline: the earliest claim-by date of what they are matched to, else their own',
    [{ name: 'items', field: 'count', source: 'open deductions or claims' }],
    { rows: '/api/v1/{list}?ageing={bucket}&currency={currency}', sumOf: 'openAmount' },
  ),
};

/** How the numbers in lists of the books and of deductions and claims explain themselves. */
export const settlementCells: Readonly<Record<string, CellFigure>> = {
  ...proposalCells,
  ...liabilityCells,
  ...reportCells,
  ...itemCells,
};
