import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { sql } from '#db';
import { readCheckbooks } from '#funds';
import { amountOf, Decimal } from '#money';
import { readCloseReport } from '../books/close-report.ts';
import { openLiability } from '../books/domain/settlement-ledger.ts';
import { booksInvariants } from '../books/invariants.ts';
import { findJournal, readLines } from '../books/journal-store.ts';
import { findLiabilities, readTieOut } from '../books/liability-store.ts';
import { prepareAccruals } from '../books/prepare-accruals.ts';
import { openBooks, type TestBooks, usd } from '../test-books.ts';
import { captureItem } from './capture-item.ts';
import { openAmount } from './domain/settlement-item.ts';
import { claimsInvariants } from './invariants.ts';
import { settleItem, writeOffItem } from './settle-item.ts';
import { suggestItemMatches } from './suggest-matches.ts';
import { validateItem } from './validate-item.ts';
import { categoriseItem, matchItem } from './work-item.ts';

const pay = { paidBy: 'offset', beyondLiability: false, note: '' } as const;
const ifMatch = undefined;

async function openOf({ house, maker }: TestBooks, tacticId: string): Promise<string> {
  const [owed] = await house.db.transact(maker, (tx) => findLiabilities(tx, [tacticId]));
  assert.ok(owed);
  return amountOf(openLiability(owed));
}

/** Books in which a bill-back owes 250.00. */
async function owing250(t: TestContext) {
  const books = await openBooks(t);
  const period = await books.period('2026-06-15');
  const earn = async (cases: number) => {
    books.tactics.splice(0, books.tactics.length, {
      ...{ promotionId: tacticOf(1), promotionCode: 'P-250', tacticId: tacticOf(2), customerId: books.customerId },
      ...{ mechanic: 'bill_back', currency: 'USD', startsOn: period.startsOn, endsOn: period.endsOn },
      ...{ claimByOn: period.endsOn, lumpSum: null, lumpSumRecognised: 'straight_line', fundSplit: [] },
      volumes: [{ on: period.startsOn, volume: new Decimal(cases), rate: new Decimal(10) }],
    });
    return prepareAccruals(books.maker, books.ports, period.id);
  };
  await earn(25);
  const linesOf = (journalId: string) =>
    books.house.db.read(books.maker, async (tx) => {
      const lines = await readLines(tx, await findJournal(tx, journalId));
      return lines.map(({ side, account, glAccount, amount }) => `${side} ${account} ${glAccount} ${amountOf(amount)}`);
    });
  const book = async () => {
    const found = (await books.house.db.read(books.maker, (tx) => readCheckbooks(tx, [books.fundId]))).get(
      books.fundId,
    );
    assert.ok(found);
    return [found.earned, found.paid, found.available].map(amountOf);
  };
  return { ...books, june: period, earn, linesOf, book, tacticId: tacticOf(2) };
}

const tacticOf = (n: number) => `0190a000-0000-7000-9000-${String(n).padStart(12, '0')}`;

/** Every invariant of books and desk holds, and the ledgers tie out. */
async function requireWhole({ house, maker }: TestBooks): Promise<void> {
  for (const { name, findBreaches } of [...booksInvariants, ...claimsInvariants]) {
    assert.deepEqual(await house.db.read(maker, findBreaches), [], name);
  }
  for (const { subLedger, tactics, journals } of await house.db.read(maker, readTieOut)) {
    assert.deepEqual([subLedger, journals], [tactics, tactics]);
  }
}

async function captureTaxed(books: TestBooks, kind: 'deduction' | 'claim', amount: string, tax: string) {
  const { maker, customerId } = books;
  const { id } = await captureItem(maker, {
    ...{ kind, customerId, reference: 'T-1', note: 'P-250', amount: usd(amount), tax, takenOn: '2026-06-10' },
  });
  const item = { kind, id, ifMatch } as const;
  await categoriseItem(maker, { ...item, category: 'bill_back' });
  return item;
}

test('tax in a deduction is no trade spend: 300.00 with 50.00 tax settles a liability of 250.00 whole', async (t) => {
  const books = await owing250(t);
  const { maker, checker, house, ports, tacticId } = books;
  const item = await captureTaxed(books, 'deduction', '300.00', '50.00');
  const { suggestions } = await suggestItemMatches(maker, ports, 'deduction', item.id);
  assert.deepEqual(
    suggestions[0]?.parts.map((part) => [part.tacticId, amountOf(part.amount)]),
    [[tacticId, '250.00']],
  );
  await assert.rejects(matchItem(maker, { ...item, matches: [{ tacticId, amount: usd('250.01') }] }), {
    code: 'rule.violated',
  });
  await matchItem(maker, { ...item, matches: [{ tacticId, amount: usd('249.99') }] });
  await assert.rejects(validateItem(maker, { ...item, validAmount: usd('300.00'), note: '' }), /250\.00 is to be/);
  await matchItem(maker, { ...item, matches: [{ tacticId, amount: usd('250.00') }] });
  await validateItem(maker, { ...item, validAmount: usd('300.00'), note: '' });
  await requireWhole(books);
  const shift = (by: string) =>
    house.db.transact(maker, (tx) => tx.run(sql`update settlement.match set amount = amount + ${by}::numeric`));
  await shift('-0.01');
  await assert.rejects(requireWhole(books), /claims\.matches-within-the-amount/, 'a cent less is found');
  await shift('0.01');
  const { item: settled, journalId } = await settleItem(checker, ports, { ...item, ...pay });
  assert.deepEqual(await books.linesOf(journalId), [
    ...['debit accrued_trade_liability 2150 250.00', 'credit receivables 1200 250.00'],
    ...['debit tax 1450 50.00', 'credit receivables 1200 50.00'],
  ]);
  assert.deepEqual([settled.state, amountOf(openAmount(settled))], ['settled', '0.00']);
  assert.equal(await openOf(books, tacticId), '0.00');
  assert.deepEqual(await books.book(), ['250.00', '250.00', '19750.00']);
  await requireWhole(books);
  const report = await house.db.read(maker, (tx) => readCloseReport(tx, books.june.id));
  assert.ok(report.currencies[0]?.ties);
});

