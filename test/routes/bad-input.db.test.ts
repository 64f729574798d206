import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import type { InjectOptions } from 'fastify';
import type { AnyRoute } from '#http';
import { bodyOf, processSteps, subjectOf } from './examples.ts';
import { type Reply, type RouteHouse, routeHouse, urlOf } from './house-routes.ts';

const limit = { timeout: 360_000 };
const json = { 'content-type': 'application/json' };

/** What one hostile request may be answered with. */
interface Attempt {
  what: string;
  options: Omit<InjectOptions, 'method' | 'url'>;
  statuses: readonly number[];
}

/** Tries requests and keeps what was answered otherwise than it must be. */
function trier({ request, trade }: RouteHouse) {
  const wrong: string[] = [];
  let tried = 0;
  const judge = (told: string, reply: Reply, statuses: readonly number[]) => {
    tried += 1;
    const problem = reply.type.startsWith('application/problem+json') && reply.body.status === reply.status;
    // Sign-in counts attempts: being told to wait is a refusal too.
    if (![...statuses, 429].includes(reply.status))
      wrong.push(`${told}: ${reply.status} ${JSON.stringify(reply.body)}`);
    else if (reply.status >= 400 && !(problem && reply.body.requestId === reply.headers['x-request-id']))
      wrong.push(`${told}: ${reply.status} is not a problem of this request`);
    else if (/node_modules|\.ts:\d|select .* from/.test(JSON.stringify(reply.body)))
      wrong.push(`${told}: tells of the inside`);
  };
  return {
    attempt: async (route: AnyRoute, { what, options, statuses }: Attempt, url?: string) => {
      const at = url ?? urlOf(route.path, route.path.includes(':') ? subjectOf(route, trade.a) : '');
      const token = route.access === 'public' ? null : 'a';
      judge(
        `${route.method} ${route.path} ${what}`,
        await request(token, { ...options, method: route.method, url: at }),
        statuses,
      );
    },
    verdict: (atLeast: number) => {
      assert.deepEqual(wrong, []);
      assert.ok(tried >= atLeast, `only ${tried} attempts`);
    },
  };
}

type Path = (string | number)[];

