import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { sql } from '#db';
import { Problem } from '#problem';
import type { Definition } from '../domain/definition.ts';
import { cancelWorkflow, startWorkflow } from '../run-workflow.ts';
import { cancelInstance, retryIncident, signalInstance } from './act-on-instance.ts';
import type { Values } from './instance-state.ts';
import { effectsOf, type InstanceDesk, model, node, setInstanceDesk, user } from './test-desk.ts';
import { type Effect, teachWorkflow } from './workflow-parts.ts';

const [start, end] = [node('start', 's'), node('end', 'e', { outcome: 'approved' })];

/** Teaches effects for one test. */
function teach(t: TestContext, does: Record<string, Effect['perform']>): void {
  teachWorkflow({ effects: effectsOf(does) });
  t.after(() => teachWorkflow({ effects: {}, processes: [] }));
}

const count = async (desk: InstanceDesk, table: string, id: string): Promise<number> => {
  const { maker } = desk;
  const { n } = await maker.db.read(maker, (tx) =>
    tx.one<{ n: number }>(sql`select count(*)::int as n from ${sql.table(table)} where instance_id = ${id}`),
  );
  return n;
};
const timers = async ({ maker }: InstanceDesk): Promise<number> =>
  (await maker.db.read(maker, (tx) => tx.one<{ n: number }>(sql`select count(*)::int as n from timer.timer`))).n;

test('an instance goes through parallel tasks, effects and rules to its end, and leaves nothing armed', async (t) => {
  const desk = await setInstanceDesk(t);
  const asked: unknown[] = [];
  teach(t, {
    book: async (tx, input, instance) => {
      asked.push([input, instance.definition, tx.context.actor.id]);
      return { booked: true };
    },
  });
  teachWorkflow({ decide: async (_tx, decision, input) => `${decision} of ${input.spend}` });
  const of = model(
    'all-kinds',
    [
      ...[start, end, node('parallel', 'f'), node('parallel', 'j'), user('a'), user('b')],
      node('service', 'book', { effect: 'book', input: { spend: 'spend * 2', by: 'a.by' }, result: 'answer' }),
      node('business-rule', 'rule', { decision: 'limits', input: { spend: 'spend' }, result: 'limit' }),
    ],
    's > f, f > a, f > b, a > j, b > j, j > book, book > rule, rule > e',
    [{ name: 'spend', type: 'number', required: true }],
  );
  const id = await desk.start(of, { spend: '40.5' });
  assert.equal((await desk.row(id)).state, 'running');
  await desk.done(desk.anna, await desk.open(id, 'a'));
  assert.deepEqual(asked, []);
  await desk.done(desk.bert, await desk.open(id, 'b'));
  assert.deepEqual(asked, [[{ spend: 81, by: desk.anna.actor.id }, 'all-kinds', desk.bert.actor.id]]);
  const { state, outcome, position, step } = await desk.row(id);
  assert.deepEqual([state, outcome, step], ['completed', 'approved', null]);
  const { answer, limit } = position?.runs[0]?.variables ?? {};
  assert.deepEqual([answer, limit], [{ booked: true }, 'limits of 40.5']);
  assert.equal(await timers(desk), 0);
});

test('variables that the process does not know, of another type or missing are refused, and nothing begins', async (t) => {
  const desk = await setInstanceDesk(t);
  const variables = [{ name: 'spend', type: 'number' as const, required: true, allowed: '[0..100]' }];
  const form = [{ variable: 'spend', label: 'Spend', required: true }];
  const of = model('strict', [start, end, user('a', { form })], 's > a, a > e', variables);
  const wrongs: Values[] = [{}, { spend: 'much' }, { spend: 101 }, { spend: 1, other: 2 }];
  for (const wrong of wrongs) {
    await assert.rejects(desk.start(of, wrong), { code: 'request.malformed' }, JSON.stringify(wrong));
  }
  const task = await desk.open(await desk.start(of, { spend: 1 }), 'a');
  await assert.rejects(desk.done(desk.anna, task, 'approved'), { code: 'rule.violated' }, 'the form asks for it');
  await assert.rejects(desk.done(desk.anna, task, 'approved', { spend: 101 }), { code: 'request.malformed' });
  await assert.rejects(desk.done(desk.anna, task, 'approved', { spend: 1, a: 'x' }), { code: 'rule.violated' });
  await assert.rejects(desk.done(desk.anna, task, 'sold', { spend: 1 }), { code: 'request.malformed' });
  await desk.done(desk.anna, task, 'approved', { spend: 7 });
});

