import { makeWorkerUtils, run, runMigrations, Logger as WorkerLogger } from 'graphile-worker';
import pg from 'pg';
import type { Clock } from '#clock';
import { type Context, makeContext, systemActor, type TenantFacts } from '#context';
import { type Database, sql } from '#db';
import type { Logger } from '#telemetry';

/** What a job runs with: the tenant's context as the system actor. */
export interface JobContext extends Context {
  /** Aborted when the server drains: a long job stops at its next safe point and is run again later. */
  readonly signal: AbortSignal;
}

/** A named piece of work outside any request, at least once, with retries; its payload names the tenant. */
export interface Job<Payload = Record<string, unknown>> {
  name: string;
  /** Jobs of one queue run one after another. */
  queue?: string;
  maxAttempts?: number;
  handle(context: JobContext, payload: Payload): Promise<void>;
}

/** Adds jobs. Call it outside business transactions: adding notifies, and a notification holds a global commit lock. */
export interface JobQueue {
  add(tenantId: string, name: string, payload: Record<string, unknown>, options?: { key?: string }): Promise<void>;
  stop(): Promise<void>;
}

interface JobParts {
  db: Database;
  clock: Clock;
  log: Logger;
  tenant(tenantId: string): Promise<TenantFacts>;
  jobs: readonly Job[];
  /** Jobs at once in this process; 0: only add. */
  concurrency: number;
  /** No other process runs jobs on this database: whoever still holds a job was killed, and the job is free again. */
  alone: boolean;
}

/** The tenant travels beside the payload. */
interface Envelope {
  tenantId: string;
  payload: Record<string, unknown>;
}

function workerLogger(log: Logger): WorkerLogger {
  return new WorkerLogger(() => (level, message) => {
    if (level === 'error') log.error(`jobs: ${message}`);
    else if (level === 'warning') log.warn(`jobs: ${message}`);
    else log.debug(`jobs: ${message}`);
  });
}

/**
 * Connections of the job runner. Those that it opens itself it neither waits for at its end nor listens to from then on:
 * a database that stops at that moment would end the process.
 */
function openPool(systemUrl: string, max: number, log: Logger): pg.Pool {
  const pool = new pg.Pool({ connectionString: systemUrl, max, application_name: 'tradeai_jobs' });
  const lost = (error: Error) => log.warn({ err: error }, 'jobs: a connection was lost');
  pool.on('error', lost);
  pool.on('connect', (client) => client.on('error', lost));
  return pool;
}

/** Installs the job runner's schema as the system's role; idempotent. */
export async function migrateJobs(systemUrl: string, log: Logger): Promise<void> {
  const pgPool = openPool(systemUrl, 2, log);
  try {
    await runMigrations({ pgPool, logger: workerLogger(log) });
  } finally {
    await pgPool.end();
  }
}

/** Frees the jobs of workers that were killed; otherwise they would wait four hours for the lock to expire. */
async function releaseLostJobs(parts: JobParts, logger: WorkerLogger): Promise<void> {
  const lost = await parts.db.system((tx) =>
    tx.many<{ id: string }>(sql`select distinct locked_by as id from (
        select locked_by from graphile_worker._private_jobs union select locked_by from graphile_worker._private_job_queues
      ) held where locked_by is not null`),
  );
  if (lost.length === 0) return;
  const utils = await makeWorkerUtils({ connectionString: parts.db.systemUrl, logger, maxPoolSize: 1 });
  try {
    await utils.forceUnlockWorkers(lost.map(({ id }) => id));
  } finally {
    await utils.release();
  }
}

/** Starts the job runner of this process. */
export async function startJobs(parts: JobParts): Promise<JobQueue> {
  const { db, clock, log, jobs } = parts;
  const logger = workerLogger(log);
  const byName = new Map(jobs.map((job) => [job.name, job]));
  const abort = new AbortController();
  const runOne = (job: Job) => async (envelope: unknown) => {
    const { tenantId, payload } = envelope as Envelope;
    const context = makeContext({ tenant: await parts.tenant(tenantId), actor: systemActor, clock, db, log });
    await job.handle({ ...context, signal: abort.signal }, payload);
  };
  const pgPool = openPool(db.systemUrl, parts.concurrency + 2, log);
  const connection = { pgPool, logger };
  await runMigrations(connection);
  if (parts.alone) await releaseLostJobs(parts, logger);
  const worker =
    parts.concurrency > 0
      ? await run({
          ...connection,
          concurrency: parts.concurrency,
          noHandleSignals: true,
          pollInterval: 1_000,
          taskList: Object.fromEntries(jobs.map((job) => [job.name, runOne(job)])),
        })
      : undefined;
  const utils = worker ?? (await makeWorkerUtils(connection));
  return {
    add: async (tenantId, name, payload, options = {}) => {
      const job = byName.get(name);
      if (!job) throw new Error(`there is no job ${name}`);
      await utils.addJob(name, { tenantId, payload } satisfies Envelope, {
        maxAttempts: job.maxAttempts ?? 5,
        ...(job.queue ? { queueName: `${job.queue}:${tenantId}` } : {}),
        ...(options.key ? { jobKey: `${tenantId}:${options.key}` } : {}),
      });
    },
    stop: async () => {
      abort.abort();
      if (worker) await worker.stop();
      else await (utils as { release(): Promise<void> }).release();
      await pgPool.end();
    },
  };
}
