import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { sql } from '#db';
import type { ProcessModel } from '../definitions/process-model.ts';
import { readBpmn } from '../definitions/read-bpmn.ts';
import { writeBpmn } from '../definitions/write-bpmn.ts';
import { cancelInstance, retryIncident, signalInstance } from '../instances/act-on-instance.ts';
import { instanceRoutes } from '../instances/instance-routes.ts';
import { type InstanceDesk, model, node, setInstanceDesk, user } from '../instances/test-desk.ts';
import { teachWorkflow } from '../instances/workflow-parts.ts';
import { processRoutes } from './process-routes.ts';
import { startProcess } from './start-process.ts';
import { tellMessage } from './tell-message.ts';

const limit = { timeout: 60_000 };
const [start, end] = [node('start', 's'), node('end', 'e', { outcome: 'approved' })];

const steps = (code: string, names: readonly string[]) => ({
  steps: {
    ...{ code, title: 'Listing of a new item' },
    steps: names.map((name) => ({ name, title: name, candidates: { permission: 'promotions:approve' }, dueHours: 48 })),
  },
});

/** As a file; there ids are XML names. */
function bpmnOf(of: ProcessModel): Promise<string> {
  const spelled = (id: string) => id.replace('>', '-');
  const nodes = of.body.nodes.map((one) =>
    'default' in one && one.default ? { ...one, default: spelled(one.default) } : one,
  );
  const flows = of.body.flows.map((flow) => ({ ...flow, id: spelled(flow.id) }));
  return writeBpmn([{ ...of, body: { nodes, flows } }]);
}

async function callOf({ house }: InstanceDesk) {
  const app = await house.server([...processRoutes, ...instanceRoutes]);
  return async (method: 'GET' | 'POST', url: string, payload?: object, token: 'a' | 'b' = 'a') => {
    const headers = { authorization: `Bearer ${token}` };
    const reply = await app.inject({ method, url: `/api/v1${url}`, headers, ...(payload ? { payload } : {}) });
    return { status: reply.statusCode, body: reply.json() };
  };
}

async function setDesk(t: TestContext) {
  const desk = await setInstanceDesk(t);
  const call = await callOf(desk);
  const draft = async (source: object): Promise<string> => {
    const { status, body } = await call('POST', '/workflows/processes', source);
    assert.equal(status, 201, JSON.stringify(body));
    return body.items[0].id;
  };
  const publish = async (id: string) => call('POST', `/workflows/processes/${id}/publish`);
  return { desk, call, draft, publish };
}

test('a drafted process is published, started and decided; what runs stays on its version', limit, async (t) => {
  const { desk, call, draft, publish } = await setDesk(t);
  const first = await draft(steps('listing', ['sales']));
  const started = () => call('POST', '/workflows/instances', { process: 'listing', title: 'A new item' });
  assert.equal((await started()).status, 404, 'a draft starts nothing');
  assert.deepEqual([(await publish(first)).body.state, (await publish(first)).status], ['published', 409]);
  const { id } = (await started()).body;
  const second = await draft(steps('listing', ['sales', 'finance']));
  assert.equal((await publish(second)).body.version, 2);
  const { items } = (await call('GET', '/workflows/processes?code=listing')).body;
  const states = items.map(({ version, state }: { version: number; state: string }) => `${version} ${state}`).sort();
  assert.deepEqual(states, ['1 retired', '2 published']);
  await desk.done(desk.anna, await desk.open(id, 'sales'));
  assert.equal((await desk.row(id)).state, 'completed', 'one step, as it began');
  const later = (await started()).body.id;
  await desk.done(desk.anna, await desk.open(later, 'sales'));
  assert.equal((await desk.row(later)).state, 'running', 'two steps by now');
  assert.equal((await publish(first)).body.state, 'published', 'an earlier version comes into force again');
  assert.equal((await call('POST', `/workflows/processes/${first}/retire`)).body.state, 'retired');
  assert.equal((await started()).status, 404);
  await desk.done(desk.bert, await desk.open(later, 'finance'));
  assert.equal((await desk.row(later)).state, 'completed', 'what runs goes on');
  const acts = await desk.maker.db.read(desk.maker, (tx) =>
    tx.many<{ action: string }>(
      sql`select action from audit.entry where entity_type = 'process' and entity_id = ${first}`,
    ),
  );
  assert.deepEqual(acts.map(({ action }) => action).sort(), [
    ...['process.drafted', 'process.published', 'process.published', 'process.retired', 'process.retired'],
  ]);
});