test('of two who complete a task at once one does, and the other is told; the ended instance takes nothing more', async (t) => {
  const desk = await setInstanceDesk(t);
  let booked = 0;
  teach(t, {
    book: async () => {
      booked += 1;
      return null;
    },
  });
  const of = model('race', [start, end, user('a'), node('service', 'b', { effect: 'book' })], 's > a, a > b, b > e');
  const id = await desk.start(of);
  const task = await desk.open(id, 'a');
  const both = await Promise.allSettled([desk.done(desk.anna, task), desk.done(desk.bert, task)]);
  assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  const refused = both.find((one) => one.status === 'rejected');
  assert.equal(refused?.status === 'rejected' && refused.reason.code, 'state.conflict');
  assert.equal(booked, 1);
  await assert.rejects(desk.done(desk.cleo, task), { code: 'state.conflict' });
  await assert.rejects(desk.done(desk.maker, task), { code: 'approval.own_work' });
});

test('a called process runs on its own and its end answers the caller; cancelling the caller ends both', async (t) => {
  const desk = await setInstanceDesk(t);
  await desk.publish(
    model('inner', [start, node('end', 'e', { outcome: 'approved' }), user('i')], 's > i, i > e', [
      { name: 'part', type: 'number', required: true },
    ]),
  );
  const call = node('call', 'c', {
    process: 'inner',
    input: { part: 'spend / 2' },
    output: { half: 'part', said: 'outcome' },
  });
  const of = model('outer', [start, end, call, user('z')], 's > c, c > z, z > e', [{ name: 'spend', type: 'number' }]);
  const id = await desk.start(of, { spend: 10 });
  await desk.done(desk.anna, await desk.open(id, 'i'));
  const { half, said } = (await desk.row(id)).position?.runs[0]?.variables ?? {};
  assert.deepEqual([half, said, (await desk.row(id)).step], [5, 'approved', 'z']);

  const other = await desk.start(of, { spend: 10 });
  const inner = await desk.open(other, 'i');
  const { subjectId } = await desk.row(other);
  await desk.maker.db.transact(desk.maker, (tx) => cancelWorkflow(tx, 'thing', subjectId));
  assert.equal((await desk.row(other)).state, 'cancelled');
  await assert.rejects(desk.done(desk.anna, inner), { code: 'state.conflict' });

  const late = { attachedTo: 'c', interrupting: true, event: { type: 'timer', timer: { after: 'PT1H' } } };
  const limited = model('limited', [start, end, call, node('boundary', 'late', late)], 's > c, c > e, late > e', [
    { name: 'spend', type: 'number' },
  ]);
  const cut = await desk.start(limited, { spend: 10 });
  const below = await desk.open(cut, 'i');
  await desk.later(3_600);
  assert.equal((await desk.row(cut)).state, 'completed');
  await assert.rejects(desk.done(desk.anna, below), { code: 'state.conflict' }, 'its edge ends what it called');

  const loop = model('loop', [start, end, node('call', 'c', { process: 'loop' })], 's > c, c > e');
  await desk.publish(loop);
  await assert.rejects(desk.start(loop), { code: 'rule.violated' }, 'who starts a process that calls itself is told');
});

/** A process that calls `inner` and has an event at the edge of that; what comes by it a boss looks at. */
const calling = (code: string, event: object, interrupting: boolean, process = 'inner') =>
  model(
    code,
    [
      ...[start, end, node('call', 'c', { process }), user('boss'), node('end', 'z')],
      node('boundary', 'edge', { attachedTo: 'c', interrupting, event }),
    ],
    's > c, c > e, edge > boss, boss > z',
  );
const low = { type: 'escalation', code: 'low' };

