import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import type { Context } from '#context';
import { sql } from '#db';
import { teachScope } from '#scope';
import { type AuditItem, listAudit } from '#security';
import { addPerson } from '../../../../test/people.ts';
import type { CandidateRule, ProcessModel, UserTask } from '../definitions/process-model.ts';
import { type InstanceDesk, model, node, setInstanceDesk, user } from '../instances/test-desk.ts';
import { claimTask, delegateTask, releaseTask } from '../run-workflow.ts';
import { isCandidate, type Task } from '../workflow-store.ts';
import { forecastGaps } from './forecast.ts';
import { type AbsenceInput, changeAbsence, endAbsence, setAbsence } from './set-absence.ts';

const dayS = 86_400;

/** A process of one task for whoever a rule asks. */
const asking = (candidates: CandidateRule, more: Partial<UserTask> = {}): ProcessModel =>
  model(
    'one-look',
    [
      node('start', 's'),
      user('look', { name: 'Look', candidates, ...more }),
      node('end', 'e', { outcome: 'approved' }),
    ],
    's > look, look > e',
    [
      { name: 'spend', type: 'number' },
      { name: 'customer', type: 'string' },
    ],
  );

const named = (...people: Context[]): CandidateRule => ({
  permission: 'promotions:approve',
  people: JSON.stringify(people.map(({ actor }) => actor.id)),
});

interface AbsenceDesk extends InstanceDesk {
  away(who: Context, substitute: Context | null, more?: Partial<AbsenceInput>): ReturnType<typeof setAbsence>;
  /** Fires what is due now. */
  settle(): Promise<void>;
  task(instanceId: string): Promise<Task>;
  /** Whoever of these has a task. */
  having(taskId: string, ...people: Context[]): Promise<boolean[]>;
  trail(action: string): Promise<AuditItem[]>;
}

/** Mid-June noon in New York: absences begin today and last three days unless told otherwise. */
async function setAbsenceDesk(t: TestContext): Promise<AbsenceDesk> {
  const desk = await setInstanceDesk(t);
  const { maker } = desk;
  return {
    ...desk,
    away: (who, substitute, more = {}) =>
      setAbsence(who, {
        ...{ personId: who.actor.id, substituteId: substitute?.actor.id ?? null },
        ...{ startsOn: '2026-06-15', endsOn: '2026-06-17', scope: null, ...more },
      }),
    settle: () => desk.later(0),
    task: async (instanceId) => {
      const [task] = await desk.tasks(instanceId);
      assert.ok(task);
      return task;
    },
    having: (taskId, ...people) =>
      maker.db.read(maker, async (tx) => {
        const found: boolean[] = [];
        for (const { actor } of people) found.push(await isCandidate(tx, taskId, actor.id));
        return found;
      }),
    trail: async (action) => (await maker.db.read(maker, (tx) => listAudit(tx, { action }, { limit: 20 }))).items,
  };
}

test('a task that opens while somebody is away goes to who stands in, and the trail names both', async (t) => {
  const desk = await setAbsenceDesk(t);
  const { anna, bert } = desk;
  await desk.away(anna, bert);
  const id = await desk.start(asking(named(anna)));
  const task = await desk.open(id, 'look');
  assert.deepEqual(await desk.having(task, anna, bert), [false, true]);
  await assert.rejects(desk.done(anna, task), { code: 'approval.not_candidate' });
  await desk.done(bert, task);
  assert.equal((await desk.row(id)).outcome, 'approved');
  const [decided] = await desk.trail('task.approved');
  assert.deepEqual([decided?.actorId, decided?.onBehalfOf], [bert.actor.id, anna.actor.id]);
  const [covered] = await desk.trail('task.covered');
  const { personId, substituteId } = (covered?.after ?? {}) as Record<string, string>;
  assert.deepEqual([personId, substituteId], [anna.actor.id, bert.actor.id]);
});

test('open tasks change hands when an absence begins, a claim with them, and return when it ends', async (t) => {
  const desk = await setAbsenceDesk(t);
  const { anna, bert, cleo } = desk;
  const id = await desk.start(asking(named(anna, cleo)));
  const task = await desk.open(id, 'look');
  await claimTask(anna, task);
  await desk.away(anna, bert, { startsOn: '2026-06-16' });
  await desk.settle();
  assert.deepEqual(await desk.having(task, anna, bert), [true, false], 'tomorrow is not today');
  await desk.later(dayS);
  assert.deepEqual(await desk.having(task, anna, bert, cleo), [false, true, true]);
  assert.equal((await desk.task(id)).assigneeId, bert.actor.id);
  // The last day ends at midnight where the tenant is.
  await desk.later(1.6 * dayS);
  assert.deepEqual(await desk.having(task, anna, bert), [false, true]);
  await desk.later(0.1 * dayS);
  assert.deepEqual(await desk.having(task, anna, bert, cleo), [true, false, true]);
  assert.equal((await desk.task(id)).assigneeId, anna.actor.id);
  await assert.rejects(desk.done(bert, task), { code: 'approval.not_candidate' });
  assert.equal((await desk.trail('task.returned')).length, 1);
  await desk.done(anna, task);
});

