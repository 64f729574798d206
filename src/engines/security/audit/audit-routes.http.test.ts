import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeLogger } from '#telemetry';
import { testHouse } from '../../../../test/house.ts';
import { auditRoutes } from './audit-routes.ts';
import { inclusionPath, leafHash, nodeHash } from './merkle-tree.ts';
import { verificationJob } from './request-verification.ts';
import { retentionRoutes } from './retention-routes.ts';
import { parseCheckpoint, parseNote } from './signed-note.ts';
import { record, seal, tenantA, trustedKey, verifyExport } from './test-trail.ts';

async function opened(t: Parameters<typeof testHouse>[0]) {
  const house = await testHouse(t);
  const app = await house.server([...auditRoutes, ...retentionRoutes]);
  const call = async (method: 'GET' | 'POST' | 'PUT', path: string, payload?: object, token = 'a') => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await app.inject({ method, url: `/api/v1/audit${path}`, headers, ...(payload ? { payload } : {}) });
    const json = String(answer.headers['content-type']).startsWith('application/json');
    return { status: answer.statusCode, text: answer.body, body: json ? answer.json() : undefined };
  };
  return { house, call };
}

test('every entry comes with a proof of at most 1 KB that leads from its text to the signed root', async (t) => {
  const { house, call } = await opened(t);
  await record(house, 600);
  await seal(house);
  await record(house, 1, { action: 'promotion.withdrawn' });
  const found = async (action: string) => (await call('GET', `?limit=200&action=${action}`)).body.items;
  const [[waiting], sealed] = [await found('promotion.withdrawn'), await found('promotion.changed')];
  assert.equal((await call('GET', `/${waiting.id}/proof`)).status, 404, 'what is not sealed has no proof');
  for (const { id } of [sealed[0], sealed[77], sealed[190]]) {
    const { leaf, leafIndex } = (await call('GET', `/${id}`)).body;
    const answer = await call('GET', `/${id}/proof`);
    const { treeSize, path, ...proof } = answer.body;
    assert.deepEqual([proof.leafIndex, treeSize], [leafIndex, 600]);
    const note = (await call('GET', `/checkpoints?size=${treeSize}`)).body.items[0].note;
    let [fn, sn, root] = [leafIndex, treeSize - 1, leafHash(leaf)];
    const hashes = Buffer.from(path, 'base64');
    for (let at = 0; at < hashes.length; at += 32) {
      const hash = hashes.subarray(at, at + 32);
      const right = fn % 2 === 1 || fn === sn;
      root = right ? nodeHash(hash, root) : nodeHash(root, hash);
      while (right && fn % 2 === 0 && fn !== 0) [fn, sn] = [fn >> 1, sn >> 1];
      [fn, sn] = [fn >> 1, sn >> 1];
    }
    assert.deepEqual(root, parseCheckpoint(parseNote(note)?.text ?? '')?.root);
    assert.equal((await call('GET', `/${id}/proof`, undefined, 'b')).status, 404, 'another tenant’s entry is absent');
  }
  const size = 4_000_000;
  const path = Buffer.concat(inclusionPath(size - 2, size, () => Buffer.alloc(32))).toString('base64');
  assert.ok(JSON.stringify({ leafIndex: size - 2, treeSize: size, path }).length <= 1_024);
});

test('the trail is handed out as a file that proves itself, and every handing out leaves an entry', async (t) => {
  const { house, call } = await opened(t);
  await record(house, 5);
  await seal(house);
  const file = await call('POST', '/export', {});
  const found = await verifyExport(file.text.trimEnd().split('\n'), { trustedKey });
  assert.deepEqual([found.entries, found.faults], [5, []]);
  assert.equal((await call('GET', '/keys')).body.items[0].publicKey, trustedKey);
  assert.match((await call('GET', '/verifier')).text, /^#!\/usr\/bin\/env node/);
  assert.equal((await call('POST', '/exports', { name: 'funds', rows: 12, format: 'xlsx' })).status, 201);
  // Of one moment: in no order.
  const { items } = (await call('GET', '?action=data.exported&sort=at')).body;
  const byName = (one: { entityId: string }, other: { entityId: string }) => (one.entityId < other.entityId ? 1 : -1);
  assert.deepEqual(
    items.sort(byName).map(({ entityId, after }: { entityId: string; after: object }) => [entityId, after]),
    [
      ['funds', { by: 'browser', format: 'xlsx', kind: 'funds', rows: 12 }],
      ['audit', { kind: 'audit', rows: 5 }],
    ],
  );
});

test('a verification that is asked for is done in the background and its result kept', async (t) => {
  const { house, call } = await opened(t);
  await record(house, 5);
  await seal(house);
  const { status, body } = await call('POST', '/verifications');
  assert.deepEqual([status, body.finishedAt], [202, null]);
  const context = { ...house.context(), signal: new AbortController().signal, log: makeLogger('silent') };
  await (verificationJob.handle as (...given: unknown[]) => Promise<void>)(context, { subjectId: body.id });
  const { result } = (await call('GET', `/verifications/${body.id}`)).body;
  assert.deepEqual([result.sealed, result.badCount, result.waiting], [5, 0, 1]);
  assert.equal((await call('GET', '/verifications')).body.items.length, 1);
});

test('how long what is kept is set within limits, and a hold is placed and released, each with its entry', async (t) => {
  const { house, call } = await opened(t);
  const kept = (days: number) => call('PUT', '/retention', { retentionClass: 'operational', keepDays: days });
  assert.equal((await kept(30)).status, 400);
  assert.equal((await kept(400)).body.keepDays, 400);
  const days = Object.fromEntries(
    (await call('GET', '/retention')).body.items.map((one: { retentionClass: string; keepDays: number }) => [
      one.retentionClass,
      one.keepDays,
    ]),
  );
  assert.deepEqual(days, { operational: 400, card_data: 366, financial: 2_562 });
  await seal(house);
  const oldest = (await call('GET', '/retention')).body.items.map((one: { oldest: object | null }) => one.oldest);
  const now = house.context().clock.now().toISOString();
  assert.deepEqual([oldest[0], oldest[1]], [null, null], 'of these there is none');
  assert.ok(oldest[2].from <= now && now < oldest[2].to, 'the change itself is the oldest that is kept');
  const hold = (await call('POST', '/legal-holds', { note: 'a dispute' })).body;
  assert.equal((await call('POST', `/legal-holds/${hold.id}/release`, { note: 'x' }, 'b')).status, 404);
  assert.equal((await call('POST', `/legal-holds/${hold.id}/release`, { note: 'settled' })).status, 200);
  assert.equal((await call('POST', `/legal-holds/${hold.id}/release`, { note: 'again' })).status, 404);
  const actions = (await call('GET', '')).body.items.map(({ action }: { action: string }) => action).sort();
  assert.deepEqual(actions, ['audit.held', 'audit.released', 'audit.retention_changed']);
  assert.equal(tenantA.id, house.context().tenant.id);
});