test('what a called process escalates its caller hears before it goes on: its edge ends it, goes along beside it, or is not there', async (t) => {
  const desk = await setInstanceDesk(t);
  let booked = 0;
  teach(t, { book: async () => ++booked });
  const book = node('service', 'book', { effect: 'book' });
  const thrower = node('throw', 'thrown', { event: low });
  await desk.publish(
    model('inner', [start, end, thrower, book, user('i')], 's > thrown, thrown > book, book > i, i > e'),
  );

  const cut = await desk.start(calling('cut', low, true));
  assert.deepEqual([booked, (await desk.row(cut)).step], [0, 'boss'], 'nothing after it was done');
  await assert.rejects(desk.open(cut, 'i'));
  await desk.done(desk.anna, await desk.open(cut, 'boss'));
  assert.equal((await desk.row(cut)).state, 'completed');

  const beside = await desk.start(calling('beside', { type: 'escalation' }, false));
  assert.equal(booked, 1);
  await desk.done(desk.anna, await desk.open(beside, 'i'));
  assert.equal((await desk.row(beside)).state, 'running', 'the way from the edge goes on');
  await desk.done(desk.anna, await desk.open(beside, 'boss'));
  assert.equal((await desk.row(beside)).outcome, 'approved');

  for (const event of [
    { type: 'escalation', code: 'high' },
    { type: 'error', code: 'low' },
  ]) {
    const untold = await desk.start(calling(`untold-${event.type}`, event, true));
    await desk.done(desk.anna, await desk.open(untold, 'i'));
    assert.equal((await desk.row(untold)).outcome, 'approved', 'nobody takes it');
  }
  await desk.publish(model('between', [start, end, node('call', 'b', { process: 'inner' })], 's > b, b > e'));
  const above = await desk.start(calling('above', low, true, 'between'));
  assert.equal((await desk.row(above)).step, 'boss', 'through one that does not take it');
  assert.equal(await timers(desk), 1, 'of the boss alone');
});

test('a called process escalates at its end and by time, and fails with an error, on its own too', async (t) => {
  const desk = await setInstanceDesk(t);
  const late = { after: { after: 'PT1H' }, does: { type: 'escalate' as const, code: 'low' } };
  const ways = node('exclusive', 'x', { default: 'x>e' });
  await desk.publish(
    model(
      'inner',
      [
        ...[start, end, user('i', { escalations: [late] }), ways],
        ...[node('end', 'over', { event: low }), node('end', 'wrong', { event: { type: 'error', code: 'bad' } })],
      ],
      's > i, i > x, x > e, x > over [if i.outcome = "rejected" and why = "low"], x > wrong [if i.outcome = "rejected" and why = "bad"]',
      [{ name: 'why', type: 'string' }],
    ),
  );
  const told = (code: string, event: object, interrupting: boolean, why: string) => {
    const { body, ...of } = calling(code, event, interrupting);
    const nodes = body.nodes.map((one) => (one.kind === 'call' ? { ...one, input: { why: `"${why}"` } } : one));
    return desk.start({ ...of, body: { ...body, nodes } });
  };
  const step = async (id: string) => (await desk.row(id)).step;

  const ended = await told('ended', low, true, 'low');
  await desk.done(desk.anna, await desk.open(ended, 'i'), 'rejected');
  assert.equal(await step(ended), 'boss', 'its last word interrupts, and its end is not told');
  await desk.done(desk.anna, await desk.open(ended, 'boss'));
  assert.deepEqual([(await desk.row(ended)).state, (await desk.row(ended)).outcome], ['completed', null]);

  const both = await told('both', low, false, 'low');
  await desk.done(desk.anna, await desk.open(both, 'i'), 'rejected');
  assert.deepEqual([await step(both), (await desk.row(both)).outcome], ['boss', null]);

  const waited = await told('waited', low, true, 'none');
  await desk.later(3_601);
  assert.equal(await step(waited), 'boss');
  await assert.rejects(desk.open(waited, 'i'));

  const failed = await told('failed', { type: 'error', code: 'bad' }, true, 'bad');
  await desk.done(desk.anna, await desk.open(failed, 'i'), 'rejected');
  assert.equal(await step(failed), 'boss');
  const untaken = await told('untaken', { type: 'error', code: 'other' }, true, 'bad');
  await desk.done(desk.anna, await desk.open(untaken, 'i'), 'rejected');
  assert.match((await desk.incidents(untaken))[0]?.message ?? '', /failed with bad/);

  // The edge leads back to the activity: it calls again, and the new call stays.
  const again = model(
    'again',
    [
      ...[start, end, node('exclusive', 'm'), node('call', 'c', { process: 'inner', input: { why: '"low"' } })],
      node('boundary', 'edge', { attachedTo: 'c', interrupting: true, event: low }),
    ],
    's > m, m > c, c > e, edge > m',
  );
  const round = await desk.start(again);
  const first = await desk.open(round, 'i');
  await desk.done(desk.anna, first, 'rejected');
  const second = await desk.open(round, 'i');
  assert.notEqual(second, first);
  await desk.done(desk.anna, second);
  assert.equal((await desk.row(round)).outcome, 'approved');
});

