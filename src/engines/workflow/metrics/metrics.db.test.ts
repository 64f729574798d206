import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { sql } from '#db';
import { type TestHouse, testHouse, testTenants } from '../../../../test/house.ts';
import type { Definition } from '../domain/definition.ts';
import { keepDefinition } from '../instances/instance-store.ts';
import { model, node, setInstanceDesk, user } from '../instances/test-desk.ts';
import { claimTask } from '../run-workflow.ts';
import type { BusinessCalendar } from '../time/business-calendar.ts';
import { businessTimeBetween } from '../time/business-time.ts';
import { calendarOf } from '../time/calendar-store.ts';
import type { Spread } from './cohort.ts';
import { metricsRoutes } from './metrics-routes.ts';

const limit = { timeout: 120_000 };
const steps = ['alpha', 'beta', 'gamma', 'delta'];
const people = [1, 2, 3].map(() => randomUUID());
const minuteMs = 60_000;
/** Friday noon in New York: histories run over weekends and a clock change. */
const begin = Date.parse('2026-03-06T17:00:00Z');

interface PastTask {
  step: string;
  openedAt: Date;
  takenAt: Date | null;
  decidedAt: Date | null;
  dueAt: Date;
  outcome: string;
  personId: string;
}
interface PastInstance {
  subject: number;
  startedAt: Date;
  endedAt: Date | null;
  outcome: string | null;
  tasks: PastTask[];
}

const later = (at: Date, minutes: number) => new Date(at.getTime() + minutes * minuteMs);

/** What once happened: tasks one after another or at once, decided or not, of instances that ended or run. */
const histories = fc.array(
  fc
    .record({
      subject: fc.nat(5),
      start: fc.nat(20_000),
      outcome: fc.constantFrom('approved', 'returned', null, undefined),
      tasks: fc.array(
        fc.record({
          ...{ step: fc.constantFrom(...steps), after: fc.nat(3_000), taken: fc.option(fc.nat(2_000)) },
          ...{ lasts: fc.nat(4_000), decided: fc.integer({ min: 0, max: 9 }), due: fc.nat(4_000) },
          ...{ outcome: fc.constantFrom('approved', 'rejected'), person: fc.nat(2) },
          // In the moment in which the one before was decided, as the engine opens what comes next.
          follows: fc.boolean(),
        }),
        { maxLength: 6 },
      ),
    })
    .map(({ subject, start, outcome, tasks }): PastInstance => {
      const startedAt = new Date(begin + start * minuteMs);
      let before: Date | undefined;
      const past = tasks.map((task) => {
        const openedAt = (task.follows && before) || later(startedAt, task.after);
        const takenAt = task.taken === null ? null : later(openedAt, Math.min(task.taken, task.lasts));
        const decidedAt = task.decided === 0 ? null : later(openedAt, task.lasts);
        before = decidedAt ?? before;
        const { step, outcome: told } = task;
        const personId = people[task.person] ?? '';
        return { step, openedAt, takenAt, decidedAt, dueAt: later(openedAt, task.due), outcome: told, personId };
      });
      const last = Math.max(startedAt.getTime(), ...past.map(({ decidedAt }) => decidedAt?.getTime() ?? 0));
      return {
        subject,
        startedAt,
        endedAt: outcome === undefined ? null : new Date(last),
        outcome: outcome ?? null,
        tasks: past,
      };
    }),
  { maxLength: 40 },
);

const definitionOf = (code: string): Definition => ({
  ...{ code, title: code },
  steps: steps.map((name) => ({ name, title: name, candidates: { permission: 'promotions:approve' }, dueHours: 48 })),
});

interface Planted extends PastInstance {
  id: string;
  tasks: (PastTask & { id: string })[];
}

