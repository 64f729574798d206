import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { Context } from '#context';
import { sql } from '#db';
import { amountOf, type Money, money, subtract, sum } from '#money';
import { testHouse } from '../../../test/house.ts';
import { depositFund, openFund, transferFunds } from './change-funds.ts';
import type { Checkbook } from './domain/checkbook.ts';
import { readCheckbooks } from './fund-store.ts';
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

/** The columns again, from what each tactic holds: domain.md's formula as the oracle for the ledger's sums. */
async function availableByFormula(context: Context, id: string, budgeted: Money): Promise<Money> {
  const holds = await context.db.read(context, (tx) =>
    tx.many<{ held: string }>(
      sql`select greatest(reserved + committed, earned)::numeric(20, 2) as held from funds.hold where fund_id = ${id}`,
    ),
  );
  return subtract(
    budgeted,
    sum(
      holds.map(({ held }) => money(held, 'USD')),
      'USD',
    ),
  );
}

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

test('random work of eight at once leaves balances that the ledger, the holds and the formula agree on', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const funds = [await openFund(context, opening('A', '3000.00')), await openFund(context, opening('B', '3000.00'))];
  const seed = 20_261_123;
  t.diagnostic(`seed ${seed}`);
  const worker = async (n: number) => {
    let state = seed + n;
    const next = (bound: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return Math.floor((state / 2 ** 32) * bound);
    };
    const mine: string[] = [];
    for (let i = 0; i < 25; i++) {
      const from = funds[next(2)];
      const to = funds.find((fund) => fund !== from);
      assert.ok(from && to);
      const promotionId = mine[next(mine.length)] ?? randomUUID();
      const amount = `${next(300) + 1}.${String(next(100)).padStart(2, '0')}`;
      const work = [
        () =>
          context.db.transact(context, (tx) =>
            reserveFunds(tx, freshPromotion(mine), [{ fundId: from.id, tacticId: randomUUID(), amount }]),
          ),
        () => context.db.transact(context, (tx) => commitFunds(tx, promotionId, 'USD').then(() => undefined)),
        () => context.db.transact(context, (tx) => releaseFunds(tx, promotionId, 'test')),
        () => transferFunds(context, from.id, { toFundId: to.id, amount: usd(amount), note: '' }),
        () => depositFund(context, from.id, usd(next(2) ? amount : `-${amount}`), ''),
      ][next(5)];
      await work?.().catch((error: { code?: string }) => assert.equal(error.code, 'fund.exceeded'));
    }
  };
  const freshPromotion = (mine: string[]) => {
    const id = randomUUID();
    mine.push(id);
    return id;
  };
  await Promise.all(Array.from({ length: 8 }, (_, n) => worker(n)));
  for (const fund of funds) {
    const book = await bookOf(context, fund.id);
    assert.ok(book.available.minor >= 0n, 'never below zero');
    assert.deepEqual(book.available, await availableByFormula(context, fund.id, book.budgeted));
  }
});

test('another tenant sees neither fund nor entries', async (t) => {
  const house = await testHouse(t);
  const fund = await openFund(house.context(), opening('F', '10.00'));
  const stranger = house.context({ tenant: 'b' });
  const books = await stranger.db.read(stranger, (tx) => readCheckbooks(tx, [fund.id]));
  assert.equal(books.size, 0);
  await assert.rejects(depositFund(stranger, fund.id, usd('1.00'), ''), { code: 'not_found' });
});
