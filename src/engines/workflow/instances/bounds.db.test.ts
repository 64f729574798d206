import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#db';
import { handsOfTask } from '../absences/absence-store.ts';
import { decideInBulk } from '../decide-in-bulk.ts';
import type { CandidateRule } from '../definitions/process-model.ts';
import { pauseTask, resumeTask } from '../pause-task.ts';
import { claimTask, delegateTask } from '../run-workflow.ts';
import { workflowRoutes } from '../workflow-routes.ts';
import { addCandidate } from '../workflow-store.ts';
import type { Values } from './instance-state.ts';
import { type InstanceDesk, model, node, setInstanceDesk, user } from './test-desk.ts';

const limit = { timeout: 60_000 };
const [start, end] = [node('start', 's'), node('end', 'e', { outcome: 'approved' })];
const spend = [{ name: 'spend', type: 'money' as const }];
const permission = 'promotions:approve';

const candidatesOf = async ({ maker }: InstanceDesk, taskId: string): Promise<string[]> =>
  (await maker.db.read(maker, (tx) => handsOfTask(tx, taskId))).candidates.map(({ personId }) => personId);

const idsOf = (people: readonly { actor: { id: string } }[]): string[] => people.map(({ actor }) => actor.id).sort();

test('money in a condition is compared as a number, as text and with its currency', limit, async (t) => {
  const desk = await setInstanceDesk(t);
  const ways = (condition: string) =>
    model(
      'by-amount',
      [start, end, node('exclusive', 'x', { default: 'x>e' }), user('director')],
      `s > x, x > director [if ${condition}], x > e, director > e`,
      spend,
    );
  const comesTo = async (condition: string, variables: Values) =>
    (await desk.row(await desk.start(ways(condition), variables))).step;
  assert.equal(await comesTo('spend > 10000', { spend: '9999.99' }), null);
  assert.equal(await comesTo('spend > 10000', { spend: '10000.01' }), 'director');
  assert.equal(await comesTo('spend.amount > 10000', { spend: { amount: '50000.00', currency: 'USD' } }), 'director');
  // Doubles know no difference between the two.
  assert.equal(await comesTo('spend > 90071992547409.92', { spend: '90071992547409.921' }), 'director');
});

test(
  'where nobody knows the amount only an unlimited person decides, and what is taken back counts as much',
  limit,
  async (t) => {
    const desk = await setInstanceDesk(t);
    const of = model(
      'limited',
      [start, end, user('a', { candidates: { permission, limitCovers: 'spend' } })],
      's > a, a > e',
      spend,
    );
    const candidates = async (variables: Values) =>
      candidatesOf(desk, await desk.open(await desk.start(of, variables), 'a'));
    const all = idsOf([desk.anna, desk.bert, desk.cleo]);
    assert.deepEqual(await candidates({ spend: '-5000' }), all);
    const beyond: Values[] = [{}, { spend: null }, { spend: { amout: '1' } }, { spend: '-5000.01' }];
    for (const variables of beyond)
      await assert.rejects(desk.start(of, variables), { code: 'rule.violated' }, JSON.stringify(variables));
    await desk.maker.db.transact(desk.maker, (tx) =>
      tx.run(sql`update identity.membership set approval_limit = null where person_id = ${desk.cleo.actor.id}`),
    );
    for (const variables of beyond)
      assert.deepEqual(await candidates(variables), [desk.cleo.actor.id], JSON.stringify(variables));
  },
);

test('an escalated task keeps its four eyes and its limit', limit, async (t) => {
  const desk = await setInstanceDesk(t);
  const others: CandidateRule = { permission };
  const does = { type: 'reassign' as const, candidates: { permission: 'audit:read', otherwise: others } };
  const of = model(
    'late',
    [
      ...[start, end, user('a')],
      user('b', {
        candidates: { permission, limitCovers: 'spend', notActorOf: ['a'] },
        escalations: [{ after: { after: 'PT1H' }, does }],
      }),
    ],
    's > a, a > b, b > e',
    spend,
  );
  const id = await desk.start(of, { spend: '5000' });
  await desk.done(desk.anna, await desk.open(id, 'a'));
  const task = await desk.open(id, 'b');
  await desk.maker.db.transact(desk.maker, (tx) =>
    tx.run(sql`update identity.membership set approval_limit = 4999 where person_id = ${desk.cleo.actor.id}`),
  );
  await desk.later(3_601);
  assert.deepEqual(await candidatesOf(desk, task), [desk.bert.actor.id]);
  await assert.rejects(desk.done(desk.anna, task), { code: 'approval.not_candidate' });
  await desk.done(desk.bert, task);
});

test(
  'two messages reach two that wait, however close they follow; what does not fit is an incident and sets nothing',
  limit,
  async (t) => {
    const desk = await setInstanceDesk(t);
    const waiting = model(
      'waiting',
      [start, end, user('a'), node('catch', 'c', { event: { type: 'message', message: 'paid' } }), user('z')],
      's > a, a > c, c > z, z > e',
    );
    const wait = async () => {
      const id = await desk.start(waiting);
      await desk.done(desk.anna, await desk.open(id, 'a'), 'rejected');
      return id;
    };
    const [one, other] = [await wait(), await wait()];
    const sends = (content?: Record<string, string>) =>
      model(
        'sending',
        [start, end, node('send', 'm', { message: 'paid', ...(content ? { content } : {}) })],
        's > m, m > e',
      );
    await desk.start(sends());
    await desk.start(sends());
    await desk.later(1);
    assert.deepEqual([(await desk.row(one)).step, (await desk.row(other)).step], ['z', 'z']);
    const third = await wait();
    await desk.start(sends({ a: '{outcome: "approved"}' }));
    await desk.later(1);
    const [incident] = await desk.incidents(third);
    assert.match(incident?.message ?? '', /a is no variable of this process/);
    const variables = (await desk.row(third)).position?.runs[0]?.variables.a;
    assert.deepEqual(variables, { outcome: 'rejected', by: desk.anna.actor.id }, 'what people decided stands');
  },
);

