/**
 * Ends sessions and processes under running approvals at crash points drawn from a seed, and checks after each that nothing
 * is lost and nothing doubled: `npm run chaos:workflow`. Options: `--seed N`, `--points N` (2,000: of twenty one ends the
 * process, the others a session of its database), `--immediate` (100 points that end PostgreSQL itself, at once).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startEmbeddedPostgres } from '../src/platform/embedded-postgres/index.ts';
import { type ChaosDatabase, runChaos } from '../test/chaos/run-chaos.ts';
import { setScene } from '../test/chaos/scene.ts';
import { testHouse } from '../test/house.ts';
import { databaseUrl, urlVariable } from '../test/postgres/index.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
    points: { type: 'string' },
    immediate: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const points = Number(values.points ?? (values.immediate ? 100 : 2_000));
const processes = Math.ceil(points / 20);
const share = values.immediate
  ? { session: 0, process: 0, database: points }
  : { session: points - processes, process: processes, database: 0 };
console.log(`seed ${seed}: ${JSON.stringify(share)}`);

const dataDir = mkdtempSync(join(tmpdir(), 'tradeai-chaos-'));
const silent = () => undefined;
// Durable: an answer that the database gave outlives its end.
const start = () => startEmbeddedPostgres({ dataDir, log: { info: silent, warn: silent } });
let postgres = await start();
process.env[urlVariable] = postgres.superuserUrl;
const endings: (() => Promise<void>)[] = [];
try {
  const house = await testHouse({ after: (ending) => endings.push(ending as () => Promise<void>) });
  const scene = await setScene(house);
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
  const began = performance.now();
  const { reached, approvals, broken } = await runChaos({ seed, points: share }, scene, up());
  const took = Math.round((performance.now() - began) / 1_000);
  console.log(`${JSON.stringify(reached)}, ${approvals} approvals, ${took} s`);
  for (const breach of broken) console.log(`BROKEN ${breach}`);
  if (broken.length === 0) console.log('nothing lost, nothing doubled, the checkbooks add up');
  else process.exitCode = 1;
} finally {
  for (const ending of endings.reverse()) await ending();
  await postgres.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
