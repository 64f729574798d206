import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { sql } from '#db';
import { addPerson } from '../../../../test/people.ts';
import { signalInstance } from '../instances/act-on-instance.ts';
import { model, node, setInstanceDesk, user } from '../instances/test-desk.ts';
import { type DecisionDraft, draftDecision } from '../rulebook/draft-decision.ts';
import { publishDecision, retireDecision } from '../rulebook/publish-decision.ts';
import { keepInForce } from '../versions/change-version.ts';
import { setPublishing } from '../versions/four-eyes.ts';
import { publishingRoutes } from '../versions/version-routes.ts';
import { draftProcess } from './draft-process.ts';
import { processRoutes } from './process-routes.ts';
import { publishProcess, retireProcess } from './publish-process.ts';
import { startProcess } from './start-process.ts';
import { tellMessage } from './tell-message.ts';

const limit = { timeout: 60_000 };
const [start, end] = [node('start', 's'), node('end', 'e', { outcome: 'approved' })];
const paid = { type: 'message', message: 'paid', correlate: 'order' };
const variables = [
  { name: 'order', type: 'string' as const },
  { name: 'amount', type: 'number' as const },
];
const waiting = model('waiting', [start, end, node('catch', 'c', { event: paid })], 's > c, c > e', variables);
const begun = model(
  'begun',
  [
    node('start', 's', { event: { type: 'message', message: 'ordered' } }),
    end,
    user('check'),
    node('catch', 'c', { event: paid }),
  ],
  's > check, check > c, c > e',
  variables,
);

test('a message from outside reaches the instance of its name and correlation, once', limit, async (t) => {
  const desk = await setInstanceDesk(t);
  const app = await desk.house.server(processRoutes);
  const tell = async (body: object) => {
    const request = { method: 'POST', url: '/api/v1/workflows/messages', payload: body } as const;
    const reply = await app.inject({ ...request, headers: { authorization: 'Bearer a' } });
    return { status: reply.statusCode, body: reply.json() };
  };
  const [one, other] = [await desk.start(waiting, { order: 'A-1' }), await desk.start(waiting, { order: 'A-2' })];
  const message = { name: 'paid', correlation: 'A-2', messageId: 'bank-1', variables: { amount: 7 } };
  const nobody = await tell({ ...message, correlation: 'A-3' });
  assert.deepEqual([nobody.status, nobody.body.code], [404, 'not_found']);
  assert.match(nobody.body.detail, /Nothing waits for the message paid, and no process begins by it/);
  const wrong = await tell({ ...message, variables: { amount: 'seven' } });
  assert.equal(wrong.status, 400, 'what the process does not declare so is refused');
  assert.equal((await desk.row(other)).state, 'running');
  assert.deepEqual((await tell(message)).body, { instanceId: other, began: false, repeated: false });
  assert.deepEqual([(await desk.row(one)).state, (await desk.row(other)).state], ['running', 'completed']);
  assert.deepEqual((await tell(message)).body, { instanceId: other, began: false, repeated: true });
  const reused = await tell({ ...message, correlation: 'A-1' });
  assert.deepEqual([reused.status, reused.body.code], [409, 'state.conflict'], 'one name is not for two messages');
  assert.equal((await desk.row(one)).state, 'running');
  await assert.rejects(
    tellMessage(desk.maker, { ...message, correlation: 'A-1', messageId: 'bank-2' }),
    { code: 'approval.own_work' },
    'nobody moves the process of what they made',
  );
});

test(
  'a message told by many at once reaches one instance each, and one told twice at once only one',
  limit,
  async (t) => {
    const desk = await setInstanceDesk(t);
    const ids = await Promise.all([1, 2, 3].map(() => desk.start(waiting, { order: 'same' })));
    const messages = ['m1', 'm1', 'm2', 'm3', 'm3'].map((messageId) => ({
      ...{ name: 'paid', correlation: 'same', messageId, variables: {} },
    }));
    const told = await Promise.all(messages.map((message) => tellMessage(desk.anna, message)));
    assert.deepEqual(new Set(told.map(({ instanceId }) => instanceId)), new Set(ids));
    assert.equal(told.filter(({ repeated }) => repeated).length, 2);
    for (const id of ids) assert.equal((await desk.row(id)).state, 'completed');
    await assert.rejects(tellMessage(desk.anna, { ...messages[0], messageId: 'm4' } as never), { code: 'not_found' });
  },
);

