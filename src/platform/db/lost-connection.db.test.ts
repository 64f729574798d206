import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { isUnavailable, sql } from '#db';
import { testHouse } from '../../../test/house.ts';

test('a connection that ends between two statements of a transaction fails that transaction, not the process', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  await assert.rejects(
    context.db.transact(context, async (tx) => {
      const { pid } = await tx.one<{ pid: number }>(sql`select pg_backend_pid() as pid`);
      const owner = new pg.Client({ connectionString: house.url });
      await owner.connect();
      await owner.query('select pg_terminate_backend($1)', [pid]);
      await owner.end();
      await sleep(200);
      await tx.run(sql`select 1`);
    }),
    // Told as unavailable (503), not as a fault of ours.
    (error) => isUnavailable(error),
  );
  const { one } = await context.db.read(context, (tx) => tx.one<{ one: number }>(sql`select 1 as one`));
  assert.equal(one, 1, 'the next transaction gets a sound connection');
});
