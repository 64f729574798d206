import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import type { Context } from '#context';
import { sql } from '#db';
import { addDays } from '#fiscal-calendar';
import { customerLeavesOfEach } from '#master-data';
import { Decimal, fromMinor } from '#money';
import { simulateMaker } from '../../../demo/simulate-maker.ts';
import { testHouse } from '../../../test/house.ts';
import { keepPrediction } from './keep-prediction.ts';
import { type EndedPromotion, measurePromotion, readPostEvent } from './measure-promotion.ts';
import { storeMaker } from './test-maker.ts';

const maker = simulateMaker({ seed: 7, today: '2026-06-15' });
const banner = 'HGM';

/** A tenant with one banner's sales of one category, and a past event of it with its truth. */
async function tenantWithEvent(t: TestContext) {
  const house = await testHouse(t);
  const context = house.context();
  const category = 'BAR';
  const ids = await storeMaker({ url: house.url, newId: context.newId, tenantId: context.tenant.id }, maker, {
    categories: [category],
    banners: [banner],
  });
  const candidates = maker.promotions.filter(
    ({ state, customerCode, productCodes, startsOn }) =>
      state === 'ended' &&
      startsOn < '2026-03-01' &&
      ids.customers.has(customerCode) &&
      productCodes.every((code) => ids.products.has(code)),
  );
  const promotion = candidates.find(({ tactics }) => tactics.some(({ mechanic }) => mechanic === 'scan_back'))!;
  const ended: EndedPromotion = {
    promotionId: context.newId(),
    customerId: ids.customers.get(promotion.customerCode)!,
    startsOn: promotion.startsOn,
    endsOn: promotion.endsOn,
    currency: 'USD',
    tactics: promotion.tactics.map((tactic, index) => ({
      key: String(index),
      mechanic: tactic.mechanic,
      productIds: promotion.productCodes.map((code) => ids.products.get(code)!),
      rate: tactic.rate && {
        amount: new Decimal(tactic.rate.value).div(tactic.rate.per === 'percent' ? 1 : 100),
        currency: 'USD',
        per: tactic.rate.per,
      },
      lumpSum: tactic.lumpSumMinor === null ? null : fromMinor(BigInt(tactic.lumpSumMinor), 'USD'),
      passThrough: new Decimal(tactic.passThrough ?? 0),
      fundSplit: [{ fundId: context.tenant.id, share: new Decimal(1) }],
      feature: tactic.feature,
      display: tactic.display,
    })),
  };
  const truth = maker.truth.events.find(({ code }) => code === promotion.code)!;
  return { house, context, ids, ended, truth };
}

const stored = (context: Context, promotionId: string, version?: number) =>
  context.db.transact(context, (tx) => readPostEvent(tx, promotionId, version));

test('a measured promotion tells what it earned, near the truth, with spend to the cent of what was sold', async (t) => {
  const { context, ended, truth } = await tenantWithEvent(t);
  const result = await measurePromotion(context, ended);
  assert.equal(result.state, 'measured', result.reason ?? '');
  const { actual } = result;
  assert.ok(actual);
  const error = Math.abs(Number(actual.incrementalUnits) / truth.incrementalUnits - 1);
  assert.ok(error < 0.5, `measured ${actual.incrementalUnits}, true ${truth.incrementalUnits}`);
  assert.ok(Math.abs(Number(actual.spend.amount) * 100 - truth.spendMinor) / truth.spendMinor < 0.05);
  assert.ok(
    Number(actual.low) < Number(actual.incrementalUnits) && Number(actual.incrementalUnits) < Number(actual.high),
  );
  assert.ok(result.verdict && result.verdict.reasons.length > 0);
  assert.deepEqual([...new Set(result.weeks.map(({ phase }) => phase))], ['before', 'event', 'dip']);
  assert.ok(result.weeks.every(({ fiscalWeek }) => /^FY\d{4} W\d\d$/.test(fiscalWeek ?? '')));
});

test('measuring the same sales again keeps the result; a restated week makes a new version beside it', async (t) => {
  const { house, context, ended } = await tenantWithEvent(t);
  const first = await measurePromotion(context, ended);
  assert.equal((await measurePromotion(context, ended)).measurementVersion, 1);
  const client = new pg.Client({ connectionString: house.url });
  await client.connect();
  await client.query(
    'update performance.sales set units = units * 2 where product_id = any($1) and period_start between $2 and $3',
    [ended.tactics[0]!.productIds, ended.startsOn, ended.endsOn],
  );
  await client.end();
  const second = await measurePromotion(context, ended);
  assert.equal(second.measurementVersion, 2);
  assert.ok(Number(second.actual?.actualUnits) > Number(first.actual?.actualUnits));
  assert.deepEqual(await stored(context, ended.promotionId, 1), first);
  assert.deepEqual(await stored(context, ended.promotionId), second);
});

