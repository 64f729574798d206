import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeContext } from '#context';
import { sql } from '#db';
import { inScope, scopeOf, teachScope } from '#scope';
import { testHouse } from '../../../test/house.ts';
import { changeCustomer } from './change-customer.ts';
import { createCustomer } from './create-customer.ts';
import { findCustomers, listCustomers } from './customer-store.ts';
import { customerAncestors, customerAncestorsOfEach, customerLeaves, customerLeavesOfEach } from './index.ts';
import { masterDataScope } from './master-data-scope.ts';

test('a customer tree answers its ancestors and its leaves', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const root = await createCustomer(context, { code: 'R', name: 'Root', type: 'banner' });
  const north = await createCustomer(context, { code: 'N', name: 'North', type: 'division', parentId: root.id });
  const south = await createCustomer(context, { code: 'S', name: 'South', type: 'division', parentId: root.id });
  const store = await createCustomer(context, { code: 'N1', name: 'Store', type: 'store', parentId: north.id });
  await house.db.transact(context, async (tx) => {
    assert.deepEqual(await customerAncestors(tx, store.id), [store.id, north.id, root.id]);
    assert.deepEqual(await customerLeaves(tx, root.id), [store.id, south.id]);
    assert.deepEqual(await customerLeaves(tx, store.id), [store.id]);
    assert.deepEqual(await customerLeaves(tx, context.newId()), []);
  });
});

test('several customers asked at once each get their own line and their own leaves, also where they overlap', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const root = await createCustomer(context, { code: 'R', name: 'Root', type: 'banner' });
  const south = await createCustomer(context, { code: 'S', name: 'South', type: 'division', parentId: root.id });
  const last = await createCustomer(context, { code: 'S2', name: 'Last', type: 'store', parentId: south.id });
  const first = await createCustomer(context, { code: 'S1', name: 'First', type: 'store', parentId: south.id });
  const stranger = context.newId();
  await house.db.transact(context, async (tx) => {
    assert.deepEqual(
      await customerAncestorsOfEach(tx, [first.id, south.id, stranger]),
      new Map([
        [first.id, [first.id, south.id, root.id]],
        [south.id, [south.id, root.id]],
        [stranger, []],
      ]),
    );
    assert.deepEqual(
      await customerLeavesOfEach(tx, [root.id, south.id, last.id, stranger]),
      new Map([
        [root.id, [first.id, last.id]],
        [south.id, [first.id, last.id]],
        [last.id, [last.id]],
        [stranger, []],
      ]),
    );
    assert.deepEqual(await customerLeavesOfEach(tx, []), new Map());
  });
});

test('a customer never stands below itself', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const root = await createCustomer(context, { code: 'R', name: 'Root', type: 'banner' });
  const child = await createCustomer(context, { code: 'C', name: 'Child', type: 'division', parentId: root.id });
  for (const parentId of [child.id, root.id]) {
    await assert.rejects(changeCustomer(context, root.id, { parentId }), { code: 'rule.violated' });
  }
});

test('two moves at once cannot form a cycle', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const make = (code: string, parentId?: string) =>
    createCustomer(context, { code, name: code, type: 'node', parentId });
  for (let round = 0; round < 10; round++) {
    const a = await make(`A${round}`);
    const b = await make(`B${round}`);
    const [belowA, belowB] = [await make(`A${round}-1`, a.id), await make(`B${round}-1`, b.id)];
    // No row is touched by both: only a lock of the tree keeps them apart.
    const moves = await Promise.allSettled([
      changeCustomer(context, a.id, { parentId: belowB.id }),
      changeCustomer(context, b.id, { parentId: belowA.id }),
    ]);
    assert.deepEqual(moves.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  }
});

test("another tenant's customers are invisible, cannot be changed, and cannot be a parent", async (t) => {
  const house = await testHouse(t);
  const other = house.context({ tenant: 'b' });
  const theirs = await createCustomer(other, { code: 'X', name: 'Theirs', type: 'banner' });
  const context = house.context();
  await createCustomer(context, { code: 'X', name: 'The same code is ours to use', type: 'banner' });
  await assert.rejects(changeCustomer(context, theirs.id, { name: 'Mine' }), { code: 'not_found' });
  await assert.rejects(createCustomer(context, { code: 'Y', name: 'Y', type: 'store', parentId: theirs.id }), {
    code: 'rule.violated',
  });
  await house.db.transact(context, async (tx) => {
    assert.deepEqual(await findCustomers(tx, { ids: [theirs.id] }), []);
    const { items } = await listCustomers(tx, {}, { limit: 200 });
    assert.deepEqual(
      items.map(({ name }) => name),
      ['The same code is ours to use'],
    );
  });
});

