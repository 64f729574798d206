import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adoptScenario } from './adopt-scenario.ts';
import { calculatePlan } from './calculate-plan.ts';
import { changePlan, createPlan } from './change-plan.ts';
import { createScenario } from './change-scenario.ts';
import { followSnapshotJob } from './follow-snapshot.ts';
import { accountPlansModule } from './module.ts';
import { setPlanScene } from './test-plan-scene.ts';

test('a plan is opened, calculated, explained, tried out in scenarios and adopted over HTTP', async (t) => {
  const scene = await setPlanScene(t);
  const { house, banner, accounts } = scene;
  const draftId = await scene.draft();
  const app = await house.server(accountPlansModule(scene.ports).routes ?? []);
  const call = async (method: 'GET' | 'POST' | 'PATCH', path: string, payload?: object, headers = {}) => {
    const reply = await app.inject({
      ...{ method, url: `/api/v1${path}`, headers: { authorization: 'Bearer a', ...headers } },
      ...(payload ? { payload } : {}),
    });
    return { status: reply.statusCode, body: reply.json(), etag: reply.headers.etag };
  };
  const opened = await call('POST', '/account-plans', { name: 'FY26', customerId: banner, fiscalYear: 2026 });
  assert.equal(opened.status, 201);
  const path = `/account-plans/${opened.body.id}`;
  const early = await call('GET', `${path}/pnl`);
  assert.deepEqual([early.status, early.body.code], [409, 'state.conflict']);
  assert.equal((await call('POST', `${path}/calculate`)).body.snapshot, 1);

  const targets = Array.from({ length: 12 }, (_, i) => ({ period: i + 1, contribution: '9500.00' }));
  const changed = await call('PATCH', path, { targets }, { 'if-match': '"1"' });
  assert.deepEqual([changed.status, changed.etag, changed.body.snapshot], [200, '"2"', 2]);
  const negative = await call('PATCH', path, {
    baselineChanges: [{ accountId: null, productId: null, percent: '-101' }],
  });
  assert.equal(negative.status, 422);

  const pnl = (await call('GET', `${path}/pnl`)).body;
  const contribution = pnl.lines.find(({ line }: { line: string }) => line === 'contribution');
  // 12 periods of 9 500.00 less 8 450 cases at 14.00.
  assert.deepEqual(contribution.year.gap, { amount: '4300.00', currency: 'USD' });
  const figure = (await call('GET', `${path}/figure?line=contribution&column=gap`)).body;
  assert.deepEqual(figure.value, contribution.year.gap);
  assert.equal(figure.formula, 'latest estimate − target');
  // Contribution is made of other lines; volume has rows of its own, which sum to it.
  assert.equal(figure.rows, undefined);
  const volume = (await call('GET', `${path}/figure?line=volume&column=latestEstimate`)).body;
  const rows = (await call('GET', `${volume.rows.replace('/api/v1', '')}&limit=50`)).body.items;
  assert.deepEqual(
    rows.map((row: { account: string; volume: string }) => [row.account, row.volume]),
    [
      ['EAST', '5800.000'],
      ['WEST', '2650.000'],
    ],
  );
  assert.equal(volume.value, '8450.000');
  assert.equal((await call('GET', `${path}/rows?line=contribution`)).status, 422);
  const breakdown = (await call('GET', `${path}/breakdown?by=account`)).body.items;
  const parts = breakdown.map(({ plan }: { plan: { volume: string } }) => plan.volume);
  assert.deepEqual(parts, ['5320.000', '2650.000']);
  const ofEast = `${path}/figure?line=contribution&column=plan&by=account&of=${accounts[0]}`;
  const east = (await call('GET', ofEast)).body;
  // A row of a breakdown opens its own figure, made of its own lines: 5 320 cases at 14.00.
  assert.deepEqual(
    [east.value, east.inputs.map(({ value }: { value: string }) => value)],
    [{ amount: '74480.00', currency: 'USD' }, ['159600.00', '85120.00']],
  );
  assert.equal((await call('GET', `${path}/figure?by=account&of=${opened.body.id}`)).status, 404);
  const past = (await call('GET', `${path}/pnl?snapshot=1`)).body.lines.find(
    ({ line }: { line: string }) => line === 'contribution',
  );
  assert.equal(past.year.target, null);

  const made = await call('POST', '/scenarios', {
    ...{ planId: opened.body.id, name: 'Bold' },
    edits: [
      { kind: 'include', promotionId: draftId },
      { kind: 'baseline', accountId: accounts[0], productId: null, percent: '10' },
    ],
  });
  assert.equal(made.status, 201);
  const { columns } = (await call('GET', `${path}/comparison`)).body;
  assert.deepEqual(
    columns.map(({ name, figures }: { name: string; figures: { plan: { tacticSpend: { value: unknown } } } }) => [
      name,
      figures.plan.tacticSpend.value,
    ]),
    [
      ['Plan', { amount: '0.00', currency: 'USD' }],
      ['Bold', { amount: '900.00', currency: 'USD' }],
    ],
  );
  const stranger = await call('POST', '/scenarios', {
    ...{ planId: opened.body.id, name: 'Odd' },
    edits: [{ kind: 'drop', promotionId: opened.body.id }],
  });
  assert.equal(stranger.status, 404);
  const stale = await call('POST', `/scenarios/${made.body.id}/adopt`, undefined, { 'if-match': '"9"' });
  assert.deepEqual([stale.status, stale.body.code], [409, 'version.conflict']);
  const adopted = await call('POST', `/scenarios/${made.body.id}/adopt`, undefined, { 'if-match': '"1"' });
  assert.deepEqual([adopted.status, adopted.body.state], [200, 'adopted']);
  const after = (await call('GET', path)).body;
  assert.deepEqual(after.baselineChanges, [{ accountId: accounts[0], productId: null, percent: '10' }]);
  assert.equal((await call('POST', `/scenarios/${made.body.id}/adopt`)).status, 409);
});

