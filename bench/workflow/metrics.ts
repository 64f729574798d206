import pg from 'pg';
import { workflowModule } from '#workflow';
import { latenciesOf } from '../figures.ts';
import type { BenchHouse, BenchPart } from '../trade/part.ts';

const code = 'bench-history';
const asks = 5;

/** `ended` instances of three steps or four in ninety days, one of ten returned and begun again, and as many tasks open as a tenth. */
async function plant(client: pg.Client, { context }: BenchHouse, ended: number): Promise<void> {
  const tenant = context.tenant.id;
  const steps = ['peer', 'director', 'finance', 'legal'].map((name) => ({
    ...{ name, title: name, candidates: { permission: 'promotions:approve' }, dueHours: 48 },
  }));
  await client.query(`insert into workflow.definition values ($1, $2, 'of-the-bench', $3, now() - interval '1 year')`, [
    tenant,
    code,
    JSON.stringify({ code, title: 'History', steps }),
  ]);
  await client.query(
    `insert into workflow.instance (tenant_id, id, definition, definition_hash, subject_type, subject_id, state, outcome,
       variables, makers, title, summary, started_at, ended_at)
     select $1::uuid, gen_random_uuid(), $2::text, 'of-the-bench', 'bench', md5((n - n % 10 / 9)::text)::uuid, 'completed',
       case when n % 10 = 8 then 'returned' else 'approved' end, '{}', '{}', 'Bench ' || n, '{}', begun,
       begun + interval '1 hour' * (1 + 40 * random())
     from (select n, $4::timestamptz - interval '89 days' * n / $3 as begun from generate_series(1, $3::int) n) planted`,
    [tenant, code, ended, context.clock.now()],
  );
  await client.query(
    `insert into workflow.task (tenant_id, id, instance_id, step, state, due_at, created_at, routing, outcome, completed_by,
       completed_at, taken_at)
     select $1::uuid, gen_random_uuid(), id, (array['peer', 'director', 'finance', 'legal'])[at], 'completed',
       started_at + interval '20 hours', started_at + (ended_at - started_at) * (at - 1) / 4, '{}', 'approved',
       md5((random() * 40)::int::text)::uuid, started_at + (ended_at - started_at) * at / 4,
       started_at + (ended_at - started_at) * (at - 0.5) / 4
     from workflow.instance, generate_series(1, 4) at where at < 4 or hashtext(id::text) % 5 = 0`,
    [tenant],
  );
  await client.query('vacuum analyze workflow.instance');
  await client.query('vacuum analyze workflow.task');
}

/** What a look at ninety days of ended instances takes, as the screen asks for it. */
export const part: BenchPart = {
  name: 'metrics',
  what: 'n instances that ended in 90 days: steps with business time and load, ways with rework, one page of late ones',
  sizes: [1_000, 10_000, 100_000],
  targets: { 'steps p50': 2_000, 'paths p50': 2_000 },
  run: async (house, ended) => {
    const client = new pg.Client({ connectionString: house.url });
    await client.connect();
    try {
      await plant(client, house, ended);
    } finally {
      await client.end();
    }
    const routes = workflowModule([]).routes ?? [];
    const ask = async (path: string, query: Record<string, string>): Promise<number> => {
      const route = routes.find((one) => one.path === `/workflows/metrics/${path}`);
      if (!route) throw new Error(`there is no route ${path}`);
      const began = performance.now();
      const input = { query: route.query?.parse({ process: code, ...query }) };
      await route.handle(house.context, input as Parameters<typeof route.handle>[1]);
      return performance.now() - began;
    };
    const times = async (path: string, query: Record<string, string> = {}) => {
      const taken: number[] = [];
      for (let asked = 0; asked < asks; asked++) taken.push(await ask(path, query));
      return latenciesOf(taken).p50;
    };
    return {
      figures: {
        'steps p50': await times('steps'),
        'paths p50': await times('paths'),
        'late page p50': await times('instances', { step: 'finance', what: 'late' }),
      },
    };
  },
};
