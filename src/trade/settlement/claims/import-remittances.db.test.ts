import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { zipSync } from 'fflate';
import type { Context } from '#context';
import { sql } from '#db';
import { createImports, fileInMemory } from '#master-data';
import { amountOf } from '#money';
import { openBooks } from '../test-books.ts';
import { claimsImport, deductionsImport } from './import-items.ts';
import { remittancesImport } from './import-remittances.ts';
import { listItems } from './item-list-store.ts';
import { listRemittances } from './remittance-store.ts';
import { captureAhead } from './store-remittance.ts';

async function desk(t: TestContext) {
  const books = await openBooks(t);
  const imports = createImports({ kinds: [deductionsImport, claimsImport, remittancesImport] });
  const load = (kind: string, content: string | Uint8Array, fileName = 'file.csv') =>
    imports.runImport(books.maker, { kind, fileName, source: fileInMemory(Buffer.from(content)) });
  const items = async () =>
    (
      await books.house.db.transact(books.maker, (tx) =>
        listItems(tx, { limit: 50, today: '2026-06-15', sort: 'reference' }, []),
      )
    ).items;
  const reasons = async () =>
    (
      await books.house.db.transact(books.maker, (tx) =>
        tx.many<{ reasons: string[] }>(sql`select reasons from master_data.import_quarantine order by row_number`),
      )
    ).flatMap((row) => row.reasons);
  return { ...books, load, items, reasons };
}

const header = 'customer_code,reference,paid_on,total,line_reference,amount,reason_code,note\n';
const good = `${header}C,R-1,2026-06-10,850.00,INV-1,1000.00,,
C,R-1,2026-06-10,850.00,D-1,-100.00,22,display EVT-0001
C,R-1,2026-06-10,850.00,D-2,-50.00,,
`;

test('the lines that a remittance deducts become deductions, once however often the file comes', async (t) => {
  const { load, items, house, maker } = await desk(t);
  const first = await load('remittances', good);
  assert.deepEqual([first.status, first.rows], ['finished', { read: 3, stored: 3, unchanged: 0, quarantined: 0 }]);
  assert.deepEqual(
    (await items()).map(({ reference, amount, reasonCode, takenOn }) => [reference, amount.minor, reasonCode, takenOn]),
    [
      ['D-1', 10_000n, '22', '2026-06-10'],
      ['D-2', 5_000n, null, '2026-06-10'],
    ],
  );
  const { items: advices } = await house.db.transact(maker, (tx) => listRemittances(tx, { limit: 5 }, []));
  assert.deepEqual(
    advices.map(({ reference, total, deducted, lineCount }) => [
      reference,
      amountOf(total),
      amountOf(deducted),
      lineCount,
    ]),
    [['R-1', '850.00', '150.00', 3]],
  );
  assert.deepEqual((await load('remittances', good)).rows, { read: 3, stored: 0, unchanged: 3, quarantined: 0 });
  const changed = await load('remittances', good.replace('-50.00', '-60.00').replaceAll('850.00', '840.00'));
  assert.deepEqual(changed.rows, { read: 3, stored: 0, unchanged: 0, quarantined: 3 });
  assert.equal((await items()).length, 2);
});

test('a remittance that does not add up is left out whole with the difference, and the next one is taken', async (t) => {
  const { load, items, reasons } = await desk(t);
  const other = 'C,R-2,2026-06-11,-5.00,D-9,-5.00,,\n';
  const result = await load('remittances', good.replaceAll('850.00', '850.01') + other);
  assert.deepEqual(result.rows, { read: 4, stored: 1, unchanged: 0, quarantined: 3 });
  assert.match(
    (await reasons())[0] ?? '',
    /R-1 does not add up: its lines sum to 850\.00, its total is 850\.01, 0\.01 USD too little/,
  );
  assert.deepEqual(
    (await items()).map(({ reference }) => reference),
    ['D-9'],
  );
});

test('one bad line keeps its whole remittance out', async (t) => {
  const { load, items } = await desk(t);
  const result = await load('remittances', good.replace('-50.00', 'fifty'));
  assert.deepEqual([result.rows.stored, result.rows.quarantined, (await items()).length], [0, 3, 0]);
});

