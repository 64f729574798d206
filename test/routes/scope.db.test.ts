import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import type { AnyRoute } from '#http';
import { type Call, leaflet } from '../journeys/small-trade.ts';
import { bodyOf, subjectOf } from './examples.ts';
import { type RouteHouse, routeHouse, type Things, urlOf } from './house-routes.ts';

const usd = (amount: string) => ({ amount, currency: 'USD' });

async function made(call: Call, path: string, body: unknown): Promise<string> {
  const answer = await call('POST', path, body);
  assert.equal(answer.status, 201, `POST ${path}: ${JSON.stringify(answer.body)}`);
  return answer.body.id;
}

/** Beside everything else a second retailer and a second category, with a little of everything that hangs on them. */
async function makeInside(call: Call, outside: Things) {
  const retailerId = await made(call, '/customers', { code: 'IR', name: 'Inner retailer', type: 'retailer' });
  const storeId = await made(call, '/customers', { code: 'IS', name: 'Inner', type: 'store', parentId: retailerId });
  const categoryId = await made(call, '/products', { code: 'IC', name: 'Inner category', level: 'category' });
  const skuId = await made(call, '/products', {
    ...{ code: 'IP', name: 'Inner oats', level: 'sku', parentId: categoryId, own: true, unitsPerCase: '12' },
    ...{ listPrice: usd('24.00'), cost: usd('12.00') },
  });
  const promotionId = await made(
    call,
    '/promotions',
    leaflet({ ...outside, storeId, skuId }, '2026-09-07', '2026-09-20'),
  );
  const item = { customerId: storeId, reference: 'ID', amount: usd('5.00'), takenOn: '2026-06-01' };
  const deductionId = await made(call, '/deductions', item);
  const fact = { periodStart: '2026-06-01', units: '12', revenue: '30.00' };
  const facts = [storeId, outside.storeId].flatMap((customerId) =>
    [skuId, outside.skuId].map((productId) => ({ ...fact, customerId, productId })),
  );
  assert.equal((await call('POST', '/sales', { facts })).status, 200);
  return { retailerId, storeId, categoryId, skuId, promotionId, deductionId };
}

/** A fund, terms and a price that are for the outside alone. */
async function makeOutside(call: Call, outside: Things) {
  const dates = { validFrom: '2026-01-01', validTo: '2026-12-31' };
  const fund = { code: 'OUT', name: 'Out', kind: 'fixed', currency: 'USD', amount: '10.00', ...dates };
  return { boundFundId: await made(call, '/funds', { ...fund, customerId: outside.retailerId }) };
}

type Ask = RouteHouse['request'];

/** What belongs to the whole tenant and may be read by everybody in it. */
const forEverybody = ['/calendars', '/fx-rates', '/ml/models', '/periods', '/people', '/roles'];
/** Whoever is kept to customers is not kept to products. */
const notNarrowed = ['/products', '/prices', '/absences'];
/** Funds that are for nobody in particular. */
const sharedFunds = ['/funds/:id'];

/** One's own account, and what only people without a scope may do: those are refused before anything is looked for. */
const isApart = ({ path, access }: AnyRoute) =>
  access === 'public' ||
  /^\/(auth|workflows\/mail-choice)\b/.test(path) ||
  /^(users|audit|privacy|workflows:design|monitoring|integrations|periods|ml:train)/.test(access);
const startsWithOne = ({ path }: AnyRoute, starts: readonly string[]) => starts.some((start) => path.startsWith(start));

async function refusesOutsideThings(routes: readonly AnyRoute[], ask: Ask, token: string, outside: Things) {
  for (const route of routes.filter(
    (one) => one.path.includes(':') && !isApart(one) && !startsWithOne(one, notNarrowed),
  )) {
    if (route.method === 'GET' && startsWithOne(route, [...forEverybody, ...sharedFunds])) continue;
    const payload = bodyOf(route, outside);
    const url = urlOf(route.path, subjectOf(route, outside));
    const reply = await ask(token, { method: route.method, url, ...(payload ? { payload } : {}) });
    assert.ok(
      [403, 404].includes(reply.status),
      `${route.method} ${route.path}: ${reply.status} ${JSON.stringify(reply.body)}`,
    );
    if (!route.reach) assert.equal(reply.status, 404, `${route.method} ${route.path}`);
  }
}

/** Query members that a list needs before it answers. */
function queryOf(route: AnyRoute, inside: { storeId: string; skuId: string }): Record<string, string> {
  const shape = (route.query as unknown as { shape?: Record<string, { isOptional?(): boolean }> })?.shape ?? {};
  const values: Record<string, string> = {
    ...{
      customerId: inside.storeId,
      productId: inside.skuId,
      from: '2026-01-01',
      to: '2026-12-31',
      by: 'customer',
      q: 'o',
    },
    ...{ periodId: '', subjectType: 'promotion', subjectId: '', mine: 'false', limit: '200' },
  };
  const wanted = Object.entries(shape).filter(
    ([name, schema]) => !schema.isOptional?.() || ['limit', 'mine'].includes(name),
  );
  return Object.fromEntries(wanted.flatMap(([name]) => (values[name] ? [[name, values[name]]] : [])));
}

