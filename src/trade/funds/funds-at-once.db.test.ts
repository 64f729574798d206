import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import pg from 'pg';
import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import { allocate, amountOf, Decimal, fromMinor, money } from '#money';
import { testHouse } from '../../../test/house.ts';
import { addPerson } from '../../../test/people.ts';
import { depositFund, openFund } from './change-funds.ts';
import { readCheckbooks } from './checkbook-store.ts';
import type { FundSplit } from './domain/fund.ts';
import * as holds from './hold-funds.ts';
import { fundsInvariants } from './invariants.ts';
import { recordEarned, recordPaid, type TacticMoney } from './record-earned.ts';
import { proposeTransfer, transferApproval } from './transfer-approval.ts';

const clients = 16;
const operationsEach = 30;
const promotionCount = 8;
/** Paid of each promotion before anything else, in cents: of both funds, and never taken back. */
const paidBefore = 5;

/** What somebody did, as the replay does it again; amounts in cents. */
type Operation =
  | { kind: 'deposit'; fund: number; cents: number }
  | { kind: 'reserve' | 'amend'; promotion: string; cents: [number, number] }
  | { kind: 'commit' | 'release' | 'refuse'; promotion: string }
  | { kind: 'settle'; promotion: string; cents: [number, number] }
  | { kind: 'earn' | 'pay'; promotion: string; cents: number }
  | { kind: 'transfer'; from: number; cents: number; approved: boolean };