test('a row that cannot be read keeps its whole remittance out, whatever is wrong with it, though the rest adds up', async (t) => {
  const { load, items, reasons } = await desk(t);
  const next = 'C,R-2,2026-06-11,-5.00,D-9,-5.00,,\n';
  for (const bad of [
    'C,R-1,2026-06-10,850.00,D-3,fifty,,\n',
    'C,R-1,tomorrow,850.00,D-3,-1.00,,\n',
    ',R-1,2026-06-10,850.00,D-3,-1.00,,\n',
    'C,R-1,2026-06-10,850.00,D-3,-1,00,,and so on\n',
  ]) {
    const result = await load('remittances', `${good}${bad}${next}`);
    assert.deepEqual([result.rows.stored + result.rows.unchanged, result.rows.quarantined], [1, 4], bad);
  }
  assert.ok((await reasons()).includes('row 4 of remittance R-1 cannot be read: it is taken whole or not at all'));
  assert.deepEqual(
    (await items()).map(({ reference }) => reference),
    ['D-9'],
  );
  const lines = Array.from({ length: 60 }, (_, n) => `C,R-3,2026-06-12,-60.00,E-${n},-1.00,,\n`).join('');
  const large = await load('remittances', `${header}${lines}C,R-3,2026-06-12,-60.00,E-60,x,,\n${next}`);
  assert.deepEqual([large.rows.stored, large.rows.quarantined], [0, 61], 'more rows than a batch has');
});

test('two deducted lines of one number are two deductions, and the same file again changes nothing', async (t) => {
  const { load, items } = await desk(t);
  const twice = good.replace('D-2', 'D-1');
  assert.deepEqual((await load('remittances', twice)).rows, { read: 3, stored: 3, unchanged: 0, quarantined: 0 });
  assert.deepEqual(
    (await items()).map(({ reference, amount }) => [reference, amountOf(amount)]),
    [
      ['D-1', '100.00'],
      ['D-1 (2)', '50.00'],
    ],
  );
  assert.deepEqual((await load('remittances', twice)).rows, { read: 3, stored: 0, unchanged: 3, quarantined: 0 });
});

test('a deduction that was captured before its remittance came is linked, once and only with the same amount', async (t) => {
  const { load, items, reasons, house, maker } = await desk(t);
  const captured = (amount: string) => `customer_code,reference,amount,taken_on\nC,D-1,${amount},2026-06-10\n`;
  await load('deductions', captured('100.00'));
  const [before] = await items();
  assert.deepEqual((await load('remittances', good)).rows, { read: 3, stored: 3, unchanged: 0, quarantined: 0 });
  assert.deepEqual(
    (await items()).map(({ reference }) => reference),
    ['D-1', 'D-2'],
  );
  const linked = await house.db.transact(maker, (tx) =>
    tx.many(sql`select item_id as id from settlement.remittance_line where reference = 'D-1'`),
  );
  assert.deepEqual(linked, [{ id: before?.id }]);
  const elsewhere = good.replaceAll('R-1', 'R-9');
  assert.deepEqual((await load('remittances', elsewhere)).rows.quarantined, 3);
  assert.match((await reasons())[0] ?? '', /R-9: D-1 of 2026-06-10 is there of remittance R-1/);
});

test('a line with another amount than what was captured, and what happens after today, go to quarantine', async (t) => {
  const { load, items, reasons } = await desk(t);
  await load('deductions', 'customer_code,reference,amount,taken_on\nC,D-1,99.00,2026-06-10\n');
  assert.equal((await load('remittances', good)).rows.quarantined, 3);
  assert.match((await reasons())[0] ?? '', /D-1 of 2026-06-10 is there with 99\.00 USD/);
  const later = good.replaceAll('2026-06-10', '2026-06-16');
  assert.equal((await load('remittances', later)).rows.quarantined, 3);
  const invoice = `${header}C,R-5,2026-06-16,5.00,INV-9,5.00,,\n`;
  assert.equal((await load('remittances', invoice)).rows.quarantined, 1, 'also without a deduction');
  const rows = 'C,D-7,1.00,2026-06-16\nC,D-8,1000000000000.00,2026-06-10\n';
  const absurd = await load('deductions', `customer_code,reference,amount,taken_on\n${rows}`);
  assert.equal(absurd.rows.quarantined, 2);
  assert.equal((await items()).length, 1);
});

test('claims come as CSV and as XLSX, and the same ones again change nothing', async (t) => {
  const { load, items } = await desk(t);
  const csv = 'customer_code,reference,amount,taken_on\nC,K-1,12.50,2026-06-01\nX,K-2,1.00,2026-06-01\n';
  assert.deepEqual((await load('claims', csv)).rows, { read: 2, stored: 1, unchanged: 0, quarantined: 1 });
  const again = await load('claims', sheetOf(['C', 'K-1', '12.5', '2026-06-01']), 'claims.xlsx');
  assert.deepEqual(again.rows, { read: 1, stored: 0, unchanged: 1, quarantined: 0 });
  assert.deepEqual(
    (await items()).map(({ kind, reference }) => [kind, reference]),
    [['claim', 'K-1']],
  );
});

