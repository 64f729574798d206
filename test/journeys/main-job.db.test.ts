import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadDemo } from '../../demo/load-demo.ts';
import { imports } from '../../src/apps/imports.ts';
import { TestClient } from '../../src/engines/realtime/test-client.ts';
import { callOver, signIn } from '../faults/served.ts';
import { allOf, eventually, expecting, type RunningHouse, runHouse, upload } from './running-house.ts';
import type { Answered } from './small-trade.ts';

const password = 'tradeai-demo';
const names = ['kam', 'director', 'finance', 'executive', 'analyst', 'auditor'] as const;
type Tokens = Record<(typeof names)[number], string>;
type Json = Answered['body'];

async function signInAll(url: string): Promise<Tokens> {
  const tokens = {} as Tokens;
  for (const name of names) tokens[name] = await signIn(url, `${name}@demo.tradeai.example`, password);
  return tokens;
}

async function startDemo({ house, url }: RunningHouse): Promise<void> {
  const { store, clock, log, security } = house;
  const demo = { db: store.db, clock, log, imports, tenantBySlug: security.tenantBySlug, publicUrl: url };
  await loadDemo(demo, { password, say: () => undefined });
}

/** What the journey is about: a division with an account, a SKU with its shelf, a fund, two weeks that are to come. */
async function chooseScene(url: string, tokens: Tokens) {
  const kam = callOver(url, tokens.kam);
  const customers = await allOf(kam, '/customers');
  const products = await allOf(kam, '/products');
  const account = customers.find(
    (one) => one.type === 'account' && customers.some((up) => up.id === one.parentId && up.type === 'division'),
  );
  const sold = new Set(
    (await allOf(kam, `/sales?customerId=${account.id}&from=${dayFrom(new Date(), -28)}`)).map(
      (fact) => fact.productId,
    ),
  );
  const sku = products.find((one) => one.level === 'sku' && one.own && sold.has(one.id));
  const fund = (await allOf(kam, '/funds')).find((one) => one.code === 'FUND-ALL');
  const calendar = (await allOf(kam, '/calendars'))[0];
  const weeks: Json[] = (await expecting(kam)(200, 'GET', `/calendars/${calendar.id}`)).weeks;
  const next = weeks.findIndex((week) => week.startsOn > dayFrom(new Date(), 1));
  return { account, divisionId: account.parentId as string, sku, fund, soldIds: [...sold], products, weeks, next };
}

const dayFrom = (at: Date, days: number): string =>
  new Date(at.getTime() + days * 86_400_000).toISOString().slice(0, 10);