test('a timer at the edge takes the task away when its moment comes, and is disarmed when the task is done before', async (t) => {
  const desk = await setInstanceDesk(t);
  const edge = (interrupting: boolean, timer: object) =>
    node('boundary', 'late', { attachedTo: 'a', interrupting, event: { type: 'timer', timer } });
  const of = (late: ReturnType<typeof node>) =>
    model('edge', [start, end, user('a'), late, user('boss')], 's > a, a > e, late > boss, boss > e');
  const cut = await desk.start(of(edge(true, { after: 'PT1H' })));
  const before = await desk.open(cut, 'a');
  await desk.later(3_599);
  await assert.rejects(desk.open(cut, 'boss'));
  await desk.later(1);
  await assert.rejects(desk.done(desk.anna, before), { code: 'state.conflict' });
  await desk.done(desk.anna, await desk.open(cut, 'boss'));
  assert.equal((await desk.row(cut)).state, 'completed');

  const inTime = await desk.start(of(edge(true, { after: 'PT1H' })));
  await desk.done(desk.anna, await desk.open(inTime, 'a'));
  assert.deepEqual([await count(desk, 'workflow.wait', inTime), await timers(desk)], [0, 0]);

  const twice = await desk.start(of(edge(false, { every: 'R2/PT1H' })));
  for (let hour = 1; hour < 5; hour++) await desk.later(3_600);
  const steps = (await desk.tasks(twice)).map(({ step }) => step);
  assert.deepEqual(steps, ['a', 'boss', 'boss'], 'twice, and the task itself stays');
});

test('messages find the instance that waits for them, once by their id, and signals find all', async (t) => {
  const desk = await setInstanceDesk(t);
  const waiting = model(
    'waiting',
    [start, end, node('catch', 'paid', { event: { type: 'message', message: 'paid', correlate: 'order' } }), user('z')],
    's > paid, paid > z, z > e',
    [
      { name: 'order', type: 'string' },
      { name: 'amount', type: 'number' },
    ],
  );
  const [one, two] = [await desk.start(waiting, { order: 'A' }), await desk.start(waiting, { order: 'B' })];
  const sending = model(
    'sending',
    [
      start,
      end,
      node('throw', 'tell', {
        event: { type: 'message', message: 'paid', correlate: '"B"', content: { amount: '3+4' } },
      }),
    ],
    's > tell, tell > e',
  );
  await desk.start(sending);
  await desk.later(0);
  assert.deepEqual([(await desk.row(one)).step, (await desk.row(two)).step], ['paid', 'z']);
  assert.equal((await desk.row(two)).position?.runs[0]?.variables.amount, 7);

  const paid = { kind: 'message' as const, name: 'paid', correlation: 'A', messageId: 'm1' };
  for (const own of [desk.maker, await desk.program(desk.maker)]) {
    await assert.rejects(signalInstance(own, one, paid), { code: 'approval.own_work' });
  }
  await assert.rejects(signalInstance(desk.anna, one, { ...paid, correlation: 'B' }), { code: 'state.conflict' });
  await assert.rejects(signalInstance(desk.anna, one, { ...paid, content: { a: 1 } }), { code: 'request.malformed' });
  assert.equal(await signalInstance(desk.anna, one, paid), true);
  assert.equal(await signalInstance(desk.anna, one, paid), false, 'told before');
  assert.equal((await desk.row(one)).step, 'z');

  const catching = model(
    'catching',
    [start, end, node('catch', 'go', { event: { type: 'signal', signal: 'go' } })],
    's > go, go > e',
  );
  const all = [await desk.start(catching), await desk.start(catching)];
  const end2 = node('end', 'e', { event: { type: 'signal', signal: 'go' } });
  await desk.start(model('caller', [start, end2], 's > e'));
  await desk.later(0);
  for (const id of all) assert.equal((await desk.row(id)).state, 'completed');
});

