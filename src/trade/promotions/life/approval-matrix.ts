import type { ShippedDecision } from '#workflow';

/** Mechanics that make a contract with the customer or a promise to the shopper: legal reads them first. */
const readByLegal = 'some mechanic in ? satisfies mechanic in ("slotting", "co_op", "coupon")';

/** One row: cells of amount, net ROI, margin, discount and mechanics, whose step it adds, and why. */
const row = (id: string, conditions: string[], step: string, why: string) => ({
  ...{ id, conditions, results: [JSON.stringify(step), JSON.stringify(why)], notes: [] },
});

/**
 * Who decides on a promotion: every row that matches adds its step. Amounts are the spend in the tenant's currency; what is not known
 * (no rate, no prediction) goes to more people, never to fewer.
 */
export const approvalMatrix: ShippedDecision = {
  code: 'promotion-approval-matrix',
  title: 'Promotion approval matrix',
  inputs: [
    { name: 'amount', type: 'number' },
    { name: 'netRoi', type: 'number' },
    { name: 'margin', type: 'number' },
    { name: 'discount', type: 'number' },
    { name: 'mechanics' },
  ],
  table: {
    kind: 'table',
    hitPolicy: 'C',
    inputs: [
      { expression: 'amount', label: 'Spend', type: 'number' },
      { expression: 'netRoi', label: 'Net ROI', type: 'number' },
      { expression: 'margin', label: 'Margin of the event', type: 'number' },
      { expression: 'discount', label: 'Deepest shelf price cut', type: 'number' },
      { expression: 'mechanics', label: 'Mechanics' },
    ],
    outputs: [
      { name: 'step', type: 'string', values: '"peer", "director", "finance", "legal"' },
      { name: 'why', type: 'string' },
    ],
    annotations: [],
    rules: [
      row('peer', ['<= 10000', '>= 0', '-', '-', '-'], 'peer', 'Up to 10,000 that do not lose money: a peer reviews.'),
      row('director-spend', ['> 10000', '-', '-', '-', '-'], 'director', 'Spend above 10,000.'),
      row('director-rate', ['null', '-', '-', '-', '-'], 'director', 'No rate tells the spend in the house currency.'),
      row('director-loss', ['-', '< 0', '-', '-', '-'], 'director', 'The event is expected to lose money.'),
      row('director-unknown', ['-', 'null', '-', '-', '-'], 'director', 'There is no prediction of what it earns.'),
      row(
        'director-margin',
        ['-', '-', '< 0.1', '-', '-'],
        'director',
        'The event leaves less than 10 % of its sales.',
      ),
      row('director-depth', ['-', '-', '-', '> 0.4', '-'], 'director', 'The shelf price is cut by more than 40 %.'),
      row('finance-spend', ['> 100000', '-', '-', '-', '-'], 'finance', 'Spend above 100,000.'),
      row('finance-rate', ['null', '-', '-', '-', '-'], 'finance', 'No rate tells the spend in the house currency.'),
      row('finance-loss', ['-', '< 0', '-', '-', '-'], 'finance', 'The event is expected to lose money.'),
      row('finance-unknown', ['-', 'null', '-', '-', '-'], 'finance', 'There is no prediction of what it earns.'),
      row('legal', ['-', '-', '-', '-', readByLegal], 'legal', 'A mechanic that legal reads first.'),
    ],
  },
};
