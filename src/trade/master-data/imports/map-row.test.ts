import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mappingMapper, plainMapper } from './map-row.ts';
import { mappingSchema } from './mapping.ts';

const columns = ['code', 'name', 'parent_code', 'type', 'own', 'starts_on', 'units'];

function mapper(header: string[], mapping: object) {
  return mappingMapper(header, mappingSchema.parse({ kind: 'things', ...mapping }), columns);
}

function textsOf(header: string[], mapped: object, cells: string[]) {
  const row = mapper(header, { columns: mapped }).map(cells);
  return row.reasons.length > 0 ? row.reasons : row.records.at(-1)?.texts;
}

test('a mapping renames, sets constants, joins, translates and fills in', () => {
  const mapped = {
    code: { join: ['state', 'segment'], separator: '-', case: 'upper' },
    name: { column: 'segment', translate: { V: 'value' }, default: 'none' },
    type: { constant: 'division' },
  };
  assert.deepEqual(textsOf(['state', 'segment'], mapped, [' oh ', 'V']), {
    ...{ code: 'OH-V', name: 'value', type: 'division' },
  });
  assert.deepEqual(textsOf(['state', 'segment'], mapped, ['oh', '']), { code: 'OH-', name: 'none', type: 'division' });
});

test('a mapping reads dates and numbers as other countries write them, and shifts dates', () => {
  const read = (expression: object, cell: string) => textsOf(['a'], { units: expression }, [cell]);
  const date = (format: string, shiftDays?: number) => ({ column: 'a', date: { format, shiftDays } });
  assert.deepEqual(read(date('YYYY-MM-DD', -6), '2009-01-14'), { units: '2009-01-08' });
  assert.deepEqual(read(date('DD.MM.YYYY'), '1.2.2026'), { units: '2026-02-01' });
  assert.deepEqual(read(date('MM/DD/YYYY'), '02/01/2026'), { units: '2026-02-01' });
  assert.deepEqual(read(date('YYYYMMDD', 1), '20240228'), { units: '2024-02-29' });
  assert.deepEqual(read(date('YYYY-MM-DD'), '2026-02-30'), ['units: not a date (YYYY-MM-DD): "2026-02-30"']);
  assert.deepEqual(read({ column: 'a', number: { decimal: ',', group: '.' } }, '1.234,50'), { units: '1234.50' });
});

test('a value without a translation goes to quarantine only where the mapping is strict', () => {
  const translate = { A: '1' };
  assert.deepEqual(textsOf(['a'], { units: { column: 'a', translate } }, ['B']), { units: 'B' });
  assert.deepEqual(textsOf(['a'], { units: { column: 'a', translate, strict: true } }, ['B']), [
    'units: no translation for "B"',
  ]);
});

test('a mapping chooses by condition', () => {
  const own = {
    choose: [{ when: { column: 'maker', in: ['US'] }, use: { constant: '1' } }],
    otherwise: { constant: '0' },
  };
  assert.deepEqual(textsOf(['maker'], { own }, ['US']), { own: '1' });
  assert.deepEqual(textsOf(['maker'], { own }, ['THEM']), { own: '0' });
});

test('several levels of parents come from each row, and the row stands below the last', () => {
  const rows = mapper(['state', 'store'], {
    parents: [
      { code: { constant: 'R' }, name: { constant: 'Retailer' } },
      { code: 'state', name: 'state' },
    ],
    columns: { code: 'store', name: 'store' },
  });
  assert.deepEqual(rows.map(['OH', '1']).records, [
    { texts: { code: 'R', name: 'Retailer' }, derived: true },
    { texts: { code: 'OH', name: 'OH', parent_code: 'R' }, derived: true },
    { texts: { code: '1', name: '1', parent_code: 'OH' }, derived: false },
  ]);
  assert.deepEqual(rows.map(['OH', '2']).records.slice(1), [
    { texts: { code: 'OH', name: 'OH', parent_code: 'R' }, derived: true },
    { texts: { code: '2', name: '2', parent_code: 'OH' }, derived: false },
  ]);
});

test('a row that cannot be mapped does not swallow the parents of the next one', () => {
  const rows = mapper(['state', 'store', 'day'], {
    parents: [{ code: 'state', name: 'state' }],
    columns: { code: 'store', name: 'store', starts_on: { column: 'day', date: {} } },
  });
  assert.equal(rows.map(['OH', '1', 'never']).reasons.length, 1);
  assert.deepEqual(
    rows.map(['OH', '2', '2026-01-01']).records.map(({ texts }) => texts.code),
    ['OH', '2'],
  );
});

test('a mapping and a file that do not fit are refused with the names that would', () => {
  const refusal = { code: 'import.refused' };
  assert.throws(() => mapper(['a', 'b'], { columns: { code: 'c' } }), { ...refusal, message: /"c".*a, b/ });
  assert.throws(() => mapper(['a'], { columns: { colour: 'a' } }), { ...refusal, message: /"colour"/ });
  assert.throws(() => mapper(['a', 'a'], { columns: { code: 'a' } }), { ...refusal, message: /"a" twice/ });
  assert.throws(() => plainMapper([' ', ''], columns), { ...refusal, message: /no header/ });
});

test('without a mapping the columns go by their names in any order, and others are named as not used', () => {
  const rows = plainMapper(['name ', 'extra', 'code', ''], columns);
  assert.deepEqual(rows.map(['N', 'x', ' C ', '']).records, [{ texts: { name: 'N', code: 'C' }, derived: false }]);
  assert.deepEqual(rows.ignored, ['extra']);
});

test('a mapping file with an unknown member or too deep a structure is not valid', () => {
  const valid = (columns: object) => mappingSchema.safeParse({ kind: 'x', columns }).success;
  assert.equal(valid({ code: 'a' }), true);
  for (const columns of [{ code: { column: 'a', run: 'rm -rf' } }, { code: { join: [] } }, { code: 7 }, { code: '' }]) {
    assert.equal(valid(columns), false, JSON.stringify(columns));
  }
});