test('a change of a version that is no longer current is refused', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const { id } = await createCustomer(context, { code: 'R', name: 'Root', type: 'banner' });
  const changed = await changeCustomer(context, id, { name: 'New' }, 1);
  assert.equal(changed.version, 2);
  await assert.rejects(changeCustomer(context, id, { name: 'Newer' }, 1), { code: 'version.conflict' });
  await assert.rejects(createCustomer(context, { code: 'R', name: 'Again', type: 'banner' }), { code: 'code.taken' });
});

test('every change of a customer leaves an event and an audit entry in its own transaction', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const { id } = await createCustomer(context, { code: 'R', name: 'Root', type: 'banner' });
  await changeCustomer(context, id, { name: 'New' });
  await assert.rejects(changeCustomer(context, id, { parentId: id }), { code: 'rule.violated' });
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: house.url });
  await client.connect();
  const events = await client.query('select type from event.outbox where subject_id = $1 order by seq', [id]);
  const audit = await client.query('select action from audit.entry where entity_id = $1 order by action desc', [id]);
  await client.end();
  assert.deepEqual(
    events.rows.map(({ type }) => type),
    ['master_data.customer.created', 'master_data.customer.changed'],
  );
  assert.deepEqual(
    audit.rows.map(({ action }) => action),
    ['customer.created', 'customer.changed'],
  );
});

test('a list of customers is read page by page without loss, by an index', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const codes = Array.from({ length: 25 }, (_, i) => `C${String(i).padStart(2, '0')}`);
  for (const code of codes) await createCustomer(context, { code, name: `Name of ${code}`, type: 'store' });
  await house.db.transact(context, async (tx) => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listCustomers(tx, { search: 'name OF' }, { limit: 7, cursor });
      seen.push(...page.items.map(({ code }) => code));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    assert.deepEqual(seen, codes);
    assert.deepEqual((await listCustomers(tx, { search: '%' }, { limit: 10 })).items, []);
    // On a table of this size the planner would scan: what counts is that an index can serve.
    await tx.run(sql`set local enable_seqscan = off`);
    const explained = async (where: string) =>
      JSON.stringify((await tx.client.query(`explain select * from master_data.customer ${where}`)).rows);
    assert.match(await explained("where code > 'C03' order by code, id limit 8"), /customer_tenant_id_code_key/);
    assert.match(await explained(`where parent_id = '${context.newId()}'`), /customer_children/);
  });
});

test('whoever is kept to nodes of a tree is shown those, what is below them, and nothing else, whatever the tree', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  teachScope([masterDataScope]);
  const parents: (number | null)[] = [];
  const ids: string[] = [];
  await fc.assert(
    fc.asyncProperty(
      fc.option(fc.nat(40)),
      fc.uniqueArray(fc.nat(60), { minLength: 1, maxLength: 4 }),
      async (above, asked) => {
        // The tree grows by a customer with every run.
        const parent = above === null || ids.length === 0 ? null : above % ids.length;
        const body = { code: `N${ids.length}`, name: 'N', type: 'node', currency: 'USD' };
        const made = await createCustomer(context, { ...body, parentId: parent === null ? null : ids[parent] });
        ids.push(made.id);
        parents.push(parent);
        const roots = [...new Set(asked.map((at) => at % ids.length))];
        const below = ids.filter((_, at) => {
          for (let node: number | null = at; node !== null; node = parents[node] ?? null)
            if (roots.includes(node)) return true;
          return false;
        });
        const nodes = { customers: roots.map((at) => ids[at] ?? ''), products: null };
        const scope = await scopeOf(house.db, context, nodes, house.clock.now());
        const kept = makeContext({ ...context, actor: { ...context.actor, scope } });
        const shown = await kept.db.read(kept, (tx) => listCustomers(tx, {}, { limit: 200 }));
        assert.deepEqual(shown.items.map(({ id }) => id).sort(), below.sort());
        assert.deepEqual(ids.filter((id) => inScope(scope, { customer: id })).sort(), below.sort());
      },
    ),
    { numRuns: 40 },
  );
});