/** A workbook with one row of claims; `extra` follows the sheet's cells. */
function sheetOf(cells: readonly string[], extra = ''): Uint8Array {
  const row = (texts: readonly string[], number: number) =>
    `<row r="${number}">${texts.map((text, at) => `<c r="${'ABCD'[at]}${number}" t="inlineStr"><is><t>${text}</t></is></c>`).join('')}</row>`;
  const parts: Record<string, string> = {
    'xl/workbook.xml': '<workbook><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
    'xl/_rels/workbook.xml.rels':
      '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>',
    'xl/worksheets/sheet1.xml': `<worksheet><sheetData>${row(['customer_code', 'reference', 'amount', 'taken_on'], 1)}${row(cells, 2)}</sheetData>${extra}</worksheet>`,
  };
  return zipSync(
    Object.fromEntries(Object.entries(parts).map(([name, text]) => [name, new TextEncoder().encode(text)])),
  );
}

test('a PDF that claims to be a CSV, merged cells and formulas are refused with a reason, and nothing is stored', async (t) => {
  const { load, items } = await desk(t);
  const refused: [string | Uint8Array, RegExp][] = [
    ['%PDF-1.7\ncustomer_code,reference,amount,taken_on\nC,K-1,12.50,2026-06-01\n', /is a PDF/],
    [
      sheetOf(['C', 'K-1', '12.5', '2026-06-01'], '<mergeCells><mergeCell ref="A2:A3"/></mergeCells>'),
      /merged cells \(A2:A3\)/,
    ],
    [sheetOf(['C', 'K-1', '12.5', '2026-06-01'], '<x><c r="C9"><f>SUM(C2:C8)</f><v>1</v></c></x>'), /formulas \(C9\)/],
  ];
  for (const [content, message] of refused) {
    const result = await load('claims', content);
    assert.equal(result.status, 'refused');
    assert.match(result.errors.join(' '), message);
  }
  assert.equal((await items()).length, 0);
});

/** A remittance of so many deducted lines, two of them of one number. */
const longOne = (lines: number, amount = '-1.00') => {
  const rows = Array.from({ length: lines }, (_, n) => `C,R-9,2026-06-10,-${lines}.00,D-${Math.max(n, 1)},${amount},,`);
  return `${header}${rows.join('\n')}\n`;
};

test('a remittance too long for one transaction is captured some lines at a time, and nothing is doubled where that ends half-way', async (t) => {
  const { load, house, maker } = await desk(t);
  const counts = () =>
    house.db.read(maker, (tx) =>
      tx.one<{ items: number; linked: number }>(sql`select (select count(*)::int from settlement.item) as items,
        (select count(*)::int from settlement.remittance_line where item_id is not null) as linked`),
    );
  const wrong = await load('remittances', longOne(150, '-1.01'));
  assert.deepEqual(
    [wrong.rows.quarantined, await counts()],
    [150, { items: 0, linked: 0 }],
    'nothing of what is refused',
  );
  // A process that dies after the first hundred: its transactions are committed, the remittance is not there.
  let transactions = 0;
  const db: Context['db'] = {
    ...maker.db,
    transact: (scope, work) => {
      transactions += 1;
      if (transactions > 1) throw new Error('killed');
      return maker.db.transact(scope, work);
    },
  };
  const dying: Context = Object.assign(Object.create(maker), { db });
  const rows = longOne(150)
    .trim()
    .split('\n')
    .slice(1)
    .map((text) => {
      const [customerCode = '', reference = '', paidOn = '', total = '', lineReference = '', amount = ''] =
        text.split(',');
      return {
        customerCode,
        reference,
        paidOn,
        total,
        currency: 'USD',
        lineReference,
        amount,
        tax: null,
        reasonCode: null,
        note: '',
      };
    });
  await assert.rejects(captureAhead(dying, rows, []), /killed/);
  assert.deepEqual(await counts(), { items: 100, linked: 0 });
  const done = await load('remittances', longOne(150));
  assert.equal(done.rows.stored, 150);
  assert.deepEqual(await counts(), { items: 150, linked: 150 });
  assert.equal((await load('remittances', longOne(150))).rows.unchanged, 150);
});
