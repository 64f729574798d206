import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addInput,
  addOutput,
  addRow,
  moveRow,
  newTable,
  pasteAt,
  removeColumn,
  removeRow,
  setCell,
} from '../../web/src/features/decisions/table-draft.ts';

const begun = { title: 'T', ...newTable('spend', 'number', 'who') };
const cells = ({ rules }: { rules: { conditions: string[]; results: string[] }[] }) =>
  rules.map(({ conditions, results }) => [...conditions, ...results]);

test('rows are added under ids of their own, moved within the table and taken away', () => {
  let { table } = begun;
  table = setCell(addRow(addRow(table, 1), 0), 0, 0, '< 5');
  assert.equal(new Set(table.rules.map(({ id }) => id)).size, 3);
  assert.deepEqual(cells(table), [
    ['< 5', 'null'],
    ['-', '"nobody"'],
    ['-', 'null'],
  ]);
  assert.deepEqual(cells(moveRow(table, 0, 1))[1], ['< 5', 'null']);
  assert.equal(moveRow(table, 0, -1), table);
  assert.equal(moveRow(table, 2, 1), table);
  const again = addRow(removeRow(table, 1), 0);
  assert.equal(new Set(again.rules.map(({ id }) => id)).size, 3);
});

test('cells of a spreadsheet lie over the table from the cursor on, with rows more but no columns', () => {
  const pasted = pasteAt(begun.table, 0, 0, [
    ['< 5', '"sales"', 'left out'],
    ['>= 5', '"finance"'],
  ]);
  assert.deepEqual(cells(pasted), [
    ['< 5', '"sales"'],
    ['>= 5', '"finance"'],
  ]);
  assert.deepEqual(cells(pasteAt(pasted, 1, 1, [['"legal"']]))[1], ['>= 5', '"legal"']);
});

test('a column goes with its cells and its input, and the last result stays', () => {
  const wide = addOutput(addInput(begun, 'margin', 'number'), 'why', 'string');
  assert.deepEqual(cells(wide.table), [['-', '-', '"nobody"', 'null']]);
  assert.deepEqual(
    wide.inputs.map(({ name }) => name),
    ['spend', 'margin'],
  );
  const narrow = removeColumn(wide, 0);
  assert.deepEqual(
    [cells(narrow.table), narrow.inputs.map(({ name }) => name)],
    [[['-', '"nobody"', 'null']], ['margin']],
  );
  const single = removeColumn(narrow, 1);
  assert.deepEqual(cells(single.table), [['-', 'null']]);
  assert.deepEqual(removeColumn(single, 1).table, single.table);
});