/** Which of some ids the lists, searches and sums of the product tell of, each with the lists that do; and how many answered. */
async function tellOf(
  routes: readonly AnyRoute[],
  ask: Ask,
  token: string,
  ids: Record<string, string>,
  inside: { storeId: string; skuId: string },
) {
  const told: Record<string, string[]> = {};
  let answered = 0;
  const lists = routes.filter(
    ({ method, path, access }) => method === 'GET' && !path.includes(':') && access !== 'public',
  );
  for (const route of lists) {
    const reply = await ask(token, { method: 'GET', url: urlOf(route.path, ''), query: queryOf(route, inside) });
    assert.ok(reply.status < 500, `GET ${route.path}: ${reply.status}`);
    if (reply.status === 200) answered += 1;
    const text = JSON.stringify(reply.body);
    for (const [name, id] of Object.entries(ids)) {
      if (text.includes(id)) told[name] = [...(told[name] ?? []), route.path];
    }
  }
  return { told, answered };
}

const scopedThings = [
  'retailerId',
  'storeId',
  'promotionId',
  'taskId',
  'journalId',
  'deductionId',
  'claimId',
  'agreementId',
] as const;

test('people who are kept to a part of the customers or products meet nothing outside it', {
  timeout: 360_000,
}, async (t) => {
  const { house, routes, trade, request, calling, countRows } = await routeHouse(t);
  const outside = trade.a;
  const inside = await makeInside(calling('a'), outside);
  const { boundFundId } = await makeOutside(calling('a'), outside);
  const byCustomer = `a/customer=${inside.retailerId}`;
  const byProduct = `a/product=${inside.categoryId}`;

  const before = await countRows();
  await t.test('what lies outside is not found by any route that names it', async () => {
    await refusesOutsideThings(routes, request, byCustomer, outside);
  });

  await t.test('no body that names it is taken, and nothing that would lie outside every part', async () => {
    const taken: string[] = [];
    for (const route of routes.filter(
      (one) => one.body && !one.path.includes(':') && !isApart(one) && !startsWithOne(one, notNarrowed),
    )) {
      const reply = await request(byCustomer, {
        method: route.method,
        url: urlOf(route.path, ''),
        payload: bodyOf(route, outside)!,
      });
      if (![403, 404].includes(reply.status)) taken.push(`${route.method} ${route.path}: ${reply.status}`);
    }
    // Whoever is kept to customers is not kept to products; what one exports was shown to one already.
    assert.deepEqual(
      taken.filter((one) => !/^POST \/(products|prices|audit\/exports)\b/.test(one)),
      [],
    );
    for (const payload of [
      { code: 'T', name: 'Top', type: 'retailer' },
      { code: 'T', name: 'T', type: 's', parentId: null },
    ]) {
      const reply = await request(byCustomer, { method: 'POST', url: '/api/v1/customers', payload });
      assert.ok([400, 403].includes(reply.status), JSON.stringify(reply.body));
    }
    const patched = await request(byCustomer, {
      ...{ method: 'PATCH', url: `/api/v1/customers/${inside.storeId}`, payload: { parentId: null } },
    });
    assert.equal(patched.status, 403, 'a store is not moved out of the part');
  });

  await t.test('no list, search or sum tells of it', async () => {
    const hidden = { ...Object.fromEntries(scopedThings.map((name) => [name, outside[name]])), boundFundId };
    const products = { categoryId: outside.categoryId, skuId: outside.skuId };
    // By hand: something is owed only once a promotion was approved and ran.
    const owner = new pg.Client({ connectionString: house.url });
    await owner.connect();
    await owner.query(
      `insert into settlement.liability (tenant_id, tactic_id, promotion_id, customer_id, promotion_code, mechanic,
        starts_on, currency, claim_by_on, earned)
      select t.tenant_id, t.id, p.id, p.customer_id, p.code, 'bill_back', date '2026-06-01', 'USD', date '2026-12-31', 5
      from promotions.tactic t join promotions.promotion p on p.tenant_id = t.tenant_id and p.id = t.promotion_id
      where p.id = $1`,
      [outside.promotionId],
    );
    await owner.end();
    const all = await tellOf(routes, request, 'a', { ...hidden, ...products }, inside);
    assert.ok(all.told.promotionId?.includes('/accruals'));
    assert.deepEqual(
      Object.keys(all.told).sort(),
      Object.keys({ ...hidden, ...products }).sort(),
      'people without a scope see it',
    );
    for (const [token, ids] of [
      [byCustomer, hidden],
      [byProduct, { ...products, promotionId: outside.promotionId, journalId: outside.journalId }],
    ] as const) {
      const { told, answered } = await tellOf(routes, request, token, ids, inside);
      assert.deepEqual(told, {}, token);
      assert.ok(answered > 20, `only ${answered} lists answered`);
    }
  });

  await t.test('what lies inside is there, from its root down', async () => {
    const get = (token: string, path: string) => calling(token)('GET', path);
    const roots = (await get(byCustomer, '/customers?parentId=none')).body.items;
    assert.deepEqual(
      roots.map(({ id }: { id: string }) => id),
      [inside.retailerId],
    );
    for (const path of [
      `/customers/${inside.storeId}`,
      `/promotions/${inside.promotionId}`,
      `/deductions/${inside.deductionId}`,
    ]) {
      assert.equal((await get(byCustomer, path)).status, 200, path);
    }
    const seen = async (token: string, path: string) => (await get(token, path)).body.items.length;
    assert.equal(await seen(byCustomer, '/promotions'), 1);
    assert.equal(await seen(byProduct, '/promotions'), 1);
    assert.equal(await seen(byCustomer, '/sales'), 2, 'both products at the inner store');
    assert.equal(await seen(byProduct, '/sales'), 2, 'the inner product at both stores');
    assert.deepEqual(
      (await get(byCustomer, '/search?q=retailer')).body.groups.map(({ items }: { items: unknown[] }) => items.length),
      [1],
    );
    assert.equal((await get(byProduct, `/products/${inside.skuId}`)).status, 200);
    assert.equal((await get(byProduct, `/products/${outside.skuId}`)).status, 404);
  });

  await t.test(
    'of several products one is enough to read a promotion, and all are needed to change what is of it',
    async () => {
      const body = leaflet({ ...outside, skuId: inside.skuId }, '2026-10-05', '2026-10-18');
      const [tactic] = body.tactics;
      const productIds = [inside.skuId, outside.skuId];
      const id = await made(calling('a'), '/promotions', { ...body, tactics: [{ ...tactic, productIds }] });
      const call = calling(byProduct);
      const read = await call('GET', `/promotions/${id}`);
      assert.equal(read.status, 200);
      assert.equal((await call('PATCH', `/promotions/${id}`, { name: 'Mine' })).status, 404);
      assert.equal((await call('POST', `/promotions/${id}/cancel`, { reason: 'no' })).status, 404);
      const bulk = { items: [{ id }], action: { kind: 'shift', days: 7, reason: 'late' } };
      assert.equal((await call('POST', '/promotions/bulk', bulk)).status, 404);
      const money = { customerId: outside.storeId, reference: 'MIX', amount: usd('5.00'), takenOn: '2026-06-01' };
      const claimed = await made(calling('a'), '/deductions', money);
      const suggested = async (token: string) =>
        JSON.stringify((await calling(token)('GET', `/deductions/${claimed}/suggestions`)).body);
      assert.ok((await suggested('a')).includes(outside.promotionId));
      assert.ok(!(await suggested(byProduct)).includes(outside.promotionId));
      const work = async () =>
        (await call('POST', `/deductions/${claimed}/categorise`, { category: 'promotion' })).status;
      assert.equal(await work(), 200, 'matched to nothing yet');
      const matches = [{ tacticId: read.body.tactics[0].id, amount: usd('5.00') }];
      assert.equal((await call('POST', `/deductions/${claimed}/match`, { matches })).status, 404);
      // By hand: a match needs a liability, which needs an approval.
      const owner = new pg.Client({ connectionString: house.url });
      await owner.connect();
      await owner.query(`set session_replication_role = replica;
      insert into settlement.match (tenant_id, item_id, tactic_id, amount, matched_by, matched_at)
        select tenant_id, '${claimed}', id, 5, tenant_id, now() from promotions.tactic where promotion_id = '${id}'`);
      await owner.end();
      assert.equal((await call('GET', `/deductions/${claimed}`)).status, 200);
      assert.equal(await work(), 404);
    },
  );

  await t.test('a store that is added below is inside at once', async () => {
    const call = calling(byCustomer);
    const body = { code: 'IN', name: 'New', type: 'store', parentId: inside.retailerId };
    const id = await made(call, '/customers', body);
    assert.equal((await call('GET', `/customers/${id}`)).status, 200);
    const [customers] = [Object.entries(await countRows()).find(([name]) => name === 'master_data.customer')];
    assert.equal(customers?.[1], (before['master_data.customer'] ?? 0) + 1, 'and nothing else was written');
  });
});
