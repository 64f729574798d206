import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { TestClient } from '../../src/engines/realtime/test-client.ts';
import { testSecretKey } from '../house.ts';
import { createDatabaseFromTemplate } from '../postgres/index.ts';
import { decide, makePendingApproval, makeTenant, type PendingApproval } from './pending-approval.ts';
import { callOver, type Served, serveChild } from './served.ts';

const limit = { timeout: 600_000 };

/**
 * Each named point between the effects of a decision, and whether a crash there comes after the commit. The first is
 * one that only the last decision on a promotion passes: the server that will crash there prepares the scene.
 */
const points: [name: string, committed: boolean][] = [
  ['approval.state', false],
  ['decision.recorded', false],
  ['approval.committed-funds', false],
  ['decision.settled', false],
  ['decision.committed', true],
];

/** The points between the effects of an approved amendment; all come before the commit. */
const amendmentPoints = ['amendment.terms', 'amendment.funds'];

function namedInSource(): string[] {
  const src = fileURLToPath(new URL('../../src/', import.meta.url));
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const calls = files.flatMap((name) => [
    ...readFileSync(join(src, name), 'utf8').matchAll(/crashPoint\('([^']+)'\)/g),
  ]);
  return calls.map((call) => call[1] ?? '').sort();
}

const settingsOf = (databaseUrl: string) => ({ TRADEAI_DATABASE_URL: databaseUrl, TRADEAI_SECRET_KEY: testSecretKey });

/** Everything that a decision changes, as it stands in the database. */
async function effectsOf(databaseUrl: string, { promotionId, taskId }: PendingApproval) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const one = async (query: string) => (await client.query<{ of: unknown }>(query)).rows[0]?.of;
  const events = `(select type, subject_id from event.log union all select type, subject_id from event.outbox)`;
  try {
    return {
      task: await one(`select state as of from workflow.task where id = '${taskId}'`),
      state: await one(`select state as of from promotions.promotion where id = '${promotionId}'`),
      committed: await one(`select sum(committed)::float8 as of from funds.hold where promotion_id = '${promotionId}'`),
      reserved: await one(`select sum(reserved)::float8 as of from funds.hold where promotion_id = '${promotionId}'`),
      entries: await one(`select count(*)::int as of from funds.entry where kind = 'commit'`),
      timers: await one(`select count(*)::int as of from timer.timer where subject_id = '${promotionId}'`),
      audited: await one(`select count(*)::int as of from audit.entry where action = 'promotion.approved'`),
      decided: await one(
        `select count(*)::int as of from ${events} e where type = 'workflow.task.completed' and subject_id = '${taskId}'`,
      ),
      told: await one(`select count(*)::int as of from ${events} e where type = 'promotions.promotion.approved'`),
      history: await one(`select count(*)::int as of from promotions.history where action = 'approved'`),
    };
  } finally {
    await client.end();
  }
}

const nothing = {
  ...{ task: 'open', state: 'submitted', committed: 0, reserved: 1000, entries: 0, timers: 0, audited: 0, decided: 0 },
  ...{ told: 0, history: 0 },
};
const everything = {
  ...{ task: 'completed', state: 'approved', committed: 1000, reserved: 0, entries: 2, timers: 2, audited: 1 },
  ...{ decided: 1, told: 1, history: 1 },
};

/** The checkbooks add up: what the ledger says of each fund is what its tactics hold. */
async function ledgerEqualsHolds(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query(`
    select account, ledger, held from (
      select fund.id, account, (select coalesce(sum(amount), 0) from funds.entry where to_fund_id = fund.id and to_account = account)
          - (select coalesce(sum(amount), 0) from funds.entry where from_fund_id = fund.id and from_account = account) as ledger,
        (select coalesce(sum(case account when 'reserved' then reserved else committed end), 0) from funds.hold where fund_id = fund.id) as held
      from funds.fund, unnest(array['reserved', 'committed']) account) books
    where ledger <> held`);
  await client.end();
  assert.deepEqual(rows, []);
}

const socketOf = (served: Served) => `${served.url.replace('http', 'ws')}/ws/analytics`;

/** The position of the event log now, as a client of the dashboard gets it. */
async function positionNow(served: Served, token: string) {
  const client = await TestClient.signedIn(socketOf(served), token);
  client.send({ type: 'subscribe', id: 's', channel: 'dashboard', mode: 'events' });
  const { position } = await client.frame('initial_data');
  client.socket.close();
  return position;
}

/** How often a client that resumes at `position` is told of the approval. */
async function approvalsTold(served: Served, pending: PendingApproval, position: unknown): Promise<number> {
  const client = await TestClient.signedIn(socketOf(served), pending.tokens.director);
  client.send({ type: 'subscribe', id: 's', channel: 'dashboard', mode: 'events', resume: position });
  const isApproval = ({ type, operation, entityId }: { type: string; operation?: string; entityId?: string }) =>
    type === 'data_change' && operation === 'approved' && entityId === pending.promotionId;
  await client.frame('data_change', isApproval);
  client.send({ type: 'ping' });
  await client.frame('pong');
  client.socket.close();
  return client.frames.filter(isApproval).length;
}