test('an effect that fails is tried three times more, then it is an incident, and goes on when it is mended', async (t) => {
  const desk = await setInstanceDesk(t);
  let [tries, works] = [0, false];
  teach(t, {
    pay: async (tx) => {
      tries += 1;
      if (!works) await tx.run(sql`select 1 / 0`);
      return 'paid';
    },
  });
  const of = model(
    'pays',
    [start, end, user('a'), node('service', 'pay', { effect: 'pay', result: 'how' })],
    's > a, a > pay, pay > e',
  );
  const id = await desk.start(of);
  await desk.done(desk.anna, await desk.open(id, 'a'));
  for (const seconds of [10, 60, 300]) await desk.later(seconds);
  await desk.later(10_000);
  assert.equal(tries, 4);
  const [incident] = await desk.incidents(id);
  assert.deepEqual([incident?.node, incident?.message], ['pay', 'division by zero']);
  assert.equal((await desk.row(id)).position?.tokens[0]?.rests, 'incident');
  const [decided] = await desk.tasks(id);
  assert.equal(decided?.completedBy, desk.anna.actor.id, 'what was decided stays decided');
  works = true;
  const mended = { note: 'the bank is back' };
  await assert.rejects(retryIncident(desk.bert, incident!.id, { ...mended, set: { how: 'x' } }), {
    code: 'request.malformed',
  });
  await retryIncident(desk.bert, incident!.id, mended);
  assert.deepEqual([(await desk.row(id)).state, tries], ['completed', 5]);
  const [resolved] = await desk.incidents(id);
  assert.deepEqual([resolved?.resolvedBy, resolved?.note], [desk.bert.actor.id, 'the bank is back']);
  await assert.rejects(retryIncident(desk.bert, incident!.id, mended), { code: 'state.conflict' });
});

test('a condition over what was never set skips no decision: the instance stops, says what is missing, and goes on when it is set', async (t) => {
  const desk = await setInstanceDesk(t);
  const of = model(
    'asks-more',
    [
      start,
      end,
      user('a'),
      node('exclusive', 'x', { default: 'x>e' }),
      user('director', { candidates: { permission: 'promotions:approve', notActorOf: ['a'] } }),
    ],
    's > a, a > x, x > director [if price * rate > 100], x > e, director > e',
    [
      { name: 'price', type: 'number' },
      { name: 'rate', type: 'number' },
    ],
  );
  const id = await desk.start(of, { rate: 2 });
  await desk.done(desk.anna, await desk.open(id, 'a'));
  const [decided] = await desk.tasks(id);
  assert.equal(decided?.completedBy, desk.anna.actor.id, 'what was decided stays decided');
  assert.equal((await desk.row(id)).state, 'running');
  const [incident] = await desk.incidents(id);
  assert.equal(
    incident?.message,
    'The condition of "x>director" is neither true nor false: price * rate > 100. "price" has no value.',
  );
  await retryIncident(desk.bert, incident!.id, { note: 'the price list says it', set: { price: 51 } });
  assert.equal((await desk.row(id)).state, 'running');
  await desk.done(desk.bert, await desk.open(id, 'director'));
  assert.deepEqual([(await desk.row(id)).state, (await desk.row(id)).outcome], ['completed', 'approved']);
});

test('whom a later task alone can have is kept out of an earlier one, also behind a condition that nobody can tell yet', async (t) => {
  const desk = await setInstanceDesk(t);
  const candidates = { people: `"${desk.cleo.actor.id}"`, notActorOf: ['a'] };
  const of = model(
    'looks-ahead',
    [start, end, user('a'), node('exclusive', 'x', { default: 'x>b' }), user('b', { candidates })],
    's > a, a > x, x > e [if price < 10], x > b, b > e',
    [{ name: 'price', type: 'number' }],
  );
  const task = await desk.open(await desk.start(of), 'a');
  await assert.rejects(desk.done(desk.cleo, task), { code: 'approval.not_candidate' });
});

