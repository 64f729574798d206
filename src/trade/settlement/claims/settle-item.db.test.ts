import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { sql } from '#db';
import { createCustomer } from '#master-data';
import { amountOf } from '#money';
import { openLiability } from '../books/domain/settlement-ledger.ts';
import { findLiabilities } from '../books/liability-store.ts';
import { prepareAccruals } from '../books/prepare-accruals.ts';
import { deductionsImport } from '../index.ts';
import { openBooks, type TestBooks, usd, workedTactics } from '../test-books.ts';
import { captureItem } from './capture-item.ts';
import { listItems } from './item-list-store.ts';
import { findItem, findParts, listSettlements } from './item-store.ts';
import { recoverItem, settleItem, writeOffItem } from './settle-item.ts';
import { validateItem } from './validate-item.ts';
import { categoriseItem, disputeItem, matchItem, sendToResearch, splitItem } from './work-item.ts';

const pay = { paidBy: 'offset', beyondLiability: false, note: '' } as const;
const ifMatch = undefined;

/** Books in which a scan-back owes 6000.00 and a display 1000.00. */
async function owing(t: Parameters<typeof openBooks>[0]) {
  const books = await openBooks(t);
  const period = await books.period('2026-06-15');
  books.tactics.push(...workedTactics(books.customerId, period.startsOn, '2026-12-28', period.endsOn));
  await prepareAccruals(books.maker, books.ports, period.id);
  const [scan, display] = books.tactics;
  assert.ok(scan && display);
  return { ...books, scan: scan.tacticId, display: display.tacticId };
}

async function openOf({ house, maker }: TestBooks, tacticId: string): Promise<string> {
  const [owed] = await house.db.transact(maker, (tx) => findLiabilities(tx, [tacticId]));
  assert.ok(owed);
  return amountOf(openLiability(owed));
}

const settlementsOf = ({ house, maker }: TestBooks) =>
  house.db.transact(maker, (tx) => listSettlements(tx, { limit: 50 }, []));

test('two people who settle one claim at once pay it once', async (t) => {
  const books = await owing(t);
  const claim = await books.validItem('claim', 'K1', [{ tacticId: books.scan, amount: '2500.00' }]);
  const attempts = await Promise.allSettled(
    [books.maker, books.checker].map((who) => settleItem(who, books.ports, { ...claim, ...pay, paidBy: 'check' })),
  );
  const refused = attempts.filter((attempt) => attempt.status === 'rejected');
  assert.deepEqual(
    refused.map(({ reason }) => reason.code),
    ['state.conflict'],
  );
  assert.equal(await openOf(books, books.scan), '3500.00');
  assert.equal((await settlementsOf(books)).items.length, 1);
});

test('many deductions at once never take a liability below zero', async (t) => {
  const books = await owing(t);
  const items = [];
  for (let n = 0; n < 6; n++)
    items.push(await books.validItem('deduction', `D${n}`, [{ tacticId: books.scan, amount: '1700.00' }]));
  const attempts = await Promise.allSettled(
    items.map((item) => settleItem(books.checker, books.ports, { ...item, ...pay })),
  );
  const codes = attempts.map((attempt) => (attempt.status === 'rejected' ? attempt.reason.code : 'settled')).sort();
  assert.deepEqual(codes, ['rule.violated', 'rule.violated', 'rule.violated', 'settled', 'settled', 'settled']);
  assert.equal(await openOf(books, books.scan), '900.00');
  const refused = items[attempts.findIndex((attempt) => attempt.status === 'rejected')];
  assert.ok(refused);
  const meant = { ...refused, ...pay, beyondLiability: true };
  await assert.rejects(settleItem(books.checker, books.ports, meant), {
    code: 'rule.violated',
    message: /Say why 800\.00/,
  });
  await settleItem(books.checker, books.ports, { ...meant, note: 'promised' });
  assert.equal(await openOf(books, books.scan), '0.00', 'what is paid beyond is accrued with it');
});

test('who approved the promotion does not settle its claims, and nobody settles above their limit', async (t) => {
  const books = await owing(t);
  const claim = await books.validItem('claim', 'K1', [{ tacticId: books.scan, amount: '100.01' }]);
  books.approvers.add(books.maker.actor.id);
  await assert.rejects(settleItem(books.maker, books.ports, { ...claim, ...pay }), { code: 'approval.own_work' });
  await assert.rejects(settleItem(books.junior, books.ports, { ...claim, ...pay }), {
    code: 'approval.limit_exceeded',
  });
  const outsider = books.house.context({ userId: randomUUID() });
  await assert.rejects(settleItem(outsider, books.ports, { ...claim, ...pay }), { code: 'approval.limit_exceeded' });
  const stranger = books.house.context({ tenant: 'b' });
  await assert.rejects(settleItem(stranger, books.ports, { ...claim, ...pay }), { code: 'not_found' });
  assert.equal((await settlementsOf(books)).items.length, 0);
  const { item } = await settleItem(books.checker, books.ports, { ...claim, ...pay });
  assert.equal(item.state, 'settled');
});

