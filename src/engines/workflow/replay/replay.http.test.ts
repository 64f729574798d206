import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { addPerson } from '../../../../test/people.ts';
import type { CandidateRule, ProcessModel } from '../definitions/process-model.ts';
import { writeBpmn } from '../definitions/write-bpmn.ts';
import { model, node, setInstanceDesk, user } from '../instances/test-desk.ts';
import { teachWorkflow } from '../instances/workflow-parts.ts';
import { processRoutes } from '../processes/process-routes.ts';
import { startProcess } from '../processes/start-process.ts';
import { decideByRulebook } from '../rulebook/decide-by-rulebook.ts';
import { rulebookRoutes } from '../rulebook/rulebook-routes.ts';
import { replayRoutes } from './replay-routes.ts';
import { runReplay } from './run-replay.ts';

const limit = { timeout: 60_000 };

/** Sales alone up to an amount, above it finance too. */
const upTo = (amount: number) => ({
  ...{ code: 'who-decides', title: 'Who decides', inputs: [{ name: 'spend', type: 'number' }] },
  table: {
    ...{
      kind: 'table',
      hitPolicy: 'U',
      inputs: [{ expression: 'spend', type: 'number' }],
      outputs: [{ type: 'string' }],
    },
    annotations: [],
    rules: [
      { id: 'small', conditions: [`<= ${amount}`], results: ['"sales"'], notes: [] },
      { id: 'large', conditions: [`> ${amount}`], results: ['"both"'], notes: [] },
    ],
  },
});

const candidates = { permission: 'promotions:approve', limitCovers: 'spend' };
const drawn = model(
  'spending',
  [
    ...[node('start', 's'), node('end', 'yes', { outcome: 'approved' }), node('end', 'no', { outcome: 'rejected' })],
    node('business-rule', 'ask', { decision: 'who-decides', input: { spend: 'spend' }, result: 'who' }),
    ...[user('sales', { candidates }), user('finance', { candidates: { ...candidates, notActorOf: ['sales'] } })],
    ...[node('exclusive', 'x', { default: 'to-more' }), node('exclusive', 'more', { default: 'to-yes' })],
  ],
  's > ask, ask > sales, sales > x, finance > yes',
  [
    { name: 'spend', type: 'number', required: true },
    { name: 'who', type: 'string' },
  ],
);
/** The process, its finance task given out by a rule. */
const spending = (finance?: CandidateRule): ProcessModel => ({
  ...drawn,
  body: {
    nodes: drawn.body.nodes.map((one) =>
      one.id === 'finance' && finance ? user('finance', { candidates: finance }) : one,
    ),
    flows: [
      ...drawn.body.flows.map((flow) => ({ ...flow, id: flow.id.replace('>', '-') })),
      { id: 'to-no', from: 'x', to: 'no', condition: 'sales.outcome = "rejected"' },
      { id: 'to-more', from: 'x', to: 'more' },
      { id: 'to-finance', from: 'more', to: 'finance', condition: 'who = "both"' },
      { id: 'to-yes', from: 'more', to: 'yes' },
    ],
  },
});

/** Approvals that are over: 500 and 900 taken by Anna, 700 refused by her, 3000 taken by Anna and Bert. */
async function setPast(t: TestContext) {
  const desk = await setInstanceDesk(t);
  teachWorkflow({ decide: decideByRulebook });
  t.after(() => teachWorkflow({ processes: [] }));
  const app = await desk.house.server([...rulebookRoutes, ...processRoutes, ...replayRoutes]);
  const call = async (method: 'GET' | 'POST', url: string, payload?: object) => {
    const headers = { authorization: 'Bearer a' };
    const reply = await app.inject({
      method,
      url: `/api/v1/workflows${url}`,
      headers,
      ...(payload ? { payload } : {}),
    });
    return { status: reply.statusCode, body: reply.json() };
  };
  const first = (await call('POST', '/decisions', upTo(1_000))).body.id;
  await call('POST', `/decisions/${first}/publish`);
  const process = (await call('POST', '/processes', { bpmn: await writeBpmn([spending()]) })).body.items[0].id;
  assert.equal((await call('POST', `/processes/${process}/publish`)).status, 200);
  const past = new Map<string, string>();
  for (const [spend, outcome] of [['500'], ['900'], ['700', 'rejected'], ['3000'], ['2000', 'open']] as const) {
    const id = await startProcess(desk.maker, { process: 'spending', title: `Spend ${spend}`, variables: { spend } });
    past.set(spend, id);
    if (outcome === 'open') continue;
    await desk.done(desk.anna, await desk.open(id, 'sales'), outcome);
    if (spend === '3000') await desk.done(desk.bert, await desk.open(id, 'finance'));
  }
  /** Replays a version and answers what it came to. */
  const replay = async (kind: 'decisions' | 'processes', id: string) => {
    const asked = await call('POST', `/${kind}/${id}/replays`, { groupBy: 'customerName' });
    assert.equal(asked.status, 202, JSON.stringify(asked.body));
    await runReplay(desk.house.context(), asked.body.id);
    const { body } = await call('GET', `/replays/${asked.body.id}`);
    assert.equal(body.state, 'done', body.failure);
    return body;
  };
  const approvals = async (id: string, filter = '') =>
    (await call('GET', `/replays/${id}/approvals${filter}`)).body.items;
  return { desk, call, past, replay, approvals };
}