/** Puts a history into the tables; subjects of one history are its own. */
async function plant(house: TestHouse, code: string, past: readonly PastInstance[]): Promise<Planted[]> {
  const subjects = Array.from({ length: 6 }, () => randomUUID());
  const running = new Set<number>();
  const planted = past.flatMap((one): Planted[] => {
    // One instance runs on a subject at a time.
    if (one.endedAt === null && running.has(one.subject)) return [];
    if (one.endedAt === null) running.add(one.subject);
    return [{ ...one, id: randomUUID(), tasks: one.tasks.map((task) => ({ ...task, id: randomUUID() })) }];
  });
  const context = house.context();
  await context.db.transact(context, async (tx) => {
    const hash = await keepDefinition(tx, definitionOf(code));
    for (const one of planted) {
      const state = one.endedAt === null ? 'running' : one.outcome === null ? 'cancelled' : 'completed';
      await tx.run(sql`insert into workflow.instance (tenant_id, id, definition, definition_hash, subject_type, subject_id,
          state, outcome, variables, makers, title, summary, started_at, ended_at)
        values (${testTenants.a.id}, ${one.id}, ${code}, ${hash}, 'thing', ${subjects[one.subject]}, ${state}, ${one.outcome},
          '{}', '{}', 'A thing', '{}', ${one.startedAt}, ${one.endedAt})`);
      for (const task of one.tasks) {
        const decided = task.decidedAt === null ? null : task;
        await tx.run(sql`insert into workflow.task (tenant_id, id, instance_id, step, state, due_at, created_at, routing,
            outcome, completed_by, completed_at, taken_at)
          values (${testTenants.a.id}, ${task.id}, ${one.id}, ${task.step}, ${decided ? 'completed' : 'cancelled'},
            ${task.dueAt}, ${task.openedAt}, '{}', ${decided?.outcome ?? null}, ${decided?.personId ?? null},
            ${task.decidedAt}, ${task.takenAt})`);
      }
    }
  });
  return planted;
}

/** The naive way to the same figures: by looking at every row. */
function spreadOf(durations: readonly number[]): Spread {
  const sorted = durations.toSorted((a, b) => a - b);
  const rank = (share: number) => sorted[Math.max(Math.ceil(share * sorted.length), 1) - 1] ?? null;
  return { p50: rank(0.5), p90: rank(0.9), total: sorted.reduce((sum, one) => sum + one, 0) };
}

const between = (from: Date, to: Date | null) => (to?.getTime() ?? Number.NaN) - from.getTime();

function naiveSteps(ended: readonly Planted[], calendar: BusinessCalendar) {
  const open = (from: Date, to: Date | null) => businessTimeBetween(calendar, from, to ?? from);
  return steps.toSorted().flatMap((step) => {
    const tasks = ended.flatMap((one) => one.tasks).filter((task) => task.step === step);
    if (tasks.length === 0) return [];
    const decided = tasks.filter(({ decidedAt }) => decidedAt !== null);
    const acted = (task: PastTask) => task.takenAt ?? task.decidedAt;
    return [
      {
        ...{ step, opened: tasks.length, decided: decided.length, withdrawn: tasks.length - decided.length },
        late: decided.filter(({ decidedAt, dueAt }) => between(dueAt, decidedAt) > 0).length,
        cycleMs: spreadOf(decided.map((task) => between(task.openedAt, task.decidedAt))),
        waitingMs: spreadOf(decided.map((task) => between(task.openedAt, acted(task)))),
        workingMs: spreadOf(decided.map((task) => between(acted(task) ?? task.openedAt, task.decidedAt))),
        businessCycleMs: spreadOf(decided.map((task) => open(task.openedAt, task.decidedAt))),
        businessWaitingMs: spreadOf(decided.map((task) => open(task.openedAt, acted(task)))),
      },
    ];
  });
}

const inOrder = ({ tasks }: Planted) =>
  tasks
    .filter(({ decidedAt }) => decidedAt !== null)
    .sort((a, b) => between(b.decidedAt ?? b.openedAt, a.decidedAt) || (a.id < b.id ? -1 : 1));

const endingOf = ({ outcome }: Planted) => outcome ?? 'cancelled';
const counted = (keys: readonly string[]) => {
  const counts: Record<string, number> = {};
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
};

/** How often each step was opened again after it had been decided. */
const againAt = (one: Planted) =>
  inOrder(one).flatMap((task, place, all) =>
    all
      .slice(0, place)
      .some((before) => before.step === task.step && between(before.decidedAt ?? task.openedAt, task.openedAt) >= 0)
      ? [task.step]
      : [],
  );

async function setDesk(t: TestContext) {
  const house = await testHouse(t, '2026-06-15T12:00:00Z');
  const app = await house.server(metricsRoutes);
  const read = async (path: string, query: Record<string, string>, token = 'a') => {
    const url = `/api/v1/workflows/metrics${path}?${new URLSearchParams(query)}`;
    const reply = await app.inject({ method: 'GET', url, headers: { authorization: `Bearer ${token}` } });
    assert.equal(reply.statusCode, 200, reply.body);
    return reply.json();
  };
  return { house, read };
}

