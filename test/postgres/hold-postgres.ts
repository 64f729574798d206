/**
 * A server reduced to its database, for tests that kill it: starts the embedded PostgreSQL with the options given as
 * JSON, prints `{pid, watchdogPid, url}`, and stays. On SIGINT it drains for a moment, asks the database once more,
 * stops it and prints `{drained}`. When the database ends unasked it prints `{lost}`.
 */
import pg from 'pg';
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres/index.ts';

const drainMs = 300;
const print = (line: unknown): void => console.log(JSON.stringify(line));
const log = { info: () => undefined, warn: () => undefined };
const postgres = await startEmbeddedPostgres({ log, ...JSON.parse(process.argv[2] ?? '{}') });

const stay = setInterval(() => undefined, 60_000);
process.on('SIGINT', () => {
  setTimeout(drain, drainMs);
});
postgres.ended.then(({ expected, how }) => {
  clearInterval(stay);
  if (!expected) print({ lost: how });
});
print({ pid: postgres.pid, watchdogPid: postgres.watchdogPid, url: postgres.url });

async function drain(): Promise<void> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  const { rows } = await client.query<{ answer: number }>('SELECT 1 AS answer');
  await client.end();
  await postgres.stop();
  print({ drained: rows[0]?.answer });
}