test(
  'a draft matrix over past approvals tells who would have decided, how many more steps, and what falls away',
  limit,
  async (t) => {
    const { desk, call, past, replay, approvals } = await setPast(t);
    const stricter = (await call('POST', '/decisions', upTo(600))).body.id;
    const more = await replay('decisions', stricter);
    // 700 was refused by sales and would be again; 2000 is not over.
    const { summary } = more;
    assert.deepEqual([summary.approvals, summary.same, summary.stepsThen, summary.stepsNow], [4, 3, 5, 6]);
    assert.deepEqual(summary.differences, { 'more-steps': 1 });
    assert.deepEqual(
      summary.rows.map(({ row, approvals: of, moreSteps }: Record<string, number>) => [row, of, moreSteps]),
      [
        [1, 1, 0],
        [2, 3, 1],
      ],
    );
    const [listed, ...others] = await approvals(more.id);
    assert.deepEqual([listed.id, others.length], [past.get('900'), 0]);
    const [sales, finance] = listed.steps;
    assert.deepEqual(
      [sales.step, sales.is, sales.by, sales.people[0]],
      ['sales', 'kept', desk.anna.actor.id, sales.by],
    );
    // Neither the maker nor whoever took the first step.
    const may = [desk.bert, desk.cleo].map(({ actor }) => actor.id).sort();
    assert.deepEqual([finance.is, finance.may, finance.people.sort()], ['added', 2, may]);

    const looser = (await call('POST', '/decisions', upTo(5_000))).body.id;
    const fewer = await replay('decisions', looser);
    assert.deepEqual(fewer.summary.differences, { 'fewer-steps': 1, breach: 1 });
    assert.deepEqual(fewer.summary.breaches, { 'step-dropped': 1 });
    const [dropped] = await approvals(fewer.id, '?breach=step-dropped&step=finance');
    assert.deepEqual([dropped.id, dropped.stepsThen, dropped.stepsNow], [past.get('3000'), 2, 1]);
    assert.deepEqual(dropped.breaches, [{ kind: 'step-dropped', step: 'finance', people: [] }]);
    assert.deepEqual(await approvals(fewer.id, '?difference=more-steps'), []);
    // The list is the newest replay's; what the first came to stays.
    assert.deepEqual(await approvals(more.id), []);
    const { body } = await call('GET', `/decisions/${stricter}/replays`);
    assert.deepEqual(
      body.items.map(({ id }: { id: string }) => id),
      [more.id],
    );
  },
);

test(
  'a draft process over past approvals tells whom it lets decide what they could not, and where nobody is left',
  limit,
  async (t) => {
    const { desk, call, replay, approvals } = await setPast(t);
    const small = await addPerson(desk.house, ['trade_marketing_manager'], '100');
    const draft = async (finance: CandidateRule) => {
      const bpmn = await writeBpmn([spending(finance)]);
      return (await call('POST', '/processes', { bpmn })).body.items[0].id;
    };
    const unlimited = await replay('processes', await draft({ permission: 'promotions:approve' }));
    assert.deepEqual(unlimited.summary.breaches, { 'over-limit': 1, 'other-hand-needed': 1 });
    const [loose] = await approvals(unlimited.id);
    const byKind = (a: { kind: string }, b: { kind: string }) => (a.kind < b.kind ? -1 : 1);
    assert.deepEqual(loose.breaches.sort(byKind), [
      { kind: 'other-hand-needed', step: 'finance', people: [desk.anna.actor.id] },
      { kind: 'over-limit', step: 'finance', people: [small] },
    ]);
    const nobody = await replay('processes', await draft({ ...candidates, roles: ['wizard'] }));
    assert.deepEqual(nobody.summary.breaches, { 'nobody-left': 1 });
    assert.deepEqual(nobody.summary.differences, { 'other-people': 1, breach: 1 });
    const [stuck] = await approvals(nobody.id);
    assert.deepEqual([stuck.steps[1].by, stuck.steps[1].barred], [desk.bert.actor.id, 'without-role']);
  },
);

test(
  'a replay is refused for what nothing asks or what is wrong, ends for what does not, runs once at a time, and is broken off',
  limit,
  async (t) => {
    const { desk, call, replay } = await setPast(t);
    const alone = (await call('POST', '/decisions', { ...upTo(1), code: 'alone' })).body.id;
    const unasked = await call('POST', `/decisions/${alone}/replays`, {});
    assert.deepEqual([unasked.status, unasked.body.code], [422, 'rule.violated']);
    const broken = upTo(1);
    broken.table.rules.push({ id: 'again', conditions: ['> 5'], results: ['"both"'], notes: [] });
    const wrong = (await call('POST', '/decisions', broken)).body.id;
    assert.equal((await call('POST', `/decisions/${wrong}/replays`, {})).body.code, 'decision.refused');
    const endless = upTo(1);
    const never = { id: 'never', results: ['"both"'], notes: [] };
    endless.table.rules = [{ ...never, conditions: ['<= count(for a in 1..1000000 return a)'] }];
    const { summary } = await replay('decisions', (await call('POST', '/decisions', endless)).body.id);
    assert.deepEqual(summary.differences, { stopped: 4 });
    assert.match(summary.stopped[0].why, /^The decision was stopped/);
    const draft = (await call('POST', '/decisions', upTo(600))).body.id;
    const { body } = await call('POST', `/decisions/${draft}/replays`, {});
    assert.equal(body.state, 'queued');
    assert.equal((await call('POST', `/decisions/${draft}/replays`, {})).status, 409);
    assert.equal((await call('POST', `/replays/${body.id}/cancel`)).body.state, 'cancelled');
    await runReplay(desk.house.context(), body.id);
    const after = (await call('GET', `/replays/${body.id}`)).body;
    assert.deepEqual([after.state, after.summary], ['cancelled', null]);
    assert.equal((await call('POST', `/replays/${body.id}/cancel`)).status, 409);
  },
);
