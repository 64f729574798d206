import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { permissions } from '#module';
import { predefinedRoles } from '#security';
import { bodyOf, subjectOf } from './examples.ts';
import { otherPermission, routeHouse, type Things, urlOf } from './house-routes.ts';

const limit = { timeout: 360_000 };
/** What strangers must reach to become somebody. */
const publicRoutes = [
  'GET /auth/single-sign-on',
  'GET /auth/single-sign-on/callback',
  'POST /auth/accept',
  'POST /auth/emergency',
  'POST /auth/forgot',
  'POST /auth/login',
  'POST /auth/login/passkey',
  'POST /auth/login/passkey/options',
  'POST /auth/login/second-factor',
  'POST /auth/logout',
  'POST /auth/refresh',
  'POST /auth/reset',
  'POST /auth/single-sign-on/begin',
];

/** Every id of one tenant in a body, replaced one at a time by the other tenant's and by one of nothing. */
function withOtherIds(body: unknown, own: Things, foreign: Things): { foreign: object; absent: object }[] {
  const text = JSON.stringify(body);
  const names = Object.keys(own) as (keyof Things)[];
  const put = (from: string, to: string): object => JSON.parse(text.replaceAll(from, to));
  return names
    .filter((name) => own[name].length === 36 && text.includes(own[name]))
    .map((name) => ({ foreign: put(own[name], foreign[name]), absent: put(own[name], randomUUID()) }));
}

/** What these name belongs to the product and is the same for every tenant: a control, a framework. */
const houseWide = /^\/compliance\/(controls|reports)\//;

