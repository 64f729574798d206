import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#db';
import { testHouse, testTenants } from '../../../../test/house.ts';
import { createDemoPeople } from './create-demo-people.ts';
import { findPeople } from './people.ts';

test('people are found by permission and by id with their limits, within the tenant', async (t) => {
  const house = await testHouse(t);
  const { db, clock } = house;
  const mine = await createDemoPeople(db, clock, testTenants.a.id, 'a long enough one');
  const others = await createDemoPeople(db, clock, testTenants.b.id, 'a long enough one', 'other.example');
  const context = house.context();
  const approvers = await db.transact(context, (tx) => findPeople(tx, { permission: 'promotions:approve' }));
  assert.deepEqual(
    approvers.map(({ name, roles, approvalLimit }) => [name, roles[0], approvalLimit?.minor ?? null]),
    [
      ['Dora Ingram', 'director', 5_000_000n],
      ['Esme Vautier', 'executive', null],
      ['Fiona Castell', 'finance_controller', 20_000_000n],
      ['Milo Trent', 'trade_marketing_manager', 10_000_000n],
    ],
  );
  const ids = [mine[0]?.id ?? '', others[0]?.id ?? ''];
  const named = await db.transact(context, (tx) => findPeople(tx, { ids }));
  assert.deepEqual(
    named.map(({ id }) => id),
    [mine[0]?.id],
  );
});

test('the application’s role sees no password, no other tenant’s people, and cannot make anyone a member', async (t) => {
  const house = await testHouse(t);
  const { db, clock } = house;
  await createDemoPeople(db, clock, testTenants.a.id, 'a long enough one');
  const [other] = await createDemoPeople(db, clock, testTenants.b.id, 'a long enough one', 'other.example');
  const context = house.context();
  const count = (table: string) =>
    db.transact(context, (tx) => tx.one<{ n: number }>(sql`select count(*)::integer as n from ${sql.raw(table)}`));
  assert.equal((await count('identity.person')).n, 9);
  assert.equal((await count('identity.membership')).n, 9);
  assert.equal((await count('identity.tenant')).n, 1);
  const denied = { code: '42501' };
  await assert.rejects(count('identity.password'), denied);
  await assert.rejects(count('identity.login_attempt'), denied);
  const write = (statement: ReturnType<typeof sql>) => db.transact(context, (tx) => tx.run(statement));
  await assert.rejects(
    write(sql`insert into identity.membership (tenant_id, person_id, roles, approval_currency, created_at)
      values (${testTenants.a.id}, ${other?.id}, '{administrator}', 'USD', now())`),
    denied,
  );
  await assert.rejects(write(sql`update identity.person set name = 'x'`), denied);
  assert.equal(await write(sql`update identity.membership set roles = '{}' where person_id = ${other?.id}`), 0);
});