test(
  'an unsound process is refused with the path that shows it, one with mistakes with their places',
  limit,
  async (t) => {
    const { call, draft, publish } = await setDesk(t);
    const stuck = model(
      'stuck',
      [start, end, node('exclusive', 'x', { default: 'x>b' }), user('a'), user('b'), node('parallel', 'j')],
      's > x, x > a [if big], x > b, a > j, b > j, j > e',
      [{ name: 'big', type: 'boolean' }],
    );
    const id = await draft({ bpmn: await bpmnOf(stuck) });
    const refused = await publish(id);
    assert.deepEqual([refused.status, refused.body.code], [422, 'process.unsound']);
    assert.match(refused.body.errors[0].message, /The way there: s > s-x > x > /);
    const { findings, model: read } = (await call('GET', `/workflows/processes/${id}`)).body;
    assert.deepEqual([findings[0].kind, findings[0].elements, read.code], ['deadlock', ['j'], 'stuck']);
    const wrong = model('wrong', [start, end, node('service', 'f', { effect: 'fly' })], 's > f, f > e');
    const mistaken = await publish(await draft({ bpmn: await bpmnOf(wrong) }));
    assert.deepEqual([mistaken.status, mistaken.body.code], [422, 'process.refused']);
    assert.deepEqual(mistaken.body.errors, [{ path: 'f', message: 'There is no effect "fly".' }]);
    const listed = (await call('GET', '/workflows/processes?state=published')).body.items;
    assert.deepEqual(listed, []);
    for (const bpmn of ['<a/>', '<!DOCTYPE a><a/>', 'no file']) {
      assert.equal((await call('POST', '/workflows/processes', { bpmn })).body.code, 'process.refused', bpmn);
    }
    assert.equal((await publish(randomUUID())).status, 404);
  },
);

test('BPMN comes back with its diagram, and a process of steps is drawn', limit, async (t) => {
  const { call, draft } = await setDesk(t);
  const id = await draft(steps('listing', ['sales', 'finance']));
  const { bpmn } = (await call('GET', `/workflows/processes/${id}/bpmn`)).body;
  const again = await draft({ bpmn });
  const [one, other] = await Promise.all([id, again].map((of) => call('GET', `/workflows/processes/${of}`)));
  assert.deepEqual(one?.body.findings, []);
  assert.deepEqual([other?.body.version, other?.body.hash], [2, one?.body.hash], 'the same process, by its content');
  assert.ok(one?.body.diagram.shapes.sales, 'laid out, since nobody drew it');
  assert.deepEqual((await readBpmn(bpmn)).models[0]?.body, other?.body.model.body);
  assert.equal((await call('GET', `/workflows/processes/${id}`, undefined, 'b')).status, 404);
});

test(
  'a process that another calls is not retired, and one that calls what is not there is not published',
  limit,
  async (t) => {
    const { call, draft, publish } = await setDesk(t);
    const caller = model('caller', [start, end, node('call', 'c', { process: 'listing' })], 's > c, c > e');
    const callerId = await draft({ bpmn: await bpmnOf(caller) });
    assert.match((await publish(callerId)).body.detail, /"listing", which is not there/);
    const listing = await draft(steps('listing', ['sales']));
    for (const id of [listing, callerId]) assert.equal((await publish(id)).status, 200);
    const kept = await call('POST', `/workflows/processes/${listing}/retire`);
    assert.deepEqual([kept.status, kept.body.code], [409, 'state.conflict']);
    assert.equal((await call('POST', `/workflows/processes/${callerId}/retire`)).status, 200);
    assert.equal((await call('POST', `/workflows/processes/${listing}/retire`)).status, 200);
  },
);

