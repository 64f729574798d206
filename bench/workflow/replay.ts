import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { type Context, makeContext } from '#context';
import type { Module } from '#module';
import { completeTask, decisionsOn, type Process, type ProcessModel, startWorkflow, workflowModule } from '#workflow';
import { addPerson } from '../../test/people.ts';
import type { BenchHouse, BenchPart } from '../trade/part.ts';

const steps = ['peer', 'director', 'finance', 'legal'] as const;
const given = ['spend', 'roi', 'margin', 'discount'] as const;

/** A matrix of 40 rows: bands of spend and discount, each with the step that it asks for, by three further conditions. */
function matrixOf(directorFrom: number) {
  const bands = Array.from({ length: 10 }, (_, at) => at * 20_000);
  const from = { peer: 0, director: directorFrom, finance: 100_000, legal: 160_000 };
  const rules = steps.flatMap((step) =>
    bands.map((low) => ({
      id: `${step}-${low}`,
      conditions: [`[${low}..${low + 20_000})`, '> -1', '>= 0', '[0..100]', 'not("nothing")'],
      results: [low >= from[step] ? `"${step}"` : '"none"', `"${step} above ${low}"`],
      notes: [],
    })),
  );
  const inputs = [...given, 'mechanic'].map((expression) => ({ expression }));
  return {
    ...{ code: 'bench-matrix', title: 'Matrix' },
    inputs: [...given.map((name) => ({ name, type: 'number' })), { name: 'mechanic', type: 'string' }],
    table: {
      ...{ kind: 'table' as const, hitPolicy: 'C' as const, inputs, outputs: [{ name: 'step' }, { name: 'why' }] },
      ...{ annotations: [], rules },
    },
  };
}

/** Asks the matrix, then each step that one of its rows names. */
function processOf(): ProcessModel {
  const last = steps.length - 1;
  const gates = steps.flatMap((step) => [
    { kind: 'exclusive' as const, id: `${step}-asked`, default: `${step}-skip` },
    {
      ...{ kind: 'user' as const, id: step, outcomes: ['approved', 'rejected'] },
      candidates: { permission: 'promotions:approve', notActorOf: steps.slice(0, steps.indexOf(step)) },
    },
    { kind: 'exclusive' as const, id: `${step}-decided`, default: `${step}-on` },
  ]);
  const flows = steps.flatMap((step, at) => {
    const next = at === last ? 'yes' : `${steps[at + 1]}-asked`;
    return [
      {
        id: `${step}-in`,
        from: `${step}-asked`,
        to: step,
        condition: `some row in route satisfies row.step = "${step}"`,
      },
      { id: `${step}-skip`, from: `${step}-asked`, to: next },
      { id: `${step}-out`, from: step, to: `${step}-decided` },
      { id: `${step}-no`, from: `${step}-decided`, to: 'no', condition: `${step}.outcome = "rejected"` },
      { id: `${step}-on`, from: `${step}-decided`, to: next },
    ];
  });
  return {
    ...{ code: 'bench-spending', title: 'Spending' },
    variables: [
      ...given.map((name) => ({ name, type: 'number' as const })),
      ...[
        { name: 'mechanic', type: 'string' as const },
        { name: 'route', type: 'list' as const },
      ],
    ],
    body: {
      nodes: [
        { kind: 'start', id: 'start' },
        {
          ...{ kind: 'business-rule' as const, id: 'ask', decision: 'bench-matrix', result: 'route' },
          input: Object.fromEntries([...given, 'mechanic'].map((name) => [name, name])),
        },
        ...gates,
        ...[
          { kind: 'end' as const, id: 'yes', outcome: 'approved' },
          { kind: 'end' as const, id: 'no', outcome: 'rejected' },
        ],
      ],
      flows: [{ id: 'begin', from: 'start', to: 'ask' }, { id: 'asked', from: 'ask', to: 'peer-asked' }, ...flows],
    },
  };
}

const approval: Process = { definition: processOf(), settle: async () => undefined };
/** Spends whose approvals take one, two, three and four steps. */
const spends = [30_000, 80_000, 130_000, 190_000];

