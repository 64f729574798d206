import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import { sql } from '#db';
import { createCustomer } from '#master-data';
import { amountOf } from '#money';
import { openLiability } from '../books/domain/settlement-ledger.ts';
import { findLiabilities } from '../books/liability-store.ts';
import { prepareAccruals } from '../books/prepare-accruals.ts';
import { openBooks, type TestBooks, usd, workedTactics } from '../test-books.ts';
import { type CaptureItem, captureItem } from './capture-item.ts';
import { recordReasonCode, setWriteOffLimit } from './change-desk-settings.ts';
import { claimsInvariants } from './invariants.ts';
import { inBucket, listItems, readAgeing } from './item-list-store.ts';
import { recoverItem, settleItems, writeOffItem } from './settle-item.ts';
import { validateItem } from './validate-item.ts';
import { categoriseItem, disputeItem, matchItem, sendToResearch } from './work-item.ts';

const ifMatch = undefined;

/** Books in which a scan-back owes 6000.00 and a display 1000.00. */
async function owing(t: TestContext) {
  const books = await openBooks(t);
  const period = await books.period('2026-06-15');
  books.tactics.push(...workedTactics(books.customerId, period.startsOn, '2026-12-28', period.endsOn));
  await prepareAccruals(books.maker, books.ports, period.id);
  const [scan, display] = books.tactics;
  assert.ok(scan && display);
  return { ...books, scan: scan.tacticId, display: display.tacticId };
}

const capture = (books: TestBooks, reference: string, change: Partial<CaptureItem> = {}) =>
  captureItem(books.maker, {
    ...{ kind: 'deduction', customerId: books.customerId, reference, amount: usd('500.00'), takenOn: '2026-06-10' },
    ...change,
  });

async function openOf({ house, maker }: TestBooks, tacticId: string): Promise<string> {
  const [owed] = await house.db.transact(maker, (tx) => findLiabilities(tx, [tacticId]));
  assert.ok(owed);
  return amountOf(openLiability(owed));
}

test('a reason code means what the nearest customer says it means on that day, as it was recorded last', async (t) => {
  const books = await openBooks(t);
  const { maker, customerId } = books;
  const division = await createCustomer(maker, {
    code: 'D',
    name: 'Division',
    type: 'division',
    currency: 'USD',
    parentId: customerId,
  });
  const code = { customerId, code: '22', category: 'display', validFrom: '2026-01-01' };
  await recordReasonCode(maker, { ...code, category: 'freight' });
  await recordReasonCode(maker, code);
  await recordReasonCode(maker, { ...code, category: 'feature', validFrom: '2026-06-01' });
  await recordReasonCode(maker, {
    ...code,
    customerId: division.id,
    category: 'shortage',
    validFrom: '2026-03-01',
    validTo: '2026-03-31',
  });
  const meaning = async (change: Partial<CaptureItem>) => {
    const { state, category } = await capture(books, `R${randomUUID().slice(0, 8)}`, { reasonCode: '22', ...change });
    return [state, category];
  };
  assert.deepEqual(await meaning({ takenOn: '2026-05-31' }), ['categorised', 'display'], 'the correction counts');
  assert.deepEqual(await meaning({}), ['categorised', 'feature']);
  assert.deepEqual(await meaning({ customerId: division.id }), ['categorised', 'feature'], 'inherited');
  assert.deepEqual(
    await meaning({ customerId: division.id, takenOn: '2026-03-15' }),
    ['categorised', 'shortage'],
    'its own',
  );
  assert.deepEqual(await meaning({ takenOn: '2025-12-31' }), ['needs_research', null], 'before it meant anything');
  assert.deepEqual(await meaning({ reasonCode: null }), ['captured', null]);
});

