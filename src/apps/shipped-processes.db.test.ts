import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { systemActorId } from '#context';
import { sql } from '#db';
import { TimerLoop } from '#events';
import { openFundIn } from '#funds';
import { makeLogger } from '#telemetry';
import { completeTask, type ProcessModel, startWorkflow, writeBpmn } from '#workflow';
import { testHouse, testTenants } from '../../test/house.ts';
import { addPerson, openTasksOn } from '../../test/people.ts';
import { modules } from './modules.ts';

test('every process and decision that ships can be drafted from as it stands, and its drafts keep to what its module needs', async (t) => {
  const house = await testHouse(t);
  const app = await house.server(
    modules.flatMap(({ routes = [] }) => routes).filter(({ path }) => path.startsWith('/workflows/')),
  );
  const call = async (method: 'GET' | 'POST', path: string, payload?: object) => {
    const headers = { authorization: 'Bearer a' };
    const reply = await app.inject({
      method,
      url: `/api/v1/workflows${path}`,
      headers,
      ...(payload ? { payload } : {}),
    });
    assert.ok(reply.statusCode < 300, `${path} ${reply.body}`);
    return reply.json();
  };
  const processes = (await call('GET', '/processes/shipped')).items;
  const codes = processes.map(({ code }: { code: string }) => code).sort();
  for (const code of ['budget-allocation', 'customer-onboarding', 'promotion-approval'])
    assert.ok(codes.includes(code));
  for (const { code, bpmn } of processes) {
    const { id } = (await call('POST', '/processes', { bpmn })).items[0];
    const read = await call('GET', `/processes/${id}`);
    assert.deepEqual([read.code, read.findings], [code, []]);
    await call('POST', `/processes/${id}/publish`);
  }
  const decisions = (await call('GET', '/decisions/shipped')).items;
  assert.deepEqual(decisions.map(({ code }: { code: string }) => code).sort(), [
    'promotion-approval-matrix',
    'promotion-rules',
  ]);
  for (const { code, title, inputs, table } of decisions) {
    const { id } = await call('POST', '/decisions', { code, title, inputs, table });
    const { findings } = await call('GET', `/decisions/${id}`);
    const blocking = findings.filter(({ blocks }: { blocks: boolean }) => blocks);
    assert.deepEqual([code, blocking], [code, []]);
    await call('POST', `/decisions/${id}/publish`);
  }
});

test('a process asks the manager of whoever decided before, and theirs, as people report', async (t) => {
  const house = await testHouse(t);
  const person = () => addPerson(house, ['trade_marketing_manager'], '5000');
  const [maker, clerk, head, chief] = [await person(), await person(), await person(), await person()];
  for (const [of, to] of [
    [clerk, head],
    [head, chief],
  ])
    await house.db.system((tx) =>
      tx.run(sql`update identity.membership set manager_id = ${to} where person_id = ${of}`),
    );
  const task = (id: string, levels: number) => ({
    ...{ kind: 'user' as const, id, outcomes: ['approved', 'rejected'] },
    candidates: { managerOf: { person: 'asked.by', levels }, permission: 'promotions:approve' },
  });
  const definition: ProcessModel = {
    ...{ code: 'by-line', title: 'By the line', variables: [] },
    body: {
      nodes: [
        { kind: 'start', id: 's' },
        { ...task('asked', 1), candidates: { permission: 'promotions:approve' } },
        ...[task('first', 1), task('second', 2)],
        { kind: 'end', id: 'e', outcome: 'approved' },
      ],
      flows: ['s', 'asked', 'first', 'second'].map((from, at, all) => ({ id: `f${at}`, from, to: all[at + 1] ?? 'e' })),
    },
  };
  const subjectId = randomUUID();
  const of = house.context({ userId: maker });
  await house.db.transact(of, (tx) =>
    startWorkflow(tx, {
      ...{ definition, subjectType: 'thing', subjectId, variables: {}, currency: 'USD' },
      ...{ makers: [maker], title: 'A thing', summary: {} },
    }),
  );
  const asked = async (who: string) => {
    const [open] = await openTasksOn(of, subjectId);
    const before = [open?.step, open?.candidates];
    await completeTask(house.context({ userId: who }), [], open?.id ?? '', { outcome: 'approved', comment: '' });
    return before;
  };
  await asked(clerk);
  assert.deepEqual(await asked(head), ['first', [head]]);
  assert.deepEqual(await asked(chief), ['second', [chief]]);
});

test('a limit in another currency counts by the rate of the day, and covers nothing without one', async (t) => {
  const house = await testHouse(t);
  const [maker, small, large] = [
    await addPerson(house, ['trade_marketing_manager'], '0'),
    await addPerson(house, ['trade_marketing_manager'], '1099.99'),
    await addPerson(house, ['trade_marketing_manager'], '1100'),
  ];
  const of = house.context({ userId: maker });
  const definition: ProcessModel = {
    ...{ code: 'in-euros', title: 'In euros', variables: [{ name: 'spend', type: 'money' }] },
    body: {
      nodes: [
        { kind: 'start', id: 's' },
        {
          ...{ kind: 'user', id: 'a', outcomes: ['approved'] },
          candidates: { permission: 'promotions:approve', limitCovers: 'spend' },
        },
        { kind: 'end', id: 'e', outcome: 'approved' },
      ],
      flows: [
        { id: 'f', from: 's', to: 'a' },
        { id: 'g', from: 'a', to: 'e' },
      ],
    },
  };
  const subjectId = randomUUID();
  const start = () =>
    house.db.transact(of, (tx) =>
      startWorkflow(tx, {
        ...{ definition, subjectType: 'thing', subjectId, variables: { spend: '1000.00' }, currency: 'EUR' },
        ...{ makers: [maker], title: 'A thing', summary: {} },
      }),
    );
  await assert.rejects(start(), { code: 'rule.violated' });
  const at = house.clock.now();
  await house.db.transact(of, (tx) =>
    tx.run(sql`insert into master_data.fx_rate (tenant_id, id, type, from_currency, to_currency, valid_on, rate, source, recorded_at, recorded_by)
      values (${of.tenant.id}, ${randomUUID()}, 'closing', 'EUR', 'USD', '2026-01-01', 1.1, '', ${at}, ${maker})`),
  );
  await start();
  const [open] = await openTasksOn(of, subjectId);
  assert.deepEqual(open?.candidates, [large], small);
});