/** A process that ships: sales decide, and its module settles what came of it. */
async function ship(t: TestContext) {
  const settled: [string, string][] = [];
  const drawn = model(
    'own',
    [start, user('sales'), node('end', 'e', { outcome: 'approved' })],
    's > sales, sales > e',
    [{ name: 'spend', type: 'number', required: true }],
  );
  const [definition = drawn] = (await readBpmn(await bpmnOf(drawn))).models;
  const settle = async (_: unknown, { subjectId, outcome }: { subjectId: string; outcome: string }) => {
    settled.push([subjectId, outcome]);
  };
  teachWorkflow({ processes: [{ definition, settle }] });
  t.after(() => teachWorkflow({ processes: [] }));
  return { definition, settled };
}

test(
  'a tenant’s own version takes the place of a process that ships; what runs stays on its own; retired, it gives way again',
  limit,
  async (t) => {
    const { desk, call, draft, publish } = await setDesk(t);
    const { definition, settled } = await ship(t);
    const before = await desk.start(definition, { spend: '1' });
    const twoSteps = model(
      'own',
      [start, user('sales'), user('finance'), node('end', 'e', { outcome: 'approved' })],
      's > sales, sales > finance, finance > e',
    );
    const own = await draft({ bpmn: await bpmnOf(twoSteps) });
    const shipped = async () => (await call('GET', '/workflows/processes/shipped')).body.items[0];
    assert.deepEqual([(await shipped()).code, (await shipped()).ownId], ['own', null]);
    assert.equal((await publish(own)).status, 200);
    assert.equal((await shipped()).ownId, own);
    const on = await desk.start(definition, { spend: '2' });
    assert.equal((await call('POST', `/workflows/processes/${own}/retire`)).status, 200);
    const after = await desk.start(definition, { spend: '3' });
    for (const id of [before, on, after]) await desk.done(desk.anna, await desk.open(id, 'sales'));
    const states = await Promise.all([before, on, after].map(async (id) => (await desk.row(id)).state));
    assert.deepEqual(states, ['completed', 'running', 'completed']);
    await desk.done(desk.bert, await desk.open(on, 'finance'));
    const subjects = await Promise.all([before, after, on].map(async (id) => (await desk.row(id)).subjectId));
    assert.deepEqual(
      settled,
      subjects.map((id) => [id, 'approved']),
    );
    // What ships can be drafted from, and its own drawing keeps its contract.
    const again = await draft({ bpmn: (await shipped()).bpmn });
    assert.deepEqual((await call('GET', `/workflows/processes/${again}`)).body.findings, []);
    const begun = await call('POST', '/workflows/instances', { process: 'own', title: 'By hand', variables: {} });
    assert.deepEqual([begun.status, begun.body.code], [422, 'rule.violated']);
  },
);

