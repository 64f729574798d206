import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { systemClock } from '#clock';
import { emit, TimerLoop } from '#events';
import { makeLogger } from '#telemetry';
import { latenciesOf } from '../figures.ts';
import type { BenchHouse, BenchPart } from '../trade/part.ts';

const perSecond = 200;
const streamS = 10;
const burst = 2_000;
const headStartMs = 2_000;
const kind = 'bench';

/** `armed` timers of the year to come, a stream that is due at 200 a second, and a burst that is due at one instant. */
async function plant({ url, context }: BenchHouse, armed: number, startMs: number, burstMs: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const insert = `insert into timer.timer (tenant_id, id, kind, subject_id, due_at, data)
    select '${context.tenant.id}', gen_random_uuid(), '${kind}', gen_random_uuid()`;
  const seconds = (ms: number) => `to_timestamp(${ms / 1000})`;
  await client.query(
    `${insert}, now() + interval '1 hour' + random() * interval '365 days', '{}' from generate_series(1, ${armed})`,
  );
  await client.query('vacuum analyze timer.timer');
  await client.query(`${insert}, ${seconds(startMs)} + n * interval '${1000 / perSecond} ms', '{"of": "stream"}'
    from generate_series(1, ${perSecond * streamS}) n`);
  await client.query(`${insert}, ${seconds(burstMs)}, '{"of": "burst"}' from generate_series(1, ${burst})`);
  await client.end();
}

/** Firing lag, from the moment that a timer is due to the commit of its effect, of two loops that share a database. */
export const part: BenchPart = {
  name: 'timers',
  what: `n armed timers, ${perSecond} a second due for ${streamS} s, then ${burst} due at one instant; each emits an event`,
  sizes: [10_000, 100_000, 1_000_000],
  targets: { 'stream lag p99': 1_000, 'burst lag p99': 1_000 },
  run: async (house, armed) => {
    const { context, db } = house;
    // Planting takes its time: the stream begins after it.
    const startMs = Date.now() + headStartMs + armed / 25;
    const burstMs = startMs + (streamS + 1) * 1_000;
    const lags: Record<string, number[]> = { stream: [], burst: [] };
    await plant(house, armed, startMs, burstMs);
    if (Date.now() > startMs) throw new Error('planting took longer than it was given');
    const parts = { db, clock: systemClock, log: makeLogger('warn'), tenant: async () => context.tenant };
    const loops = [1, 2].map(
      () =>
        new TimerLoop({
          ...parts,
          handlers: {
            [kind]: async (tx, { subjectId, dueAt, data }) => {
              await emit(tx, { type: 'bench.timer.fired', subjectType: 'timer', subjectId, data: {} });
              tx.afterCommit(() => lags[String(data.of)]?.push(Date.now() - dueAt.getTime()));
            },
          },
        }),
    );
    for (const loop of loops) loop.start();
    const all = () => (lags.stream?.length ?? 0) + (lags.burst?.length ?? 0);
    const wanted = perSecond * streamS + burst;
    while (all() < wanted && Date.now() < burstMs + 60_000) await sleep(50);
    for (const loop of loops) await loop.stop();
    if (all() !== wanted) throw new Error(`${all()} firings of ${wanted} timers`);
    const [stream, due] = [latenciesOf(lags.stream ?? []), latenciesOf(lags.burst ?? [])];
    const figures = {
      ...{ 'stream lag p50': stream.p50, 'stream lag p99': stream.p99 },
      ...{ 'burst lag p50': due.p50, 'burst lag p99': due.p99 },
    };
    return { figures };
  },
};
