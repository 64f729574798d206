import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { sql } from '#db';
import { readCheckbooks } from '#funds';
import { createImports, createProduct, fileInMemory, findProducts } from '#master-data';
import { amountOf } from '#money';
import { promotionsImport } from '#promotions';
import { openBooks } from '../test-books.ts';
import { approveJournal, postJournal } from './change-journal.ts';
import { softClosePeriod } from './change-period.ts';
import { readCloseReport } from './close-report.ts';
import { openLiability } from './domain/settlement-ledger.ts';
import { openingBalancesImport } from './import-opening-balances.ts';
import { booksInvariants } from './invariants.ts';
import { findLiabilities } from './liability-store.ts';
import { prepareAccruals } from './prepare-accruals.ts';

const imports = createImports({ kinds: [promotionsImport, openingBalancesImport] });
const plans = [
  'code,name,customer_code,starts_on,ends_on,mechanic,product_codes,rate,rate_per,lump_sum,fund_code,state',
  'P-1,Spring,C,2026-05-04,2026-05-17,scan_back,SKU,2.50,case,,F,ended',
  'P-1,Spring,C,2026-05-04,2026-05-17,display,SKU,,,2000.00,F,ended',
  'P-2,Autumn,C,2026-10-05,2026-10-18,display,SKU,,,100.00,F,draft',
  'P-3,Big,C,2026-05-04,2026-05-17,display,SKU,,,90000.00,F,ended',
];

/** Books with two ended promotions and a draft, and the way from rows of opening balances to what became of them. */
async function goLive(t: TestContext) {
  const books = await openBooks(t);
  const { house, maker, fundId } = books;
  await createProduct(maker, { code: 'SKU', name: 'Product', level: 'sku', own: true });
  const run = (kind: string, lines: readonly string[]) =>
    imports.runImport(maker, { kind, fileName: `${kind}.csv`, source: fileInMemory(Buffer.from(lines.join('\n'))) });
  const planned = await run('promotions', plans);
  assert.equal(planned.rows.stored, 4, JSON.stringify(planned));
  return {
    ...books,
    load: async (rows: readonly string[], more = '') => {
      const header = 'promotion_code,tactic,mechanic,committed,earned,settled,currency';
      const done = await run('opening_balances', [header + more, ...rows]);
      assert.deepEqual([done.status, done.errors], ['finished', []]);
      const reasons = await house.db.read(maker, (tx) =>
        tx.many<{ reasons: string[] }>(sql`select reasons from master_data.import_quarantine
          where import_id = ${done.id} order by row_number`),
      );
      return { rows: { ...done.rows }, totals: done.totals, reasons: reasons.flatMap((each) => each.reasons) };
    },
    state: () =>
      house.db.read(maker, async (tx) => {
        for (const { name, findBreaches } of booksInvariants) assert.deepEqual(await findBreaches(tx), [], name);
        const book = (await readCheckbooks(tx, [fundId])).get(fundId);
        assert.ok(book);
        const journals = await tx.many<{ id: string; kind: string; state: string }>(
          sql`select id, kind, state from settlement.journal order by prepared_at, id`,
        );
        const [committed, earned, paid, available] = [book.committed, book.earned, book.paid, book.available].map(
          amountOf,
        );
        return { committed, earned, paid, available, journals };
      }),
  };
}

const balances = ['P-1,1,,14000.00,13600.00,9000.00,USD', 'P-1,,display,2000.00,2000.00,0.00,'];

