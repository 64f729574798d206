/**
 * Runs a command against the system's PostgreSQL: `node scripts/with-system-postgres.ts npm test`. Starts a throw-away
 * cluster of /usr/lib/postgresql/<newest> (or TRADEAI_SYSTEM_POSTGRES, the folder that holds `bin/`), sets
 * TRADEAI_TEST_DATABASE_URL, and ends with the command's exit code (2: no such PostgreSQL, or no command).
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startTestCluster, urlVariable } from '../test/postgres/index.ts';

const debianFolder = '/usr/lib/postgresql';

function systemInstallation(): string | undefined {
  const given = process.env.TRADEAI_SYSTEM_POSTGRES;
  if (given) return given;
  if (!existsSync(debianFolder)) return undefined;
  const newest = readdirSync(debianFolder).sort((a, b) => Number(b) - Number(a))[0];
  return newest && join(debianFolder, newest);
}

function run(file: string, args: string[], url: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const child = spawn(file, args, { stdio: 'inherit', env: { ...process.env, [urlVariable]: url } });
  child.on('error', reject);
  child.on('exit', (code) => resolve(code ?? 1));
  return promise;
}

const [file, ...args] = process.argv.slice(2);
const installation = systemInstallation();
if (!file || !installation || !existsSync(join(installation, 'bin', 'postgres'))) {
  console.error(file ? `There is no PostgreSQL at ${installation ?? debianFolder}.` : 'Say which command to run.');
  process.exit(2);
}
// Ctrl-C reaches the command too; this process waits for it, then stops the cluster.
process.on('SIGINT', () => undefined);
const cluster = await startTestCluster(installation);
try {
  process.exitCode = await run(file, args, cluster.superuserUrl);
} finally {
  await cluster.stop();
}