test('a valid amount goes over its tactics in proportion and to the cent', async (t) => {
  const books = await owing(t);
  const { maker, scan, display } = books;
  const { id } = await captureItem(maker, {
    ...{
      kind: 'deduction',
      customerId: books.customerId,
      reference: 'D',
      amount: usd('400.00'),
      takenOn: '2026-06-01',
    },
  });
  const item = { kind: 'deduction', id, ifMatch } as const;
  await categoriseItem(maker, { ...item, category: 'promotion' });
  await matchItem(maker, {
    ...item,
    matches: [
      { tacticId: scan, amount: usd('200.00') },
      { tacticId: display, amount: usd('100.00') },
    ],
  });
  await assert.rejects(validateItem(maker, { ...item, validAmount: usd('300.01'), note: '' }), {
    code: 'rule.violated',
  });
  await validateItem(maker, { ...item, validAmount: usd('100.00'), note: 'third', withoutProof: 'seen in store' });
  await assert.rejects(
    disputeItem(maker, { ...item, note: '' }),
    { code: 'state.conflict' },
    'the valid part comes first',
  );
  await settleItem(maker, books.ports, { ...item, ...pay });
  const [scanOpen, displayOpen] = [await openOf(books, scan), await openOf(books, display)];
  assert.equal(scanOpen, '5933.33');
  assert.equal(Number(scanOpen) + Number(displayOpen), 6000 + Number(await displayEarned(books)) - 100);
  await disputeItem(maker, { ...item, note: 'not ours' });
  const recovered = await recoverItem(maker, { ...item, note: 'paid back' });
  assert.deepEqual([recovered.state, amountOf(recovered.recovered)], ['recovered', '300.00']);
  await assert.rejects(settleItem(maker, books.ports, { ...item, ...pay }), { code: 'state.conflict' });
});

async function displayEarned({ house, maker, display }: TestBooks & { display: string }): Promise<string> {
  const [owed] = await house.db.transact(maker, (tx) => findLiabilities(tx, [display]));
  assert.ok(owed);
  return amountOf(owed.earned);
}

test('an invalid deduction is written off within the personal limit: deduction expense against receivables', async (t) => {
  const books = await owing(t);
  const { maker, junior, house } = books;
  const { id } = await captureItem(maker, {
    ...{
      kind: 'deduction',
      customerId: books.customerId,
      reference: 'D',
      amount: usd('100.01'),
      takenOn: '2026-06-01',
    },
  });
  const item = { kind: 'deduction', id, ifMatch } as const;
  await categoriseItem(maker, { ...item, category: 'shortage' });
  await sendToResearch(maker, { ...item, note: 'what is it?' });
  await validateItem(maker, { ...item, validAmount: usd('0.00'), note: 'goods arrived' });
  await assert.rejects(writeOffItem(junior, { ...item, note: '' }), { code: 'approval.limit_exceeded' });
  const written = await writeOffItem(maker, { ...item, note: 'too small' });
  assert.equal(written.state, 'written_off');
  await assert.rejects(writeOffItem(maker, { ...item, note: 'again' }), { code: 'state.conflict' });
  const lines = await house.db.transact(maker, (tx) =>
    tx.many(sql`select account, side, amount::numeric(20, 2) as amount from settlement.journal_line line
      join settlement.journal on journal.id = line.journal_id where journal.kind = 'write_off' order by position`),
  );
  assert.deepEqual(lines, [
    { account: 'deduction_expense', side: 'debit', amount: '100.01' },
    { account: 'receivables', side: 'credit', amount: '100.01' },
  ]);
});

