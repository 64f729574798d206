/**
 * Ends sessions and processes under running approvals at crash points drawn from a seed, and checks after each that nothing
 * is lost and nothing doubled: `npm run chaos:workflow`. Options: `--seed N`, `--points N` (2,000: of fifty one ends the
 * process, the others a session of its database), `--immediate` (100 points that end PostgreSQL itself, at once). Fewer
 * points reached than asked for are a failure, too.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startEmbeddedPostgres } from '../src/platform/embedded-postgres/index.ts';
import { type ChaosDatabase, type ChaosResult, runChaos } from '../test/chaos/run-chaos.ts';
import { setScene } from '../test/chaos/scene.ts';
import { type TestHouse, testHouse } from '../test/house.ts';
import { databaseUrl, startTestCluster, temporaryParent, urlVariable } from '../test/postgres/index.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    points: { type: 'string' },
    immediate: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const asked = Number(values.points ?? (values.immediate ? 100 : 2_000));
/** Points played on one database: the laws look at all of it after each. */
const pointsEach = 250;
/** Databases at once. */
const atOnce = 2;
/** Of so many points one ends the process. */
const perProcess = 50;

async function inHouse<T>(work: (house: TestHouse) => Promise<T>): Promise<T> {
  const endings: (() => Promise<void>)[] = [];
  try {
    return await work(await testHouse({ after: (ending) => endings.push(ending as () => Promise<void>) }));
  } finally {
    for (const ending of endings.reverse()) await ending();
  }
}

/** Sessions and processes: what PostgreSQL answered needs not to outlive it. */
async function endSessions(): Promise<ChaosResult[]> {
  const cluster = await startTestCluster();
  process.env[urlVariable] = cluster.superuserUrl;
  const parts = Array.from({ length: Math.ceil(asked / pointsEach) }, (_, at) => ({
    seed: seed + at,
    points: Math.min(pointsEach, asked - at * pointsEach),
  }));
  const results: ChaosResult[] = [];
  const lane = async () => {
    for (let part = parts.shift(); part; part = parts.shift()) {
      const kills = Math.ceil(part.points / perProcess);
      const points = { session: part.points - kills, process: kills, database: 0 };
      const { seed: own } = part;
      const result = await inHouse(async (house) =>
        runChaos({ seed: own, points }, await setScene(house), {
          ...{ url: house.url, postmaster: 0, restart: () => Promise.reject(new Error('it was not to end')) },
        }),
      );
      results.push(result);
      if (result.broken.length > 0) parts.length = 0;
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, lane));
  } finally {
    await cluster.stop();
  }
  return results;
}

/** PostgreSQL itself, as it is shipped: what it has answered outlives its end, in memory as on a disk. */
async function endDatabases(): Promise<ChaosResult[]> {
  const dataDir = mkdtempSync(join(temporaryParent(), 'tradeai-chaos-'));
  const silent = () => undefined;
  const start = () => startEmbeddedPostgres({ dataDir, log: { info: silent, warn: silent } });
  let postgres = await start();
  process.env[urlVariable] = postgres.superuserUrl;
  try {
    return await inHouse(async (house) => {
      const up = (): ChaosDatabase => ({
        url: databaseUrl(postgres.superuserUrl, new URL(house.url).pathname.slice(1)),
        postmaster: postgres.pid,
        restart: async () => {
          await postgres.ended;
          postgres = await start();
          process.env[urlVariable] = postgres.superuserUrl;
          return up();
        },
      });
      const points = { session: 0, process: 0, database: asked };
      return [await runChaos({ seed, points }, await setScene(house), up())];
    });
  } finally {
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

console.log(
  `seed ${seed}, ${asked} points${values.immediate ? ' that end PostgreSQL' : ''}, load ${loadavg()[0]?.toFixed(1)}`,
);
const began = performance.now();
const results = await (values.immediate ? endDatabases() : endSessions());
const took = Math.round((performance.now() - began) / 1_000);
const sum = (what: (result: ChaosResult) => number) => results.reduce((all, result) => all + what(result), 0);
const {
  session,
  process: killed,
  database,
} = {
  session: sum(({ reached }) => reached.session),
  process: sum(({ reached }) => reached.process),
  database: sum(({ reached }) => reached.database),
};
const atNamed = sum((result) => Object.values(result.atNamed).reduce((all, times) => all + times, 0));
const broken = results.flatMap((result) => result.broken);
if (session + killed + database !== asked) broken.push(`only ${session + killed + database} points were reached`);
console.log(
  `ended: ${session} sessions, ${killed} processes (${atNamed} at named points), ${database} databases; ${sum(({ approvals }) => approvals)} approvals, ${took} s`,
);
for (const breach of broken) console.log(`BROKEN ${breach}`);
if (broken.length === 0) console.log('nothing lost, nothing doubled, the checkbooks add up');
else process.exitCode = 1;
