import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { Context } from '#context';
import { amountOf } from '#money';
import { testHouse } from '../../../test/house.ts';
import { depositFund, openFund } from './change-funds.ts';
import { readCheckbooks } from './checkbook-store.ts';
import type { Checkbook } from './domain/checkbook.ts';
import { commitFunds, planHolds, releaseFunds, reserveFunds } from './hold-funds.ts';

const usd = (amount: string) => ({ amount, currency: 'USD' });
const opening = (code: string, amount: string) =>
  ({
    code,
    name: code,
    kind: 'fixed',
    currency: 'USD',
    validFrom: '2026-01-01',
    validTo: '2026-12-31',
    amount,
  }) as const;

async function bookOf(context: Context, id: string, asOf?: string): Promise<Checkbook> {
  const book = await context.db.read(context, async (tx) => (await readCheckbooks(tx, [id], asOf)).get(id));
  assert.ok(book);
  return book;
}

const shown = (book: Checkbook) =>
  Object.fromEntries(Object.entries(book).map(([name, amount]) => [name, amountOf(amount)]));

test('fifty reservations at once never take a fund below zero', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const fund = await openFund(context, opening('F', '1000.00'));
  const attempts = await Promise.allSettled(
    Array.from({ length: 50 }, () =>
      context.db.transact(context, (tx) =>
        reserveFunds(tx, randomUUID(), [{ fundId: fund.id, tacticId: randomUUID(), amount: '70.00' }]),
      ),
    ),
  );
  const granted = attempts.filter((attempt) => attempt.status === 'fulfilled').length;
  assert.equal(granted, 14, '14 × 70.00 fit into 1000.00, a fifteenth does not');
  for (const attempt of attempts) {
    if (attempt.status === 'rejected') assert.equal(attempt.reason.code, 'fund.exceeded');
  }
  const book = await bookOf(context, fund.id);
  assert.equal(amountOf(book.reserved), '980.00');
  assert.equal(amountOf(book.available), '20.00');
});

test('a refusal names the fund and what it lacks, and holds nothing', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const [rich, poor] = [
    await openFund(context, opening('RICH', '500.00')),
    await openFund(context, opening('POOR', '30.00')),
  ];
  const promotionId = randomUUID();
  const tacticId = randomUUID();
  await assert.rejects(
    context.db.transact(context, (tx) =>
      reserveFunds(tx, promotionId, [
        { fundId: rich.id, tacticId, amount: '100.00' },
        { fundId: poor.id, tacticId, amount: '50.00' },
      ]),
    ),
    (problem: { code: string; extra: { shortfalls: { fundCode: string; shortfall: unknown }[] } }) => {
      assert.equal(problem.code, 'fund.exceeded');
      assert.deepEqual(
        problem.extra.shortfalls.map(({ fundCode, shortfall }) => [fundCode, shortfall]),
        [['POOR', usd('20.00')]],
      );
      return true;
    },
  );
  assert.equal(amountOf((await bookOf(context, rich.id)).reserved), '0.00');
});

test('plan, reserve, commit and release move through the checkbook, and each past instant stays readable', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const fund = await openFund(context, opening('F', '1000.00'));
  const promotionId = randomUUID();
  const split = [{ fundId: fund.id, tacticId: randomUUID(), amount: '250.00' }];
  await context.db.transact(context, (tx) => planHolds(tx, promotionId, split));
  assert.deepEqual(shown(await bookOf(context, fund.id)), {
    budgeted: '1000.00',
    planned: '250.00',
    reserved: '0.00',
    committed: '0.00',
    earned: '0.00',
    paid: '0.00',
    available: '1000.00',
  });
  house.clock.set('2026-06-16T12:00:00Z');
  await context.db.transact(context, (tx) => reserveFunds(tx, promotionId, split));
  house.clock.set('2026-06-17T12:00:00Z');
  const committed = await context.db.transact(context, (tx) => commitFunds(tx, promotionId, 'USD'));
  assert.equal(amountOf(committed), '250.00');
  house.clock.set('2026-06-18T12:00:00Z');
  await context.db.transact(context, (tx) => releaseFunds(tx, promotionId, 'cancelled'));
  assert.equal(amountOf((await bookOf(context, fund.id)).available), '1000.00');
  const during = await bookOf(context, fund.id, '2026-06-17T13:00:00Z');
  assert.deepEqual([during.planned, during.reserved, during.committed, during.available].map(amountOf), [
    '0.00',
    '0.00',
    '250.00',
    '750.00',
  ]);
  assert.equal(amountOf((await bookOf(context, fund.id, '2026-06-16T13:00:00Z')).reserved), '250.00');
});

test('another tenant sees neither fund nor entries', async (t) => {
  const house = await testHouse(t);
  const fund = await openFund(house.context(), opening('F', '10.00'));
  const stranger = house.context({ tenant: 'b' });
  const books = await stranger.db.read(stranger, (tx) => readCheckbooks(tx, [fund.id]));
  assert.equal(books.size, 0);
  await assert.rejects(depositFund(stranger, fund.id, usd('1.00'), ''), { code: 'not_found' });
});