test('opening balances reach funds, liabilities and an opening journal, and the same file again changes nothing', async (t) => {
  const books = await goLive(t);
  const { house, maker, checker, ports } = books;
  const first = await books.load(balances);
  assert.deepEqual(first.rows, { read: 2, stored: 2, unchanged: 0, quarantined: 0 });
  const state = await books.state();
  assert.deepEqual([state.committed, state.earned, state.paid], ['16000.00', '15600.00', '9000.00']);
  assert.equal(state.available, '4000.00', '20 000.00 less what was committed');
  const brands = await house.db.read(maker, async (tx) => {
    const [product] = await findProducts(tx, { codes: ['SKU'] });
    return tx.many<{ product: boolean; committed: string }>(sql`select product_id = ${product?.id} as product,
      sum(committed)::text as committed from funds.hold group by product_id`);
  });
  assert.deepEqual(brands, [{ product: true, committed: '16000.0000' }], 'the checkbook by brand counts them');
  assert.deepEqual(
    state.journals.map(({ kind, state: at }) => [kind, at]),
    [['opening', 'prepared']],
  );
  const id = state.journals[0]?.id ?? '';
  await assert.rejects(approveJournal(maker, { id, ifMatch: undefined }), { code: 'approval.own_work' });
  await approveJournal(checker, { id, ifMatch: undefined });
  await postJournal(maker, { id, ifMatch: undefined });

  const again = await books.load(balances);
  assert.deepEqual(again.rows, { read: 2, stored: 0, unchanged: 2, quarantined: 0 });
  assert.equal((await books.state()).journals.length, 1);
  const changed = await books.load(['P-1,1,,14000.00,13700.00,9000.00,USD']);
  assert.deepEqual(changed.reasons, ['P-1 was opened with 13600.00 earned and 9000.00 settled']);

  const { open, report } = await house.db.read(maker, async (tx) => {
    const ids = await tx.many<{ id: string }>(sql`select tactic_id as id from settlement.opening_balance`);
    const owed = await findLiabilities(
      tx,
      ids.map((each) => each.id),
    );
    const { period } = await tx.one<{ period: string }>(sql`select id as period from settlement.period`);
    return { open: owed.map((each) => amountOf(openLiability(each))), report: await readCloseReport(tx, period) };
  });
  assert.deepEqual(open.sort(), ['2000.00', '4600.00']);
  const [usd] = report.currencies;
  assert.deepEqual(
    usd?.accounts.map(({ account, glAccount, closing }) => [account, glAccount, amountOf(closing)]),
    [
      ['accrued_trade_liability', '2150', '-6600.00'],
      ['opening_balance', '3990', '6600.00'],
    ],
  );
  assert.ok(usd?.ties);
  const { opening, earned, settled, closing } = usd.total;
  assert.deepEqual([opening, earned, settled, closing].map(amountOf), ['6600.00', '0.00', '0.00', '6600.00']);
  const earlier = await books.period('2026-05-15');
  assert.deepEqual(
    await prepareAccruals(maker, ports, earlier.id),
    [],
    'a go-live does not shut the periods before it',
  );
});

test('rows that cannot be taken over go to quarantine with the reason, and the others come in', async (t) => {
  const books = await goLive(t);
  const { rows, reasons, totals } = await books.load([
    'P-9,1,,1.00,1.00,0,USD',
    'P-2,1,,1.00,1.00,0,USD',
    'P-1,3,,1.00,1.00,0,USD',
    'P-1,,coupon,1.00,1.00,0,USD',
    'P-1,,,1.00,1.00,0,USD',
    'P-1,1,,1.00,1.00,2.00,USD',
    'P-1,1,,1.00,1.00,0,EUR',
    'P-1,1,,1.00,-1.00,0,USD',
    'P-3,1,,90000.00,90000.00,0,USD',
    'P-1,2,,2000.00,2000.00,500.00,USD',
    'P-1,2,,2000.00,2000.00,500.00,USD',
  ]);
  assert.deepEqual(rows, { read: 11, stored: 1, unchanged: 0, quarantined: 10 });
  const text = reasons.join('\n');
  for (const reason of [
    ...['there is no promotion P-9', 'P-2 is draft', 'P-1 has 2 tactics, none at 3', '0 tactics of coupon'],
    ...['tactic or mechanic is missing', 'settled is more than earned', 'P-1 is kept in USD', 'F lacks 70000.00 USD'],
    'names this tactic twice',
  ]) {
    assert.ok(text.includes(reason), `${reason} in\n${text}`);
  }
  assert.ok(totals, 'control totals');
  const { committed, earned, paid } = await books.state();
  assert.deepEqual([committed, earned, paid], ['2000.00', '2000.00', '500.00']);
});

test('a balance is booked in the period of its day, or in the next one that takes it', async (t) => {
  const books = await goLive(t);
  const { house, maker } = books;
  const may = await books.period('2026-05-31');
  const first = await books.load(['P-1,1,,14000.00,13600.00,9000.00,USD,2026-05-31'], ',as_of');
  assert.deepEqual(first.rows, { read: 1, stored: 1, unchanged: 0, quarantined: 0 });
  await softClosePeriod(maker, { id: may.id, ifMatch: undefined });
  const { reasons } = await books.load(
    [
      'P-1,2,,2000.00,2000.00,0,USD,2026-05-31',
      'P-3,1,,10.00,10.00,0,USD,2031-01-01',
      'P-3,1,,10.00,10.00,0,USD,1999-01-01',
    ],
    ',as_of',
  );
  assert.equal(reasons.length, 2);
  assert.match(reasons[0] ?? '', /as_of is in the future/);
  assert.match(reasons[1] ?? '', /calendar/);
  const journals = await house.db.read(maker, (tx) =>
    tx.many<{ startsOn: string; total: string }>(sql`select period.starts_on as "startsOn", sum(amount)::text as total
      from settlement.journal join settlement.period on period.tenant_id = journal.tenant_id and period.id = period_id
      join settlement.journal_line on journal_line.tenant_id = journal.tenant_id and journal_id = journal.id
      where side = 'debit' group by 1 order by 1`),
  );
  assert.equal(journals.length, 2);
  assert.equal(journals[0]?.startsOn, may.startsOn);
  assert.ok((journals[1]?.startsOn ?? '') > may.endsOn, 'May does not take it any more');
  await books.state();
});
