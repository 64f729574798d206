/**
 * Keeps this release's schema with a little data, so that later releases prove that they can take it up. Run it once
 * per release; it writes `test/upgrade/<version>.sql.gz`:
 * `node scripts/with-system-postgres.ts node test/upgrade/keep-release.ts`
 * (pg_dump must be of the server's version or newer, and the oldest PostgreSQL makes the dump that all can read.)
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { makePendingApproval, makeTenant } from '../faults/pending-approval.ts';
import { serveChild } from '../faults/served.ts';
import { testSecretKey } from '../house.ts';
import { createDatabaseFromTemplate } from '../postgres/index.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const database = await createDatabaseFromTemplate();
try {
  const served = await serveChild({ TRADEAI_DATABASE_URL: database.url, TRADEAI_SECRET_KEY: testSecretKey });
  await makeTenant(database.url, testSecretKey);
  await makePendingApproval(served.url);
  await served.stop();
  const dump = execFileSync('pg_dump', ['--inserts', '--no-comments', database.url], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  // The owner is whoever restores; psql's own commands (\restrict) are no SQL.
  const sql = dump
    .split('\n')
    .filter((line) => !line.startsWith('\\') && !/ OWNER TO (?!tradeai_)/.test(line))
    .join('\n');
  const file = new URL(`${version}.sql.gz`, import.meta.url);
  writeFileSync(file, gzipSync(sql, { level: 9 }));
  console.log(`${file.pathname}: ${sql.length} characters`);
} finally {
  await database.drop();
}
