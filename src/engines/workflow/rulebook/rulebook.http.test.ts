import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { sql } from '#db';
import { writeBpmn } from '../definitions/write-bpmn.ts';
import type { Values } from '../instances/instance-state.ts';
import { effectsOf, model, node, setInstanceDesk, user } from '../instances/test-desk.ts';
import { type ShippedDecision, teachWorkflow } from '../instances/workflow-parts.ts';
import { processRoutes } from '../processes/process-routes.ts';
import { startProcess } from '../processes/start-process.ts';
import { decideByRulebook } from './decide-by-rulebook.ts';
import { rulebookRoutes } from './rulebook-routes.ts';

const limit = { timeout: 60_000 };

/** Who has to decide by how much is spent: rows of a condition and an answer. */
const limits = (rows: readonly [condition: string, who: string][], hitPolicy = 'U') => ({
  ...{ code: 'limits', title: 'Who decides', inputs: [{ name: 'spend', type: 'number' }] },
  table: {
    ...{ kind: 'table', hitPolicy, inputs: [{ expression: 'spend', type: 'number' }], outputs: [{ type: 'string' }] },
    annotations: [],
    rules: rows.map(([condition, who], at) => ({
      ...{ id: `row-${at + 1}`, conditions: [condition], results: [`"${who}"`], notes: [] },
    })),
  },
});
const first = limits([
  ['<= 1000', 'sales'],
  ['> 1000', 'finance'],
]);

async function setDesk(t: TestContext) {
  const desk = await setInstanceDesk(t);
  teachWorkflow({ decide: decideByRulebook });
  t.after(() => teachWorkflow({ processes: [] }));
  const app = await desk.house.server([...rulebookRoutes, ...processRoutes]);
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
  return { desk, call };
}

/** Asks who decides, then has sales or finance do it. */
const asking = model(
  'asking',
  [
    ...[node('start', 's'), node('end', 'e'), user('sales'), user('finance')],
    node('business-rule', 'who', { decision: 'limits', input: { spend: 'spend' }, result: 'decider' }),
    node('exclusive', 'x', { default: 'to-sales' }),
    node('exclusive', 'm'),
  ],
  's > who, who > x, sales > m, finance > m, m > e',
  [
    { name: 'spend', type: 'number', required: true },
    { name: 'decider', type: 'string' },
  ],
);
const drawn = {
  ...asking,
  body: {
    nodes: asking.body.nodes,
    flows: [
      ...asking.body.flows.map((flow) => ({ ...flow, id: flow.id.replace('>', '-') })),
      { id: 'to-sales', from: 'x', to: 'sales' },
      { id: 'to-finance', from: 'x', to: 'finance', condition: 'decider = "finance"' },
    ],
  },
};

test(
  'a process asks the decision in force, goes by its answer, and the trail names version and row',
  limit,
  async (t) => {
    const { desk, call } = await setDesk(t);
    const process = (await call('POST', '/processes', { bpmn: await writeBpmn([drawn]) })).body.items[0].id;
    const early = await call('POST', `/processes/${process}/publish`);
    assert.deepEqual([early.status, early.body.detail], [422, 'The decision "limits" is not published.']);
    const decision = (await call('POST', '/decisions', first)).body.id;
    for (const path of [`/decisions/${decision}`, `/processes/${process}`]) {
      assert.equal((await call('POST', `${path}/publish`)).status, 200, path);
    }
    const start = (variables: Values) => startProcess(desk.maker, { process: 'asking', title: 'T', variables });
    const small = await start({ spend: '1000' });
    await desk.open(small, 'sales');
    const large = await start({ spend: '1000.01' });
    await desk.open(large, 'finance');
    const next = await call('POST', '/decisions', limits([['-', 'sales']]));
    assert.equal((await call('POST', `/decisions/${next.body.id}/publish`)).body.version, 2);
    await desk.open(await start({ spend: '5000' }), 'sales');
    const { after } = await desk.maker.db.read(desk.maker, (tx) =>
      tx.one<{ after: { version: number; tables: { matched: object[] }[] } }>(
        sql`select after from audit.entry where action = 'decision.taken' and entity_id = ${large}`,
      ),
    );
    assert.deepEqual([after.version, after.tables[0]?.matched], [1, [{ id: 'row-2', row: 2 }]]);
    const kept = await call('POST', `/decisions/${next.body.id}/retire`);
    assert.deepEqual([kept.status, kept.body.detail], [409, 'The process asking asks it.']);
  },
);

