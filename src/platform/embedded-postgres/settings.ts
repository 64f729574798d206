import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** PostgreSQL settings by name, as in postgresql.conf. */
export type Settings = Readonly<Record<string, string>>;

/** Sized for 2 cores and 2-4 GB beside the server; `ALTER SYSTEM` and `settings` override. */
export const smallMachine: Settings = {
  max_connections: '100',
  shared_buffers: '256MB',
  effective_cache_size: '1GB',
  work_mem: '16MB',
  maintenance_work_mem: '128MB',
  // Bounds what is replayed after a kill, so that the next start stays within seconds.
  max_wal_size: '1GB',
  wal_compression: 'pglz',
  random_page_cost: '1.1',
  // Plans here are short: compiling them costs more than it saves.
  jit: 'off',
  max_parallel_workers: '2',
  max_parallel_workers_per_gather: '1',
  autovacuum_naptime: '30s',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] %d ',
};

/** For throw-away clusters: a crash of the machine may destroy them. */
export const withoutDurability: Settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/** The file that postgresql.conf includes; rewritten at every start. */
export const settingsFile = 'tradeai.conf';

/** Writes the settings of the next start into the cluster. */
export function writeSettings(cluster: string, settings: Settings): void {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`);
  // In place, so that the file keeps the cluster's account as its owner.
  writeFileSync(join(cluster, settingsFile), `# Written at every start.\n${lines.join('\n')}\n`);
}
