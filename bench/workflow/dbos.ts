import { randomUUID } from 'node:crypto';
import { DBOS } from '@dbos-inc/dbos-sdk';
import pg from 'pg';
import type { BenchPart } from '../trade/part.ts';
import { onLanes } from './approvals.ts';

const atOnce = 8;
const warmUps = 1_000;
const decisionLimitS = 600;

let pool: pg.Pool | undefined;

/** Runs statements as one transaction of the application's own. */
async function inTransaction(statements: readonly [text: string, values: unknown[]][]): Promise<void> {
  const client = await pool?.connect();
  if (!client) throw new Error('the pool is not open');
  try {
    await client.query('begin');
    for (const [text, values] of statements) await client.query(text, values);
    await client.query('commit');
  } finally {
    client.release();
  }
}

const audited = (subject: string, action: string): [string, unknown[]] => [
  'insert into bench_audit (id, subject, action) values ($1, $2, $3)',
  [randomUUID(), subject, action],
];

/** The same shape as an approval here: a request with its audit row, the wait for a decision, its effect with its audit row. */
const approve = DBOS.registerWorkflow(
  async (subject: string) => {
    const request = () =>
      inTransaction([['insert into bench_record values ($1, $2)', [subject, 'open']], audited(subject, 'requested')]);
    await DBOS.runStep(request, { name: 'request' });
    const decision = await DBOS.recv<string>('decision', decisionLimitS);
    const effect = () =>
      inTransaction([
        ['update bench_record set state = $2 where id = $1', [subject, decision]],
        audited(subject, 'decided'),
      ]);
    await DBOS.runStep(effect, { name: 'effect' });
    return decision;
  },
  { name: 'bench-approval' },
);

async function phase(times: number): Promise<number> {
  const handles: Awaited<ReturnType<typeof begin>>[] = [];
  const begin = () => DBOS.startWorkflow(approve, { workflowID: randomUUID() })(randomUUID());
  const startMs = await onLanes(times, atOnce, async () => handles.push(await begin()));
  const decideMs = await onLanes(times, atOnce, async (at) => {
    const handle = handles[at];
    if (!handle) throw new Error('a workflow is missing');
    await DBOS.send(handle.workflowID, 'approved', 'decision');
    await handle.getResult();
  });
  return (startMs + decideMs) / times;
}

/** A peer on the same machine: approvals as DBOS workflows, on databases of the same server. */
export const part: BenchPart = {
  name: 'dbos',
  what: `n approvals as DBOS workflows on ${atOnce} lanes: a step, a wait for a decision, a step; each step one transaction`,
  sizes: [250, 500, 1_000],
  targets: {},
  run: async ({ url }, times) => {
    const system = new URL(url);
    system.pathname = `${system.pathname}_dbos`;
    pool = new pg.Pool({ connectionString: url, max: atOnce });
    await pool.query('create table bench_record (id uuid primary key, state text not null)');
    await pool.query('create table bench_audit (id uuid primary key, subject uuid not null, action text not null)');
    DBOS.setConfig({ name: 'bench', systemDatabaseUrl: system.href, logLevel: 'error', systemDatabasePoolSize: 16 });
    await DBOS.launch();
    try {
      await phase(warmUps);
      const whole = await phase(times);
      return {
        figures: { 'whole approval': whole },
        note: `${Math.round(1_000 / whole)} approvals/s at the last size`,
      };
    } finally {
      await DBOS.shutdown();
      await pool.end();
      const owner = new pg.Client({ connectionString: url });
      await owner.connect();
      await owner.query(`drop database ${pg.escapeIdentifier(system.pathname.slice(1))} with (force)`);
      await owner.end();
    }
  },
};