/** A linear congruential generator (Numerical Recipes' constants): the same choices from the same seed. */
function chooser(seed: number) {
  let state = seed >>> 0;
  return (bound: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

interface Held {
  reserved: number;
  committed: number;
  earned: number;
  paid: number;
}

/** The rules of domain.md over plain numbers, one operation after another. */
class Replay {
  readonly budgeted: number[];
  readonly held = new Map<string, [Held, Held]>();
  /** Everything that was ever reserved: what later was given back leaves no trace in the balances. */
  everReserved = 0;

  constructor(budgeted: number[]) {
    this.budgeted = budgeted;
  }

  columns(fund: number) {
    const mine = [...this.held.values()].map((both) => both[fund] as Held);
    const sum = (of: (held: Held) => number) => mine.reduce((all, held) => all + of(held), 0);
    const budgeted = this.budgeted[fund] ?? 0;
    return {
      budgeted,
      planned: 0,
      reserved: sum((held) => held.reserved),
      committed: sum((held) => held.committed),
      earned: sum((held) => held.earned),
      paid: sum((held) => held.paid),
      available: budgeted - sum(({ reserved, committed, earned }) => Math.max(reserved + committed, earned)),
    };
  }

  do(operation: Operation): void {
    if (operation.kind === 'deposit') {
      this.budgeted[operation.fund] = (this.budgeted[operation.fund] ?? 0) + operation.cents;
    } else if (operation.kind === 'transfer') {
      const sign = operation.approved ? operation.cents : 0;
      this.budgeted[operation.from] = (this.budgeted[operation.from] ?? 0) - sign;
      this.budgeted[1 - operation.from] = (this.budgeted[1 - operation.from] ?? 0) + sign;
    } else {
      const nothing = (): Held => ({ reserved: 0, committed: 0, earned: 0, paid: 0 });
      const both = this.held.get(operation.promotion) ?? [nothing(), nothing()];
      this.held.set(operation.promotion, both);
      both.forEach((held, fund) => {
        const { reserved } = held;
        Replay.change(held, operation, fund);
        this.everReserved += Math.max(0, held.reserved - reserved);
      });
    }
  }

  static change(held: Held, operation: Exclude<Operation, { kind: 'deposit' | 'transfer' }>, fund: number): void {
    const before = { ...held };
    if (operation.kind === 'reserve') held.reserved += operation.cents[fund] ?? 0;
    if (operation.kind === 'amend')
      held.reserved += Math.max(0, (operation.cents[fund] ?? 0) - before.reserved - before.committed);
    if (operation.kind === 'commit')
      Object.assign(held, { reserved: 0, committed: before.committed + before.reserved });
    if (operation.kind === 'refuse') held.reserved = 0;
    if (operation.kind === 'release')
      Object.assign(held, { reserved: 0, committed: Math.min(before.committed, before.earned) });
    if (operation.kind === 'settle') {
      const needed = Math.max(operation.cents[fund] ?? 0, before.earned);
      Object.assign(held, { reserved: 0, committed: Math.min(before.committed + before.reserved, needed) });
    }
    if (operation.kind === 'earn') held.earned = partsOf(operation.cents)[fund] ?? 0;
    if (operation.kind === 'pay') held.paid = partsOf(operation.cents)[fund] ?? 0;
  }
}

const opening = (code: string) => ({
  ...{ code, name: code, kind: 'fixed' as const, currency: 'USD', amount: '9000.00' },
  ...{ validFrom: '2026-01-01', validTo: '2026-12-31' },
});

const shares = [new Decimal('0.4'), new Decimal('0.6')];
const cents = (value: number) => amountOf(fromMinor(BigInt(value), 'USD'));
const partsOf = (value: number) => allocate(money(cents(value), 'USD'), shares).map(({ minor }) => Number(minor));

/** A context that numbers its transactions in the order in which they got through, while they still hold their locks. */
function numbering(context: Context, count: () => number): Context & { last: number } {
  const numbered = Object.assign(Object.create(context) as Context & { last: number }, { last: 0 });
  const db: Context['db'] = {
    ...context.db,
    transact: (scope, work) =>
      context.db.transact(scope, async (tx) => {
        const result = await work(tx);
        numbered.last = count();
        return result;
      }),
  };
  return Object.assign(numbered, { db });
}

test('whatever sixteen people do at once, the balances are those of a serial replay, of the entries and of the formula', async (t) => {
  const house = await testHouse(t);
  await addPerson(house, ['finance_controller'], null);
  const owner = house.context();
  const funds: string[] = [];
  for (const code of ['A', 'B']) funds.push((await openFund(owner, opening(code))).id);
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  t.diagnostic(`seed ${seed} (SEED=${seed} makes the same choices)`);
  const promotions = Array.from({ length: promotionCount }, () => randomUUID());
  const done: { order: number; operation: Operation }[] = [];
  let counter = 0;

  const splitsOf = (promotion: string, amounts: [number, number]): FundSplit[] =>
    funds.map((fundId, i) => ({ fundId, tacticId: promotion, amount: cents(amounts[i] ?? 0) }));
  const moneyOf = (promotion: string, amount: number): TacticMoney => ({
    ...{ promotionId: promotion, tacticId: promotion, amount: money(cents(amount), 'USD'), on: '2026-06-14' },
    fundSplit: funds.map((fundId, i) => ({ fundId, share: shares[i] ?? new Decimal(0) })),
  });

  const perform = async (context: Context & { last: number }, operation: Operation): Promise<void> => {
    const work = (todo: (tx: TenantTx<Context>) => Promise<unknown>) => context.db.transact(context, todo);
    switch (operation.kind) {
      case 'deposit':
        return depositFund(
          context,
          funds[operation.fund] ?? '',
          { amount: cents(operation.cents), currency: 'USD' },
          '',
        );
      case 'transfer': {
        const [fromId = '', toFundId = ''] = [funds[operation.from], funds[1 - operation.from]];
        const amount = { amount: cents(operation.cents), currency: 'USD' };
        const { id } = await proposeTransfer(context, fromId, { toFundId, amount, note: '' });
        const ended = { subjectId: id, comment: '', instanceId: '', variables: {} };
        const outcome = operation.approved ? 'approved' : 'rejected';
        await work((tx) => transferApproval.settle(tx, { ...ended, outcome }));
        return;
      }
      case 'earn':
        return void (await work((tx) => recordEarned(tx, [moneyOf(operation.promotion, operation.cents)])));
      case 'pay':
        return void (await work((tx) => recordPaid(tx, [moneyOf(operation.promotion, operation.cents)])));
      case 'reserve':
        return void (await work((tx) =>
          holds.reserveFunds(tx, operation.promotion, splitsOf(operation.promotion, operation.cents)),
        ));
      case 'amend':
        return void (await work((tx) =>
          holds.reserveDifference(tx, operation.promotion, splitsOf(operation.promotion, operation.cents)),
        ));
      case 'settle':
        return void (await work((tx) =>
          holds.settleDifference(tx, operation.promotion, splitsOf(operation.promotion, operation.cents)),
        ));
      case 'commit':
        return void (await work((tx) => holds.commitFunds(tx, operation.promotion, 'USD')));
      case 'refuse':
        return void (await work((tx) => holds.releaseReserved(tx, operation.promotion, 'refused')));
      case 'release':
        return void (await work((tx) => holds.releaseFunds(tx, operation.promotion, 'over')));
    }
  };

  const client = async (number: number): Promise<void> => {
    const next = chooser(seed + number * 7_919);
    const context = numbering(house.context(), () => ++counter);
    for (let i = 0; i < operationsEach; i++) {
      const promotion = promotions[next(promotions.length)] ?? '';
      const amount = () => paidBefore + next(70_000);
      const kinds: Operation[] = [
        { kind: 'deposit', fund: next(2), cents: next(40_000) - 19_000 || 1 },
        { kind: 'reserve', promotion, cents: [amount(), amount()] },
        { kind: 'reserve', promotion, cents: [amount(), amount()] },
        { kind: 'amend', promotion, cents: [amount() * 2, amount() * 2] },
        { kind: 'amend', promotion, cents: [amount() * 3, amount() * 3] },
        { kind: 'settle', promotion, cents: [amount() * 2, amount() * 2] },
        { kind: 'commit', promotion },
        { kind: 'refuse', promotion },
        { kind: 'release', promotion },
        { kind: 'earn', promotion, cents: amount() },
        { kind: 'earn', promotion, cents: amount() * 2 },
        { kind: 'pay', promotion, cents: amount() },
        { kind: 'transfer', from: next(2), cents: amount() + 1, approved: next(3) > 0 },
      ];
      const operation = kinds[next(kinds.length)] as Operation;
      const worked = await perform(context, operation).then(
        () => true,
        (error: { code?: string }) => {
          assert.equal(error.code, 'fund.exceeded', `${operation.kind}: ${error}`);
          return false;
        },
      );
      if (worked) done.push({ order: context.last, operation });
    }
  };
  // Whatever holds something of both funds is changed under both locks, so that the order in which they are held is known.
  for (const promotion of promotions) {
    const operation: Operation = { kind: 'pay', promotion, cents: paidBefore };
    await perform(
      numbering(owner, () => 0),
      operation,
    );
    done.push({ order: 0, operation });
  }
  await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));

  const replay = new Replay([900_000, 900_000]);
  for (const { operation } of done.sort((a, b) => a.order - b.order)) {
    const before = [replay.columns(0), replay.columns(1)];
    replay.do(operation);
    for (const fund of [0, 1]) {
      const [was, is] = [before[fund], replay.columns(fund)];
      const reserves = operation.kind === 'reserve' || operation.kind === 'amend';
      if (was && reserves && is.reserved > was.reserved)
        assert.ok(is.available >= 0, `${JSON.stringify(operation)} took ${is.available} of fund ${fund}`);
    }
  }
  assert.ok(done.length > clients * 10, 'most of it gets through');
  const books = await owner.db.read(owner, (tx) => readCheckbooks(tx, funds));
  for (const [i, id] of funds.entries()) {
    const book = books.get(id);
    assert.ok(book);
    const kept = Object.fromEntries(Object.entries(book).map(([column, { minor }]) => [column, Number(minor)]));
    assert.deepEqual(kept, replay.columns(i));
  }
  const asOf = await owner.db.read(owner, (tx) => readCheckbooks(tx, funds, '2026-06-15T12:00:00Z'));
  assert.deepEqual(asOf, books, 'as of now is now');
  for (const invariant of fundsInvariants) {
    assert.deepEqual(await owner.db.read(owner, (tx) => invariant.findBreaches(tx)), [], invariant.name);
  }
  const { reserved } = await owner.db.read(owner, (tx) =>
    tx.one<{ reserved: string }>(sql`select coalesce(sum(scaled / 100), 0) as reserved from funds.entry
      where kind = 'reserve' and transfer_id is null`),
  );
  assert.equal(Number(reserved), replay.everReserved);
});