test(
  'a message that nobody waits for begins the process that starts by it, and its program goes on telling it',
  limit,
  async (t) => {
    const desk = await setInstanceDesk(t);
    await desk.publish(begun);
    const program = await desk.program(desk.bert);
    const asProgram = { ...program, actor: { ...program.actor, kind: 'service' as const } };
    const order = { name: 'ordered', messageId: 'order-9', variables: { order: 'B-9', amount: 5 } };
    const first = await tellMessage(asProgram, order);
    assert.deepEqual([first.began, first.repeated], [true, false]);
    assert.deepEqual(await tellMessage(asProgram, order), { ...first, repeated: true });
    const count = await desk.maker.db.read(desk.maker, (tx) =>
      tx.one<{ n: number }>(sql`select count(*)::int as n from workflow.instance where definition = 'begun'`),
    );
    assert.equal(count.n, 1);
    const check = await desk.open(first.instanceId, 'check');
    await assert.rejects(desk.done(desk.bert, check), { code: 'approval.own_work' }, 'nor does who made the program');
    await desk.done(desk.anna, check);
    const signal = { kind: 'message', name: 'paid', correlation: 'B-9' } as const;
    await assert.rejects(signalInstance(desk.bert, first.instanceId, signal), { code: 'approval.own_work' });
    const payment = { name: 'paid', correlation: 'B-9', messageId: 'payment-9', variables: {} };
    assert.deepEqual(await tellMessage(asProgram, payment), { ...first, began: false });
    assert.equal((await desk.row(first.instanceId)).state, 'completed');
  },
);

const stepsOf = (code: string) => ({
  steps: {
    ...{ code, title: 'Listing' },
    steps: [{ name: 'sales', title: 'Sales', candidates: { permission: 'promotions:approve' }, dueHours: 48 }],
  },
});

/** A decision that everybody's sales decide. */
const matrix: DecisionDraft = {
  ...{ code: 'who-decides', title: 'Who decides', inputs: [{ name: 'spend', type: 'number' }] },
  table: {
    ...{
      kind: 'table',
      hitPolicy: 'F',
      inputs: [{ expression: 'spend' }],
      outputs: [{ name: 'who' }],
      annotations: [],
    },
    rules: [{ id: 'all', conditions: ['-'], results: ['"sales"'], notes: [] }],
  },
};

test('where two may design, who drafted does not publish; alone they may, and the trail says so', limit, async (t) => {
  const desk = await setInstanceDesk(t);
  const { house } = desk;
  const ada = house.context({ userId: await addPerson(house, ['administrator'], null) });
  const drafted = async (code: string) => (await draftProcess(ada, stepsOf(code)))[0]?.id ?? '';
  const published = async (id: string) => {
    const entries = await ada.db.read(ada, (tx) =>
      tx.many<{ after: object }>(
        sql`select after from audit.entry where entity_id = ${id} and action = 'process.published'`,
      ),
    );
    return entries.map(({ after }) => 'alone' in after);
  };
  const sole = await drafted('sole');
  await publishProcess(ada, sole);
  assert.deepEqual(await published(sole), [true]);

  const eve = house.context({ userId: await addPerson(house, ['administrator'], null) });
  const shared = await drafted('shared');
  await assert.rejects(publishProcess(ada, shared), { code: 'approval.own_work' });
  const program = await desk.program(ada);
  await assert.rejects(publishProcess(program, shared), { code: 'approval.own_work' }, 'through a program neither');
  await publishProcess(eve, shared);
  assert.deepEqual(await published(shared), [false]);

  const next = await drafted('next');
  await setPublishing(ada, 'alone', 0);
  await assert.rejects(
    publishProcess(ada, next),
    { code: 'approval.own_work' },
    'nobody gains by saying so themselves',
  );
  await assert.rejects(setPublishing(eve, 'alone', 0), { code: 'version.conflict' });
  await setPublishing(eve, 'alone', 1);
  await publishProcess(ada, next);
  assert.deepEqual(await published(next), [true]);

  const app = await house.server(publishingRoutes);
  const call = async (method: 'GET' | 'PUT', payload?: object) => {
    const request = { method, url: '/api/v1/workflows/publishing', headers: { authorization: 'Bearer a' } };
    return (await app.inject({ ...request, ...(payload ? { payload } : {}) })).json();
  };
  assert.deepEqual(await call('GET'), { rule: 'alone', inForce: 'alone', designers: 2, version: 2 });
  assert.deepEqual((await call('PUT', { rule: 'second' })).inForce, 'second');
  await assert.rejects(publishProcess(ada, await drafted('last')), { code: 'approval.own_work' });
});

