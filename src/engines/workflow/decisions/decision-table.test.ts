import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decide } from './decide.ts';
import { compileTable } from './decision-table.ts';
import { compileModel } from './dmn/compile-model.ts';
import type { DecisionTable, HitPolicy } from './dmn/dmn-model.ts';
import { modelOfTable } from './dmn/model-of-table.ts';
import { passes } from './feel/evaluate-feel.ts';
import { FeelRun } from './feel/feel-run.ts';
import { parseTests } from './feel/parse-feel.ts';
import { Scope } from './feel/scope.ts';
import { feelOf, type Json } from './feel-json.ts';

const now = new Date('2026-01-01T00:00:00Z');

/** Rows as `[conditions, results]`. */
function tableOf(
  hitPolicy: HitPolicy,
  rows: readonly (readonly [string[], string[]])[],
  more: Partial<DecisionTable> = {},
): DecisionTable {
  return {
    kind: 'table',
    hitPolicy,
    inputs: [{ expression: 'Amount', type: 'number' }],
    outputs: [{ type: 'string' }],
    annotations: [],
    rules: rows.map(([conditions, results], index) => ({ id: `r${index + 1}`, conditions, results, notes: [] })),
    ...more,
  };
}

function ask(table: DecisionTable, inputs: Record<string, Json>) {
  const names = Object.keys(inputs).map((name) => ({ name }));
  return decide(compileModel(modelOfTable('Approval', names, table)), 'Approval', inputs, { now });
}

const steps = [
  [['< 10000'], ['"peer"']],
  [['>= 10000'], ['"director"']],
  [['>= 50000'], ['"finance"']],
] as const satisfies [string[], string[]][];
const priorities = { outputs: [{ type: 'string', values: '"finance", "director", "peer"' }] };

test('every hit policy answers as DMN says', () => {
  const numbers: [string[], string[]][] = [
    [['-'], ['5']],
    [['> 0'], ['2']],
    [['> 1000'], ['9']],
  ];
  const all = (policy: HitPolicy, rows: [string[], string[]][], more: Partial<DecisionTable> = {}) =>
    ask(tableOf(policy, rows, more), { Amount: 60_000 }).value;
  const text = steps.map(([conditions, results]): [string[], string[]] => [[...conditions], [...results]]);
  const ofNumbers = { outputs: [{ type: 'number' }] };
  assert.equal(all('U', text.slice(0, 2)), 'director');
  assert.equal(all('U', text), null);
  assert.equal(all('A', text), null);
  assert.equal(all('A', [text[1]!, text[1]!]), 'director');
  assert.equal(all('F', text), 'director');
  assert.equal(all('P', text, priorities), 'finance');
  assert.deepEqual(all('O', text, priorities), ['finance', 'director']);
  assert.deepEqual(all('R', text), ['director', 'finance']);
  assert.deepEqual(all('C', text), ['director', 'finance']);
  assert.equal(all('C+', numbers, ofNumbers), 16);
  assert.equal(all('C<', numbers, ofNumbers), 2);
  assert.equal(all('C>', numbers, ofNumbers), 9);
  assert.equal(all('C#', numbers, ofNumbers), 3);
});

test('where no row matches, the defaults answer, and without them null does', () => {
  const none: [string[], string[]][] = [[['< 0'], ['"never"']]];
  assert.equal(ask(tableOf('F', none, { outputs: [{ default: '"peer"' }] }), { Amount: 1 }).value, 'peer');
  assert.equal(ask(tableOf('F', none), { Amount: 1 }).value, null);
  assert.equal(ask(tableOf('C#', none), { Amount: 1 }).value, 0);
});

test('several outputs make a context, and rows may compute them', () => {
  const table = tableOf('U', [[['> 0'], ['"tax"', 'Amount * 0.2']]], { outputs: [{ name: 'kind' }, { name: 'due' }] });
  assert.deepEqual(ask(table, { Amount: 0.3 }).value, { kind: 'tax', due: 0.06 });
});

