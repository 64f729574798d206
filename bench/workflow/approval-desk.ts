import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { type Context, makeContext } from '#context';
import { emit } from '#events';
import { recordAudit } from '#security';
import { completeTask, type Process, startWorkflow, workflowModule } from '#workflow';
import { addPerson } from '../../test/people.ts';
import type { BenchHouse } from '../trade/part.ts';

/** One decision of somebody with a limit that covers the amount; the end is told and audited with it. */
const approval: Process = {
  definition: {
    ...{ code: 'bench-approval', title: 'Approval' },
    steps: [
      {
        ...{ name: 'decide', title: 'Decide', dueHours: 48 },
        candidates: { permission: 'promotions:approve', limitCovers: 'spend' },
      },
    ],
  },
  settle: async (tx, { subjectId, outcome }) => {
    await recordAudit(tx, { action: 'bench.settled', entityType: 'bench', entityId: subjectId, after: { outcome } });
    await emit(tx, { type: 'bench.approval.settled', subjectType: 'bench', subjectId, data: { outcome } });
  },
};

/** People who may decide; as many as a house of some size has. */
const deciders = 12;

/** Approvals in one house: somebody asks, others decide. */
export interface ApprovalDesk {
  /** Starts an approval, as a request with its own audit entry, and answers the id of its record. */
  start(): Promise<string>;
  /** Approves a task as one of those who may. */
  decide(taskId: string): Promise<void>;
  /** The open tasks of some records, by record. */
  tasksOf(subjectIds: readonly string[]): Promise<Map<string, string>>;
  /** So many further approvals like the first, open or ended, straight into the tables. */
  plant(count: number, kind: 'open' | 'ended'): Promise<void>;
  /** Ids of so many planted open tasks. */
  plantedTasks(count: number): Promise<string[]>;
}

const columnsBut = (table: string, changed: Readonly<Record<string, string>>) =>
  `select string_agg(quote_ident(column_name), ', ' order by ordinal_position) as names,
     string_agg(coalesce(${Object.entries(changed).reduce((rest, [name, value]) => `case column_name when '${name}' then '${value.replaceAll("'", "''")}' else ${rest} end`, 'null')}, 'one.' || quote_ident(column_name)), ', ' order by ordinal_position) as taken
   from information_schema.columns where table_schema || '.' || table_name = '${table}' and is_generated = 'NEVER'`;

/** Copies the rows of a table that hold for the first approval, with other ids. */
async function copyRows(
  client: pg.Client,
  table: string,
  changed: Readonly<Record<string, string>>,
  where: string,
): Promise<void> {
  const { rows } = await client.query<{ names: string; taken: string }>(columnsBut(table, changed));
  await client.query(
    `insert into ${table} (${rows[0]?.names}) select ${rows[0]?.taken} from ${table} one, planted where ${where}`,
  );
}

/** Sets the desk up with one approval that is open and one that has ended. */
export async function setApprovalDesk(house: BenchHouse): Promise<ApprovalDesk> {
  const { context } = house;
  workflowModule([approval]);
  const people: Context[] = [];
  const as = (id: string) => makeContext({ ...context, actor: { ...context.actor, id } });
  for (let made = 0; made < deciders; made++) {
    people.push(as(await addPerson(house as never, ['trade_marketing_manager'], '50000')));
  }
  const maker = as(await addPerson(house as never, ['key_account_manager'], '0'));
  const start = async () => {
    const subjectId = randomUUID();
    await context.db.transact(maker, async (tx) => {
      await recordAudit(tx, { action: 'bench.requested', entityType: 'bench', entityId: subjectId });
      await startWorkflow(tx, {
        ...{
          definition: approval.definition,
          subjectType: 'bench',
          subjectId,
          currency: 'USD',
          makers: [maker.actor.id],
        },
        ...{ variables: { spend: '1200.00' }, title: 'Summer promotion', summary: { spend: '1200.00' } },
      });
    });
    return subjectId;
  };
  let turn = 0;
  const decide = async (taskId: string) => {
    const person = people[turn++ % people.length] ?? context;
    await completeTask(person, [approval], taskId, { outcome: 'approved', comment: 'fine' });
  };
  const owner = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = new pg.Client({ connectionString: house.url });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
  const tasksOf = (subjectIds: readonly string[]) =>
    owner(async (client) => {
      const { rows } = await client.query<{ id: string; subject: string }>(
        `select task.id, subject_id as subject from workflow.task join workflow.instance on instance.id = instance_id
         where subject_id = any($1)`,
        [subjectIds],
      );
      return new Map(rows.map(({ id, subject }) => [subject, id]));
    });
  const [open, ended] = [await start(), await start()];
  await decide((await tasksOf([ended])).get(ended) ?? '');
  return {
    ...{ start, decide, tasksOf },
    plant: (count, kind) =>
      owner(async (client) => {
        const of = kind === 'open' ? open : ended;
        await client.query(`create temporary table planted as select gen_random_uuid() as instance, gen_random_uuid() as task
          from generate_series(1, ${count})`);
        const first = `(select id from workflow.instance where subject_id = '${of}')`;
        const task = `(select id from workflow.task where instance_id = ${first})`;
        const instance = { id: 'planted.instance', subject_id: 'planted.task' };
        await copyRows(client, 'workflow.instance', instance, `one.subject_id = '${of}'`);
        await copyRows(
          client,
          'workflow.task',
          { id: 'planted.task', instance_id: 'planted.instance' },
          `one.id = ${task}`,
        );
        await copyRows(client, 'workflow.candidate', { task_id: 'planted.task' }, `one.task_id = ${task}`);
        await copyRows(
          client,
          'timer.timer',
          { id: 'planted.instance', subject_id: 'planted.task' },
          `one.subject_id = ${task}`,
        );
        await client.query('drop table planted');
        await client.query('vacuum analyze');
      }),
    plantedTasks: (count) =>
      owner(async (client) => {
        const { rows } = await client.query<{ id: string }>(
          `select id from workflow.task where state = 'open' order by md5(id::text) limit ${count}`,
        );
        return rows.map(({ id }) => id);
      }),
  };
}
