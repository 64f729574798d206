import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import { sql, urlForRole } from '#db';
import { testHouse, testSecretKey, testTenants } from '../house.ts';
import { isolationFindings } from './isolation-findings.ts';
import { insertRow, readTenantTables, removeBusinessRules, type TenantTable } from './planted-rows.ts';

const { a, b } = testTenants;
const limit = { timeout: 180_000 };

async function connect(t: TestContext, url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  t.after(() => client.end().catch(() => undefined));
  return client;
}

async function inTenant<T>(client: pg.Client, tenantId: string | null, work: () => Promise<T>): Promise<T> {
  await client.query('begin');
  if (tenantId) await client.query("select set_config('tradeai.tenant_id', $1, true)", [tenantId]);
  try {
    return await work();
  } finally {
    await client.query('rollback');
  }
}

/** Statements that are a fault each, and the finding that must name it. */
const faults: [statement: string, finding: RegExp][] = [
  ['alter table funds.fund no force row level security', /^funds\.fund: row-level security is not forced$/],
  ['alter table funds.fund disable row level security', /^funds\.fund: row-level security is off$/],
  ['drop policy tenant_isolation on funds.fund', /^funds\.fund: the application has no policy here$/],
  ['create policy open on funds.fund for select to public using (true)', /^funds\.fund: policy open shows true$/],
  ['create policy open on funds.fund for insert to tradeai_app with check (true)', /policy open lets in true$/],
  ['grant truncate on funds.fund to tradeai_app', /^funds\.fund: the application may truncate/],
  ['create table funds.scratch (id uuid primary key)', /^funds\.scratch: has no tenant_id$/],
  ['create table funds.scratch (tenant_id uuid, id uuid)', /^funds\.scratch: row-level security is off$/],
  [
    `create table funds.scratch (tenant_id uuid, at date) partition by range (at);
     call platform.protect_tenant_table('funds.scratch');
     create table funds.scratch_2026 partition of funds.scratch for values from ('2026-01-01') to ('2027-01-01');
     grant select on funds.scratch_2026 to tradeai_app`,
    /^funds\.scratch_2026: row-level security is off$/,
  ],
  [
    'alter default privileges in schema funds grant select on tables to tradeai_app',
    /^default privileges give r to the application/,
  ],
  [
    'create view funds.all_funds as select * from funds.fund',
    /^funds\.all_funds: the view does not run as its caller$/,
  ],
  [
    'create materialized view funds.kept as select * from funds.fund; grant select on funds.kept to tradeai_app',
    /^funds\.kept: the application may read a materialised view$/,
  ],
  [
    `create table funds.one (tenant_id uuid, id uuid unique); call platform.protect_tenant_table('funds.one');
     create table funds.two (tenant_id uuid, id uuid references funds.one (id)); call platform.protect_tenant_table('funds.two')`,
    /^funds\.two: foreign key two_id_fkey leaves out tenant_id$/,
  ],
  [
    'create function funds.door() returns bigint language sql security definer return (select count(*) from funds.fund)',
    /^funds\.door: the function runs as its owner$/,
  ],
  [
    'create table funds.owned (tenant_id uuid); alter table funds.owned owner to tradeai_app',
    /the role owns table funds\.owned$/,
  ],
  ['alter role tradeai_app bypassrls', /^tradeai_app: the role may bypass row-level security$/],
  ['grant pg_read_all_data to tradeai_app', /^tradeai_app: the role is a member of pg_read_all_data$/],
  [
    'grant select on graphile_worker._private_jobs to tradeai_app',
    /^graphile_worker\._private_jobs: the application may select$/,
  ],
];

test('every wall between tenants stands: tables, partitions, views, keys, roles', limit, async (t) => {
  const house = await testHouse(t);
  const owner = await connect(t, house.url);
  assert.deepEqual(await isolationFindings(owner), []);
});