test('a crash between any two effects of a decision loses and doubles nothing', limit, async (t) => {
  const tested = [...points.map(([name]) => name), ...amendmentPoints];
  assert.deepEqual(namedInSource(), tested.sort(), 'the points of the source are tested here');
  const database = await createDatabaseFromTemplate();
  t.after(() => database.drop());
  const settings = settingsOf(database.url);
  let pending: PendingApproval | undefined;
  let position: unknown;

  for (const [point, committed] of points) {
    const served = await serveChild({ ...settings, TRADEAI_CRASH_AT: point });
    if (!pending) {
      await makeTenant(database.url, testSecretKey);
      pending = await makePendingApproval(served.url);
      position = await positionNow(served, pending.tokens.director);
    }
    await assert.rejects(decide(served.url, pending.tokens.finance, pending.taskId), /fetch failed/, point);
    assert.equal((await served.ended).signal, 'SIGKILL', point);
    assert.deepEqual(await effectsOf(database.url, pending), committed ? everything : nothing, point);
    await ledgerEqualsHolds(database.url);
  }

  assert.ok(pending);
  const served = await serveChild(settings);
  const again = await decide(served.url, pending.tokens.finance, pending.taskId);
  assert.deepEqual([again.status, again.body.code], [409, 'state.conflict'], 'what was decided stays decided');
  assert.equal(await approvalsTold(served, pending, position), 1);
  const book = await callOver(served.url, pending.tokens.finance)('GET', `/funds/${pending.fundIds[0]}/checkbook`);
  assert.equal(book.body.committed.amount, '750.00');
  assert.equal((await served.stop()).code, 0);
  assert.deepEqual(await effectsOf(database.url, pending), everything);
  await ledgerEqualsHolds(database.url);
});

/** Everything that an approved amendment changes, as it stands in the database. */
async function amendmentEffects(databaseUrl: string, promotionId: string) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const one = async (query: string) => (await client.query<{ of: unknown }>(query)).rows[0]?.of;
  const events = `(select type, subject_id from event.log union all select type, subject_id from event.outbox)`;
  try {
    return {
      amendment: await one(`select state as of from promotions.amendment where promotion_id = '${promotionId}'`),
      version: await one(`select version as of from promotions.promotion where id = '${promotionId}'`),
      versions: await one(`select count(*)::int as of from promotions.version where promotion_id = '${promotionId}'`),
      lumpSums: await one(
        `select sum(lump_sum)::float8 as of from promotions.tactic where promotion_id = '${promotionId}'`,
      ),
      committed: await one(`select sum(committed)::float8 as of from funds.hold where promotion_id = '${promotionId}'`),
      reserved: await one(`select sum(reserved)::float8 as of from funds.hold where promotion_id = '${promotionId}'`),
      told: await one(
        `select count(*)::int as of from ${events} e where type = 'promotions.promotion.amended' and subject_id = '${promotionId}'`,
      ),
    };
  } finally {
    await client.end();
  }
}

test('a crash while an amendment is put in force leaves the old terms and the reservation whole', limit, async (t) => {
  const database = await createDatabaseFromTemplate();
  t.after(() => database.drop());
  const settings = settingsOf(database.url);
  const first = await serveChild(settings);
  await makeTenant(database.url, testSecretKey);
  const { promotionId, taskId, tokens } = await makePendingApproval(first.url);
  assert.equal((await decide(first.url, tokens.finance, taskId)).status, 200);
  const kam = callOver(first.url, tokens.kam);
  const { tactics } = (await kam('GET', `/promotions/${promotionId}`)).body;
  const dearer = tactics.map(({ id, mechanic, productIds, fundSplit, lumpSum }: Record<string, unknown>) => ({
    ...{ id, mechanic, productIds, fundSplit },
    lumpSum: { ...(lumpSum as object), amount: '1200.00' },
  }));
  const amended = await kam('POST', `/promotions/${promotionId}/amend`, { tactics: dearer, reason: 'more stores' });
  assert.deepEqual([amended.status, amended.body.state], [200, 'proposed'], JSON.stringify(amended.body));
  const taskOf = async (served: Served, token: string) =>
    (await callOver(served.url, token)('GET', '/tasks?mine=true')).body.items[0].id;
  assert.equal((await decide(first.url, tokens.director, await taskOf(first, tokens.director))).status, 200);
  const last = await taskOf(first, tokens.finance);
  const before = await amendmentEffects(database.url, promotionId);
  assert.deepEqual(
    [before.amendment, before.lumpSums, before.committed, before.reserved, before.told],
    ['proposed', 1000, 1000, 200, 0],
  );
  assert.equal((await first.stop()).code, 0);

  for (const point of amendmentPoints) {
    const served = await serveChild({ ...settings, TRADEAI_CRASH_AT: point });
    await assert.rejects(decide(served.url, tokens.finance, last), /fetch failed/, point);
    assert.equal((await served.ended).signal, 'SIGKILL', point);
    assert.deepEqual(await amendmentEffects(database.url, promotionId), before, point);
    await ledgerEqualsHolds(database.url);
  }

  const served = await serveChild(settings);
  assert.equal((await decide(served.url, tokens.finance, last)).status, 200);
  assert.equal((await served.stop()).code, 0);
  assert.deepEqual(await amendmentEffects(database.url, promotionId), {
    ...{ amendment: 'applied', version: Number(before.version) + 1, versions: Number(before.versions) + 1 },
    ...{ lumpSums: 1200, committed: 1200, reserved: 0, told: 1 },
  });
  await ledgerEqualsHolds(database.url);
});
