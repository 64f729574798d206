import type { ShippedDecision } from '#workflow';

/** One row: cells of the inputs in their order, then severity, message (FEEL), what the rule is about, and the step it adds. */
const row = (id: string, conditions: string[], [severity, message, rule, step = null]: (string | null)[]) => ({
  ...{ id, conditions, notes: [] },
  results: [JSON.stringify(severity), message ?? '', JSON.stringify(rule), JSON.stringify(step)],
});

const columns: readonly { name: string; label: string; type?: string }[] = [
  { name: 'blocking', label: 'Conflicts that the policy blocks', type: 'number' },
  { name: 'overlaps', label: 'Conflicts that it warns of', type: 'number' },
  { name: 'fundsShort', label: 'Funds that lack money', type: 'number' },
  { name: 'margin', label: 'Margin of the event', type: 'number' },
  { name: 'netRoi', label: 'Net ROI', type: 'number' },
  { name: 'customerState', label: 'Customer', type: 'string' },
  { name: 'overCredit', label: 'Spend above the credit limit', type: 'number' },
  { name: 'duplicates', label: 'The same, planned already' },
];

/** Cells that say something about one column and nothing about the others. */
const about = (name: string, cell: string): string[] => columns.map((column) => (column.name === name ? cell : '-'));

/**
 * What a promotion is asked when it is planned and submitted: `block` refuses it, `warn` stands beside the plan and the task,
 * `require approval` adds the step that the row names.
 */
export const promotionRules: ShippedDecision = {
  code: 'promotion-rules',
  title: 'Promotion rules',
  inputs: columns.map(({ name, type }) => ({ name, ...(type ? { type } : {}) })),
  table: {
    kind: 'table',
    hitPolicy: 'C',
    inputs: columns.map(({ name, label, type }) => ({ expression: name, label, ...(type ? { type } : {}) })),
    outputs: [
      { name: 'severity', type: 'string', values: '"block", "require approval", "warn"' },
      { name: 'message', type: 'string' },
      { name: 'rule', type: 'string' },
      { name: 'step', type: 'string' },
    ],
    annotations: [],
    rules: [
      row('overlap-blocked', about('blocking', '> 0'), [
        'block',
        '"Another promotion stands in its way: the policy of their mechanics blocks it."',
        'conflict',
      ]),
      row('overlap', about('overlaps', '> 0'), [
        'warn',
        '"It overlaps " + string(overlaps) + " other promotion(s)."',
        'conflict',
      ]),
      row('fund-limit', about('fundsShort', '> 0'), ['block', '"A fund lacks the money for it."', 'fund']),
      row('margin-floor', about('margin', '< 0'), [
        'require approval',
        '"It leaves less than nothing of its sales: below the margin floor."',
        'margin',
        'finance',
      ]),
      row('roi-threshold', about('netRoi', '< 0'), [
        'warn',
        '"Its net ROI of " + string(decimal(netRoi * 100, 1)) + " % is below the threshold of 0 %."',
        'roi',
      ]),
      row('customer-onboarding', about('customerState', '"onboarding", "refused", "returned"'), [
        'block',
        '"The customer is not active: their onboarding is " + (if customerState = "onboarding" then "not over" else customerState) + "."',
        'customer',
      ]),
      row('customer-credit', about('overCredit', '> 0'), [
        'require approval',
        '"Spend open at this customer would be " + string(overCredit) + " above the credit limit."',
        'credit',
        'finance',
      ]),
      row('duplicate', about('duplicates', 'count(?) > 0'), [
        'block',
        '"The same is planned already: " + string join(duplicates, ", ") + "."',
        'duplicate',
      ]),
    ],
  },
};