test('a part of a claim carries its part of the tax to the cent, paid by check; what is written off stays gross', async (t) => {
  const books = await owing250(t);
  const { maker, checker, ports, tacticId } = books;
  const match = { matches: [{ tacticId, amount: usd('83.33') }] };
  const claim = await captureTaxed(books, 'claim', '300.00', '50.00');
  await matchItem(maker, { ...claim, ...match });
  // 250/300 of 100.00 is 83.33 and a third.
  await validateItem(maker, { ...claim, validAmount: usd('100.00'), note: 'a third' });
  const { journalId } = await settleItem(checker, ports, { ...claim, ...pay, paidBy: 'check' });
  assert.deepEqual(await books.linesOf(journalId), [
    ...['debit accrued_trade_liability 2150 83.33', 'credit payables 2000 83.33'],
    ...['debit tax 1450 16.67', 'credit payables 2000 16.67'],
  ]);
  const deduction = await captureTaxed(books, 'deduction', '300.00', '50.00');
  await matchItem(maker, { ...deduction, ...match });
  await validateItem(maker, { ...deduction, validAmount: usd('100.00'), note: 'a third' });
  await settleItem(checker, ports, { ...deduction, ...pay });
  const written = await writeOffItem(maker, { ...deduction, note: 'too small' });
  assert.equal(amountOf(written.writtenOff), '200.00');
  await requireWhole(books);
});

test('what is paid beyond the liability is expensed and earned with it, is not taken back, and not accrued twice', async (t) => {
  const books = await owing250(t);
  const { maker, house, checker, ports, tacticId } = books;
  const item = await books.validItem('deduction', 'D1', [{ tacticId, amount: '300.00' }]);
  await assert.rejects(
    settleItem(checker, ports, { ...item, ...pay, note: 'promised' }),
    /more than the open liability/,
  );
  const meant = { ...item, ...pay, beyondLiability: true };
  await assert.rejects(settleItem(checker, ports, meant), { code: 'rule.violated', status: 422 });
  assert.deepEqual(await books.book(), ['250.00', '0.00', '19750.00']);
  const { journalId } = await settleItem(checker, ports, { ...meant, note: 'promised' });
  assert.deepEqual(await books.linesOf(journalId), [
    ...['debit promotional_allowances 4910 50.00', 'credit accrued_trade_liability 2150 50.00'],
    ...['debit accrued_trade_liability 2150 300.00', 'credit receivables 1200 300.00'],
  ]);
  assert.equal(await openOf(books, tacticId), '0.00');
  assert.deepEqual(await books.book(), ['300.00', '300.00', '19700.00']);
  await requireWhole(books);
  assert.deepEqual(await books.earn(25), [], 'nothing is taken back');
  assert.deepEqual(await books.earn(30), [], 'late facts that bring earned up to it are accrued already');
  assert.equal((await books.earn(32)).length, 1);
  assert.deepEqual([await openOf(books, tacticId), ...(await books.book())], ['20.00', '320.00', '300.00', '19680.00']);
  const report = await house.db.read(maker, (tx) => readCloseReport(tx, books.june.id));
  const [dollars] = report.currencies;
  assert.ok(dollars?.ties);
  assert.deepEqual([dollars.total.earned, dollars.total.settled].map(amountOf), ['320.00', '300.00']);
  await requireWhole(books);
});

test('what is honoured after the release is expensed again, and what no fund has left is told of', async (t) => {
  const books = await owing250(t);
  const { house, checker, ports, tacticId, june } = books;
  house.clock.set(`${june.endsOn}T12:00:00Z`);
  await books.earn(25);
  assert.deepEqual([await openOf(books, tacticId), ...(await books.book())], ['0.00', '0.00', '0.00', '20000.00']);
  const item = await books.validItem('deduction', 'D1', [{ tacticId, amount: '20001.00' }]);
  await settleItem(checker, ports, { ...item, ...pay, beyondLiability: true, note: 'honoured' });
  assert.deepEqual([await openOf(books, tacticId), ...(await books.book())], ['0.00', '20001.00', '20001.00', '-1.00']);
  const told = await house.db.system((tx) =>
    tx.many<{ available: string }>(sql`select data->'available'->>'amount' as available from event.outbox
      where type = 'funds.fund.overdrawn'`),
  );
  assert.deepEqual(told, [{ available: '-1.00' }]);
  assert.deepEqual(await books.earn(25), [], 'and the next run leaves it');
  await requireWhole(books);
});