test('a refusal by an effect is told to who decides, with nothing changed, unless the process takes it itself', async (t) => {
  const desk = await setInstanceDesk(t);
  teach(t, {
    pay: async () => {
      throw new Problem('fund.exceeded', { detail: 'Too little is left.' });
    },
  });
  const pay = node('service', 'pay', { effect: 'pay' });
  const poor = node('boundary', 'poor', {
    attachedTo: 'pay',
    interrupting: true,
    event: { type: 'error', code: 'fund.exceeded' },
  });
  const plain = await desk.start(model('plain', [start, end, user('a'), pay], 's > a, a > pay, pay > e'));
  const task = await desk.open(plain, 'a');
  const before = await desk.row(plain);
  await assert.rejects(desk.done(desk.anna, task), { code: 'fund.exceeded' });
  assert.deepEqual(await desk.row(plain), before);
  assert.equal((await desk.tasks(plain))[0]?.state, 'open');

  const taking = model(
    'taking',
    [start, end, user('a'), pay, poor, user('more')],
    's > a, a > pay, pay > e, poor > more',
  );
  const id = await desk.start(taking);
  await desk.done(desk.anna, await desk.open(id, 'a'));
  assert.equal((await desk.row(id)).step, 'more');
});

test('several decide together: seats, needs, veto, early stop; who voted does not vote again', async (t) => {
  const desk = await setInstanceDesk(t);
  const voting = (vote: object) =>
    model(
      'votes',
      [
        start,
        node('exclusive', 'x', { default: 'x>n' }),
        end,
        node('end', 'n', { outcome: 'rejected' }),
        user('v', { vote } as never),
      ],
      's > v, v > x, x > e [if v.outcome = "approved"], x > n',
    );
  const cast = async (vote: object, ...votes: string[]) => {
    const id = await desk.start(voting(vote));
    const task = await desk.open(id, 'v');
    const voters = [desk.anna, desk.bert, desk.cleo];
    for (const [at, outcome] of votes.entries()) await desk.done(voters[at]!, task, outcome);
    return { id, task, outcome: (await desk.row(id)).outcome };
  };
  assert.equal((await cast({ needs: { count: 2 } }, 'approved', 'approved')).outcome, 'approved');
  assert.equal((await cast({ needs: { share: 0.5 } }, 'rejected', 'rejected')).outcome, 'rejected');
  assert.equal((await cast({ needs: { count: 1 }, veto: true }, 'rejected')).outcome, 'rejected');
  assert.equal((await cast({ needs: 'consensus', seats: 2 }, 'approved', 'approved')).outcome, 'approved');
  const open = await cast({ needs: 'consensus' }, 'approved', 'approved');
  assert.equal(open.outcome, null);
  await assert.rejects(desk.done(desk.anna, open.task), { code: 'state.conflict' });
  const few = await desk.start(voting({ needs: 'consensus', seats: 9, fallback: 'rejected' }));
  assert.equal((await desk.row(few)).outcome, 'rejected', 'too few can be asked');
});

test('who may take a task follows from people, managers and earlier actors', async (t) => {
  const desk = await setInstanceDesk(t);
  const [anna, bert] = [desk.anna.actor.id, desk.bert.actor.id];
  teachWorkflow({ managerOf: async (_tx, person) => (person === anna ? bert : null) });
  const of = model(
    'chosen',
    [
      start,
      end,
      user('a', { candidates: { people: 'who' } }),
      user('b', { candidates: { managerOf: { person: 'a.by' } } }),
      user('c', { candidates: { permission: 'promotions:approve', notActorOf: ['a', 'b'] } }),
    ],
    's > a, a > b, b > c, c > e',
    [{ name: 'who', type: 'list' }],
  );
  const id = await desk.start(of, { who: [anna, desk.maker.actor.id] });
  const a = await desk.open(id, 'a');
  await assert.rejects(desk.done(desk.bert, a), { code: 'approval.not_candidate' });
  await assert.rejects(desk.done(desk.maker, a), { code: 'approval.own_work' });
  await desk.done(desk.anna, a);
  const b = await desk.open(id, 'b');
  await assert.rejects(desk.done(desk.cleo, b), { code: 'approval.not_candidate' });
  await desk.done(desk.bert, b);
  const c = await desk.open(id, 'c');
  for (const earlier of [desk.anna, desk.bert]) {
    await assert.rejects(desk.done(earlier, c), { code: 'approval.not_candidate' });
  }
  await desk.done(desk.cleo, c);
  assert.equal((await desk.row(id)).state, 'completed');
});

