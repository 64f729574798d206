import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unzipSync } from 'fflate';
import { fileOfRows } from '../../../../web/src/ui/sheet-file.ts';
import type { ExportCell } from '../../../../web/src/ui/sheet-rows.ts';
import { fileInMemory, inspectFile } from './file-source.ts';
import { openRows } from './open-rows.ts';

const usd = (amount: string) => ({ amount, currency: 'USD' });
const head = ['code', 'name', 'spend', 'roi', 'units', 'starts_on', 'changed_at', 'count'];
const rows: ExportCell[][] = [
  [
    ...['007', '=cmd|calc', usd('-4800.10'), { ratio: '-0.3077' }],
    ...[{ decimal: '11.142857' }, '2026-06-15', '2026-06-15T06:00:00.000Z', 3],
  ],
  ['+1', 'Ünïcode "quoted", <b> & co', { amount: '1200', currency: 'JPY' }, null, undefined, '', null, 0],
  ['-', 'exact', usd('900719925474099.31'), null, null, null, null, null],
];

async function readBack(format: 'xlsx' | 'csv'): Promise<string[][]> {
  const file = await fileOfRows('promotions: week 1/2', head, rows, format);
  const source = fileInMemory(new Uint8Array(await file.arrayBuffer()));
  const read: string[][] = [];
  for await (const row of await openRows(source, await inspectFile(source), undefined)) read.push(row);
  return read;
}

const columns = ['code', 'name', 'spend', 'spend_currency', 'roi', 'units', 'starts_on', 'changed_at', 'count'];

test('an exported spreadsheet reads back as it was: exact amounts with their currency, dates, codes', async () => {
  const filled = (row: string[]) => columns.map((_, column) => row[column] ?? '');
  assert.deepEqual((await readBack('xlsx')).map(filled), [
    columns,
    ['007', '=cmd|calc', '-4800.1', 'USD', '-0.3077', '11.142857', '2026-06-15', '2026-06-15', '3'],
    ['+1', 'Ünïcode "quoted", <b> & co', '1200', 'JPY', '', '', '', '', '0'],
    ['-', 'exact', '900719925474099.31', 'USD', '', '', '', '', ''],
  ]);
});

test('in a spreadsheet numbers are numbers and texts are texts: nothing is a formula', async () => {
  const file = await fileOfRows('promotions', head, rows, 'xlsx');
  const parts = unzipSync(new Uint8Array(await file.arrayBuffer()));
  const sheet = Object.entries(parts).find(([name]) => /sheet1\.xml$/.test(name))?.[1];
  const xml = new TextDecoder().decode(sheet);
  assert.doesNotMatch(xml, /<f[ >]/);
  const typeOf = (address: string) => new RegExp(`<c r="${address}"[^>]*?(?: t="(\\w+)")?[^>]*>`).exec(xml)?.[0] ?? '';
  for (const text of ['A2', 'B2', 'A3', 'C4']) assert.match(typeOf(text), /t="(s|inlineStr)"/, text);
  for (const number of ['C2', 'E2', 'G2', 'I2', 'C3'])
    assert.doesNotMatch(typeOf(number), /t="(s|str|inlineStr)"/, number);
});

test('a CSV keeps every digit and lets no text run as a formula', async () => {
  assert.deepEqual(await readBack('csv'), [
    columns,
    ['007', "'=cmd|calc", '-4800.10', 'USD', '-0.3077', '11.142857', '2026-06-15', '2026-06-15T06:00:00.000Z', '3'],
    ["'+1", 'Ünïcode "quoted", <b> & co', '1200', 'JPY', '', '', '', '', '0'],
    ["'-", 'exact', '900719925474099.31', 'USD', '', '', '', '', ''],
  ]);
});