/** Sales of an account for weeks that have passed: as in the weeks before, and twice as much of the promoted SKU. */
function salesFile(
  history: Json[],
  scene: Awaited<ReturnType<typeof chooseScene>>,
  event: Json,
  shelfPrice: string,
  until: number,
): string {
  const { account, sku, products, weeks, next } = scene;
  const codeOf = new Map(products.map((product) => [product.id, product.code]));
  const lastWeek = history
    .map((fact) => fact.periodStart)
    .sort()
    .at(-1);
  const lines = ['customer_code,product_code,period_start,units,revenue,price,base_price,feature,display,tpr'];
  for (const week of weeks.slice(0, next + until).filter(({ startsOn }) => startsOn > lastWeek)) {
    for (const productId of scene.soldIds) {
      const clean = history.filter(
        (fact) => fact.productId === productId && !fact.feature && !fact.display && !fact.priceReduction,
      );
      if (clean.length === 0) continue;
      const usual = clean.reduce((total, fact) => total + Number(fact.units), 0) / clean.length;
      const promoted = productId === sku.id && week.startsOn >= event.startsOn && week.startsOn <= event.endsOn;
      const base = Number(clean[0].basePrice).toFixed(2);
      const price = promoted ? Number(shelfPrice).toFixed(2) : base;
      // Neighbouring weeks are never quite the same.
      const units = Math.round(usual * (promoted ? 2 : 1) * (week.week % 2 ? 1.03 : 0.97));
      lines.push(
        [
          account.code,
          codeOf.get(productId),
          week.startsOn,
          units,
          (units * Number(price)).toFixed(2),
          price,
          base,
          0,
          0,
          promoted ? 1 : 0,
        ].join(','),
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

test('the main job on the demo maker: plan, conflict, recall, approve, live, and what the event really earned', {
  timeout: 600_000,
}, async (t) => {
  const running = await runHouse(t);
  const { url, socketUrl, clock } = running;
  await startDemo(running);
  let tokens = await signInAll(url);
  const as = (name: keyof Tokens) => expecting(callOver(url, tokens[name]));
  const scene = await chooseScene(url, tokens);
  const { account, divisionId, sku, fund, weeks, next } = scene;
  const book = () => as('finance')(200, 'GET', `/funds/${fund.id}/checkbook`);

  await t.test('a model is fitted on the demo’s sales', async () => {
    // The demo fits a model of its own: the one asked for is watched by its id.
    const { id } = await as('analyst')(202, 'POST', '/ml/models/promotion-response/train');
    const model = await eventually(
      'a fitted model',
      () => as('analyst')(200, 'GET', `/ml/models/${id}`),
      ({ status }) => status !== 'fitting',
    );
    assert.equal(model.status, 'fitted');
    assert.ok(model.metrics);
  });

  const terms = (customerId: string) => ({
    ...{ name: 'Journey', customerId, startsOn: weeks[next].startsOn, endsOn: weeks[next + 1].endsOn },
    tactics: [
      {
        ...{ mechanic: 'scan_back', productIds: [sku.id], fundSplit: [{ fundId: fund.id, share: '1' }] },
        rate: { amount: '0.40', currency: 'USD', per: 'unit' },
      },
    ],
  });
  const opening = await book();
  const above = await as('kam')(201, 'POST', '/promotions', terms(divisionId));
  const leaf = await as('kam')(201, 'POST', '/promotions', terms(account.id));
  let plan: Json;

  await t.test('the plan says what it will sell, spend and earn, with intervals, versions and formulas', async () => {
    plan = await as('kam')(200, 'GET', `/promotions/${leaf.id}/plan`);
    const { totals, figures, spend } = plan;
    assert.equal(plan.refusal, null);
    assert.ok(
      Number(totals.incrementalLow) <= Number(totals.incrementalUnits) &&
        Number(totals.incrementalUnits) <= Number(totals.incrementalHigh),
    );
    assert.ok(
      Number(totals.incrementalUnits) > 0 && Number(spend.amount) > 0 && plan.modelVersion && plan.formulaVersion,
    );
    assert.ok(figures.netProfit.formula && figures.netRoi.inputs.length > 0);
  });

  await t.test('a live promotion at an ancestor blocks the account’s own, until it is recalled', async () => {
    const submitted = await as('kam')(200, 'POST', `/promotions/${above.id}/submit`);
    assert.equal((await book()).reserved.amount, submitted.plannedSpend.amount);
    const { items } = await as('kam')(200, 'GET', `/promotions/${leaf.id}/conflicts`);
    assert.deepEqual(
      items.map((one: Json) => [one.promotionId, one.policy]),
      [[above.id, 'block']],
    );
    const refused = await as('kam')(422, 'POST', `/promotions/${leaf.id}/submit`);
    assert.equal(refused.code, 'promotion.conflict');
    assert.equal(refused.conflicts[0].promotionId, above.id);
    assert.equal((await as('director')(403, 'POST', `/promotions/${above.id}/recall`)).code, 'auth.forbidden');
    assert.equal(
      (await as('kam')(200, 'POST', `/promotions/${above.id}/recall`, { comment: 'too wide' })).state,
      'draft',
    );
    assert.deepEqual((await book()).available, opening.available, 'the recall gave the money back');
  });

  let submitted: Json;
  await t.test('submitting on a stale version is refused; on the current one it reserves the money', async () => {
    await as('kam')(409, 'POST', `/promotions/${leaf.id}/submit`, undefined, { 'if-match': `"${leaf.version + 1}"` });
    submitted = await as('kam')(200, 'POST', `/promotions/${leaf.id}/submit`, undefined, {
      'if-match': `"${leaf.version}"`,
    });
    assert.equal(submitted.state, 'submitted');
    assert.equal((await book()).reserved.amount, submitted.plannedSpend.amount);
  });

  const watcher = await TestClient.signedIn(socketUrl, tokens.director);
  watcher.send({ type: 'subscribe', id: 'w', channel: 'dashboard' });
  const snapshot = await watcher.frame('initial_data');

  await t.test('its maker may not approve it, the auditor may not decide, those with the authority do', async () => {
    const [task] = (await as('director')(200, 'GET', `/tasks?mine=false&subjectId=${leaf.id}`)).items;
    const yes = { outcome: 'approved', comment: 'go' };
    assert.equal((await as('kam')(403, 'POST', `/tasks/${task.id}/complete`, yes)).code, 'approval.own_work');
    assert.equal((await as('auditor')(403, 'POST', `/tasks/${task.id}/complete`, yes)).code, 'auth.forbidden');
    for (const name of ['director', 'finance', 'executive'] as const) {
      const [mine] = (await as(name)(200, 'GET', `/tasks?mine=true&subjectId=${leaf.id}`)).items;
      if (mine) await as(name)(200, 'POST', `/tasks/${mine.id}/complete`, yes);
    }
    assert.equal((await as('kam')(200, 'GET', `/promotions/${leaf.id}`)).state, 'approved');
    const { committed, reserved } = await book();
    assert.deepEqual([committed.amount, reserved.amount], [submitted.plannedSpend.amount, '0.00']);
  });

  await t.test('whoever watches sees the approval; who comes back later misses nothing', async () => {
    const isApproval = ({ entityId, operation }: Json) => entityId === leaf.id && operation === 'approved';
    await watcher.frame('data_change', isApproval);
    await watcher.frame('metrics_update');
    watcher.socket.close();
    const late = await TestClient.signedIn(socketUrl, tokens.director);
    late.send({ type: 'subscribe', id: 'l', channel: 'dashboard', resume: snapshot.position });
    assert.equal((await late.frame('subscription_confirmed')).complete, true);
    await late.frame('data_change', isApproval);
    const toldOffsets = late.frames
      .filter(({ type }) => type === 'data_change')
      .map(({ position }) => position?.offset ?? 0);
    assert.deepEqual(
      toldOffsets,
      [...toldOffsets].sort((a, b) => a - b),
    );
    late.socket.close();
  });

  await t.test('the audit names who did what', async () => {
    const { items } = await as('auditor')(200, 'GET', `/audit?entityId=${leaf.id}&limit=200`);
    const actions = items.map((entry: Json) => entry.action);
    for (const action of ['promotion.created', 'promotion.submitted', 'task.approved', 'promotion.approved'])
      assert.ok(actions.includes(action), `${action} is not among ${actions}`);
  });

  const stateOf = async () => (await as('kam')(200, 'GET', `/promotions/${leaf.id}`)).state;
  const daysUntil = (date: string) => Math.ceil((Date.parse(date) - clock.now().getTime()) / 86_400_000) + 1;

  await t.test('time starts the promotion and ends it', async () => {
    clock.advanceDays(daysUntil(leaf.startsOn));
    tokens = await signInAll(url);
    await eventually('active', stateOf, (state) => state === 'active');
    clock.advanceDays(daysUntil(leaf.endsOn) + 1);
    tokens = await signInAll(url);
    await eventually('ended', stateOf, (state) => state === 'ended');
    assert.equal((await as('kam')(200, 'GET', `/promotions/${leaf.id}/post-event`)).state, 'pending');
  });

  await t.test('when its sales arrive the product says what it really earned, beside what was predicted', async () => {
    clock.advanceDays(28);
    tokens = await signInAll(url);
    const history = await allOf(
      callOver(url, tokens.analyst),
      `/sales?customerId=${account.id}&from=${dayFrom(new Date(), -120)}`,
    );
    const [{ shelfPrice }] = plan.products;
    const content = salesFile(history, scene, leaf, shelfPrice.amount ?? shelfPrice, 5);
    const imported = await upload(url, tokens.analyst, { kind: 'sales', name: 'after.csv', content });
    assert.equal(imported.status, 'finished', JSON.stringify(imported.errors));
    assert.equal(imported.rows.quarantined, 0);
    const ask = () => as('kam')(200, 'GET', `/promotions/${leaf.id}/post-event`);
    const measured = await eventually('measured', ask, ({ state }) => state !== 'pending');
    assert.equal(measured.state, 'measured', JSON.stringify(measured));
    const { actual, predicted } = measured;
    assert.ok(
      Number(actual.low) <= Number(actual.incrementalUnits) && Number(actual.incrementalUnits) <= Number(actual.high),
    );
    const doubled = Number(actual.actualUnits) / Number(actual.baselineUnits);
    assert.ok(doubled > 1.6 && doubled < 2.5, `sold ${actual.actualUnits} over a baseline of ${actual.baselineUnits}`);
    assert.ok(Number(actual.spend.amount) > 0 && actual.netProfit && measured.verdict);
    assert.ok(measured.measurementVersion === 1 && measured.baselineVersion && measured.formulaVersion);
    assert.ok(Number(predicted.incrementalUnits) > 0 && predicted.modelVersion);
    assert.equal(
      Number(predicted.incrementalUnits),
      Number(plan.totals.incrementalUnits),
      'what was predicted is kept',
    );
    const readHistory = () => as('kam')(200, 'GET', `/promotions/${leaf.id}/history`);
    const told = ({ items }: Json) => items.some((entry: Json) => entry.action === 'measured');
    await eventually('the history tells of the measurement', readHistory, told);
    assert.deepEqual(await as('kam')(200, 'GET', `/promotions/${leaf.id}/post-event?version=1`), measured);
  });
});