test('a split keeps amount and tax to the cent, is done once, and the database holds the sums', async (t) => {
  const books = await owing(t);
  const { maker, house, customerId } = books;
  const { id } = await captureItem(maker, {
    ...{ kind: 'deduction', customerId, reference: 'D', amount: usd('100.00'), tax: '10.00', takenOn: '2026-06-01' },
  });
  const item = { kind: 'deduction', id, ifMatch } as const;
  const part = (amount: string, tax: string) => ({ amount: usd(amount), tax });
  await assert.rejects(splitItem(maker, { ...item, parts: [part('60.00', '6.00'), part('39.99', '4.00')] }), {
    code: 'rule.violated',
  });
  await assert.rejects(splitItem(maker, { ...item, parts: [part('60.00', '6.00'), part('40.00', '3.00')] }), {
    code: 'rule.violated',
  });
  const eur = { amount: { amount: '40.00', currency: 'EUR' }, tax: '4.00' };
  await assert.rejects(splitItem(maker, { ...item, parts: [part('60.00', '6.00'), eur] }), {
    code: 'money.currency_mismatch',
  });
  const attempts = await Promise.allSettled(
    [maker, books.checker].map((who) =>
      splitItem(who, { ...item, parts: [part('60.00', '6.00'), part('40.00', '4.00')] }),
    ),
  );
  assert.deepEqual(attempts.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  const parts = await house.db.transact(maker, (tx) => findParts(tx, id));
  assert.deepEqual(parts.map((one) => [one.reference, amountOf(one.amount), amountOf(one.tax)]).sort(), [
    ['D/1', '60.00', '6.00'],
    ['D/2', '40.00', '4.00'],
  ]);
  await assert.rejects(categoriseItem(maker, { ...item, category: 'x' }), { code: 'state.conflict' });
  await assert.rejects(
    house.db.transact(maker, (tx) =>
      tx.run(sql`insert into settlement.item (tenant_id, id, kind, customer_id, reference, parent_id, amount, currency, taken_on,
          dispute_by_on, captured_by, captured_at)
        values (${maker.tenant.id}, ${randomUUID()}, 'deduction', ${customerId}, 'D/3', ${id}, 1, 'USD', '2026-06-01', '2026-06-02',
          ${maker.actor.id}, now())`),
    ),
    /do not sum to the whole/,
  );
});

test('a match is refused for what never accrued, another customer’s tactic, another currency or more than the amount', async (t) => {
  const books = await owing(t);
  const { maker, scan } = books;
  const capture = async (reference: string, currency: string, customerId = books.customerId) => {
    const amount = { amount: '50.00', currency };
    const item = await captureItem(maker, { kind: 'deduction', customerId, reference, amount, takenOn: '2026-06-01' });
    const change = { kind: 'deduction', id: item.id, ifMatch } as const;
    await categoriseItem(maker, { ...change, category: 'promotion' });
    return change;
  };
  const mine = await capture('D1', 'USD');
  const refused = (
    code: string,
    item: typeof mine,
    matches: { tacticId: string; amount: { amount: string; currency: string } }[],
  ) => assert.rejects(matchItem(maker, { ...item, matches }), { code });
  await refused('rule.violated', mine, []);
  await refused('rule.violated', mine, [{ tacticId: randomUUID(), amount: usd('1.00') }]);
  await refused('rule.violated', mine, [{ tacticId: scan, amount: usd('50.01') }]);
  await refused('rule.violated', mine, [{ tacticId: scan, amount: usd('-1.00') }]);
  await refused('rule.violated', mine, [
    { tacticId: scan, amount: usd('1.00') },
    { tacticId: scan, amount: usd('1.00') },
  ]);
  await refused('money.currency_mismatch', await capture('D2', 'EUR'), [
    { tacticId: scan, amount: { amount: '1.00', currency: 'EUR' } },
  ]);
  const other = await createCustomer(maker, { code: 'O', name: 'Other', type: 'account', currency: 'USD' });
  await refused('rule.violated', await capture('D3', 'USD', other.id), [{ tacticId: scan, amount: usd('1.00') }]);
});

test('the queue puts much money with little time first, and money past its deadline last', async (t) => {
  const books = await owing(t);
  const add = (reference: string, amount: string, disputeByOn: string) =>
    captureItem(books.maker, {
      ...{
        kind: 'deduction',
        customerId: books.customerId,
        reference,
        amount: usd(amount),
        takenOn: '2026-06-01',
        disputeByOn,
      },
    });
  await add('late', '90000.00', '2026-06-14');
  await add('far', '1000.00', '2026-09-30');
  await add('soon', '900.00', '2026-06-16');
  await add('large', '50000.00', '2026-07-15');
  const page = (cursor?: string) =>
    books.house.db.transact(books.maker, (tx) => listItems(tx, { limit: 2, cursor, today: '2026-06-15' }, []));
  const first = await page();
  const second = await page(first.nextCursor ?? '');
  assert.deepEqual(
    [...first.items, ...second.items].map(({ reference }) => reference),
    ['large', 'soon', 'far', 'late'],
  );
});

test('the same file of deductions twice changes nothing, and a changed amount goes to quarantine', async (t) => {
  const books = await owing(t);
  const run = await deductionsImport.open(books.maker, {
    importId: randomUUID(),
    fileName: 'd.csv',
    columns: new Set(),
  });
  const row = (reference: string, amount: string, customerCode = 'C') => ({
    ...{ customerCode, reference, amount, tax: '0', currency: 'USD', takenOn: '2026-06-01' },
    ...{ disputeByOn: null, reasonCode: null, note: '' },
  });
  const load = (values: ReturnType<typeof row>[]) =>
    books.house.db.transact(books.maker, (tx) =>
      run.apply(
        tx,
        values.map((value, index) => ({ rowNumber: index + 1, value, derived: false })),
      ),
    );
  assert.deepEqual(await load([row('D1', '10.00'), row('D2', '20.00'), row('D3', '1.00', 'X')]), [
    'stored',
    'stored',
    ['there is no customer X'],
  ]);
  assert.deepEqual(await load([row('D1', '10'), row('D2', '20.01')]), [
    'unchanged',
    ['D2 of 2026-06-01 is there with 20.00 USD'],
  ]);
  const item = (
    await books.house.db.transact(books.maker, (tx) => listItems(tx, { limit: 50, today: '2026-06-15' }, []))
  ).items;
  assert.equal(item.length, 2);
  await assert.rejects(
    books.house.db.transact(books.maker, (tx) => findItem(tx, 'claim', item[0]?.id ?? '')),
    { code: 'not_found' },
    'a deduction is no claim',
  );
});