test('every figure of steps, ways and rework is what counting the rows one by one gives', limit, async (t) => {
  const { house, read } = await setDesk(t);
  const context = house.context();
  const calendar = await context.db.read(context, (tx) => calendarOf(tx, 'default'));
  let made = 0;
  await fc.assert(
    fc.asyncProperty(histories, async (past) => {
      made += 1;
      const code = `past-${made}`;
      const all = await plant(house, code, past);
      const period = { process: code, from: '2026-03-10', to: '2026-03-18' };
      const [from, to] = [Date.parse('2026-03-10T04:00:00Z'), Date.parse('2026-03-19T04:00:00Z')];
      const ended = all.filter(({ endedAt }) => endedAt && endedAt.getTime() >= from && endedAt.getTime() < to);

      const metrics = await read('/steps', period);
      assert.deepEqual(metrics.steps, naiveSteps(ended, calendar));
      assert.deepEqual([metrics.ended, metrics.instances], [ended.length, ended.length]);
      assert.deepEqual(metrics.cycleMs, spreadOf(ended.map((one) => between(one.startedAt, one.endedAt))));
      assert.deepEqual(
        metrics.businessCycleMs,
        spreadOf(ended.map((one) => businessTimeBetween(calendar, one.startedAt, one.endedAt ?? one.startedAt))),
      );
      const decisions = ended.flatMap(inOrder);
      assert.deepEqual(
        Object.fromEntries(
          metrics.load.map((one: { personId: string; decided: number }) => [one.personId, one.decided]),
        ),
        counted(decisions.map(({ personId }) => personId)),
      );
      assert.deepEqual(
        Object.fromEntries(
          metrics.stepOutcomes.map((one: { step: string; outcome: string; count: number }) => [
            `${one.step} ${one.outcome}`,
            one.count,
          ]),
        ),
        counted(decisions.map(({ step, outcome }) => `${step} ${outcome}`)),
      );

      const paths = await read('/paths', period);
      const ways = ended.map((one) => `${inOrder(one).map(({ step }) => step)}=${endingOf(one)}`);
      assert.equal(paths.ways, new Set(ways).size);
      const shown = paths.variants as { key: string; steps: string[]; ending: string; instances: number }[];
      const told = Object.fromEntries(shown.map((one) => [`${one.steps}=${one.ending}`, one.instances]));
      if (paths.ways <= 50) assert.deepEqual(told, counted(ways));
      const follows = ended.flatMap((one) => {
        const taken = inOrder(one).map(({ step }) => step);
        return [null, ...taken].map((step, place) => `${step}>${taken[place] ?? null}`);
      });
      assert.deepEqual(
        Object.fromEntries(
          paths.follows.map((one: { from: string | null; to: string | null; count: number }) => [
            `${one.from}>${one.to}`,
            one.count,
          ]),
        ),
        counted(follows),
      );
      assert.deepEqual(
        Object.fromEntries(paths.repeats.map((one: { step: string; extra: number }) => [one.step, one.extra])),
        counted(ended.flatMap(againAt)),
      );

      const onSubject = (one: Planted) => all.filter(({ subject }) => subject === one.subject);
      const rounds = [...new Map(ended.map((one) => [one.subject, onSubject(one).length])).values()];
      assert.deepEqual(
        Object.fromEntries(paths.rounds.map((one: { rounds: number; subjects: number }) => [one.rounds, one.subjects])),
        counted(rounds.map(String)),
      );
      const returned = ended.filter((one) => {
        const order = onSubject(one).sort((a, b) => between(b.startedAt, a.startedAt) || (a.id < b.id ? -1 : 1));
        return order.at(-1) !== one;
      });
      const returns = paths.returns as { ending: string; instances: number }[];
      const sums = counted(returns.flatMap(({ ending, instances }) => Array(instances).fill(ending)));
      assert.deepEqual(sums, counted(returned.map(endingOf)));

      const behind = async (more: Record<string, string>) =>
        (await read('/instances', { ...period, limit: '200', ...more })).items
          .map(({ id }: { id: string }) => id)
          .sort();
      const idsWhere = (is: (one: Planted) => boolean) =>
        ended
          .filter(is)
          .map(({ id }) => id)
          .sort();
      const [way] = shown;
      if (way) {
        const of = `${way.steps}=${way.ending}`;
        const isOfWay = (one: Planted) => `${inOrder(one).map(({ step }) => step)}=${endingOf(one)}` === of;
        assert.deepEqual(await behind({ way: way.key }), idsWhere(isOfWay));
      }
      const late = ({ step, decidedAt, dueAt }: PastTask) => step === 'beta' && decidedAt !== null && decidedAt > dueAt;
      assert.deepEqual(
        await behind({ step: 'beta', what: 'late' }),
        idsWhere(({ tasks }) => tasks.some(late)),
      );
      assert.deepEqual(
        await behind({ step: 'beta', what: 'again' }),
        idsWhere((one) => againAt(one).includes('beta')),
      );
      const follow = (one: Planted) =>
        inOrder(one).some(({ step }, place, taken) => step === 'alpha' && taken[place + 1]?.step === 'beta');
      assert.deepEqual(await behind({ step: 'alpha', next: 'beta' }), idsWhere(follow));
    }),
    { numRuns: 12 },
  );
});