test('the walk through the catalogue reports each kind of hole', limit, async (t) => {
  const house = await testHouse(t);
  const owner = await connect(t, house.url);
  for (const [statement, expected] of faults) {
    await owner.query('begin');
    await owner.query(statement);
    const findings = await isolationFindings(owner);
    await owner.query('rollback');
    assert.ok(
      findings.some((finding) => expected.test(finding)),
      `${statement}\n  gave ${JSON.stringify(findings)}, not ${expected}`,
    );
  }
});

async function housePlantedIn(t: TestContext) {
  const house = await testHouse(t);
  const owner = await connect(t, house.url);
  await removeBusinessRules(owner);
  for (const tenant of [a, b]) {
    for (const table of await readTenantTables(owner)) await owner.query(insertRow(table, tenant.id));
  }
  const tables = await readTenantTables(owner);
  assert.ok(tables.length > 20, `only ${tables.length} tables carry a tenant`);
  return { house, owner, tables, app: await connect(t, urlForRole(house.url, 'tradeai_app', testSecretKey)) };
}

async function rowsSeen(
  client: pg.Client | pg.PoolClient,
  { name }: TenantTable,
): Promise<{ tenant: string; n: number }[]> {
  const query = `select tenant_id as tenant, count(*)::int as n from ${name} group by 1`;
  return (await client.query<{ tenant: string; n: number }>(query)).rows;
}

test('a query without any filter sees the rows of its own tenant, in every table', limit, async (t) => {
  const { app, owner, tables } = await housePlantedIn(t);
  for (const table of tables) {
    assert.equal((await rowsSeen(owner, table)).length, 2, `${table.name} holds a row of each tenant`);
    if (!table.may.select) continue;
    const seen = await inTenant(app, a.id, () => rowsSeen(app, table));
    assert.deepEqual(seen, [{ tenant: a.id, n: 1 }], table.name);
  }
});

test('nothing is written into another tenant, changed there, moved there or deleted there', limit, async (t) => {
  const { app, owner, tables } = await housePlantedIn(t);
  const refused = (statement: string) =>
    inTenant(app, a.id, () => assert.rejects(app.query(statement), { code: '42501' }, statement));
  const untouched = async (statement: string) => {
    const { rowCount } = await inTenant(app, a.id, () => app.query(statement));
    assert.equal(rowCount, 0, statement);
  };
  for (const table of await readTenantTables(owner)) if (table.may.insert) await refused(insertRow(table, b.id));
  for (const { name, may } of tables) {
    if (may.update) {
      await refused(`update ${name} set tenant_id = '${b.id}'`);
      if (may.select) await untouched(`update ${name} set tenant_id = tenant_id where tenant_id = '${b.id}'`);
    }
    if (may.delete && may.select) await untouched(`delete from ${name} where tenant_id = '${b.id}'`);
  }
});

test('without a tenant the application sees and writes nothing', limit, async (t) => {
  const { app, tables } = await housePlantedIn(t);
  for (const table of tables) {
    if (table.may.select) assert.deepEqual(await inTenant(app, null, () => rowsSeen(app, table)), [], table.name);
    if (table.may.insert) {
      await inTenant(app, null, () => assert.rejects(app.query(insertRow(table, a.id)), { code: '42501' }, table.name));
    }
  }
});

test('a pooled connection that comes back carries no tenant, after a commit and after a failure', limit, async (t) => {
  const { house, tables } = await housePlantedIn(t);
  const readable = tables.find(({ may }) => may.select) as TenantTable;
  let used: pg.PoolClient | undefined;
  const look = async (fails: boolean) =>
    house.db.transact(house.context(), async (tx) => {
      await tx.run(sql`select`);
      used = tx.client;
      assert.equal((await rowsSeen(tx.client, readable)).length, 1);
      if (fails) throw new Error('no');
    });
  const afterwards = async () => {
    assert.ok(used);
    const { rows } = await used.query(
      "select current_setting('tradeai.tenant_id', true) as tenant, current_user as role",
    );
    assert.deepEqual(rows, [{ tenant: '', role: 'tradeai_app' }]);
    assert.deepEqual(await rowsSeen(used, readable), []);
  };
  await look(false);
  await afterwards();
  await assert.rejects(look(true), /no/);
  await afterwards();
});