test('who takes the right to design from all others first does not publish alone for a week', limit, async (t) => {
  const { house } = await setInstanceDesk(t);
  const [adaId, eveId] = [
    await addPerson(house, ['administrator'], null),
    await addPerson(house, ['administrator'], null),
  ];
  const ada = house.context({ userId: adaId });
  const [draft] = await draftProcess(ada, stepsOf('sole'));
  const client = new pg.Client({ connectionString: house.url });
  await client.connect();
  // Eve has designed for a month, and then no more.
  await client.query(
    `update identity.membership_history set recorded_at = recorded_at - interval '30 days' where person_id = $1`,
    [eveId],
  );
  await client.query(`update identity.membership set roles = '{auditor}' where person_id = $1`, [eveId]);
  const { rows } = await client.query('select now() as now');
  await client.end();
  const after = (days: number) => house.clock.set(new Date(rows[0].now.getTime() + days * 86_400_000).toISOString());
  after(1.5);
  await assert.rejects(publishProcess(ada, draft?.id ?? ''), { code: 'approval.own_work' });
  after(9);
  assert.equal((await publishProcess(ada, draft?.id ?? '')).state, 'published');
});

test(
  'where two may design, what is in force goes out of it by two people, and comes back by two; alone by one',
  limit,
  async (t) => {
    const desk = await setInstanceDesk(t);
    const { house } = desk;
    const administrator = async () => house.context({ userId: await addPerson(house, ['administrator'], null) });
    const ada = await administrator();
    const [drafted] = await draftProcess(ada, stepsOf('strict'));
    const id = drafted?.id ?? '';
    await publishProcess(ada, id);
    assert.equal((await retireProcess(ada, id)).state, 'retired', 'nobody else is there');
    await publishProcess(ada, id);

    const eve = await administrator();
    const standing = ({ state, askedBy }: { state: string; askedBy: string | null }) => [state, askedBy];
    assert.deepEqual(standing(await retireProcess(eve, id)), ['published', eve.actor.id], 'it is asked for only');
    await startProcess(ada, { process: 'strict', title: 'Still on it', variables: {} });
    for (const own of [eve, await desk.program(eve)]) {
      await assert.rejects(retireProcess(own, id), { code: 'approval.own_work' }, 'nobody says yes to themselves');
    }
    assert.deepEqual(standing(await keepInForce(ada, 'process', id)), ['published', null]);
    await assert.rejects(keepInForce(ada, 'process', id), { code: 'state.conflict' });

    await retireProcess(ada, id);
    assert.deepEqual(standing(await retireProcess(eve, id)), ['retired', null]);
    assert.deepEqual(standing(await publishProcess(ada, id)), ['retired', ada.actor.id], 'what was laxer neither');
    await assert.rejects(startProcess(ada, { process: 'strict', title: 'On nothing', variables: {} }), {
      code: 'not_found',
    });
    assert.deepEqual(standing(await publishProcess(eve, id)), ['published', null]);

    const decision = await draftDecision(ada, matrix);
    await publishDecision(eve, decision.id);
    assert.deepEqual(standing(await retireDecision(eve, decision.id)), ['published', eve.actor.id]);
    assert.deepEqual(
      standing(await retireDecision(ada, decision.id)),
      ['retired', null],
      'of decisions as of processes',
    );

    const entries = await ada.db.read(ada, (tx) =>
      tx.many<{ action: string; after: object }>(sql`select action, after from audit.entry where entity_id = ${id}`),
    );
    assert.deepEqual(
      entries.map(({ action, after }) => `${action.replace('process.', '')}${'alone' in after ? ' alone' : ''}`).sort(),
      [
        ...['asked', 'asked', 'asked', 'drafted', 'kept', 'published'],
        ...['published alone', 'published alone', 'retired', 'retired alone'],
      ],
    );
  },
);