test('waiting ends when a task is claimed or first voted on, and another tenant sees none of it', limit, async (t) => {
  const desk = await setInstanceDesk(t);
  const app = await desk.house.server(metricsRoutes);
  const read = async (path: string, token = 'a') => {
    const reply = await app.inject({
      method: 'GET',
      url: `/api/v1/workflows/metrics${path}`,
      headers: { authorization: `Bearer ${token}` },
    });
    return { status: reply.statusCode, body: reply.json() };
  };
  const process = model(
    'measured',
    [
      ...[node('start', 's'), user('claimed'), user('voted', { vote: { needs: 'consensus', seats: 2 } })],
      ...[user('straight'), node('end', 'e', { outcome: 'approved' })],
    ],
    's > claimed, claimed > voted, voted > straight, straight > e',
  );
  const id = await desk.start(process);
  const claimed = await desk.open(id, 'claimed');
  await desk.later(60);
  await claimTask(desk.anna, claimed);
  await desk.later(30);
  await desk.done(desk.anna, claimed);
  const voted = await desk.open(id, 'voted');
  await desk.later(10);
  await desk.done(desk.bert, voted);
  await desk.later(20);
  await desk.done(desk.cleo, voted);
  await desk.later(5);
  const now = (await read('/steps?process=measured')).body;
  assert.deepEqual([now.queues[0].step, now.queues[0].open, now.queues[0].ageMs.p50], ['straight', 1, 5_000]);
  assert.deepEqual([now.instances, now.steps], [0, []], 'what runs is not counted among what ended');
  await desk.done(desk.anna, await desk.open(id, 'straight'));
  const { steps: told, queues, load, versions } = (await read('/steps?process=measured&calendar=always')).body;
  const seconds = told.map((one: { step: string; waitingMs: Spread; workingMs: Spread; businessCycleMs: Spread }) => [
    ...[one.step, one.waitingMs.p50, one.workingMs.p50, one.businessCycleMs.p50],
  ]);
  assert.deepEqual(seconds, [
    ['claimed', 60_000, 30_000, 90_000],
    ['straight', 5_000, 0, 5_000],
    ['voted', 10_000, 20_000, 30_000],
  ]);
  assert.deepEqual([queues, versions.length], [[], 1]);
  const acts = load.map((one: { personId: string; decided: number; voted: number }) => [
    one.personId,
    one.decided,
    one.voted,
  ]);
  assert.deepEqual(
    new Map(acts.map(([who, ...did]: [string, number, number]) => [who, did])),
    new Map([
      [desk.anna.actor.id, [2, 0]],
      [desk.bert.actor.id, [0, 1]],
      [desk.cleo.actor.id, [1, 1]],
    ]),
  );
  const glance = (await read('')).body.items;
  assert.deepEqual([glance[0].process, glance[0].ended, glance[0].running], ['measured', 1, 0]);
  assert.deepEqual((await read('/steps?process=measured', 'b')).body.instances, 0);
  assert.deepEqual((await read('', 'b')).body.items, []);
  for (const wrong of [
    '/steps',
    '/steps?process=x&from=2026-06-10&to=2026-06-09',
    '/paths?process=x&from=2020-01-01',
  ]) {
    assert.equal((await read(wrong)).status, 400, wrong);
  }
  assert.equal((await read('/steps?process=measured&calendar=none')).status, 404);
});