test('a draft is tried before it is published, and one with mistakes is refused with its rows', limit, async (t) => {
  const { call } = await setDesk(t);
  const { id } = (await call('POST', '/decisions', first)).body;
  const tried = (await call('POST', `/decisions/${id}/try`, { inputs: { spend: '1000.01' } })).body;
  assert.deepEqual([tried.value, tried.tables[0].matched], ['finance', [{ id: 'row-2', row: 2 }]]);
  assert.equal((await call('POST', `/decisions/${id}/try`, { inputs: { margin: 1 } })).status, 400);
  const overlapping = limits([
    ['<= 1000', 'sales'],
    ['>= 1000', 'finance'],
  ]);
  const endless = limits([['<= count(for a in 1..1000000, b in 1..1000000 return a)', 'sales']]);
  const stopped = await call('POST', '/decisions/check', { draft: endless, inputs: { spend: '5' } });
  assert.deepEqual([stopped.status, stopped.body.code], [422, 'decision.exhausted']);
  const looked = (await call('POST', '/decisions/check', { draft: overlapping, inputs: { spend: '5' } })).body;
  assert.deepEqual(
    looked.findings.map(({ kind, rows, blocks }: Record<string, unknown>) => [kind, rows, blocks]),
    [['overlap', [1, 2], true]],
  );
  assert.deepEqual([looked.answer.value, looked.answer.tables[0].matched], ['sales', [{ id: 'row-1', row: 1 }]]);
  const wrong = (await call('POST', '/decisions', overlapping)).body.id;
  const refused = await call('POST', `/decisions/${wrong}/publish`);
  assert.deepEqual([refused.status, refused.body.code], [422, 'decision.refused']);
  assert.equal(refused.body.errors[0].path, '1,2');
  const gap = (await call('POST', '/decisions', limits([['< 10', 'sales']]))).body.id;
  const { findings } = (await call('GET', `/decisions/${gap}`)).body;
  assert.deepEqual(
    findings.map(({ kind, blocks }: { kind: string; blocks: boolean }) => [kind, blocks]),
    [['gap', false]],
  );
  assert.equal((await call('POST', `/decisions/${gap}/publish`)).status, 200);
  const { inputs, table, ...named } = limits([['-', 'sales']]);
  teachWorkflow({ decisions: [{ ...named, inputs, table: table as ShippedDecision['table'] }] });
  t.after(() => teachWorkflow({ decisions: [] }));
  assert.deepEqual((await call('GET', '/decisions/shipped')).body.items, [{ ...named, inputs, table }]);
  const { body } = await call('GET', '/decisions?state=published');
  assert.deepEqual(
    body.items.map(({ version }: { version: number }) => version),
    [3],
  );
});

test('a decision goes out as DMN and comes in again as the same', limit, async (t) => {
  const { call } = await setDesk(t);
  const { id } = (await call('POST', '/decisions', first)).body;
  const { dmn } = (await call('GET', `/decisions/${id}/dmn`)).body;
  const again = await call('POST', '/decisions', { code: 'copied', title: 'Copied', dmn, decision: 'Who decides' });
  assert.equal(again.status, 201, JSON.stringify(again.body));
  const [one, other] = await Promise.all([id, again.body.id].map((of) => call('GET', `/decisions/${of}`)));
  assert.deepEqual(other?.body.model.decisions[0].logic.rules, one?.body.model.decisions[0].logic.rules);
  assert.deepEqual(
    other?.body.findings.filter(({ blocks }: { blocks: boolean }) => blocks),
    [],
  );
  for (const dmn of ['<a/>', '<!DOCTYPE a><a/>']) {
    const refused = await call('POST', '/decisions', { code: 'copied', title: 'Copied', dmn, decision: 'D' });
    assert.deepEqual([refused.status, refused.body.code], [422, 'decision.refused'], dmn);
  }
});

