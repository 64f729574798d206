import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  fileOfTable,
  isHeader,
  matchColumns,
  parsePasted,
  problemsOf,
  readTable,
} from '../../web/src/features/imports/sheet-paste.ts';

const column = (name: string, required = false) => ({ name, required, description: '' });
const customers = [column('code', true), column('name', true), column('parent_code'), column('type', true)];

test('cells come apart as a spreadsheet copies them: tabs, line ends, quotes around either', () => {
  assert.deepEqual(parsePasted('code\tname\r\nA\t"Two\nlines, ""quoted"""\r\n\r\nB\t x \t\r\n'), [
    ['code', 'name'],
    ['A', 'Two\nlines, "quoted"'],
    ['B', 'x', ''],
  ]);
  assert.deepEqual(parsePasted(''), []);
  assert.deepEqual(parsePasted('5" pipe\t6'), [['5" pipe', '6']], 'a quote inside a cell is a sign like any other');
});

test('whatever cells hold, they come back as they were copied', () => {
  const cell = fc.string({ maxLength: 12 }).map((text) => text.replaceAll('\r', '').trim());
  const copied = (table: string[][]) =>
    table
      .map((row) => row.map((one) => (/["\t\n]/.test(one) ? `"${one.replaceAll('"', '""')}"` : one)).join('\t'))
      .join('\r\n');
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 5 }), { minLength: 1, maxLength: 6 }), (table) => {
      const kept = table.filter((row) => row.some((one) => one !== ''));
      assert.deepEqual(parsePasted(copied(table)), kept);
    }),
  );
});

test('columns are matched by their names, however people write them; without names by their order', () => {
  assert.deepEqual(matchColumns(['Parent Code', 'CODE', 'Colour', 'Name'], customers), [
    'parent_code',
    'code',
    null,
    'name',
  ]);
  assert.equal(isHeader(['ACME', 'Acme Stores', '', 'banner'], customers), false);
  const named = readTable(
    [
      ['Name', 'Code', 'Type'],
      ['Acme', 'A', 'banner'],
    ],
    customers,
  );
  assert.deepEqual(named, { match: ['name', 'code', 'type'], rows: [['Acme', 'A', 'banner']] });
  const bare = readTable([['A', 'Acme', '', 'banner', 'extra']], customers);
  assert.deepEqual(bare.match, ['code', 'name', 'parent_code', 'type', null]);
  assert.equal(bare.rows.length, 1);
});

test('what is missing is said before anything is sent', () => {
  const rows = [
    ['A', 'Acme'],
    ['B', ''],
  ];
  assert.deepEqual(problemsOf(rows, ['code', 'name'], customers), {
    missing: ['type'],
    doubled: [],
    emptyCells: [{ row: 2, column: 'name' }],
  });
  assert.deepEqual(problemsOf(rows, ['code', 'code'], customers).doubled, ['code']);
});

test('the file holds the matched columns exactly: codes keep their signs and zeros', async () => {
  const rows = [
    ['007', '=SUM(A1)', 'left out', '-x'],
    ['-1', 'Comma, "quote"', '', '+1'],
  ];
  const file = fileOfTable('pasted', rows, ['code', 'name', null, 'type']);
  assert.equal(file.name, 'pasted.csv');
  assert.equal(await file.text(), 'code,name,type\r\n007,=SUM(A1),-x\r\n-1,"Comma, ""quote""",+1');
});