/** Every leaf of a JSON document. */
function leavesOf(value: unknown, path: Path = []): { path: Path; leaf: unknown }[] {
  if (typeof value !== 'object' || value === null) return [{ path, leaf: value }];
  return Object.entries(value).flatMap(([key, one]) =>
    leavesOf(one, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

function withLeaf(body: object, path: Path, leaf: unknown): object {
  const copy = structuredClone(body);
  // biome-ignore lint/suspicious/noExplicitAny: any JSON document
  let at: any = copy;
  for (const key of path.slice(0, -1)) at = at[key];
  at[path.at(-1) ?? ''] = leaf;
  return copy;
}

/** Values that no leaf of any schema allows. */
const wrongLeaves: [what: string, leaf: unknown][] = [
  ['an object for a leaf', { $ne: null }],
  ['a list for a leaf', [['x']]],
  ['an overlong string', 'x'.repeat(100_000)],
  ['a NUL', 'a\u0000b'],
  ['a number for a text', 1e308],
];

/** What is wrong with JSON as such; every write must say so. */
function brokenBodies(): Attempt[] {
  const sent = (what: string, payload: string, statuses: readonly number[], headers = json): Attempt => ({
    ...{ what, statuses, options: { payload, headers } },
  });
  return [
    sent('half an object', '{', [400]),
    sent('half a list', '[1,', [400]),
    sent('words', 'drop table', [400]),
    sent('an XML body', '<a/>', [415], { 'content-type': 'application/xml' }),
    sent('a form', 'a=1', [415], { 'content-type': 'application/x-www-form-urlencoded' }),
    sent('a body of 2 MiB', JSON.stringify({ name: 'x'.repeat(2 << 20) }), [413]),
  ];
}

function wrongBodies(example: object): Attempt[] {
  const refused = (what: string, payload: unknown): Attempt => ({
    ...{ what, statuses: [400], options: { payload: JSON.stringify(payload), headers: json } },
  });
  const poisoned = Object.fromEntries(Object.entries(example).map(([key, value]) => [key, value]));
  return [
    ...[[], 'x', 5, true].map((payload) => refused(`the body ${JSON.stringify(payload)}`, payload)),
    refused('an unknown field', { ...example, surprise: 1 }),
    refused('a field of the prototype', JSON.parse(`{"__proto__x":1,${JSON.stringify(poisoned).slice(1)}`)),
    ...leavesOf(example).flatMap(({ path }) =>
      wrongLeaves.map(([what, leaf]) => {
        const attempt = refused(`${what} at ${path.join('.')}`, withLeaf(example, path, leaf));
        // A password may hold any character; a wrong one is just wrong.
        return /password/i.test(String(path[0])) ? { ...attempt, statuses: [400, 401] } : attempt;
      }),
    ),
  ];
}

/** One field of a body with another value that the route takes. */
function anotherOf(body: object): object {
  const others = {
    name: 'Other',
    note: 'other',
    text: 'other',
    contact: 'Other',
    wording: 'other',
    title: 'Other',
    proof: 'other',
    decision: 'other',
    validFrom: '2026-08-01',
    takenOn: '2026-06-03',
    periodId: randomUUID(),
    on: '2026-08-15',
    expiresOn: '2026-11-30',
    endsOn: '2026-08-21',
    parts: [],
    steps: { ...processSteps, title: 'Other' },
  };
  const found = Object.entries(others).find(([name]) => name in body);
  if (!found) throw new Error(`nothing of ${JSON.stringify(body)} is known to have another value: add it here`);
  return Object.fromEntries([found]);
}

const hostileValues = [
  '',
  '\u0000',
  "';drop table funds.fund;--",
  'x'.repeat(5_000),
  '-1',
  '{}',
  '9'.repeat(40),
  '%25',
  '\ud800',
];
const clientErrors = [200, 400, 404, 422];

async function nothingWritten(t: TestContext, house: RouteHouse, work: () => Promise<void>) {
  const before = await house.countRows();
  await work();
  assert.deepEqual(await house.countRows(), before, `${t.name}: something was written`);
}

test('no route takes bad input, answers it with a 5xx or writes half of it', limit, async (t) => {
  const house = await routeHouse(t);
  const { routes, trade, request, calling } = house;
  const writes = routes.filter(({ method, multipart }) => method !== 'GET' && !multipart);

  await t.test('broken JSON, another media type and bodies over the limit: 400, 415, 413', (t) =>
    nothingWritten(t, house, async () => {
      const { attempt, verdict } = trier(house);
      for (const route of writes) for (const one of brokenBodies()) await attempt(route, one);
      verdict(200);
    }),
  );

  await t.test('wrong types, unknown fields, overlong strings and NUL bytes anywhere in a body: 400', (t) =>
    nothingWritten(t, house, async () => {
      const { attempt, verdict } = trier(house);
      for (const route of writes) {
        const example = bodyOf(route, trade.a);
        for (const one of example ? wrongBodies(example) : []) await attempt(route, one);
      }
      verdict(500);
    }),
  );

  await t.test('the number of a payment card in any text of a body: refused, not repeated, not kept', (t) =>
    nothingWritten(t, house, async () => {
      const { attempt, verdict } = trier(house);
      const card = { what: 'a card', statuses: [400, 401, 422] };
      for (const route of writes) {
        const example = bodyOf(route, trade.a);
        const texts = example ? leavesOf(example).filter(({ leaf }) => typeof leaf === 'string') : [];
        for (const { path } of texts) {
          const payload = JSON.stringify(withLeaf(example ?? {}, path, 'card 4111 1111 1111 1111'));
          await attempt(route, { ...card, options: { payload, headers: json } });
        }
      }
      verdict(100);
      const comment = { subjectType: 'promotion', subjectId: trade.a.promotionId, text: 'card 4111 1111 1111 1111' };
      const reply = await request('a', { method: 'POST', url: '/api/v1/comments', payload: comment });
      assert.deepEqual([reply.status, reply.body.code], [422, 'card_data.refused']);
      assert.ok(!JSON.stringify(reply.body).includes('1111'));
    }),
  );

  await t.test('an upload that is none, and one that lacks or repeats its parts: a refusal', (t) =>
    nothingWritten(t, house, async () => {
      const { attempt, verdict } = trier(house);
      const form = (payload: string): Omit<InjectOptions, 'method' | 'url'> => ({
        payload,
        headers: { 'content-type': 'multipart/form-data; boundary=b' },
      });
      const field = (name: string, value: string) =>
        `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
      for (const route of routes.filter(({ multipart }) => multipart)) {
        await attempt(route, { what: 'JSON', statuses: [415], options: { payload: '{}', headers: json } });
        await attempt(route, { what: 'nothing', statuses: [400, 415], options: {} });
        await attempt(route, { what: 'an empty form', statuses: [400], options: form('--b--\r\n') });
        await attempt(route, { what: 'no file', statuses: [400], options: form(`${field('kind', 'sales')}--b--\r\n`) });
        await attempt(route, { what: 'half a form', statuses: [400], options: form(field('kind', 'sales')) });
        await attempt(route, {
          ...{ what: 'another field', statuses: [400], options: form(`${field('\u0000', 'x')}--b--\r\n`) },
        });
      }
      verdict(6);
    }),
  );

  await t.test('hostile query strings and path parameters: never a 5xx, unknown ones refused', (t) =>
    nothingWritten(t, house, async () => {
      const { attempt, verdict } = trier(house);
      for (const route of routes.filter(({ method }) => method === 'GET')) {
        const path = urlOf(route.path, route.path.includes(':') ? subjectOf(route, trade.a) : '');
        const shape = (route.query as unknown as { shape?: object } | undefined)?.shape ?? {};
        if (route.query)
          await attempt(route, { what: '?surprise=1', statuses: [400], options: {} }, `${path}?surprise=1`);
        for (const name of Object.keys(shape)) {
          for (const value of hostileValues) {
            const text = value === '\ud800' ? '%ED%A0%80' : encodeURIComponent(value);
            await attempt(
              route,
              { what: `?${name}=${text.slice(0, 30)}`, statuses: clientErrors, options: {} },
              `${path}?${name}=${text}`,
            );
          }
          await attempt(route, { what: `?${name} twice`, statuses: [400], options: {} }, `${path}?${name}=1&${name}=2`);
        }
      }
      for (const route of routes.filter(({ path }) => path.includes(':'))) {
        for (const value of ['%00', 'x', "';--", 'x'.repeat(199), '0'.repeat(5_000), '%ff', '..%2f..%2fetc']) {
          const payload = bodyOf(route, trade.a);
          const one = { what: `at ${value.slice(0, 20)}`, statuses: [400, 404], options: payload ? { payload } : {} };
          await attempt(route, one, urlOf(route.path, value));
        }
      }
      verdict(500);
    }),
  );

  await t.test('a change made on a stale version: 409; an If-Match that is none: 400', (t) =>
    nothingWritten(t, house, async () => {
      const { attempt, verdict } = trier(house);
      const versioned = [
        'PATCH /customers/:id',
        'PATCH /products/:id',
        'PATCH /calendars/:id',
        'PATCH /funds/:id',
        'PATCH /promotions/:id',
        'PATCH /users/:id',
        'PATCH /roles/:code',
        'POST /promotions/:id/submit',
        'POST /promotions/:id/recall',
        'POST /promotions/:id/cancel',
        'POST /promotions/:id/hold',
      ];
      for (const route of writes.filter(
        ({ method, path }) => method === 'PATCH' || versioned.includes(`${method} ${path}`),
      )) {
        const payload = bodyOf(route, trade.a);
        const at = (tag: string) => ({ ...(payload ? { payload } : {}), headers: { 'if-match': tag } });
        await attempt(route, { what: 'on version 99', statuses: [409], options: at('"99"') });
        for (const tag of ['99', '"x"', '"-1"', '"99999999999"', '"1", "2"'])
          await attempt(route, { what: `If-Match: ${tag}`, statuses: [400], options: at(tag) });
      }
      verdict(60);
    }),
  );

  await t.test(
    'a repeated Idempotency-Key replays the answer and does nothing again; with another body: 409',
    async () => {
      // A settlement takes an item that was matched and validated first: its own tests repeat it.
      const creating = writes.filter(
        ({ body, answers, access, path }) =>
          body && access !== 'public' && !path.startsWith('/settlements') && Object.keys(answers)[0] === '201',
      );
      assert.ok(creating.length > 8, `only ${creating.length} routes create something`);
      for (const route of creating) {
        const told = `${route.method} ${route.path}`;
        const body = bodyOf(route, trade.a) as object;
        const url = urlOf(route.path, route.path.includes(':') ? subjectOf(route, trade.a) : '');
        const headers = { 'idempotency-key': told };
        const first = await request('a', { method: route.method, url, payload: body, headers });
        assert.equal(first.status, 201, `${told}: ${JSON.stringify(first.body)}`);
        const rows = await house.countRows();
        const again = await request('a', { method: route.method, url, payload: body, headers });
        if (route.secretAnswer) {
          // An answer that holds a secret is not kept, so it cannot be given again.
          assert.deepEqual([again.status, again.body.code], [409, 'idempotency.conflict'], told);
        } else {
          assert.deepEqual([again.status, again.body], [201, first.body], told);
          assert.equal(again.headers['idempotency-replayed'], 'true', told);
          assert.equal(again.headers.etag, first.headers.etag, told);
        }
        const other = { ...body, ...anotherOf(body) };
        const changed = await request('a', { method: route.method, url, payload: other, headers });
        assert.deepEqual(
          [changed.status, changed.body.code],
          [409, 'idempotency.conflict'],
          `${told}: ${JSON.stringify(changed.body)}`,
        );
        assert.deepEqual(await house.countRows(), rows, `${told} did something twice`);
      }
      const bad = await calling('a')('POST', '/funds', {}, { 'idempotency-key': 'x'.repeat(500) });
      assert.equal(bad.status, 400);
    },
  );
});