test('a scenario on an earlier snapshot is compared by no number, and an open one follows the latest; an adopted one never', async (t) => {
  const scene = await setPlanScene(t);
  const { house, kam, ports, banner, accounts } = scene;
  const planned = await createPlan(kam, { name: 'FY26', customerId: banner, fiscalYear: 2026 });
  const { id: planId } = planned;
  await calculatePlan(kam, ports, planId);
  const edits = [{ kind: 'baseline' as const, accountId: accounts[0], productId: null, percent: '10' }];
  const { id: adoptedId } = await createScenario(kam, { planId, name: 'First', edits });
  await adoptScenario(kam, adoptedId, undefined);
  const draftId = await scene.draft();
  await calculatePlan(kam, ports, planId);
  const { id: openId } = await createScenario(kam, {
    ...{ planId, name: 'Bold' },
    edits: [{ kind: 'include', promotionId: draftId }],
  });
  const targets = Array.from({ length: 12 }, (_, i) => ({ period: i + 1, contribution: '9500.00' }));
  await changePlan(kam, planId, undefined, { targets });
  const app = await house.server(accountPlansModule(ports).routes ?? []);
  const compare = async () => {
    const reply = await app.inject({
      url: `/api/v1/account-plans/${planId}/comparison?scenarios=${adoptedId},${openId}`,
      headers: { authorization: 'Bearer a' },
    });
    return reply
      .json()
      .columns.slice(1)
      .map((column: Compared) => {
        const { gap, difference } = column.figures;
        return [
          column.name,
          column.snapshot,
          column.notComparable,
          gap.contribution?.value,
          difference.tacticSpend?.value,
        ];
      });
  };
  const reason = (on: number) => `not comparable: counted on snapshot ${on}, the plan on snapshot 4`;
  assert.deepEqual(await compare(), [
    ['First', 1, reason(1), null, null],
    ['Bold', 3, reason(3), null, null],
  ]);

  await followSnapshotJob.handle({ ...kam, signal: new AbortController().signal } as never, { planId });
  const usd = (amount: string) => ({ amount, currency: 'USD' });
  assert.deepEqual(await compare(), [
    ['First', 1, reason(1), null, null],
    // 8 450 cases and 10 % more in the east from now on (292), at 14.00, less 900.00, to a target of 114 000.00.
    ['Bold', 4, null, usd('7488.00'), usd('900.00')],
  ]);
});

interface Compared {
  name: string;
  snapshot: number;
  notComparable: string | null;
  figures: Record<'gap' | 'difference', Record<string, { value: unknown }>>;
}