/** Takes one approval of each kind by its way, through the engine. */
async function approveEach(house: BenchHouse): Promise<string[]> {
  const { context } = house;
  const people: Context[] = [];
  for (let made = 0; made < 12; made++) {
    const id = await addPerson(house as never, ['trade_marketing_manager'], null);
    people.push(makeContext({ ...context, actor: { ...context.actor, id } }));
  }
  const subjects: string[] = [];
  for (const spend of spends) {
    const subjectId = randomUUID();
    subjects.push(subjectId);
    await context.db.transact(context, (tx) =>
      startWorkflow(tx, {
        ...{ definition: approval.definition, subjectType: 'bench', subjectId, currency: 'USD' },
        ...{ makers: [context.actor.id], title: 'Summer promotion', summary: { customerName: 'A' } },
        variables: { spend: String(spend), roi: '0.2', margin: '0.3', discount: '20', mechanic: 'scan_back' },
      }),
    );
    for (const person of people) {
      const tasks = await context.db.read(context, (tx) => decisionsOn(tx, subjectId));
      const open = tasks.find(({ state }) => state === 'open');
      if (open) await completeTask(person, [approval], open.id, { outcome: 'approved', comment: 'fine' });
    }
  }
  return subjects;
}

/** So many further approvals like some, each with a spend of its own in the same band, straight into the tables. */
async function plant(house: BenchHouse, subjects: readonly string[], count: number): Promise<void> {
  const client = new pg.Client({ connectionString: house.url });
  await client.connect();
  try {
    await client.query('set session_replication_role = replica');
    for (const subject of subjects) {
      const each = Math.round(count / subjects.length);
      await client.query(`create temporary table planted as select gen_random_uuid() as instance, gen_random_uuid() as subject,
        'Customer ' || n % 300 as customer, (n % 2000)::text as more from generate_series(1, ${each}) n`);
      await client.query(
        `insert into workflow.instance select (jsonb_populate_record(one, jsonb_build_object('id', instance, 'subject_id', subject,
          'summary', jsonb_build_object('customerName', customer),
          'variables', jsonb_set(variables, '{spend}', to_jsonb(((variables ->> 'spend')::int + more::int)::text)),
          'position', jsonb_set(position, '{runs,0,variables,spend}', to_jsonb(((variables ->> 'spend')::int + more::int)::text))))).*
         from workflow.instance one, planted where one.subject_id = $1`,
        [subject],
      );
      await client.query(
        `insert into workflow.task select (jsonb_populate_record(task, jsonb_build_object('id', gen_random_uuid(), 'instance_id', instance))).*
         from workflow.task join workflow.instance one on one.id = task.instance_id, planted where one.subject_id = $1`,
        [subject],
      );
      await client.query('drop table planted');
    }
    await client.query('vacuum analyze');
  } finally {
    await client.end();
  }
}

/** Calls a route of the module as the server would. */
async function call(
  module: Module,
  context: Context,
  [method, path]: readonly [string, string],
  id: string,
  body: unknown,
) {
  const found = module.routes?.find((one) => one.method === method && one.path === path);
  if (!found) throw new Error(`there is no ${method} ${path}`);
  const answer = await found.handle(context, { params: { id }, query: {}, body } as never);
  return answer?.body as Record<string, unknown> & { id: string };
}

/** A draft matrix of 40 rows over so many past approvals of one to four steps, as the job does it. */
export const part: BenchPart = {
  name: 'replay',
  what: 'a draft matrix of 40 rows over n past approvals, from the request to the result with its list',
  sizes: [1_000, 10_000, 100_000],
  targets: { replay: 30_000 },
  run: async (house, size) => {
    const shipped = matrixOf(60_000);
    const module = workflowModule([approval], { decisions: [shipped] });
    const { context } = house;
    await plant(house, await approveEach(house), size);
    // Half of the band from 40,000 to 60,000 is empty here: a director from 20,000 on is one step more for a quarter.
    const draft = await call(module, context, ['POST', '/workflows/decisions'], '', matrixOf(20_000));
    const began = performance.now();
    const asked = await call(module, context, ['POST', '/workflows/decisions/:id/replays'], draft.id, {
      groupBy: 'customerName',
    });
    const job = module.jobs?.find(({ name }) => name === 'workflow.replay');
    const payload = { replayId: asked.id } as never;
    await job?.handle({ ...context, signal: new AbortController().signal }, payload);
    const tookMs = performance.now() - began;
    const told = await call(module, context, ['GET', '/workflows/replays/:id'], asked.id, undefined);
    if (told.state !== 'done') throw new Error(JSON.stringify(told));
    const { approvals, differences } = told.summary as { approvals: number; differences: Record<string, number> };
    if (approvals !== size + spends.length) throw new Error(`${approvals} of ${size} approvals were replayed`);
    return { figures: { replay: tookMs }, note: `${differences['more-steps']} with more steps` };
  },
};