test('a reason code that nobody knows sends it to research, and says so; without any map it just waits', async (t) => {
  const books = await openBooks(t);
  assert.equal((await capture(books, 'D1', { reasonCode: '99' })).state, 'captured');
  await recordReasonCode(books.maker, {
    customerId: books.customerId,
    code: '22',
    category: 'display',
    validFrom: '2026-01-01',
  });
  const unknown = await capture(books, 'D2', { reasonCode: '99' });
  assert.equal(unknown.state, 'needs_research');
  assert.deepEqual(
    unknown.flags.map(({ flag }) => flag),
    ['unknown_reason_code'],
  );
  assert.match(unknown.flags[0]?.reason ?? '', /reason code 99 is not in the customer’s map/);
});

test('a repeat and an audit claim are flagged, and are valid only with a reason', async (t) => {
  const books = await owing(t);
  const first = await capture(books, 'D-10417');
  const again = await capture(books, 'D-10417-R', { takenOn: '2026-06-14' });
  assert.deepEqual(first.flags, []);
  assert.deepEqual(
    again.flags.map(({ flag, itemId }) => [flag, itemId]),
    [['duplicate', first.id]],
  );
  assert.deepEqual((await capture(books, 'D-10418')).flags, [], 'a series is no repeat');
  const code = books.tactics[0]?.promotionCode ?? '';
  await books.house.db.transact(books.maker, (tx) =>
    tx.run(sql`update settlement.liability set claim_by_on = '2026-03-31' where promotion_code = ${code}`),
  );
  const audit = await capture(books, 'A-1', {
    note: `post-audit ${code}`,
    amount: usd('12.00'),
  });
  assert.match(audit.flags[0]?.reason ?? '', new RegExp(`taken \\d+ days after the claim-by date of ${code}`));
  const change = { kind: 'deduction', id: again.id, ifMatch } as const;
  await matchItem(books.maker, { ...change, matches: [{ tacticId: books.scan, amount: usd('500.00') }] });
  const review = { ...change, validAmount: usd('500.00'), withoutProof: 'our own panel' };
  await assert.rejects(validateItem(books.maker, { ...review, note: '' }), {
    code: 'rule.violated',
    message: /same number/,
  });
  const valid = await validateItem(books.maker, { ...review, note: 'two weeks, two payments' });
  assert.equal(valid.state, 'valid');
});

test('open money ages by the claim-by date of what it is matched to, else by its own deadline', async (t) => {
  const books = await owing(t);
  await capture(books, 'D1', { disputeByOn: '2026-06-14' });
  await capture(books, 'D2', { disputeByOn: '2026-06-22', amount: usd('20.00') });
  const matched = await capture(books, 'D3', { disputeByOn: '2026-06-16', amount: usd('7.00') });
  const change = { kind: 'deduction', id: matched.id, ifMatch } as const;
  await matchItem(books.maker, { ...change, matches: [{ tacticId: books.scan, amount: usd('7.00') }] });
  const buckets = await books.house.db.transact(books.maker, (tx) => readAgeing(tx, 'deduction', '2026-06-15'));
  assert.deepEqual(
    buckets.map(({ bucket, count, open }) => [bucket, count, amountOf(open)]),
    [
      ['overdue_1_to_30', 1, '500.00'],
      ['due_in_0_to_7', 1, '20.00'],
      // The tactic's claim-by date is 2026-08-31.
      ['due_in_61_and_more', 1, '7.00'],
    ],
  );
  for (const [bucket, reference] of [
    ['overdue_1_to_30', 'D1'],
    ['due_in_0_to_7', 'D2'],
    ['due_in_61_and_more', 'D3'],
  ] as const) {
    const { items } = await books.house.db.transact(books.maker, (tx) =>
      listItems(tx, { limit: 9, today: '2026-06-15' }, [inBucket(bucket, '2026-06-15')]),
    );
    assert.deepEqual(
      items.map((item) => item.reference),
      [reference],
      `the rows of ${bucket}`,
    );
  }
});