test('coming back early takes everything back at once, and what was changed goes to another', async (t) => {
  const desk = await setAbsenceDesk(t);
  const { anna, bert, cleo } = desk;
  const task = await desk.open(await desk.start(asking(named(anna))), 'look');
  const { absence } = await desk.away(anna, bert);
  await desk.settle();
  await assert.rejects(changeAbsence(anna, absence.id, { endsOn: '2026-06-18' }, 7), { code: 'version.conflict' });
  await changeAbsence(anna, absence.id, { substituteId: cleo.actor.id }, 1);
  await desk.settle();
  assert.deepEqual(await desk.having(task, anna, bert, cleo), [false, false, true]);
  await endAbsence(anna, absence.id);
  await desk.settle();
  assert.deepEqual(await desk.having(task, anna, bert, cleo), [true, false, false]);
  await assert.rejects(endAbsence(anna, absence.id), { code: 'state.conflict' });
  await desk.away(anna, bert, { endsOn: '2026-06-15' });
});

test('who is away themselves is passed over, and comes in again when they are back', async (t) => {
  const desk = await setAbsenceDesk(t);
  const { anna, bert, cleo } = desk;
  const task = await desk.open(await desk.start(asking(named(anna))), 'look');
  await desk.away(anna, bert, { endsOn: '2026-06-20' });
  await desk.settle();
  const { absence } = await desk.away(bert, cleo);
  await desk.settle();
  assert.deepEqual(await desk.having(task, anna, bert, cleo), [false, false, true]);
  await endAbsence(bert, absence.id);
  await desk.settle();
  assert.deepEqual(await desk.having(task, anna, bert, cleo), [false, true, false]);
  await desk.away(cleo, anna);
  await desk.away(bert, cleo);
  await desk.settle();
  assert.deepEqual(await desk.having(task, anna, bert, cleo), [true, false, false], 'a circle: it stays with her');
});

test('nobody stands in whom the rule keeps out: makers, a low limit, another role, who decided before, who is gone', async (t) => {
  const desk = await setAbsenceDesk(t);
  const { anna, bert, cleo, maker, house } = desk;
  const person = async (role: string, limit: string) =>
    house.context({ userId: await addPerson(house, [role], limit) });
  const junior = await person('trade_marketing_manager', '100');
  const planner = await person('key_account_manager', '5000');
  const rule = { ...named(anna), limitCovers: 'spend' };
  for (const substitute of [maker, junior, planner]) {
    const { absence } = await desk.away(anna, substitute);
    const task = await desk.open(await desk.start(asking(rule), { spend: 4000 }), 'look');
    assert.deepEqual(await desk.having(task, anna, substitute), [true, false]);
    await endAbsence(anna, absence.id);
  }
  const finance = { ...named(anna), roles: ['trade_marketing_manager'] };
  const other = await person('finance_controller', '5000');
  const { absence } = await desk.away(anna, other);
  const look = await desk.open(await desk.start(asking(finance)), 'look');
  assert.deepEqual(await desk.having(look, anna, other), [true, false]);
  await endAbsence(anna, absence.id);

  // Who took the first step stands in for nobody at the second.
  const twice = model(
    'two-looks',
    [
      node('start', 's'),
      user('first', { candidates: named(bert) }),
      user('second', { candidates: { ...named(anna), notActorOf: ['first'] } }),
      node('end', 'e', { outcome: 'approved' }),
    ],
    's > first, first > second, second > e',
  );
  await desk.away(anna, bert);
  const id = await desk.start(twice);
  await desk.done(bert, await desk.open(id, 'first'));
  assert.deepEqual(await desk.having(await desk.open(id, 'second'), anna, bert, cleo), [true, false, false]);
});

test('a right that was lost since, or a limit, keeps a stand-in from deciding', async (t) => {
  const desk = await setAbsenceDesk(t);
  const { anna, bert, house } = desk;
  await desk.away(anna, bert);
  const task = await desk.open(await desk.start(asking(named(anna))), 'look');
  const narrow = house.context({ userId: bert.actor.id, permissions: ['workflows:act'] });
  await assert.rejects(desk.done(narrow, task), { code: 'approval.not_candidate' });
  await assert.rejects(delegateTask(bert, task, anna.actor.id), {
    code: 'rule.violated',
    message: /away until 2026-06-17/,
  });
});

test('where several may decide, who is away is left out, and a vote keeps its seats', async (t) => {
  const desk = await setAbsenceDesk(t);
  const { anna, bert, cleo, house } = desk;
  await desk.away(anna, null);
  const rights = { permission: 'promotions:approve' };
  const task = await desk.open(await desk.start(asking(rights)), 'look');
  assert.deepEqual(await desk.having(task, anna, bert, cleo), [false, true, true]);
  await claimTask(bert, task);
  const freed = await releaseTask(bert, task);
  assert.deepEqual([freed.state, freed.assigneeId], ['open', null]);
  await assert.rejects(releaseTask(cleo, task), { code: 'state.conflict' });

  const late = house.context({ userId: await addPerson(house, ['trade_marketing_manager'], '5000') });
  await desk.away(cleo, late);
  const ballot = await desk.open(
    await desk.start(asking(named(anna, bert, cleo), { vote: { needs: 'consensus' } })),
    'look',
  );
  assert.deepEqual(await desk.having(ballot, anna, bert, cleo, late), [true, true, false, true]);
});