test(
  'the gate of every route: declared access, sign-in, permission, and the tenant of what it names',
  limit,
  async (t) => {
    const { routes, trade, request, countRows } = await routeHouse(t);
    const { a, b } = trade;
    assert.ok(routes.length > 60, `only ${routes.length} routes`);

    await t.test('every route declares who may call it, and only sign-in is public', () => {
      const known = new Set<string>([...permissions, 'authenticated', 'public']);
      for (const { access, path } of routes) assert.ok(known.has(access), `${path} declares ${access}`);
      const open = routes.filter(({ access }) => access === 'public').map(({ method, path }) => `${method} ${path}`);
      assert.deepEqual(open.sort(), publicRoutes);
    });

    const before = await countRows();
    const guarded = routes.filter(({ access }) => access !== 'public');

    await t.test('nobody comes in without a token, whatever they send', async () => {
      for (const route of guarded) {
        const reply = await request(null, { method: route.method, url: urlOf(route.path, 'x'), payload: '{' });
        assert.equal(reply.status, 401, `${route.method} ${route.path}`);
        assert.equal(reply.body.code, 'auth.required');
      }
    });

    await t.test('nobody comes in without the permission, whatever they send', async () => {
      for (const route of guarded.filter(({ access }) => access !== 'authenticated')) {
        const token = `a/${otherPermission(route)}`;
        const url = urlOf(route.path, route.path.includes(':') ? subjectOf(route, a) : '');
        const reply = await request(token, { method: route.method, url, payload: bodyOf(route, a) ?? {} });
        assert.equal(reply.status, 403, `${route.method} ${route.path}: ${JSON.stringify(reply.body)}`);
      }
    });

    await t.test(
      'each of the six roles opens what the matrix says and nothing else, in its own tenant only',
      async () => {
        let asked = 0;
        for (const { code, permissions: held } of predefinedRoles) {
          const mayCall = (access: string) => access === 'authenticated' || held.some((one) => one === access);
          for (const route of guarded) {
            const told = `${code}: ${route.method} ${route.path}`;
            const named = route.path.includes(':');
            const ask = (of: Things) =>
              request(`a/role=${code}`, {
                ...{ method: route.method, url: urlOf(route.path, named ? subjectOf(route, of) : '') },
                // Nothing is done: what is no JSON is refused once the gate has let it through.
                ...(route.method === 'GET' ? {} : { payload: '{', headers: { 'content-type': 'application/json' } }),
              });
            asked += 1;
            const foreign = named && !houseWide.test(route.path) ? await ask(b) : undefined;
            if (mayCall(route.access) && route.method === 'GET' && foreign) {
              assert.equal(foreign.status, 404, `${told}: ${JSON.stringify(foreign.body)}`);
              continue;
            }
            const own = await ask(a);
            const statuses = [own.status, foreign?.status ?? own.status];
            if (!mayCall(route.access)) {
              assert.deepEqual([...statuses, own.body.code], [403, 403, 'auth.forbidden'], told);
            } else if (route.method !== 'GET') {
              assert.deepEqual(statuses, [400, 400], `${told}: ${JSON.stringify(own.body)}`);
            } else {
              assert.ok(!['auth.required', 'auth.forbidden'].includes(own.body.code), `${told}: ${own.body.code}`);
            }
          }
        }
        assert.equal(asked, 6 * guarded.length);
      },
    );

    await t.test('another tenant’s things look like absent ones', async () => {
      for (const route of guarded.filter(({ path }) => path.includes(':') && !houseWide.test(path))) {
        const payload = bodyOf(route, a);
        const ask = (id: string) =>
          request('a', { method: route.method, url: urlOf(route.path, id), ...(payload ? { payload } : {}) });
        const foreign = await ask(subjectOf(route, b));
        assert.equal(foreign.status, 404, `${route.method} ${route.path}: ${JSON.stringify(foreign.body)}`);
        assert.equal(foreign.body.code, 'not_found');
        if (route.method !== 'GET') continue;
        const own = await ask(subjectOf(route, a));
        assert.equal(own.status, 200, `${route.method} ${route.path} of one's own: ${JSON.stringify(own.body)}`);
      }
    });

    await t.test('a body that names another tenant’s things is refused as if they were absent', async () => {
      let named = 0;
      for (const route of guarded.filter(({ body }) => body)) {
        const url = urlOf(route.path, route.path.includes(':') ? subjectOf(route, a) : '');
        for (const payload of withOtherIds(bodyOf(route, a), a, b)) {
          named += 1;
          const foreign = await request('a', { method: route.method, url, payload: payload.foreign });
          const absent = await request('a', { method: route.method, url, payload: payload.absent });
          const told = `${route.method} ${route.path}: ${JSON.stringify(foreign.body)}`;
          assert.ok([404, 409, 422].includes(foreign.status), told);
          assert.deepEqual([foreign.status, foreign.body.code], [absent.status, absent.body.code], told);
        }
      }
      assert.ok(named > 10, `only ${named} bodies name something`);
    });

    await t.test('a list filtered by another tenant’s things is empty or not found', async () => {
      let filtered = 0;
      for (const route of guarded.filter(({ method, query }) => method === 'GET' && query)) {
        const shape = (route.query as unknown as { shape?: Record<string, unknown> }).shape ?? {};
        const things: Record<string, string> = {
          ...{ customerId: b.storeId, productId: b.skuId, parentId: b.retailerId },
          ...{ subjectId: b.promotionId, actorId: b.userId, entityId: b.promotionId },
        };
        for (const [name, id] of Object.entries(things)) {
          if (!(name in shape)) continue;
          filtered += 1;
          const query = { [name]: id, ...('mine' in shape ? { mine: 'false' } : {}) };
          const url = urlOf(route.path, route.path.includes(':') ? subjectOf(route, a) : '');
          const reply = await request('a', { method: 'GET', url, query });
          if (reply.status === 200) assert.deepEqual(reply.body.items, [], `${route.path}?${name}`);
          // Some lists need more than this one filter.
          else assert.ok([400, 404, 422].includes(reply.status), `${route.path}?${name}: ${reply.status}`);
        }
      }
      assert.ok(filtered > 5, `only ${filtered} filters name something`);
    });

    assert.deepEqual(await countRows(), before, 'refused requests wrote something');
  },
);
