import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventLog, emit } from '#events';
import { makeLogger } from '#telemetry';
import { testHouse } from '../../../test/house.ts';
import { dashboardChannel } from './dashboards.ts';

const channel = dashboardChannel({
  fundsHeld: async () => [{ currency: 'USD', reserved: '1250.5000', committed: '0' }],
});

test('every measure of the dashboard can be read in a tenant that has nothing yet, and is JSON', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const data: Record<string, unknown> = {};
  await house.db.transact(context, async (tx) => {
    for (const [name, measure] of Object.entries(channel.measures)) data[name] = await measure.read(tx, {});
  });
  assert.deepEqual(JSON.parse(JSON.stringify(data)), {
    promotions: [],
    funds: { reserved: [{ amount: '1250.50', currency: 'USD' }], committed: [{ amount: '0.00', currency: 'USD' }] },
    tasksOpen: 0,
    decisionsToday: 0,
  });
});

test("decisions of today are those of the tenant's own day, and of one customer where asked", async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const customerId = context.newId();
  const decide = (at: string, type: string, data: Record<string, unknown>) => {
    house.clock.set(at);
    return house.db.transact(context, (tx) =>
      emit(tx, { type: `promotions.promotion.${type}`, subjectType: 'promotion', subjectId: context.newId(), data }),
    );
  };
  // Midnight of 15 June in New York is 04:00 UTC.
  await decide('2026-06-15T03:59:59Z', 'approved', {});
  await decide('2026-06-15T04:00:00Z', 'approved', { customerId });
  await decide('2026-06-15T12:00:00Z', 'approved', {});
  await decide('2026-06-15T12:00:00Z', 'rejected', { customerId });
  await decide('2026-06-15T12:00:00Z', 'submitted', { customerId });
  const log = new EventLog(
    { db: house.db, clock: house.clock, log: makeLogger('silent'), tenant: async () => context.tenant },
    [],
  );
  await log.start();
  const limit = AbortSignal.timeout(60_000);
  while (log.position.offset < 5 && !limit.aborted) await new Promise((resolve) => setTimeout(resolve, 10));
  await log.stop();
  const read = (filters: { customerId?: string }) =>
    house.db.transact(context, async (tx) => channel.measures.decisionsToday?.read(tx, filters));
  assert.equal(await read({}), 3);
  assert.equal(await read({ customerId }), 2);
});