test(
  'a code that a release ships after it was drawn under stays with its own process; an own version that a release leaves behind begins nothing',
  limit,
  async (t) => {
    const { desk, call, draft, publish } = await setDesk(t);
    t.after(() => teachWorkflow({ processes: [] }));
    const bare = [start, user('sales'), node('end', 'e', { outcome: 'approved' })];
    const spend = { name: 'spend', type: 'number' as const };
    const ship = (version: 'now' | 'later', settle: () => Promise<void>) => {
      const more = version === 'later' ? [{ name: 'margin', type: 'number' as const }] : [];
      const definition = model('listing', bare, 's > sales, sales > e', [{ ...spend, required: true }, ...more]);
      teachWorkflow({ processes: [{ definition, settle }] });
      return definition;
    };
    const settled: string[] = [];
    // Drawn before the product had a process of this code: it asks for what no module gives.
    const who = { name: 'who', type: 'string' as const, required: true };
    const drawn = model('listing', [...bare, user('legal')], 's > sales, sales > legal, legal > e', [who]);
    assert.equal((await publish(await draft({ bpmn: await bpmnOf(drawn) }))).status, 200);
    const own = await startProcess(desk.anna, { process: 'listing', title: 'About itself', variables: { who: 'we' } });
    const shipped = ship('now', async () => {
      settled.push('a record');
    });
    const misfit = async () => (await call('GET', '/workflows/processes/shipped')).body.items[0].misfit;
    assert.match(await misfit(), /"who" is needed at the start: nobody gives it/);
    const record = await desk.start(shipped, { spend: '1' });
    await desk.done(desk.anna, await desk.open(record, 'sales'));
    assert.equal((await desk.row(record)).state, 'completed', 'the record ran on what ships');
    await desk.done(desk.bert, await desk.open(own, 'sales'));
    await desk.done(desk.bert, await desk.open(own, 'legal'));
    assert.deepEqual(
      [(await desk.row(own)).state, settled],
      ['completed', ['a record']],
      'what was begun by hand settles nothing',
    );

    const stricter = model('listing', [...bare, user('legal')], 's > sales, sales > legal, legal > e', [spend]);
    const strictId = await draft({ bpmn: await bpmnOf(stricter) });
    assert.equal((await publish(strictId)).status, 200);
    const more = ship('later', async () => undefined);
    const on = await desk.start(more, { spend: '1', margin: '2' });
    await desk.done(desk.anna, await desk.open(on, 'sales'));
    await desk.open(on, 'legal');
    assert.equal(await misfit(), null, 'what the module gives besides is no harm');
    teachWorkflow({
      processes: [
        { definition: { ...more, variables: [{ ...spend, type: 'string' }] }, settle: async () => undefined },
      ],
    });
    await assert.rejects(desk.start(more, { spend: '1' }), {
      ...{
        code: 'rule.violated',
        detail: /Version 2 of your own process "listing" no longer fits the product: The variable "spend" is string/,
      },
    });
    assert.equal((await call('POST', `/workflows/processes/${strictId}/retire`)).status, 200);
    await desk.start({ ...more, variables: [{ ...spend, type: 'string' }] }, { spend: 'much' });
  },
);

test('an own version that its module could not settle or begin is refused with the element', limit, async (t) => {
  const { call, draft } = await setDesk(t);
  await ship(t);
  const good = [user('sales'), node('end', 'e', { outcome: 'approved' })];
  const flows = 's > sales, sales > e';
  const cases: [ProcessModel, RegExp][] = [
    [model('own', [start, user('sales'), node('end', 'e', { outcome: 'maybe' })], flows), /ends "maybe"/],
    [model('own', [start, user('sales'), node('end', 'e')], flows), /says no outcome/],
    [
      model('own', [start, user('sales'), node('end', 'e', { event: { type: 'error', code: 'no' } })], flows),
      /ends with an error/,
    ],
    [
      model('own', [node('start', 's', { event: { type: 'signal', signal: 'go' } }), ...good], flows),
      /begins by an event/,
    ],
    [model('own', [start, ...good], flows, [{ name: 'who', type: 'string', required: true }]), /nobody gives it/],
    [model('own', [start, ...good], flows, [{ name: 'spend', type: 'date' }]), /is number, not date/],
    [
      model('own', [start, ...good], flows, [{ name: 'spend', type: 'number', allowed: '< 5' }]),
      /may be anything that its module gives/,
    ],
  ];
  for (const [of, why] of cases) {
    const id = await draft({ bpmn: await bpmnOf(of) });
    const refused = await call('POST', `/workflows/processes/${id}/publish`);
    assert.deepEqual([refused.status, refused.body.code], [422, 'process.refused'], String(why));
    assert.match(refused.body.detail, why);
  }
});