/** A table of business rules that a module ships: dear things are told of. */
const shippedRules = (row: readonly [condition: string, severity: string]): ShippedDecision => ({
  ...{ code: 'house-rules', title: 'House rules', inputs: [{ name: 'spend', type: 'number' }] },
  table: {
    ...{ kind: 'table', hitPolicy: 'C', inputs: [{ expression: 'spend', type: 'number' }], annotations: [] },
    outputs: [{ name: 'severity' }, { name: 'message' }, { name: 'step' }],
    rules: [{ id: 'dear', conditions: [row[0]], results: [`"${row[1]}"`, '"Too dear."', '"sales"'], notes: [] }],
  },
});

test(
  'business rules that ship are in force until a tenant has its own: they name the rows that ask, block with their message, and an own table keeps the contract',
  limit,
  async (t) => {
    const { desk, call } = await setDesk(t);
    const shipped = shippedRules(['> 100', 'warn']);
    teachWorkflow({ decisions: [shipped] });
    t.after(() => teachWorkflow({ decisions: [] }));
    const asks = model(
      'judged',
      [
        ...[node('start', 's'), user('sales'), node('end', 'e')],
        node('business-rule', 'rules', { decision: 'house-rules', input: { spend: 'spend' }, result: 'verdict' }),
        node('service', 'tell', { effect: 'tell', input: { findings: 'verdict.findings' }, result: 'findings' }),
      ],
      's > rules, rules > tell, tell > sales, sales > e',
      [
        { name: 'spend', type: 'number', required: true },
        { name: 'verdict', type: 'context' },
        { name: 'findings', type: 'list' },
      ],
    );
    teachWorkflow({ effects: effectsOf({ tell: async (_tx, { findings = null }) => findings }) });
    t.after(() => teachWorkflow({ effects: {} }));
    const because = async (spend: string) => {
      const id = await desk.start(asks, { spend });
      const [task] = await desk.tasks(id);
      return task?.routing.because;
    };
    assert.deepEqual(await because('100'), []);
    const row = {
      decision: 'house-rules',
      row: 1,
      rowId: 'dear',
      severity: 'warn',
      message: 'Too dear.',
      step: 'sales',
    };
    assert.deepEqual(await because('101'), [{ ...row, version: 0 }]);
    const own = async (of: ShippedDecision) => {
      const { id } = (await call('POST', '/decisions', of)).body;
      return { id, ...(await call('POST', `/decisions/${id}/publish`)) };
    };
    const narrower = shippedRules(['> 50', 'block']);
    const { id, status } = await own(narrower);
    assert.equal(status, 200);
    await assert.rejects(because('51'), { code: 'rule.violated', detail: 'Too dear.' });
    assert.equal((await call('POST', `/decisions/${id}/retire`)).status, 200);
    assert.deepEqual(await because('101'), [{ ...row, version: 0 }]);
    const { table } = narrower;
    const refusals: [ShippedDecision, RegExp][] = [
      [{ ...narrower, table: { ...table, hitPolicy: 'U' } }, /hit policy C/],
      [{ ...narrower, inputs: [...narrower.inputs, { name: 'mood' }] }, /asks for "mood"/],
      [
        {
          ...narrower,
          table: {
            ...table,
            outputs: table.outputs.slice(0, 2),
            rules: [{ ...table.rules[0]!, results: ['"warn"', '"x"'] }],
          },
        },
        /lacks the output "step"/,
      ],
    ];
    for (const [of, why] of refusals) {
      const refused = await own(of);
      assert.deepEqual([refused.status, refused.body.code], [422, 'decision.refused'], String(why));
      assert.match(refused.body.detail, why);
    }
  },
);