test('a task that waits is handed on, and decided where nobody decides it', async (t) => {
  const desk = await setInstanceDesk(t);
  const escalations = [
    { after: { after: 'PT1H' }, does: { type: 'reassign' as const, candidates: { people: 'boss' } } },
    { after: { after: 'PT2H' }, does: { type: 'complete' as const, outcome: 'rejected' } },
  ];
  const only = { people: 'first' };
  const of = model('slow', [start, end, user('a', { candidates: only, escalations })], 's > a, a > e', [
    { name: 'first', type: 'string' },
    { name: 'boss', type: 'string' },
  ]);
  const who = { first: desk.anna.actor.id, boss: desk.bert.actor.id };
  const [handed, left] = [await desk.start(of, who), await desk.start(of, who)];
  await desk.later(3_600);
  const task = await desk.open(handed, 'a');
  await assert.rejects(desk.done(desk.anna, task), { code: 'approval.not_candidate' });
  await desk.done(desk.bert, task);
  await desk.later(3_600);
  const [decided] = await desk.tasks(left);
  assert.deepEqual([decided?.outcome, (await desk.row(left)).state], ['rejected', 'completed']);
});

test('an instance is cancelled by who may, not where it belongs to a record; a failed one stays failed', async (t) => {
  const desk = await setInstanceDesk(t);
  const of = model('stops', [start, end, user('a', { due: { after: 'PT1H' } })], 's > a, a > e');
  const id = await desk.start(of);
  await assert.rejects(cancelInstance(desk.maker, id, 'why'), { code: 'approval.own_work' });
  teachWorkflow({
    processes: [{ definition: { code: 'stops', title: '', steps: [] }, settle: async () => undefined }],
  });
  await assert.rejects(cancelInstance(desk.anna, id, 'why'), { code: 'state.conflict' });
  teachWorkflow({ processes: [] });
  await cancelInstance(desk.anna, id, 'why');
  assert.deepEqual(
    [(await desk.row(id)).state, (await desk.tasks(id))[0]?.state, await timers(desk)],
    ['cancelled', 'cancelled', 0],
  );
  await assert.rejects(cancelInstance(desk.anna, id, 'why'), { code: 'state.conflict' });
  const failing = node('end', 'f', { event: { type: 'error', code: 'no' } });
  const failed = await desk.start(model('fails', [start, failing], 's > f'));
  assert.equal((await desk.row(failed)).state, 'failed');
});

test('an instance of before positions were kept goes on from its step', async (t) => {
  const desk = await setInstanceDesk(t);
  const candidates = { permission: 'promotions:approve', limitCovers: 'spend' };
  const definition: Definition = {
    ...{ code: 'old', title: 'Old' },
    steps: [
      { name: 'first', title: 'First', candidates, dueHours: 48 },
      {
        name: 'second',
        title: 'Second',
        when: { variable: 'spend', is: 'above', value: '1000' },
        candidates,
        dueHours: 48,
      },
    ],
  };
  const ends: string[] = [];
  const process = {
    definition,
    settle: async (_tx: unknown, { outcome }: { outcome: string }) => void ends.push(outcome),
  };
  teach(t, {});
  teachWorkflow({ processes: [process] });
  const begin = (spend: string) =>
    desk.maker.db.transact(desk.maker, (tx) =>
      startWorkflow(tx, {
        ...{ definition, subjectType: 'thing', subjectId: tx.context.newId(), variables: { spend }, currency: 'USD' },
        ...{ makers: [desk.maker.actor.id], title: 'Old', summary: {} },
      }),
    );
  for (const [spend, second] of [
    ['2000', true],
    ['500', false],
  ] as const) {
    const id = await begin(spend);
    await desk.maker.db.transact(desk.maker, async (tx) => {
      await tx.run(sql`update workflow.instance set position = null, revision = 0 where id = ${id}`);
      await tx.run(sql`update workflow.task set token = null where instance_id = ${id}`);
    });
    await desk.done(desk.anna, await desk.open(id, 'first'));
    if (second) {
      const next = await desk.open(id, 'second');
      await assert.rejects(desk.done(desk.anna, next), { code: 'approval.not_candidate' }, 'decided the first');
      await desk.done(desk.bert, next);
    }
    assert.deepEqual([(await desk.row(id)).outcome, ends.pop()], ['approved', 'approved']);
  }
});