test('several items are settled in one journal, all of them or none, under one limit for their sum', async (t) => {
  const books = await owing(t);
  const a = await books.validItem('deduction', 'D1', [{ tacticId: books.scan, amount: '60.00' }]);
  const b = await books.validItem('deduction', 'D2', [
    { tacticId: books.scan, amount: '30.00' },
    { tacticId: books.display, amount: '10.01' },
  ]);
  const terms = { paidBy: 'offset', beyondLiability: false, note: 'June' } as const;
  await assert.rejects(settleItems(books.junior, books.ports, [a, b], terms), { code: 'approval.limit_exceeded' });
  await assert.rejects(settleItems(books.maker, books.ports, [a, b, a], terms), { code: 'rule.violated' });
  assert.equal(await openOf(books, books.scan), '6000.00', 'nothing half-settled');
  const settled = await settleItems(books.maker, books.ports, [b, a], terms);
  assert.equal(new Set(settled.map(({ journalId }) => journalId)).size, 1);
  assert.deepEqual(
    [await openOf(books, books.scan), await openOf(books, books.display)],
    ['5910.00', await displayLess(books)],
  );
  await assert.rejects(settleItems(books.checker, books.ports, [a], terms), { code: 'state.conflict' });
});

async function displayLess(books: TestBooks & { display: string }): Promise<string> {
  const [owed] = await books.house.db.transact(books.maker, (tx) => findLiabilities(tx, [books.display]));
  assert.ok(owed);
  assert.equal(amountOf(owed.settled), '10.01');
  return amountOf({ minor: owed.earned.minor - 1_001n, currency: 'USD' });
}

test('a write-off keeps within the personal write-off limit, which somebody else sets, apart from what one may approve', async (t) => {
  const books = await owing(t);
  const { maker, checker } = books;
  const invalid = async (reference: string, amount: string) => {
    const item = await capture(books, reference, { amount: usd(amount) });
    const change = { kind: 'deduction', id: item.id, ifMatch } as const;
    await categoriseItem(maker, { ...change, category: 'shortage' });
    await sendToResearch(maker, { ...change, note: 'what is it?' });
    await validateItem(maker, { ...change, validAmount: usd('0.00'), note: 'goods arrived' });
    return { ...change, note: 'too small to fight for' };
  };
  await assert.rejects(writeOffItem(maker, await invalid('D1', '1000.01')), { code: 'approval.limit_exceeded' });
  await writeOffItem(maker, await invalid('D2', '1000.00'));
  await assert.rejects(setWriteOffLimit(maker, maker.actor.id, usd('9999.00')), { code: 'approval.own_work' });
  await setWriteOffLimit(checker, maker.actor.id, usd('50.00'));
  await assert.rejects(writeOffItem(maker, await invalid('D3', '50.01')), { code: 'approval.limit_exceeded' });
  await setWriteOffLimit(checker, maker.actor.id, usd('2000.00'));
  assert.equal((await writeOffItem(maker, await invalid('D4', '1500.00'))).state, 'written_off');
});

test('money comes back bit by bit: what did not stays disputed, and the rest is written off', async (t) => {
  const books = await owing(t);
  const { maker } = books;
  const { id } = await capture(books, 'D1');
  const change = { kind: 'deduction', id, ifMatch } as const;
  await categoriseItem(maker, { ...change, category: 'shortage' });
  await sendToResearch(maker, { ...change, note: 'what is it?' });
  await validateItem(maker, { ...change, validAmount: usd('0.00'), note: 'goods arrived' });
  await disputeItem(maker, { ...change, note: 'the goods arrived' });
  const recover = (amount: string) => recoverItem(maker, { ...change, note: 'paid back', amount: usd(amount) });
  for (const wrong of ['500.01', '0.00', '-1.00']) await assert.rejects(recover(wrong), { code: 'rule.violated' });
  const eur = { ...change, note: '', amount: { amount: '1.00', currency: 'EUR' } };
  await assert.rejects(recoverItem(maker, eur), { code: 'money.currency_mismatch' });
  const first = await recover('200.00');
  assert.deepEqual([first.state, amountOf(first.recovered)], ['disputed', '200.00']);
  const second = await recover('50.00');
  assert.deepEqual([second.state, amountOf(second.recovered)], ['disputed', '250.00']);
  await assert.rejects(recover('250.01'), { code: 'rule.violated' });
  const written = await writeOffItem(maker, { ...change, note: 'the rest is not worth it' });
  assert.deepEqual([written.state, amountOf(written.writtenOff)], ['written_off', '250.00']);
  const { id: other } = await capture(books, 'D2');
  const whole = { ...change, id: other };
  await categoriseItem(maker, { ...whole, category: 'shortage' });
  await sendToResearch(maker, { ...whole, note: 'what is it?' });
  await validateItem(maker, { ...whole, validAmount: usd('0.00'), note: 'goods arrived' });
  await disputeItem(maker, { ...whole, note: 'the goods arrived' });
  const all = await recoverItem(maker, { ...whole, note: 'paid back' });
  assert.deepEqual([all.state, amountOf(all.recovered)], ['recovered', '500.00'], 'all that is open');
  for (const { findBreaches, name } of claimsInvariants) {
    assert.deepEqual(await books.house.db.read(maker, findBreaches), [], name);
  }
});

