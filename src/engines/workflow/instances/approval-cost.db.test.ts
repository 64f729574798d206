import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import type { Context } from '#context';
import { type Database, sql } from '#db';
import { emit } from '#events';
import { recordAudit } from '#security';
import { type TestHouse, testHouse } from '../../../../test/house.ts';
import { addPerson } from '../../../../test/people.ts';
import { completeTask, startWorkflow } from '../run-workflow.ts';
import { decisionsOn } from '../workflow-store.ts';
import { type Process, teachWorkflow } from './workflow-parts.ts';

const process: Process = {
  definition: {
    ...{ code: 'cost', title: 'Approval' },
    steps: [
      {
        ...{ name: 'decide', title: 'Decide', dueHours: 48 },
        candidates: { permission: 'promotions:approve', limitCovers: 'spend' },
      },
    ],
  },
  settle: async (tx, { subjectId, outcome }) => {
    await recordAudit(tx, { action: 'cost.settled', entityType: 'cost', entityId: subjectId, after: { outcome } });
    await emit(tx, { type: 'cost.approval.settled', subjectType: 'cost', subjectId, data: { outcome } });
  },
};

/** What a piece of work cost: its round trips to the database, and the rows that they read of what grows with every approval. */
interface Cost {
  trips: string[];
  rowsRead: number;
}

interface Meter {
  /** A database whose transactions tell what they read, by a statement more at both ends. */
  db: Database;
  costOf(work: () => Promise<unknown>): Promise<Cost>;
}

const looksAtRows = sql<{
  rows: number;
}>`select coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::int as rows
  from pg_stat_xact_user_tables where schemaname || '.' = any(array['workflow.', 'timer.', 'audit.', 'event.'])`;

function meterOf(t: TestContext, inner: Database): Meter {
  const nothing = (): Cost => ({ trips: [], rowsRead: 0 });
  let cost = nothing();
  const ask = pg.Client.prototype.query as unknown as (this: pg.Client, ...asked: unknown[]) => unknown;
  t.mock.method(pg.Client.prototype, 'query', function heard(this: pg.Client, ...asked: unknown[]) {
    const [first] = asked;
    const text = typeof first === 'string' ? first : (first as { text: string }).text;
    if (this.user === 'tradeai_app' && !text.includes('pg_stat_xact_user_tables')) cost.trips.push(text);
    return ask.apply(this, asked);
  });
  const db: Database = {
    ...inner,
    transact: (scope, work) =>
      inner.transact(scope, async (tx) => {
        // PostgreSQL keeps the counts of a session together for a while.
        const { rows: earlier } = await tx.one(looksAtRows);
        const result = await work(tx);
        // It names what was gathered, so that all is written before it looks.
        cost.rowsRead += (await tx.one(looksAtRows)).rows - earlier;
        return result;
      }),
  };
  const costOf = async (work: () => Promise<unknown>) => {
    cost = nothing();
    await work();
    const told = cost;
    cost = nothing();
    return told;
  };
  return { db, costOf };
}

async function approve(
  house: TestHouse,
  meter: Meter,
  { maker: makerId, decider }: { maker: string; decider: string },
  db: Database,
): Promise<{ start: Cost; decide: Cost }> {
  const subjectId = randomUUID();
  const maker: Context = { ...house.context({ userId: makerId }), db };
  const start = await meter.costOf(() =>
    db.transact(maker, async (tx) => {
      await recordAudit(tx, { action: 'cost.requested', entityType: 'cost', entityId: subjectId });
      await startWorkflow(tx, {
        ...{
          definition: process.definition,
          subjectType: 'cost',
          subjectId,
          currency: 'USD',
          makers: [maker.actor.id],
        },
        ...{ variables: { spend: '1200.00' }, title: 'An approval', summary: {} },
      });
    }),
  );
  const [task] = await db.read(maker, (tx) => decisionsOn(tx, subjectId));
  const decide = await meter.costOf(() =>
    completeTask({ ...house.context({ userId: decider }), db }, [process], task?.id ?? '', {
      ...{ outcome: 'approved', comment: 'fine' },
    }),
  );
  return { start, decide };
}

/** Far more than the some fifteen of one decision with those that just ended in its way; far fewer than those that stand beside it. */
const mostRows = 200;

test('an approval takes eight round trips, and reads no more beside thousands of tasks and armed timers', async (t) => {
  const house = await testHouse(t);
  teachWorkflow({ processes: [process] });
  t.after(() => teachWorkflow({ processes: [] }));
  const people = {
    maker: await addPerson(house, ['key_account_manager'], '0'),
    decider: await addPerson(house, ['trade_marketing_manager'], '5000'),
  };
  const meter = meterOf(t, house.db);
  // A connection makes a plan for good after five executions; the first approval keeps the definition, too.
  for (let warm = 0; warm < 10; warm++) await approve(house, meter, people, house.db);
  const measured = async () => ({
    trips: await approve(house, meter, people, house.db),
    rows: await approve(house, meter, people, meter.db),
  });
  const before = await measured();
  const owner = new pg.Client({ connectionString: house.url });
  await owner.connect();
  await owner.query(`insert into workflow.task select made.* from workflow.task one, generate_series(1, 3000) n,
    jsonb_populate_record(one, jsonb_build_object('id', md5(n::text))) made
    where one.id = (select min(id::text)::uuid from workflow.task)`);
  await owner.query(`insert into timer.timer (tenant_id, id, kind, subject_id, due_at, data)
    select tenant_id, gen_random_uuid(), 'workflow.task-due', id, due_at, '{}' from workflow.task`);
  await owner.end();
  const after = await measured();
  for (const { start, decide } of [before.trips, after.trips]) {
    assert.equal(start.trips.length, 4, start.trips.join('\n\n'));
    assert.equal(decide.trips.length, 4, decide.trips.join('\n\n'));
  }
  const read = [before.rows, after.rows]
    .flatMap(({ start, decide }) => [start, decide])
    .map(({ rowsRead }) => rowsRead);
  assert.ok(
    read.every((rows) => rows > 0 && rows < mostRows),
    `${read} rows`,
  );
});
