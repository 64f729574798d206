import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeContext, type ScopeSide } from '#context';
import { sql } from '#db';
import { testHouse } from '../../../test/house.ts';
import { expandScope, inScope, scopeFilter, teachScope } from './index.ts';

const idOf = (at: number) => `0190a000-0000-7000-8000-${String(at).padStart(12, '0')}`;
const idsOf = (from: number, count: number) => Array.from({ length: count }, (_, at) => idOf(from + at));

test('a wide part of a tree lets through the same rows as a narrow one: those inside, none without a node', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const expand = async (_tx: unknown, roots: readonly string[]) => ({ within: [...roots], above: [], nodes: 600 });
  teachScope([{ trees: [{ side: 'customer', expand }] }]);
  const seen = async (count: number) => {
    const scope = await context.db.read(context, (tx) =>
      expandScope(tx, { customers: idsOf(100, count), products: null }),
    );
    assert.ok(scope?.customer);
    const who = makeContext({ ...context, actor: { ...context.actor, scope } });
    const where = scopeFilter(who, { customer: sql`node.id` });
    const rows = await who.db.read(who, (tx) =>
      tx.many<{ id: string | null }>(sql`select node.id from (
        select ${idOf(0)}::uuid as id union all select null union all
        select ('0190a000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid from generate_series(1, 600) n) node
        where ${where} order by 1`),
    );
    return { wide: scope.customer.wide, ids: rows.map(({ id }) => id) };
  };
  assert.deepEqual(await seen(64), { wide: false, ids: idsOf(100, 64) });
  assert.deepEqual(await seen(70), { wide: false, ids: idsOf(100, 70) }, 'under an eighth of the tree');
  assert.deepEqual(await seen(80), { wide: true, ids: idsOf(100, 80) });
  assert.deepEqual(await seen(500), { wide: true, ids: idsOf(100, 500) });
});

test('the filter of lists and the check in the process judge every row alike, whatever somebody is kept to', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const nodes = idsOf(1, 6);
  const places = [null, ...nodes].flatMap((customer) => [null, ...nodes].map((product) => ({ customer, product })));
  const some = fc.subarray(nodes).map((ids): ReadonlySet<string> => new Set(ids));
  const side: fc.Arbitrary<ScopeSide | null> = fc.option(
    fc.record({ roots: fc.constant([]), within: some, above: some, wide: fc.boolean() }),
  );
  const columns = fc.record({ customer: fc.boolean(), product: fc.boolean(), covering: fc.boolean() });
  const judged = { inside: 0, outside: 0 };
  await fc.assert(
    fc.asyncProperty(side, side, columns, async (customer, product, has) => {
      const scope = { customer, product };
      const who = makeContext({ ...context, actor: { ...context.actor, scope } });
      const of = {
        ...(has.customer ? { customer: sql`place.customer` } : {}),
        ...(has.product ? { product: sql`place.product` } : {}),
        covering: has.covering,
      };
      const where = scopeFilter(who, of, has.covering ? 'wholly' : 'partly');
      const listed = await who.db.read(who, (tx) =>
        tx.many<{ at: number }>(sql`select (at - 1)::integer as at
          from rows from (unnest(${places.map((one) => one.customer)}::uuid[]), unnest(${places.map((one) => one.product)}::uuid[]))
            with ordinality place (customer, product, at) where ${where} order by at`),
      );
      const checked = places.flatMap((one, at) => {
        const place = {
          customer: has.customer ? one.customer : undefined,
          product: has.product ? one.product : undefined,
        };
        return inScope(scope, place) ? [at] : [];
      });
      judged.inside += checked.length;
      judged.outside += places.length - checked.length;
      assert.deepEqual(
        listed.map(({ at }) => at),
        checked,
      );
    }),
    { numRuns: 200 },
  );
  assert.ok(judged.inside > 500 && judged.outside > 500, JSON.stringify(judged));
});
