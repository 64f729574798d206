import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileModel } from './dmn/compile-model.ts';
import type { DecisionTable } from './dmn/dmn-model.ts';
import { modelOfTable } from './dmn/model-of-table.ts';
import { judge } from './severity-rules.ts';

const rules = (rows: [string, string, string][]): DecisionTable => ({
  kind: 'table',
  hitPolicy: 'R',
  inputs: [{ expression: 'Discount' }],
  outputs: [{ name: 'severity' }, { name: 'message' }, { name: 'approver' }],
  annotations: [],
  rules: rows.map(([condition, severity, message], index) => ({
    id: `rule-${index + 1}`,
    conditions: [condition],
    results: [severity, message, '"sales director"'],
    notes: [],
  })),
});

const ask = (table: DecisionTable, Discount: number) =>
  judge(
    compileModel(modelOfTable('Rules', [{ name: 'Discount' }], table)),
    'Rules',
    { Discount },
    { now: new Date(0) },
  );

const table = rules([
  ['> 0.2', '"warn"', '"The discount is high."'],
  ['> 0.4', '"require approval"', '"Over 40 %: the director decides."'],
  ['> 0.9', '"block"', '"Nothing is given away."'],
]);

test('the gravest of the rules that apply is the outcome, and each names its row', () => {
  const { outcome, findings } = ask(table, 0.5);
  assert.equal(outcome, 'require approval');
  assert.deepEqual(findings[1], {
    severity: 'require approval',
    message: 'Over 40 %: the director decides.',
    row: { id: 'rule-2', row: 2 },
    details: { approver: 'sales director' },
  });
  assert.equal(ask(table, 0.95).outcome, 'block');
  assert.equal(ask(table, 0.3).outcome, 'warn');
});

test('where no rule applies, it is allowed', () => {
  const { outcome, findings } = ask(table, 0.1);
  assert.equal(outcome, 'allow');
  assert.deepEqual(findings, []);
});

test('a rule with an unknown severity is refused rather than passed over', () => {
  assert.throws(() => ask(rules([['-', '"panic"', '"?"']]), 1), { code: 'decision.refused' });
  assert.throws(() => ask({ ...table, hitPolicy: 'F' }, 0.5), { code: 'decision.refused' });
});
