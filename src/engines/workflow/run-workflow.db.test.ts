import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import type { Context } from '#context';
import { listAudit } from '#security';
import { type TestHouse, testHouse } from '../../../test/house.ts';
import { addPerson } from '../../../test/people.ts';
import type { Definition } from './domain/definition.ts';
import type { Process } from './instances/workflow-parts.ts';
import { claimTask, completeTask, delegateTask, reassignTask, startWorkflow } from './run-workflow.ts';
import { decisionsOn, isCandidate, type Task } from './workflow-store.ts';

const definition: Definition = {
  code: 'two-steps',
  title: 'Two steps',
  steps: [
    {
      name: 'authority',
      title: 'Authority',
      candidates: { permission: 'promotions:approve', limitCovers: 'spend' },
      dueHours: 48,
    },
    {
      name: 'finance',
      title: 'Finance',
      when: { variable: 'spend', is: 'above', value: '1000' },
      candidates: { permission: 'promotions:approve', roles: ['finance_controller'], limitCovers: 'spend' },
      dueHours: 48,
    },
  ],
};

interface Desk {
  house: TestHouse;
  maker: Context;
  anna: Context;
  bert: Context;
  /** Below the limit of every process here. */
  junior: Context;
  finance: Context;
  subjectId: string;
  ends: string[];
  process: Process;
  start(spend: string): Promise<string>;
  tasks(): Promise<Task[]>;
  openTask(): Promise<string>;
}

/** A maker, two with authority over 5000, one with too low a limit, one from finance, and a process on a subject. */
async function setDesk(t: TestContext): Promise<Desk> {
  const house = await testHouse(t);
  const person = async (role: string, limit: string) =>
    house.context({ userId: await addPerson(house, [role], limit) });
  // The maker could decide, were it not their own work.
  const maker = await person('trade_marketing_manager', '5000');
  const subjectId = randomUUID();
  const ends: string[] = [];
  const tasks = () => maker.db.read(maker, (tx) => decisionsOn(tx, subjectId));
  return {
    house,
    maker,
    anna: await person('trade_marketing_manager', '5000'),
    bert: await person('trade_marketing_manager', '5000'),
    junior: await person('trade_marketing_manager', '100'),
    finance: await person('finance_controller', '5000'),
    subjectId,
    ends,
    process: {
      definition,
      settle: async (_tx, { outcome }) => {
        ends.push(outcome);
      },
    },
    start: (spend) =>
      maker.db.transact(maker, (tx) =>
        startWorkflow(tx, {
          definition,
          subjectType: 'thing',
          subjectId,
          variables: { spend },
          currency: 'USD',
          makers: [maker.actor.id],
          title: 'A thing',
          summary: {},
        }),
      ),
    tasks,
    openTask: async () => {
      const open = (await tasks()).find((task) => task.state === 'open' || task.state === 'claimed');
      assert.ok(open);
      return open.id;
    },
  };
}

const yes = { outcome: 'approved' as const, comment: '' };

test('a claimed task is left to who claimed it, and only a candidate can claim', async (t) => {
  const desk = await setDesk(t);
  await desk.start('500');
  const id = await desk.openTask();
  await assert.rejects(claimTask(desk.maker, id), { code: 'approval.own_work' });
  await assert.rejects(claimTask(desk.junior, id), { code: 'approval.not_candidate' });
  const claimed = await claimTask(desk.anna, id);
  assert.deepEqual([claimed.state, claimed.assigneeId], ['claimed', desk.anna.actor.id]);
  await assert.rejects(claimTask(desk.bert, id), { code: 'state.conflict' });
  await assert.rejects(completeTask(desk.bert, [desk.process], id, yes), { code: 'approval.not_candidate' });
  await completeTask(desk.anna, [desk.process], id, yes);
  assert.deepEqual(desk.ends, ['approved']);
  await assert.rejects(claimTask(desk.anna, id), { code: 'state.conflict' });
});

test('a key that permits less than its person decides nothing beyond it', async (t) => {
  const desk = await setDesk(t);
  await desk.start('500');
  const id = await desk.openTask();
  const narrow = desk.house.context({ userId: desk.anna.actor.id, permissions: ['workflows:act'] });
  await assert.rejects(completeTask(narrow, [desk.process], id, yes), { code: 'approval.not_candidate' });
  assert.deepEqual(desk.ends, []);
  await completeTask(desk.anna, [desk.process], id, yes);
});

test('a task passes neither to a maker nor to someone without the right or the limit', async (t) => {
  const desk = await setDesk(t);
  await desk.start('500');
  const id = await desk.openTask();
  const planner = await addPerson(desk.house, ['key_account_manager'], '5000');
  const unfit = [desk.maker.actor.id, desk.junior.actor.id, planner, randomUUID()];
  for (const to of unfit) {
    await assert.rejects(delegateTask(desk.anna, id, to), { code: 'rule.violated' });
    await assert.rejects(reassignTask(desk.junior, id, to), { code: 'rule.violated' });
  }
  await assert.rejects(delegateTask(desk.junior, id, desk.anna.actor.id), { code: 'approval.not_candidate' });
  const [untouched] = await desk.tasks();
  assert.deepEqual([untouched?.state, untouched?.assigneeId], ['open', null]);
});