test('a list too long to run at once is an incident, not a server that stands still', limit, async (t) => {
  const desk = await setInstanceDesk(t);
  const multi = { sequential: false, over: 'for i in 1..501 return i', as: 'x' };
  const id = await desk.start(model('many', [start, end, user('a', { multi })], 's > a, a > e'));
  assert.match((await desk.incidents(id))[0]?.message ?? '', /501 times at once/);
});

test('a claim of somebody who has left keeps nobody from the task', limit, async (t) => {
  const desk = await setInstanceDesk(t);
  const task = await desk.open(await desk.start(model('left', [start, end, user('a')], 's > a, a > e')), 'a');
  await claimTask(desk.anna, task);
  await assert.rejects(claimTask(desk.bert, task), { code: 'state.conflict' });
  const app = await desk.house.server(workflowRoutes([]));
  const { actor } = desk.house.context();
  await desk.maker.db.transact(desk.maker, (tx) => addCandidate(tx, task, actor.id, null));
  const listed = async () => {
    const reply = await app.inject({ url: '/api/v1/tasks', headers: { authorization: 'Bearer a' } });
    return reply.json().items.map(({ id }: { id: string }) => id);
  };
  assert.deepEqual(await listed(), []);
  await desk.maker.db.transact(desk.maker, (tx) =>
    tx.run(
      sql`update identity.membership set disabled_at = ${desk.house.clock.now()} where person_id = ${desk.anna.actor.id}`,
    ),
  );
  assert.deepEqual(await listed(), [task]);
  await claimTask(desk.bert, task);
  await assert.rejects(desk.done(desk.cleo, task), { code: 'approval.not_candidate' });
  await desk.done(desk.bert, task);
});

test(
  'a task whose clock stands is neither overdue nor escalated, and goes on with the time that was left',
  limit,
  async (t) => {
    const desk = await setInstanceDesk(t);
    const does = (type: 'remind') => ({ type });
    const of = model(
      'asks',
      [
        ...[start, end],
        user('a', {
          due: { after: 'PT4H' },
          escalations: [
            { after: { after: 'PT1H' }, does: does('remind') },
            { after: { after: 'PT3H' }, does: does('remind') },
          ],
        }),
      ],
      's > a, a > e',
    );
    const id = await desk.start(of);
    const task = await desk.open(id, 'a');
    const told = async () => {
      const rows = await desk.maker.db.system((tx) =>
        tx.many<{ type: string }>(sql`select type from event.outbox where subject_id = ${task} order by seq`),
      );
      return rows.map(({ type }) => type.replace('workflow.task.', ''));
    };
    const hour = 3_600;
    await desk.later(2 * hour);
    assert.deepEqual(await told(), ['created', 'reminded']);
    await assert.rejects(pauseTask(desk.maker, task, 'mine', undefined), { code: 'approval.own_work' });
    const { version, pausedAt } = await pauseTask(desk.anna, task, 'asked the customer', undefined);
    assert.equal(pausedAt, desk.house.clock.now().toISOString());
    await assert.rejects(pauseTask(desk.bert, task, 'again', undefined), { code: 'state.conflict' });
    await desk.later(100 * hour);
    assert.deepEqual(await told(), ['created', 'reminded', 'paused']);
    await assert.rejects(resumeTask(desk.bert, task, version - 1), { code: 'version.conflict' });
    const { dueAt } = await resumeTask(desk.bert, task, version);
    assert.equal(dueAt.getTime(), desk.house.clock.now().getTime() + 2 * hour * 1_000);
    await desk.later(hour - 1);
    assert.deepEqual((await told()).slice(3), ['resumed']);
    await desk.later(2);
    assert.deepEqual((await told()).slice(3), ['resumed', 'reminded']);
    // A second time, then handed to somebody else: it runs.
    await pauseTask(desk.anna, task, 'asked again', undefined);
    await desk.later(10 * hour);
    await delegateTask(desk.anna, task, desk.bert.actor.id);
    await desk.later(hour);
    assert.deepEqual((await told()).slice(5), ['paused', 'delegated', 'overdue']);
    await desk.done(desk.bert, task);
  },
);

test('of many that are decided alike each is decided or refused by itself', limit, async (t) => {
  const desk = await setInstanceDesk(t);
  const of = model('one-of-many', [start, end, user('a')], 's > a, a > e');
  const tasks = [];
  for (let n = 0; n < 4; n++) tasks.push(await desk.open(await desk.start(of), 'a'));
  const [first = '', taken = '', stale = '', last = ''] = tasks;
  await claimTask(desk.bert, taken);
  const items = [{ id: first }, { id: taken }, { id: stale, version: 7 }, { id: first }, { id: last, version: 1 }];
  const decided = await decideInBulk(desk.anna, [], items, { outcome: 'approved', comment: '' });
  assert.deepEqual(
    decided.map(({ id, task, problem }) => [id, task?.state ?? problem?.code]),
    [
      [first, 'completed'],
      [taken, 'approval.not_candidate'],
      [stale, 'version.conflict'],
      [first, 'state.conflict'],
      [last, 'completed'],
    ],
  );
});