test(
  'an own version approves no record that nobody has decided, by silence neither, and changes nothing that its module gave',
  limit,
  async (t) => {
    const { desk, draft, publish } = await setDesk(t);
    const { definition, settled } = await ship(t);
    const spend = { name: 'spend', type: 'number' as const, required: true };
    const put = async (of: ProcessModel) =>
      assert.equal((await publish(await draft({ bpmn: await bpmnOf(of) }))).status, 200);
    // Data alone says by which way it goes.
    const asked = node('exclusive', 'x', { default: 'x>sales' });
    const ways = 's > x, x > sales, x > e [if spend < 10], sales > e';
    await put(model('own', [start, end, asked, user('sales')], ways, [spend]));
    await assert.rejects(desk.start(definition, { spend: '9' }), {
      code: 'rule.violated',
      detail: /nobody has decided/,
    });
    await desk.retireAll();

    // As it could be published once.
    const late = { after: { after: 'PT1H' }, does: { type: 'complete' as const, outcome: 'approved' } };
    const lateOnly = [start, end, user('sales', { escalations: [late] })];
    await desk.publish({ ...model('own', lateOnly, 's > sales, sales > e', [spend]) }, 9);
    const silent = await desk.start(definition, { spend: '9' });
    await desk.later(3_601);
    const stopped = await desk.incidents(silent);
    assert.match(stopped[0]?.message ?? '', /nobody has decided it/);
    assert.deepEqual([(await desk.row(silent)).state, stopped.length], ['running', 1], 'silence is no approval');
    assert.deepEqual(await desk.waiting(), [], 'nothing fails again and again');
    await retryIncident(desk.bert, stopped[0]?.id ?? '', { note: 'asked again' });
    await desk.done(desk.anna, await desk.open(silent, 'sales'));
    assert.equal((await desk.row(silent)).state, 'completed');

    const form = [{ variable: 'spend', label: 'Spend' }];
    const told = node('catch', 'c', { event: { type: 'message', message: 'counted' } });
    const flows = 's > sales, sales > c, c > e';
    await put(model('own', [start, end, user('sales', { form }), told], flows, [spend]));
    const id = await desk.start(definition, { spend: '9000' });
    const task = await desk.open(id, 'sales');
    const given = { code: 'rule.violated', detail: /The record says what spend is/ };
    await assert.rejects(desk.done(desk.anna, task, 'approved', { spend: '1' }), given);
    await desk.done(desk.anna, task, 'approved', { spend: '9000' });
    const message = { name: 'counted', variables: { spend: '1' } };
    await assert.rejects(tellMessage(desk.bert, { ...message, messageId: 'm1' }), given);
    await assert.rejects(
      signalInstance(desk.bert, id, { kind: 'message', name: 'counted', content: { spend: '1' } }),
      given,
    );
    await tellMessage(desk.bert, { name: 'counted', variables: {}, messageId: 'm2' });
    const subjects = await Promise.all([silent, id].map(async (of) => (await desk.row(of)).subjectId));
    assert.deepEqual(
      settled,
      subjects.map((of) => [of, 'approved']),
    );

    // Nor does a list that is gathered take the place of what the module gave.
    const multi = { sequential: true, over: '[1]', as: 'one', collect: { into: 'spend', value: 'one' } };
    const gathering = model('own', [start, end, user('sales'), user('v', { multi })], 's > v, v > sales, sales > e', [
      spend,
    ]);
    const gathers = await draft({ bpmn: await bpmnOf(gathering) });
    assert.match((await publish(gathers)).body.detail, /collects into "spend", which its module gives/);
    // Not of a module's own process either.
    teachWorkflow({ processes: [{ definition: gathering, settle: async () => undefined }] });
    await desk.retireAll();
    const gathered = await desk.start(gathering, { spend: '9' });
    await assert.rejects(desk.done(desk.anna, await desk.open(gathered, 'v')), given);
  },
);