test('a delegated task is the other’s, also when they joined after it was opened', async (t) => {
  const desk = await setDesk(t);
  await desk.start('500');
  const id = await desk.openTask();
  const late = desk.house.context({ userId: await addPerson(desk.house, ['trade_marketing_manager'], '5000') });
  await assert.rejects(claimTask(late, id), { code: 'approval.not_candidate' });
  const passed = await delegateTask(desk.anna, id, late.actor.id);
  assert.equal(passed.assigneeId, late.actor.id);
  await assert.rejects(completeTask(desk.anna, [desk.process], id, yes), { code: 'approval.not_candidate' });
  await completeTask(late, [desk.process], id, yes);
  assert.deepEqual(desk.ends, ['approved']);
  const { items } = await late.db.read(late, (tx) => listAudit(tx, { action: 'task.approved' }, { limit: 10 }));
  assert.deepEqual(
    items.map(({ actorId, onBehalfOf }) => [actorId, onBehalfOf]),
    [[late.actor.id, desk.anna.actor.id]],
    'both names stand in the trail',
  );
});

test('reassigning takes a claimed task from one person to another', async (t) => {
  const desk = await setDesk(t);
  await desk.start('500');
  const id = await desk.openTask();
  await claimTask(desk.anna, id);
  await reassignTask(desk.junior, id, desk.bert.actor.id);
  await assert.rejects(completeTask(desk.anna, [desk.process], id, yes), { code: 'approval.not_candidate' });
  await completeTask(desk.bert, [desk.process], id, yes);
  await assert.rejects(reassignTask(desk.junior, id, desk.anna.actor.id), { code: 'state.conflict' });
});

test('a rejection or a return without a word why is refused and decides nothing', async (t) => {
  const desk = await setDesk(t);
  await desk.start('500');
  const id = await desk.openTask();
  for (const outcome of ['rejected', 'returned'] as const) {
    for (const comment of ['', ' \n']) {
      await assert.rejects(completeTask(desk.anna, [desk.process], id, { outcome, comment }), {
        code: 'rule.violated',
        status: 422,
      });
    }
  }
  await completeTask(desk.anna, [desk.process], id, { outcome: 'returned', comment: 'too dear' });
  assert.deepEqual(desk.ends, ['returned']);
});

test('who alone can take a later step is kept out of the earlier one, so that an approval never runs dry', async (t) => {
  const desk = await setDesk(t);
  await desk.start('2000');
  const first = await desk.openTask();
  const candidate = (id: string, who: Context) =>
    desk.maker.db.read(desk.maker, (tx) => isCandidate(tx, id, who.actor.id));
  assert.deepEqual([await candidate(first, desk.anna), await candidate(first, desk.finance)], [true, false]);
  await assert.rejects(delegateTask(desk.anna, first, desk.finance.actor.id), { code: 'rule.violated' });
  await completeTask(desk.anna, [desk.process], first, yes);
  await completeTask(desk.finance, [desk.process], await desk.openTask(), yes);
  assert.deepEqual(desk.ends, ['approved']);
});

test('where the later step does not apply, or another can take it, everyone with the right may decide', async (t) => {
  for (const [spend, second] of [
    ['500', false],
    ['2000', true],
  ] as const) {
    const desk = await setDesk(t);
    if (second) await addPerson(desk.house, ['finance_controller'], '5000');
    await desk.start(spend);
    const id = await desk.openTask();
    await completeTask(desk.finance, [desk.process], id, yes);
    const decided = (await desk.tasks()).find((task) => task.id === id);
    assert.equal(decided?.completedBy, desk.finance.actor.id);
  }
});

test('passing a task on and deciding it lock in one order: process first, then task', async (t) => {
  const desk = await setDesk(t);
  await desk.start('500');
  const id = await desk.openTask();
  const client = new pg.Client({ connectionString: desk.house.url });
  await client.connect();
  const handOvers = [
    () => delegateTask(desk.anna, id, desk.bert.actor.id),
    () => reassignTask(desk.junior, id, desk.bert.actor.id),
  ];
  try {
    for (const handOver of handOvers) {
      await client.query('begin');
      await client.query('select from workflow.instance where subject_id = $1 for update', [desk.subjectId]);
      const running = Promise.allSettled([handOver()]);
      for (let waiting = 0; waiting === 0; ) {
        await client.query('select pg_stat_clear_snapshot()');
        const { rows } = await client.query(`select count(*)::integer as waiting from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`);
        waiting = rows[0].waiting;
      }
      const free = await client.query('select from workflow.task where id = $1 for update skip locked', [id]);
      await client.query('rollback');
      await running;
      assert.equal(free.rowCount, 1, 'the task was locked before the process');
    }
  } finally {
    await client.end();
  }
});