test('an own process asks a fund and comments by its service tasks; what an effect refuses is an incident that goes on', async (t) => {
  const house = await testHouse(t);
  const routes = modules.flatMap((module) => module.routes ?? []);
  const app = await house.server(routes.filter(({ path }) => /^\/(workflows|comments)/.test(path)));
  const call = async (method: 'GET' | 'POST', url: string, payload?: object) => {
    const request = { method, url: `/api/v1${url}`, headers: { authorization: 'Bearer a' } };
    const reply = await app.inject({ ...request, ...(payload ? { payload } : {}) });
    return { status: reply.statusCode, body: reply.body === '' ? null : reply.json() };
  };
  const own = (ask: object, say: object): ProcessModel => ({
    ...{ code: 'fund-watch', title: 'Watch of a fund' },
    variables: [
      { name: 'left', type: 'money' },
      { name: 'note', type: 'string' },
    ],
    body: {
      nodes: [
        { kind: 'start', id: 's', event: { type: 'timer', timer: { at: '2026-06-15T13:00:00Z' } } },
        { kind: 'service', id: 'ask', effect: 'fund-available', ...ask },
        { kind: 'service', id: 'say', effect: 'add-comment', ...say },
        { kind: 'end', id: 'e' },
      ],
      flows: ['s-ask', 'ask-say', 'say-e'].map((id) => {
        const [from = '', to = ''] = id.split('-');
        return { id, from, to };
      }),
    },
  });
  const draft = async (model: ProcessModel) =>
    (await call('POST', '/workflows/processes', { bpmn: await writeBpmn([model]) })).body.items[0].id;
  const publish = (id: string) => call('POST', `/workflows/processes/${id}/publish`);

  const refused = await publish(await draft(own({ result: 'note' }, { input: { body: '"x"' }, result: 'note' })));
  assert.deepEqual(
    [
      refused.status,
      refused.body.errors.map(({ path, message }: { path: string; message: string }) => [path, message]),
    ],
    [
      422,
      [
        ['ask', '"Available of a fund, in its currency" needs the input "fund".'],
        ['ask', '"Available of a fund, in its currency" answers money, and "note" is string.'],
        ['say', '"Comment on what the process is about" needs the input "text".'],
        ['say', '"Comment on what the process is about" takes no input "body".'],
        ['say', '"Comment on what the process is about" answers nothing to keep in "note".'],
      ],
    ],
  );
  const { effects } = (await call('GET', '/workflows/processes/vocabulary')).body;
  assert.deepEqual(
    effects.map(({ name, title }: { name: string; title: string }) => [name, title]),
    [
      ['add-comment', 'Comment on what the process is about'],
      ['fund-available', 'Available of a fund, in its currency'],
    ],
  );

  const text = '"There is " + string(left.amount) + " " + left.currency + " left."';
  const good = own({ input: { fund: '"GROWTH"' }, result: 'left' }, { input: { text } });
  assert.equal((await publish(await draft(good))).status, 200);
  house.clock.set('2026-06-15T13:00:00Z');
  const handlers = Object.assign({}, ...modules.map(({ timers = {} }) => timers));
  const loop = new TimerLoop({
    ...{ db: house.db, clock: house.clock, log: makeLogger('silent'), handlers },
    tenant: async () => testTenants.a,
  });
  while ((await loop.fireDue()) > 0);
  const stopped = (await call('GET', '/workflows/instances?incident=true')).body.items;
  assert.equal(stopped.length, 1);
  const { id } = stopped[0];
  const [incident] = (await call('GET', `/workflows/instances/${id}`)).body.incidents;
  assert.deepEqual([incident.node, incident.message], ['ask', 'There is no fund GROWTH.']);

  const context = house.context({});
  const span = { validFrom: '2026-01-01', validTo: '2026-12-31' };
  await house.db.transact(context, (tx) =>
    openFundIn(tx, { code: 'GROWTH', name: 'Growth', kind: 'fixed', currency: 'EUR', amount: '1250.50', ...span }),
  );
  const retried = await call('POST', `/workflows/incidents/${incident.id}/retry`, { note: 'The fund is open now.' });
  assert.ok(retried.status < 300, JSON.stringify(retried.body));
  assert.equal((await call('GET', `/workflows/instances/${id}`)).body.state, 'completed');
  const comments = (await call('GET', `/comments?subjectType=workflow_instance&subjectId=${id}`)).body.items;
  assert.deepEqual(
    comments.map((comment: { text: string; authorId: string }) => [comment.text, comment.authorId]),
    [['There is 1250.5 EUR left.', systemActorId]],
    'said once, by the product',
  );
});