test('an own version that would approve by silence is refused with the way that shows it', limit, async (t) => {
  const { call, draft, publish } = await setDesk(t);
  await ship(t);
  const late = { after: { after: 'PT1H' }, does: { type: 'complete' as const, outcome: 'approved' } };
  const edge = (attachedTo: string, event: object) =>
    node('boundary', 'late', { attachedTo, interrupting: true, event });
  const hour = { type: 'timer', timer: { after: 'PT1H' } };
  const spend = { name: 'spend', type: 'number' as const };
  const choice = node('exclusive', 'x', { default: 'x>e' });
  const voted = { needs: 'consensus' as const, fallback: 'approved' };
  const cases: [ProcessModel, string[] | null][] = [
    [model('own', [start, end], 's > e'), ['s', 's-e', 'e']],
    [
      model('own', [start, end, user('sales', { escalations: [late] })], 's > sales, sales > e'),
      ['s', 's-sales', 'sales', 'sales-e', 'e'],
    ],
    [
      model('own', [start, end, user('sales', { vote: voted })], 's > sales, sales > e'),
      ['s', 's-sales', 'sales', 'sales-e', 'e'],
    ],
    [
      model(
        'own',
        [start, end, user('sales'), edge('sales', hour), node('exclusive', 'm')],
        's > sales, sales > m, late > m, m > e',
      ),
      ['s', 's-sales', 'sales', 'late', 'late-m', 'm', 'm-e', 'e'],
    ],
    // What is silent matters, whatever data says before.
    [
      model(
        'own',
        [
          start,
          end,
          node('exclusive', 'big', { default: 'big>finance' }),
          user('sales', { escalations: [late] }),
          user('finance'),
        ],
        's > big, big > sales [if spend < 10], big > finance, sales > e, finance > e',
        [spend],
      ),
      ['s', 's-big', 'big', 'big-sales', 'sales', 'sales-e', 'e'],
    ],
    // Silence that refuses leads to who decides, and what a person approves may be silent afterwards.
    [
      model(
        'own',
        [
          ...[start, end, choice, user('finance')],
          user('sales', { escalations: [{ ...late, does: { type: 'complete', outcome: 'rejected' } }] }),
        ],
        's > sales, sales > x, x > e, x > finance [if sales.outcome = "rejected"], finance > e',
      ),
      null,
    ],
    [
      model(
        'own',
        [start, end, user('sales'), user('told', { escalations: [late] })],
        's > sales, sales > told, told > e',
      ),
      null,
    ],
  ];
  for (const [of, path] of cases) {
    const id = await draft({ bpmn: await bpmnOf(of) });
    const { findings } = (await call('GET', `/workflows/processes/${id}`)).body;
    const told = findings.map((finding: { kind: string; path: string[] }) => [finding.kind, finding.path]);
    assert.deepEqual(told, path === null ? [] : [['silent', path]]);
    const answer = await publish(id);
    assert.deepEqual([answer.status, answer.body.code], path === null ? [200, 'own'] : [422, 'process.unsound']);
  }
});

test('of drafts made at once each has a version of its own', limit, async (t) => {
  const { call } = await setDesk(t);
  const many = await Promise.all(
    Array.from({ length: 6 }, () => call('POST', '/workflows/processes', steps('listing', ['sales']))),
  );
  const kept = many.filter(({ status }) => status === 201).map(({ body }) => body.items[0].version);
  assert.equal(new Set(kept).size, kept.length);
  assert.ok(many.every(({ status, body }) => status === 201 || body.code === 'version.conflict'));
  assert.ok(kept.length > 0);
});