test('a stored result cannot be changed or taken away by the application', async (t) => {
  const { context, ended } = await tenantWithEvent(t);
  await measurePromotion(context, ended);
  for (const statement of [
    sql`update performance.post_event_result set version = 9`,
    sql`delete from performance.post_event_result`,
  ]) {
    await assert.rejects(
      context.db.transact(context, (tx) => tx.run(statement)),
      { code: '42501' },
    );
  }
});

test('a promotion whose weeks have no sales yet is pending, and nothing is stored', async (t) => {
  const { context, ended } = await tenantWithEvent(t);
  const result = await measurePromotion(context, { ...ended, startsOn: '2026-07-06', endsOn: '2026-07-19' });
  assert.equal(result.state, 'pending');
  assert.equal(result.measurementVersion, null);
  assert.equal(await stored(context, ended.promotionId), undefined);
});

test('a promotion with too little data around it is refused with the reason, and that is kept', async (t) => {
  const { context, ended } = await tenantWithEvent(t);
  const { weekStart } = maker.sellOut;
  const result = await measurePromotion(context, { ...ended, startsOn: weekStart[3]!, endsOn: weekStart.at(-2)! });
  assert.equal(result.state, 'refused');
  assert.ok(result.reason && result.reason.length > 10);
  assert.equal(result.actual, null);
  assert.equal((await stored(context, ended.promotionId))?.state, 'refused');
});

test('the prediction that was kept last stands beside what was measured', async (t) => {
  const { house, context, ended } = await tenantWithEvent(t);
  const client = new pg.Client({ connectionString: house.url });
  await client.connect();
  const modelVersion = context.newId();
  await client.query(
    `insert into performance.model_version (tenant_id, id, kind, number, status, artifact, requested_by, requested_at)
     values ($1, $2, 'promotion-response', 1, 'fitted', '', $1, now())`,
    [context.tenant.id, modelVersion],
  );
  await client.end();
  const usd = (amount: string) => ({ amount, currency: 'USD' });
  const prediction = {
    ...{ incrementalUnits: '900', low: '500', high: '1300', spend: usd('800.00'), netProfit: usd('20.00') },
    ...{ netRoi: '0.0250', modelVersion },
  };
  await context.db.transact(context, (tx) => keepPrediction(tx, ended.promotionId, { ...prediction, low: '1' }));
  await context.db.transact(context, (tx) => keepPrediction(tx, ended.promotionId, prediction));
  assert.deepEqual((await measurePromotion(context, ended)).predicted, prediction);
});

test('another tenant sees neither the promotion nor its result', async (t) => {
  const { house, context, ended } = await tenantWithEvent(t);
  await measurePromotion(context, ended);
  const stranger = house.context({ tenant: 'b' });
  assert.equal(await stored(stranger, ended.promotionId), undefined);
  await assert.rejects(measurePromotion(stranger, ended), { code: 'not_found' });
});

test('tiers, a cap and dates of its own count in what a measured event cost', async (t) => {
  const { house, context, ended } = await tenantWithEvent(t);
  const [scanned] = ended.tactics;
  assert.ok(scanned);
  const firstWeek = { startsOn: ended.startsOn, endsOn: addDays(ended.startsOn, 6) };
  const terms = { rate: { amount: new Decimal('0.10'), currency: 'USD', per: 'unit' }, lumpSum: null } as const;
  const spendOf = async (change: Partial<EndedPromotion['tactics'][number]>) => {
    const tactics = [{ ...scanned, ...terms, ...change }];
    const result = await measurePromotion(context, { ...ended, promotionId: context.newId(), tactics });
    assert.equal(result.state, 'measured', result.reason ?? '');
    return result.actual?.spend.amount;
  };
  const client = new pg.Client({ connectionString: house.url });
  await client.connect();
  const { rows } = await client.query(
    `select round(sum(units) * 0.10, 2)::text as spend from performance.sales
      where product_id = any($1) and customer_id = any($2) and period_start = $3`,
    [scanned.productIds, await leavesOf(context, ended.customerId), ended.startsOn],
  );
  await client.end();
  assert.equal(await spendOf(firstWeek), rows[0].spend);
  assert.equal(await spendOf({ cap: fromMinor(12_345n, 'USD') }), '123.45');
  const steps = [{ from: new Decimal(1), rate: new Decimal('0.10') }];
  const rebate = { mechanic: 'volume_rebate', tiers: { method: 'retroactive', steps } } as const;
  assert.ok(Number(await spendOf(rebate)) > 0);
});

const leavesOf = (context: Context, customerId: string) =>
  context.db.read(context, async (tx) => (await customerLeavesOfEach(tx, [customerId])).get(customerId) ?? []);
