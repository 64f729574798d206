import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDecisionTable } from './check-decision-table.ts';
import type { DecisionTable, HitPolicy } from './dmn/dmn-model.ts';

function check(hitPolicy: HitPolicy, rows: string[][], more: Partial<DecisionTable> = {}) {
  const table: DecisionTable = {
    kind: 'table',
    hitPolicy,
    inputs: [
      { expression: 'Amount', type: 'number' },
      { expression: 'Mechanic', type: 'string' },
    ],
    outputs: [{ type: 'string', values: '"peer", "director"' }],
    annotations: [],
    rules: rows.map((cells, index) => ({
      id: `r${index}`,
      conditions: cells.slice(0, 2),
      results: cells.slice(2),
      notes: [],
    })),
    ...more,
  };
  return checkDecisionTable(table, { names: ['Amount', 'Mechanic'] });
}

test('a table without faults has no findings', () => {
  const rows = [
    ['< 100', '"feature"', '"peer"'],
    ['>= 100', '"feature"', '"director"'],
    ['-', 'not("feature")', '"director"'],
  ];
  assert.deepEqual(check('U', rows), []);
});

test('rows that both match where one may are told with an example', () => {
  const found = check('U', [
    ['[0..100]', '-', '"peer"'],
    ['>= 100', '"feature"', '"director"'],
    ['< 0', '-', '"peer"'],
    ['> 100', 'not("feature")', '"peer"'],
  ]);
  assert.deepEqual(found, [{ kind: 'overlap', rows: [1, 2], detail: 'Both match Amount 100, Mechanic "feature".' }]);
});

test('rows may overlap where any may answer, as long as they answer the same', () => {
  const rows = [
    ['>= 0', '-', '"peer"'],
    ['<= 0', '-', '"peer"'],
  ];
  assert.deepEqual(check('A', rows), []);
  assert.deepEqual(
    check('A', [rows[0]!, ['<= 0', '-', '"director"']]).map(({ kind }) => kind),
    ['overlap'],
  );
});

test('inputs that no row answers are told', () => {
  const found = check('F', [
    ['< 100', '-', '"peer"'],
    ['> 100', '"feature", "display"', '"director"'],
  ]);
  assert.deepEqual(found, [{ kind: 'gap', rows: [], detail: 'No row matches Amount 100.' }]);
  assert.deepEqual(check('C', [['< 100', '-', '"peer"']]), []);
});

test('a row for the rest closes every gap, however many conditions there are', () => {
  const amounts = Array.from({ length: 300 }, (_, index) => [`${index}`, `"m${index}"`, '"peer"']);
  assert.deepEqual(check('F', [...amounts, ['-', '-', '"director"']]), []);
});

test('a row that rows above leave nothing is told as unreachable', () => {
  const found = check('F', [
    ['< 100', '-', '"peer"'],
    ['>= 100', '-', '"director"'],
    ['50', '"feature"', '"director"'],
  ]);
  assert.deepEqual(found, [{ kind: 'unreachable', rows: [3], detail: 'Rows above match first, whatever it matches.' }]);
});

test('cells and results of the wrong type, values outside of the allowed and what is not FEEL are told by row', () => {
  const found = check('F', [
    ['"many"', '-', '"peer"'],
    ['-', '-', '5'],
    ['-', '-', '"nobody"'],
    ['1 +', '-', '"peer"'],
  ]);
  const told = found.filter(({ kind }) => kind === 'type' || kind === 'syntax').map(({ kind, rows }) => [kind, rows]);
  assert.deepEqual(told, [
    ['syntax', [4]],
    ['type', [1]],
    ['type', [2]],
    ['type', [3]],
  ]);
});

test('cells with variables are left out, and said to be', () => {
  const found = check('U', [
    ['> Mechanic', '-', '"peer"'],
    ['-', '-', '"peer"'],
  ]);
  assert.deepEqual(found, [
    { kind: 'unchecked', rows: [1], detail: 'Cells with variables were not compared with others.' },
  ]);
});