test(
  'whoever starts a process decides none of it, through a program either, and may take it back',
  limit,
  async (t) => {
    const { desk, draft, publish } = await setDesk(t);
    await publish(await draft(steps('listing', ['sales'])));
    const begin = () => startProcess(desk.anna, { process: 'listing', title: 'A new item', variables: {} });
    const id = await begin();
    const task = await desk.open(id, 'sales');
    await assert.rejects(desk.done(desk.anna, task), { code: 'approval.own_work' });
    const loader = await desk.program(desk.anna);
    await assert.rejects(desk.done(loader, task), { code: 'approval.own_work' });
    await cancelInstance(desk.anna, id, 'started by mistake');
    assert.equal((await desk.row(id)).state, 'cancelled');
    const byProgram = await startProcess(loader, {
      ...{ process: 'listing', title: 'By a program', variables: {} },
    });
    await assert.rejects(desk.done(desk.anna, await desk.open(byProgram, 'sales')), { code: 'approval.own_work' });
    await desk.done(desk.bert, await desk.open(byProgram, 'sales'));
    assert.equal((await desk.row(byProgram)).state, 'completed');
  },
);

test('a process begins at the start that is named, and nowhere else', limit, async (t) => {
  const { desk, call, draft, publish } = await setDesk(t);
  const asked = node('start', 'asked', { event: { type: 'message', message: 'asked' } });
  const of = model(
    'two-starts',
    [start, asked, end, user('a'), user('b'), node('exclusive', 'm')],
    's > a, asked > b, a > m, b > m, m > e',
  );
  assert.equal((await publish(await draft({ bpmn: await bpmnOf(of) }))).status, 200);
  const begin = (at?: string) =>
    call('POST', '/workflows/instances', { process: 'two-starts', title: 'T', ...(at ? { at } : {}) });
  await desk.open((await begin()).body.id, 'a');
  await desk.open((await begin('asked')).body.id, 'b');
  assert.equal((await begin('e')).status, 422);
});

/** Instances of a process, oldest first. */
const instancesOf = async ({ maker }: InstanceDesk, code: string): Promise<string[]> => {
  const rows = await maker.db.read(maker, (tx) =>
    tx.many<{ id: string }>(sql`select id from workflow.instance where definition = ${code} order by started_at`),
  );
  return rows.map(({ id }) => id);
};

test('a process begins at its moments while its version is in force, and at none of them twice', limit, async (t) => {
  const { desk, call, draft, publish } = await setDesk(t);
  const hourly = node('start', 's', { event: { type: 'timer', timer: { every: 'R3/PT1H' } } });
  const of = model('hourly', [hourly, end, user('a')], 's > a, a > e');
  const id = await draft({ bpmn: await bpmnOf(of) });
  const again = async () => {
    assert.equal((await publish(id)).status, 200);
    await desk.later(3_600);
    return (await instancesOf(desk, 'hourly')).length;
  };
  assert.equal(await again(), 1);
  await desk.later(3_600);
  assert.equal((await instancesOf(desk, 'hourly')).length, 2);
  assert.equal((await call('POST', `/workflows/processes/${id}/retire`)).status, 200);
  assert.equal(await again(), 3, 'what was armed before it was retired fires no more');
  for (const hours of [1, 1, 1]) await desk.later(hours * 3_600);
  assert.equal((await instancesOf(desk, 'hourly')).length, 5, 'three times since it came into force again');
  const [first = ''] = await instancesOf(desk, 'hourly');
  await desk.done(desk.anna, await desk.open(first, 'a'));
});

