import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { z } from 'zod';
import { sql } from '#db';
import { Problem } from '#problem';
import { testHouse } from '../../../test/house.ts';
import { route } from './index.ts';

const limit = { timeout: 180_000 };

/**
 * A server with one route that stores a row each time it runs; it refuses the name `bad`, fails late on `half`, and
 * answers `slow` only when told to go on.
 */
async function shop(t: TestContext) {
  const house = await testHouse(t);
  const [begun, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const makeThing = route({
    method: 'POST',
    path: '/things',
    summary: 'Makes a thing',
    access: 'funds:write',
    body: z.strictObject({ name: z.string() }),
    answers: { 201: z.object({ id: z.string() }) },
    handle: async (context, { body }) => {
      const id = context.newId();
      await context.db.transact(context, async (tx) => {
        await tx.run(sql`insert into timer.timer (tenant_id, id, kind, subject_id, due_at, data)
          values (platform.current_tenant(), ${id}, 'test', ${id}, now(), '{}')`);
        if (body.name === 'bad') throw new Problem('rule.violated');
      });
      // A second step that fails after the first one has committed.
      if (body.name === 'half') throw new Problem('service.unavailable');
      if (body.name === 'slow') {
        begun.resolve();
        await goOn.promise;
      }
      return { body: { id }, version: 3 };
    },
  });
  const app = await house.server([makeThing]);
  const post = async (key: string, payload: object, bearer = 'a') => {
    const headers = { authorization: `Bearer ${bearer}`, 'idempotency-key': key };
    const answer = await app.inject({ method: 'POST', url: '/api/v1/things', headers, payload });
    return { status: answer.statusCode, headers: answer.headers, json: answer.json() };
  };
  const count = async (tenant: 'a' | 'b' = 'a') => {
    const context = house.context({ tenant });
    return context.db.read(context, async (tx) => (await tx.many(sql`select 1 from timer.timer`)).length);
  };
  return { post, count, begun, goOn };
}

test('a repeated key answers what the first request was answered, and does nothing again', limit, async (t) => {
  const { post, count } = await shop(t);
  const first = await post('k1', { name: 'thing' });
  const again = await post('k1', { name: 'thing' });
  assert.equal(first.status, 201);
  assert.equal(first.headers['idempotency-replayed'], undefined);
  assert.deepEqual([again.status, again.json, again.headers.etag], [201, first.json, first.headers.etag]);
  assert.equal(again.headers['idempotency-replayed'], 'true');
  assert.equal(await count(), 1);
});

test('a key that was used for another body conflicts', limit, async (t) => {
  const { post, count } = await shop(t);
  await post('k1', { name: 'thing' });
  const other = await post('k1', { name: 'another thing' });
  assert.deepEqual([other.status, other.json.code], [409, 'idempotency.conflict']);
  assert.equal(await count(), 1);
});

test(
  'a repeat while the first request runs is told so, and not that the key was used for another',
  limit,
  async (t) => {
    const { post, begun, goOn } = await shop(t);
    const first = post('k1', { name: 'slow' });
    await begun.promise;
    const early = await post('k1', { name: 'slow' });
    goOn.resolve();
    assert.deepEqual([early.status, early.json.code], [409, 'idempotency.conflict']);
    assert.match(early.json.detail, /^The first request with this key is still running/);
    assert.doesNotMatch(JSON.stringify(early.json), /another request/);
    assert.equal((await first).status, 201);
    assert.deepEqual((await post('k1', { name: 'slow' })).json, (await first).json);
  },
);

test('a refusal keeps nothing, and its key may be used again', limit, async (t) => {
  const { post, count } = await shop(t);
  assert.equal((await post('k1', { name: 'bad' })).status, 422);
  assert.equal(await count(), 0);
  assert.equal((await post('k1', { name: 'good' })).status, 201);
});

test(
  'a request that fails after its first commit gives its key back, so that a retry gets through to the work',
  limit,
  async (t) => {
    const { post, count } = await shop(t);
    assert.equal((await post('k1', { name: 'half' })).status, 503);
    const again = await post('k1', { name: 'half' });
    assert.deepEqual([again.status, again.json.code], [503, 'service.unavailable'], 'not a conflict of the key');
    assert.equal(await count(), 2);
  },
);

test('requests with one key at once do their work once', limit, async (t) => {
  const { post, count } = await shop(t);
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => post('k1', { name: 'thing' })));
  const made = new Set(answers.filter(({ status }) => status === 201).map(({ json }) => json.id));
  assert.equal(made.size, 1);
  for (const { status } of answers) assert.ok(status === 201 || status === 409, `answered ${status}`);
  assert.equal(await count(), 1);
});

test('another tenant may use the same key, and a key of odd length or characters is refused', limit, async (t) => {
  const { post, count } = await shop(t);
  const [ours, theirs] = [await post('k1', { name: 'thing' }), await post('k1', { name: 'thing' }, 'b')];
  assert.notEqual(ours.json.id, theirs.json.id);
  assert.deepEqual([await count('a'), await count('b')], [1, 1]);
  for (const key of ['x'.repeat(201), 'naïve']) assert.equal((await post(key, { name: 'thing' })).status, 400);
});