test('no hold changes without the lock of its fund, also where the fund was held from while another lock was waited for', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const [a, b] = [await openFund(context, opening('A')), await openFund(context, opening('B'))];
  const promotion = randomUUID();
  const split = (fund: { id: string }, amount: string): FundSplit => ({
    ...{ fundId: fund.id, tacticId: promotion, amount },
  });
  const client = new pg.Client({ connectionString: house.url });
  await client.connect();
  const untilWaiting = async (count: number, isOver = () => false) => {
    for (let waiting = 0; waiting < count && !isOver(); ) {
      const { rows } = await client.query(`select count(*)::integer as waiting from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`);
      waiting = rows[0].waiting;
    }
  };
  /** Does `work` in a transaction and keeps its locks until told to commit. */
  const held = (work: (tx: TenantTx<Context>) => Promise<void>) => {
    const [worked, commit] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const over = context.db.transact(context, async (tx) => {
      await work(tx);
      worked.resolve();
      await commit.promise;
    });
    return { worked: worked.promise, commit: () => commit.resolve(), over };
  };

  const first = held((tx) => holds.reserveFunds(tx, promotion, [split(a, '10.00'), split(b, '10.00')]));
  await first.worked;
  // Both ask which funds hold something while nobody sees that any does: one waits for A alone, the other for B alone.
  let isSettled = false;
  const settling = context.db
    .transact(context, (tx) => holds.settleDifference(tx, promotion, [split(a, '10.00')]))
    .then(() => {
      isSettled = true;
    });
  const second = held((tx) => holds.reserveFunds(tx, promotion, [split(b, '5.00')]));
  await untilWaiting(2);
  first.commit();
  // Each has its lock now and wants that of the other: the database ends the circle, and either may be run again.
  await second.worked;
  await untilWaiting(1, () => isSettled);
  second.commit();
  await Promise.all([first.over, second.over, settling]);
  await client.end();
  for (const invariant of fundsInvariants) {
    assert.deepEqual(await context.db.read(context, (tx) => invariant.findBreaches(tx)), [], invariant.name);
  }
});