test('an answer names the rows that matched and the values they matched', () => {
  const table = tableOf('R', [...steps]);
  assert.deepEqual(ask(table, { Amount: 60_000 }).tables, [
    {
      table: 'Approval',
      inputs: [{ label: 'Amount', value: 60_000 }],
      matched: [
        { id: 'r2', row: 2 },
        { id: 'r3', row: 3 },
      ],
      result: ['director', 'finance'],
    },
  ]);
});

test('a value that the input does not allow matches nothing, and says so', () => {
  const table = tableOf('F', [[['-'], ['"any"']]], { inputs: [{ expression: 'Amount', values: '[0..100]' }] });
  const { value, notes } = ask(table, { Amount: 101 });
  assert.equal(value, null);
  assert.deepEqual(notes, ['Amount is not one of the allowed values.']);
});

test('amounts that doubles cannot tell apart are still compared exactly', () => {
  const table = tableOf('F', [
    [['> 9007199254740993'], ['"above"']],
    [['-'], ['"not above"']],
  ]);
  const asked = (Amount: string) =>
    decide(compileModel(modelOfTable('T', [{ name: 'Amount', type: 'number' }], table)), 'T', { Amount }, { now })
      .value;
  assert.equal(asked('9007199254740993'), 'not above');
  assert.equal(asked('9007199254740994'), 'above');
});

test('a table made ready matches the rows that its cells match one by one', () => {
  const cell = fc.oneof(
    { weight: 4, arbitrary: fc.constant('-') },
    fc.constantFrom(
      'null',
      'not(null)',
      '"a"',
      'not("a", "b")',
      '"a","c"',
      'true',
      'false',
      '? > 2',
      '= 3',
      '!= 3',
      'not(= 3)',
      'not(!= 3)',
      'Other',
      '> Other',
      '["a", 3]',
      '@"2026-01-01"',
      '>= @"2026-01-01"',
      '(date("2025-01-01")..date("2026-01-01")]',
      'not(> 2)',
    ),
    fc
      .tuple(
        fc.integer({ min: -3, max: 5 }),
        fc.integer({ min: 0, max: 4 }),
        fc.constantFrom('[', '('),
        fc.constantFrom(']', ')'),
      )
      .map(([low, more, open, close]) => `${open}${low}..${low + more}${close}`),
    fc
      .tuple(fc.constantFrom('<', '<=', '>', '>='), fc.integer({ min: -3, max: 5 }))
      .map(([sign, end]) => `${sign} ${end}`),
    fc.integer({ min: -3, max: 5 }).map(String),
  );
  const input = fc.oneof(
    fc.integer({ min: -3, max: 5 }),
    fc.constantFrom<Json>(null, true, false, 'a', 'b', 'c', 2.5, [3], ['a', 'b'], '2026-01-01'),
  );
  const rows = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 12 });
  let matched = 0;
  fc.assert(
    fc.property(rows, input, input, input, (cells, first, second, other) => {
      const place = { where: 'table', names: {}, types: new Map(), mistakes: [], effort: { spent: 0 } };
      const isDate = (json: Json) => json === '2026-01-01';
      const values = [first, second].map((json) =>
        feelOf(json, isDate(json) ? { kind: 'simple', name: 'date' } : null),
      );
      const scope = new Scope(new Map([['Other', feelOf(other)]]));
      const table = tableOf(
        'C',
        cells.map((both): [string[], string[]] => [both, ['1']]),
        { inputs: [{ expression: 'x' }, { expression: 'y' }] },
      );
      const found = compileTable(table, place).match(values, scope, new FeelRun(now));
      const holds = (text: string, at: number) =>
        passes(values[at]!, parseTests(text), scope, new FeelRun(now)) === true;
      const naive = cells.flatMap((both, row) => (both.every(holds) ? [row] : []));
      matched += naive.length;
      assert.deepEqual(found, naive);
    }),
    { numRuns: 2_000 },
  );
  assert.ok(matched > 1_000, `only ${matched} rows matched: too few to tell`);
});
