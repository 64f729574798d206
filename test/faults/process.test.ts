import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { readConfig } from '#config';
import { connectionOfRunning } from '#embedded-postgres';
import { closedFolder, processesAbout, runs, sweepAway, until } from '../postgres/held-postgres.ts';
import { decide, makePendingApproval, makeTenant } from './pending-approval.ts';
import { callOver, serveChild, startProcess } from './served.ts';

const limit = { timeout: 600_000 };
const folder = closedFolder();
const data = join(folder, 'data');

after(() => sweepAway(folder));

/** Settings that cannot work, and what the one line must say. */
const wrongSettings: [settings: Record<string, string>, says: RegExp][] = [
  [{ PORT: 'http' }, /PORT/],
  [{ PORT: '70000' }, /PORT/],
  [{ HOST: '0.0.0.0' }, /HOST.*TRADEAI_TRUST_PROXY/],
  [{ TRADEAI_DATABASE_URL: 'mysql://x/y' }, /TRADEAI_DATABASE_URL/],
  [{ TRADEAI_DATABASE_URL: 'postgres://127.0.0.1:1/x' }, /TRADEAI_SECRET_KEY/],
  [{ TRADEAI_SECRET_KEY: 'short' }, /TRADEAI_SECRET_KEY/],
  [{ TRADEAI_DEMO: 'yes' }, /TRADEAI_DEMO/],
  [{ TRADEAI_DEMO_PASSWORD: 'x' }, /TRADEAI_DEMO_PASSWORD/],
  [{ TRADEAI_SMTP_URL: 'mail' }, /TRADEAI_SMTP_URL/],
  [{ TRADEAI_LOG_LEVEL: 'loud' }, /TRADEAI_LOG_LEVEL/],
];
/** The same for whole processes, with what only shows when the settings are used. */
const refusedStarts: typeof wrongSettings = [
  [{ PORT: 'http' }, /PORT/],
  [{ TRADEAI_DATA: '/dev/null/data' }, /data folder \/dev\/null\/data/],
  [
    { TRADEAI_DATABASE_URL: 'postgres://a:b@127.0.0.1:1/x', TRADEAI_SECRET_KEY: 's'.repeat(32) },
    /^The database of TRADEAI_DATABASE_URL cannot be used: connect ECONNREFUSED/,
  ],
];

test('a wrong setting is refused with one clear line and exit 2', limit, async () => {
  for (const [settings, says] of wrongSettings) {
    assert.throws(() => readConfig(settings), { name: 'ConfigError', message: says }, JSON.stringify(settings));
  }
  const starts = refusedStarts.map(async ([settings, says]) => {
    const told = JSON.stringify(settings);
    const { code, stderr } = await startProcess({ TRADEAI_DATA: join(folder, 'never'), ...settings }).ended;
    assert.equal(code, 2, `${told}: exit ${code}, ${stderr}`);
    assert.match(stderr, /^[^\n]+\n$/, `${told} says one line`);
    assert.match(stderr, says, told);
  });
  await Promise.all(starts);
  assert.equal(existsSync(join(folder, 'never', 'postgres')), false, 'no database was made');
});

test('on its own database: a kill loses no committed row, an orderly stop leaves no process', limit, async (t) => {
  const settings = { TRADEAI_DATA: data };
  const first = await serveChild(settings);
  const databaseUrl = connectionOfRunning(data);
  assert.ok(databaseUrl);
  await makeTenant(databaseUrl, readFileSync(join(data, 'secret.key'), 'utf8').trim(), data);
  const pending = await makePendingApproval(first.url);

  await t.test('a second start on the same data folder says so and exits 2, and the first goes on', async () => {
    const { code, stderr } = await startProcess(settings).ended;
    assert.equal(code, 2);
    assert.match(stderr, /^TRADEAI is already running on the data folder .*\n$/);
    assert.equal((await fetch(`${first.url}/health/ready`)).status, 200);
  });

  await t.test('kill -9 right after an answer: the database does not outlive the server', async () => {
    assert.equal((await decide(first.url, pending.tokens.finance, pending.taskId)).status, 200);
    first.child.kill('SIGKILL');
    await first.ended;
    await until('no process of the data folder runs', () => processesAbout(data).length === 0);
  });

  const second = await serveChild(settings);

  await t.test('after the restart the decision, its state and its money are there', async () => {
    const call = callOver(second.url, pending.tokens.kam);
    assert.equal((await call('GET', `/promotions/${pending.promotionId}`)).body.state, 'approved');
    const { body } = await call('GET', `/funds/${pending.fundIds[0]}/checkbook`);
    assert.deepEqual([body.committed.amount, body.reserved.amount], ['750.00', '0.00']);
    assert.equal((await decide(second.url, pending.tokens.finance, pending.taskId)).status, 409);
  });

  await t.test('SIGTERM: exit 0 within 10 s and no process left', async () => {
    const began = performance.now();
    const { code, stderr } = await second.stop();
    assert.deepEqual([code, stderr], [0, '']);
    assert.ok(performance.now() - began < 10_000);
    assert.deepEqual(processesAbout(data), []);
  });

  const third = await serveChild(settings);

  await t.test(
    'requests whose connections the database cuts are told 503, never 500, and the next ones are served',
    async () => {
      const client = new pg.Client({ connectionString: connectionOfRunning(data) ?? '' });
      client.on('error', () => undefined);
      await client.connect();
      const cut = client.query(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'tradeai_app'`);
      const call = callOver(third.url, pending.tokens.kam);
      const answers = await Promise.all(Array.from({ length: 20 }, () => call('GET', '/promotions')));
      await cut;
      await client.end();
      // A backend that was told to end does so in its own time: one of the next requests may still meet it.
      for (let tried = 0; answers.at(-1)?.status !== 200 || tried === 0; tried++) {
        assert.ok(tried < 200, 'nothing is served any more');
        answers.push(await call('GET', '/promotions'));
        await sleep(20);
      }
      for (const { status, body } of answers) assert.ok(status === 200 || status === 503, JSON.stringify(body));
    },
  );

  await t.test(
    'a database that ends under the server ends the server too: one line, exit 1, no process left',
    async () => {
      const postmaster = Number(processesAbout(data).find((pid) => isPostmaster(pid)));
      process.kill(postmaster, 'SIGKILL');
      const { code, stderr } = await third.ended;
      assert.equal(code, 1);
      assert.match(stderr, /The database ended unexpectedly; TRADEAI stops\./);
      await until('no process of the data folder runs', () => processesAbout(data).length === 0);
      assert.equal(runs(third.pid), false);
    },
  );
});

/** The postmaster is the one whose command line names the cluster: its children show titles of their own. */
function isPostmaster(pid: number): boolean {
  // A child may have ended since the processes were listed.
  return runs(pid) && /\/postgres\0-D\0/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
}