test('a limit in another currency is converted by the closing rate of the day, and never guessed', async (t) => {
  const books = await owing(t);
  const { maker, junior, house, customerId } = books;
  const item = await captureItem(maker, {
    ...{ kind: 'deduction', customerId, reference: 'E1', takenOn: '2026-06-10' },
    amount: { amount: '90.00', currency: 'EUR' },
  });
  const change = { kind: 'deduction', id: item.id, ifMatch, note: 'x' } as const;
  await categoriseItem(maker, { ...change, category: 'shortage' });
  await sendToResearch(maker, { ...change, note: 'what is it?' });
  await validateItem(maker, { ...change, validAmount: { amount: '0.00', currency: 'EUR' }, note: 'goods arrived' });
  await assert.rejects(writeOffItem(junior, change), { code: 'fx.rate_missing' });
  const rate = (on: string, value: string) =>
    house.db.transact(maker, (tx) =>
      tx.run(sql`insert into master_data.fx_rate (tenant_id, id, type, from_currency, to_currency, valid_on, rate, recorded_by, recorded_at)
        values (${maker.tenant.id}, ${randomUUID()}, 'closing', 'EUR', 'USD', ${on}::date, ${value}, ${maker.actor.id}, now())`),
    );
  await rate('2026-06-01', '1.2');
  await assert.rejects(writeOffItem(junior, change), { code: 'approval.limit_exceeded', message: /108\.00 USD/ });
  await rate('2026-06-10', '1.1');
  assert.equal((await writeOffItem(junior, change)).state, 'written_off', '99.00 USD of 100.00');
});

test('the invariants of the desk hold, and each finds the corruption that it is for', async (t) => {
  const books = await owing(t);
  const a = await books.validItem('deduction', 'D1', [{ tacticId: books.scan, amount: '60.00' }]);
  await settleItems(books.maker, books.ports, [a], { paidBy: 'offset', beyondLiability: false, note: '' });
  const broken = async () => {
    const found = [];
    for (const { name, findBreaches } of claimsInvariants) {
      const breaches = await books.house.db.read(books.maker, findBreaches);
      found.push(...breaches.map(({ subject }) => `${name} ${subject}`));
    }
    return found;
  };
  assert.deepEqual(await broken(), []);
  const owner = new pg.Client({ connectionString: books.house.url });
  await owner.connect();
  await owner.query('update settlement.item set settled = settled - 1 where id = $1', [a.id]);
  await owner.query('update settlement.match set amount = amount + 1 where item_id = $1', [a.id]);
  await owner.query(
    `insert into settlement.remittance (tenant_id, id, customer_id, reference, paid_on, currency, total, line_count, captured_by, captured_at)
     values ($1, $2, $3, 'R', '2026-06-01', 'USD', 5, 1, $2, now())`,
    [books.maker.tenant.id, a.id, books.customerId],
  );
  await owner.end();
  assert.deepEqual(await broken(), [
    `claims.item-is-its-resolutions-and-what-is-open deduction/${a.id}`,
    `claims.matches-within-the-amount deduction/${a.id}`,
    `claims.remittance-adds-up remittance/${a.id}`,
  ]);
});