test(
  'a message that nobody waits for begins a process with its content, a signal every process that starts by it',
  limit,
  async (t) => {
    const { desk, draft, publish } = await setDesk(t);
    const byMessage = node('start', 's', { event: { type: 'message', message: 'asked' } });
    const bySignal = (code: string) =>
      model(
        code,
        [node('start', 's', { event: { type: 'signal', signal: 'closed' } }), end, user('a')],
        's > a, a > e',
      );
    const asked = model('asked', [byMessage, end, user('a')], 's > a, a > e', [{ name: 'amount', type: 'number' }]);
    for (const drawn of [asked, bySignal('one'), bySignal('two')]) {
      assert.equal((await publish(await draft({ bpmn: await bpmnOf(drawn) }))).status, 200, drawn.code);
    }
    const telling = model(
      'telling',
      [
        ...[start, end, node('throw', 'g', { event: { type: 'signal', signal: 'closed' } })],
        node('throw', 'm', { event: { type: 'message', message: 'asked', content: { amount: '3 + 4' } } }),
      ],
      's > m, m > g, g > e',
    );
    await desk.start(telling);
    assert.deepEqual(await instancesOf(desk, 'asked'), [], 'nothing begins before the sender has committed');
    await desk.later(0);
    const [begun = '', ...more] = await instancesOf(desk, 'asked');
    assert.deepEqual([(await desk.row(begun)).variables.amount, more], [7, []]);
    await assert.rejects(desk.done(desk.maker, await desk.open(begun, 'a')), { code: 'approval.own_work' });
    for (const code of ['one', 'two']) assert.equal((await instancesOf(desk, code)).length, 1, code);
    const waiting = model(
      'waiting',
      [start, end, node('catch', 'c', { event: { type: 'message', message: 'asked' } })],
      's > c, c > e',
      [{ name: 'amount', type: 'number' }],
    );
    const waits = await desk.start(waiting);
    await desk.start(telling);
    await desk.later(0);
    assert.equal((await desk.row(waits)).state, 'completed');
    assert.equal((await instancesOf(desk, 'asked')).length, 1, 'who waits is told, and nothing begins');
  },
);

test('processes that begin one another by what they throw stop after ten with an incident', limit, async (t) => {
  const { desk, draft, publish } = await setDesk(t);
  const echo = async (code: string, hears: object, throws: object) => {
    const nodes = [node('start', 's', { event: hears }), node('throw', 'again', { event: throws }), end];
    const drawn = model(code, nodes, 's > again, again > e');
    assert.equal((await publish(await draft({ bpmn: await bpmnOf(drawn) }))).status, 200, code);
  };
  const by = (message: string) => ({ type: 'message', message });
  const signal = { type: 'signal', signal: 'rung' };
  await echo('narcissus', by('mirror'), by('mirror'));
  await echo('ping', by('ping'), by('pong'));
  await echo('pong', by('pong'), by('ping'));
  await echo('bell', signal, signal);
  const ring = model('ring', [start, end, node('throw', 'g', { event: signal })], 's > g, g > e');
  await tellMessage(desk.anna, { name: 'mirror', messageId: '1', variables: {} });
  await tellMessage(desk.anna, { name: 'ping', messageId: '2', variables: {} });
  await desk.start(ring);
  await desk.later(0);
  const standing = async (...codes: string[]) => {
    const ids = (await Promise.all(codes.map((code) => instancesOf(desk, code)))).flat();
    const rows = await Promise.all(ids.map(desk.row));
    const running = rows.filter(({ state }) => state === 'running').map(({ id }) => id);
    return { begun: ids.length, running, incidents: (await Promise.all(running.map(desk.incidents))).flat() };
  };
  for (const [codes, begun] of [
    [['narcissus'], 11],
    [['ping', 'pong'], 11],
    [['bell'], 10],
  ] as const) {
    const stood = await standing(...codes);
    assert.equal(stood.begun, begun, `${codes}: ten after the one that a person began`);
    assert.deepEqual(
      stood.incidents.map(({ instanceId }) => instanceId),
      stood.running,
      'the last one stopped',
    );
    assert.equal(stood.running.length, 1);
    assert.match(stood.incidents[0]?.message ?? '', /begin one another without an end: 10 in a row/);
  }
  assert.deepEqual(await desk.waiting(), [], 'nothing is left to begin');
  const [stopped] = (await standing('bell')).incidents;
  await retryIncident(desk.anna, stopped?.id ?? '', { note: 'They are meant to ring on.' });
  await desk.later(0);
  assert.equal((await standing('bell')).begun, 20, 'a person has said so: ten more');
});