test('what is handed over in part is that part: other tasks stay, and the person is not away', async (t) => {
  const desk = await setAbsenceDesk(t);
  const { anna, bert } = desk;
  const [here, elsewhere] = [randomUUID(), randomUUID()];
  teachScope([
    {
      trees: [{ side: 'customer', expand: async (_tx, roots) => ({ within: [...roots], above: [], nodes: 2 }) }],
      things: [
        {
          ...{ type: 'thing', paths: [], fields: [], from: sql`workflow.instance`, id: sql`instance.subject_id` },
          scope: { customer: sql`(instance.variables ->> 'customer')::uuid` },
        },
      ],
    },
  ]);
  await desk.away(anna, bert, { scope: { customers: [here], products: null } });
  const about = async (customer: string) => desk.open(await desk.start(asking(named(anna)), { customer }), 'look');
  assert.deepEqual(await desk.having(await about(here), anna, bert), [false, true]);
  assert.deepEqual(await desk.having(await about(elsewhere), anna, bert), [true, false]);
  await desk.away(anna, null);
});

test('an absence is one’s own to set, or set by who manages people; it lies ahead and alone', async (t) => {
  const desk = await setAbsenceDesk(t);
  const { anna, bert, house } = desk;
  const worker = house.context({ userId: bert.actor.id, permissions: ['workflows:act'] });
  const of = (input: Partial<AbsenceInput>) => ({
    ...{ personId: anna.actor.id, substituteId: null, startsOn: '2026-06-20', endsOn: '2026-06-25', scope: null },
    ...input,
  });
  await assert.rejects(setAbsence(worker, of({})), { code: 'auth.forbidden' });
  const wrong: Partial<AbsenceInput>[] = [
    { endsOn: '2026-06-19' },
    { startsOn: '2026-06-01', endsOn: '2026-06-14' },
    { endsOn: '2027-07-01' },
    { substituteId: anna.actor.id },
    { substituteId: '0190a000-0000-7000-8000-0000000000ff' },
    { scope: { customers: [anna.tenant.id], products: null } },
  ];
  for (const one of wrong) await assert.rejects(setAbsence(anna, of(one)), { code: 'rule.violated' });
  const { absence } = await setAbsence(bert, of({}));
  await assert.rejects(setAbsence(anna, of({ startsOn: '2026-06-25' })), { code: 'state.conflict' });
  await assert.rejects(endAbsence(worker, absence.id), { code: 'auth.forbidden' });
  const both = await Promise.allSettled([
    setAbsence(bert, of({ personId: bert.actor.id })),
    setAbsence(bert, of({ personId: bert.actor.id })),
  ]);
  assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'], 'at once, one of two');
});

test('the forecast names what nobody is left for and from when, and saving an absence says what it would leave', async (t) => {
  const desk = await setAbsenceDesk(t);
  const { anna, bert, cleo, maker } = desk;
  const forecast = async () => (await maker.db.read(maker, forecastGaps)).gaps;
  const id = await desk.start(asking(named(anna, cleo)));
  const task = await desk.task(id);
  assert.deepEqual(await forecast(), []);
  const first = await desk.away(anna, null, { startsOn: '2026-06-17', endsOn: '2026-06-26' });
  assert.deepEqual(first.gaps, [], 'Cleo is still there');
  const second = await desk.away(cleo, null, { startsOn: '2026-06-19', endsOn: '2026-06-30' });
  const [gap] = second.gaps;
  assert.deepEqual(
    [gap?.taskId, gap?.step, gap?.from.toISOString(), gap?.until?.toISOString(), gap?.away.length],
    [task.id, 'Look', '2026-06-19T04:00:00.000Z', '2026-06-27T04:00:00.000Z', 2],
  );
  assert.deepEqual(
    (await forecast()).map(({ taskId }) => taskId),
    [task.id],
  );
  await changeAbsence(cleo, second.absence.id, { substituteId: bert.actor.id }, undefined);
  assert.deepEqual(await forecast(), [], 'Bert stands in');

  // Processes that may begin: who is left may decide less, or nobody is.
  await desk.publish(asking({ permission: 'promotions:approve', limitCovers: 'spend' }));
  const chief = desk.house.context({ userId: await addPerson(desk.house, ['trade_marketing_manager'], '90000') });
  const { gaps } = await desk.away(chief, null, { startsOn: '2026-06-16', endsOn: '2026-06-16' });
  assert.deepEqual(
    gaps.map(({ taskId, upTo, definition }) => [taskId, definition, upTo?.minor]),
    [[null, 'one-look', 500_000n]],
  );
});
