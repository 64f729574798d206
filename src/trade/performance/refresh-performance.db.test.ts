import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Context } from '#context';
import { sql } from '#db';
import type { StoredEvent } from '#events';
import { simulateMaker } from '../../../demo/simulate-maker.ts';
import { testHouse } from '../../../test/house.ts';
import { announceSettledSales, refreshPerformance, salesSettleTimer, waitForSales } from './refresh-performance.ts';
import { storeMaker } from './test-maker.ts';

const count = (context: Context, query: ReturnType<typeof sql<{ n: number }>>) =>
  context.db.transact(context, async (tx) => (await tx.one(query)).n);

test('batches of sales that arrive one after another are followed by one refresh, after the last', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const dueAt = async () => {
    const rows = await context.db.transact(context, (tx) =>
      tx.many<{ dueAt: Date }>(sql`select due_at as "dueAt" from timer.timer where kind = ${salesSettleTimer}`),
    );
    return rows.map(({ dueAt }) => dueAt.toISOString());
  };
  for (const second of ['00', '03', '06']) {
    house.clock.set(`2026-06-15T12:00:${second}Z`);
    await context.db.transact(context, (tx) => waitForSales.handle(tx, {} as StoredEvent));
  }
  assert.deepEqual(await dueAt(), ['2026-06-15T12:00:11.000Z']);
  await context.db.transact(context, (tx) =>
    announceSettledSales(tx, { id: '', kind: salesSettleTimer, subjectId: '', dueAt: new Date(0), data: {} }),
  );
  const { n } = await house.db.system((tx) =>
    tx.one<{ n: number }>(sql`select count(*)::int as n from event.outbox where type = 'performance.sales.settled'`),
  );
  assert.equal(n, 1);
});

test('a refresh derives observed events and asks for a model once per state of the sales', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const maker = simulateMaker({ seed: 7, today: '2026-06-15' });
  const part = { categories: ['BAR'], banners: ['HGM'] };
  await storeMaker({ url: house.url, newId: context.newId, tenantId: context.tenant.id }, maker, part);
  await refreshPerformance(context);
  const events = await count(context, sql`select count(*)::int as n from performance.observed_event`);
  assert.ok(events > 0);
  await refreshPerformance(context);
  assert.equal(await count(context, sql`select count(*)::int as n from performance.observed_event`), events);
  assert.equal(await count(context, sql`select count(*)::int as n from performance.model_version`), 1);
});
