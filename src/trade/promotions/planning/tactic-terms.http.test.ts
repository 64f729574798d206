import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { sql } from '#db';
import { openFundIn } from '#funds';
import { masterDataModule } from '#master-data';
import { submitPromotion } from '../life/submit-promotion.ts';
import { promotionRoutes } from '../promotion-routes.ts';
import { setScene } from '../test-scene.ts';
import type { PromotionInput } from './promotion-terms.ts';

const usd = (amount: string) => ({ amount, currency: 'USD' });
const perCase = (amount: string) => ({ ...usd(amount), per: 'case' });

/** The scene with a server, and the promotion of the scene with another tactic. */
async function setDesk(t: TestContext) {
  const scene = await setScene(t);
  const [tactic] = scene.input().tactics;
  assert.ok(tactic);
  const { lumpSum: _lumpSum, ...bare } = tactic;
  const server = await scene.house.server([...promotionRoutes, ...(masterDataModule.routes ?? [])]);
  const send = async (tactics: object[], change: Partial<PromotionInput> = {}) => {
    const answer = await server.inject({
      method: 'POST',
      url: '/api/v1/promotions',
      headers: { authorization: 'Bearer a' },
      payload: { ...scene.input(change), tactics: tactics.map((one) => ({ ...bare, ...one })) },
    });
    return { status: answer.statusCode, body: answer.json() };
  };
  const record = async (rate: object) => {
    const answer = await server.inject({
      ...{ method: 'POST', url: '/api/v1/fx-rates', headers: { authorization: 'Bearer a' }, payload: rate },
    });
    assert.equal(answer.statusCode, 201, answer.body);
  };
  return { ...scene, server, send, record };
}

test('every term of a tactic comes back as it was sent, also from the versions that are kept', async (t) => {
  const { send, server } = await setDesk(t);
  const rebateTerms = {
    ...{ mechanic: 'volume_rebate', rate: { ...usd('1'), per: 'percent', percentOf: 'invoice' } },
    tiers: {
      method: 'incremental',
      steps: [
        { from: '500', rate: '2' },
        { from: '1000', rate: '2.5' },
      ],
    },
    ...{ cap: usd('900.00'), minimum: usd('50.00') },
  };
  const tactics = [
    rebateTerms,
    { mechanic: 'display', lumpSum: usd('4.00'), stores: 25, recognition: 'volume_curve', endsOn: '2026-07-12' },
    { mechanic: 'temporary_price_reduction', rate: perCase('1.5'), fundingBasis: 'shipments' },
    { mechanic: 'coupon', rate: { ...usd('0.5'), per: 'unit' }, redemptionRate: '0.025', startsOn: '2026-07-13' },
  ];
  const { status, body } = await send(tactics);
  assert.equal(status, 201, JSON.stringify(body));
  const read = await server.inject({
    ...{ method: 'GET', url: `/api/v1/promotions/${body.id}`, headers: { authorization: 'Bearer a' } },
  });
  const [rebate, display, reduction, coupon] = read.json().tactics;
  assert.deepEqual(
    [rebate.rate, rebate.tiers, rebate.cap, rebate.minimum, rebate.passThrough],
    [rebateTerms.rate, rebateTerms.tiers, usd('900.00'), usd('50.00'), '0'],
  );
  assert.deepEqual(
    [display.lumpSum, display.stores, display.recognition, display.startsOn, display.endsOn],
    [usd('4.00'), 25, 'volume_curve', null, '2026-07-12'],
  );
  assert.deepEqual([reduction.fundingBasis, reduction.passThrough], ['shipments', '1']);
  assert.deepEqual([coupon.redemptionRate, coupon.startsOn], ['0.025', '2026-07-13']);
});

test('what a mechanic does not take, and what no tactic can mean, is refused at its field', async (t) => {
  const { send } = await setDesk(t);
  const rebate = { mechanic: 'volume_rebate', rate: perCase('1') };
  const steps = (...given: [string, string][]) => ({
    ...{ ...rebate, tiers: { method: 'retroactive', steps: given.map(([from, rate]) => ({ from, rate })) } },
  });
  const refused: [tactic: object, path: string, message: RegExp][] = [
    [{ mechanic: 'display', rate: perCase('1') }, 'tactics.0.rate', /is not for display/],
    [{ mechanic: 'scan_back', rate: perCase('1'), stores: 3 }, 'tactics.0.stores', /is not for scan_back/],
    [{ mechanic: 'scan_back', rate: perCase('1'), fundingBasis: 'shipments' }, 'tactics.0.fundingBasis', /is not for/],
    [{ mechanic: 'off_invoice', rate: perCase('1'), cap: usd('5.00') }, 'tactics.0.cap', /is not for off_invoice/],
    [{ mechanic: 'coupon', rate: perCase('1') }, 'tactics.0.redemptionRate', /is missing/],
    [{ mechanic: 'coupon', rate: perCase('1'), redemptionRate: '1.01' }, 'tactics.0.redemptionRate', /is above 1/],
    [rebate, 'tactics.0.tiers', /is missing/],
    [steps(['0', '2']), 'tactics.0.tiers.steps.0.from', /is not above/],
    [steps(['500', '2'], ['500', '3']), 'tactics.0.tiers.steps.1.from', /is not above/],
    [steps(['500', '2'], ['600', '2']), 'tactics.0.tiers.steps.1.rate', /is not above/],
    [
      { mechanic: 'display', lumpSum: usd('1'), recognition: 'on_date', startsOn: '2026-07-05' },
      'tactics.0.startsOn',
      /is not within 2026-07-06 to 2026-07-19/,
    ],
    [{ mechanic: 'display', lumpSum: usd('1'), endsOn: '2026-07-20' }, 'tactics.0.endsOn', /is not within/],
    [
      { mechanic: 'display', lumpSum: usd('1'), startsOn: '2026-07-10', endsOn: '2026-07-09' },
      'tactics.0.endsOn',
      /is before startsOn/,
    ],
    [
      { mechanic: 'scan_back', rate: perCase('1'), cap: usd('5.00'), minimum: usd('5.01') },
      'tactics.0.minimum',
      /is above the cap/,
    ],
    [{ mechanic: 'scan_back', rate: perCase('1'), cap: usd('0') }, 'tactics.0.cap', /is zero/],
    [
      { mechanic: 'scan_back', rate: { ...perCase('1'), percentOf: 'invoice' } },
      'tactics.0.rate.percentOf',
      /is for rates in percent/,
    ],
    [
      { mechanic: 'scan_back', rate: perCase('1'), lumpSum: { amount: '1', currency: 'EUR' } },
      'tactics.0',
      /states money in USD and EUR/,
    ],
    [{ mechanic: 'scan_back', rate: perCase('1'), fundSplit: [] }, 'tactics.0.fundSplit', /./],
  ];
  for (const [tactic, path, message] of refused) {
    const { status, body } = await send([tactic]);
    assert.ok(status === 422 || status === 400, `${path}: ${status} ${JSON.stringify(body)}`);
    const error = body.errors.find((one: { path: string }) => one.path === path);
    assert.ok(error, `${path}: ${JSON.stringify(body.errors)}`);
    assert.match(error.message, message);
  }
  assert.equal((await send([{ mechanic: 'scan_back', rate: perCase('-1') }])).status, 400);
  assert.equal((await send([{ mechanic: 'display', lumpSum: usd('1'), stores: 0 }])).status, 400);
});

test('what is bought before the event may have its dates in the buy window', async (t) => {
  const { send } = await setDesk(t);
  const window = { shipStartsOn: '2026-06-22', shipEndsOn: '2026-07-12' };
  const dates = { startsOn: '2026-06-22', endsOn: '2026-07-05' };
  assert.equal((await send([{ mechanic: 'bill_back', rate: perCase('1'), ...dates }], window)).status, 201);
  const scanned = await send([{ mechanic: 'scan_back', rate: perCase('1'), ...dates }], window);
  assert.equal(scanned.status, 422);
});

test('a tactic in another currency needs a rate of a named type, which is kept with it', async (t) => {
  const { send, record, maker } = await setDesk(t);
  const euros = { mechanic: 'display', lumpSum: { amount: '100.00', currency: 'EUR' } };
  const unnamed = await send([euros]);
  assert.deepEqual([unnamed.status, unnamed.body.code], [422, 'money.currency_mismatch']);
  const missing = await send([{ ...euros, fx: { type: 'plan' } }]);
  assert.deepEqual([missing.status, missing.body.code], [422, 'fx.rate_missing']);
  await record({ type: 'plan', from: 'EUR', to: 'USD', on: '2026-04-01', rate: '1.10' });
  const { status, body } = await send([{ ...euros, fx: { type: 'plan' } }]);
  assert.equal(status, 201, JSON.stringify(body));
  const { rateId, ...fx } = body.tactics[0].fx;
  assert.deepEqual(fx, { type: 'plan', on: '2026-04-01', from: 'EUR', to: 'USD', rate: '1.1' });
  assert.ok(rateId);
  assert.deepEqual(
    [body.tactics[0].lumpSum, body.plannedSpend],
    [{ amount: '100.00', currency: 'EUR' }, usd('110.00')],
  );
  // A rate recorded later does not change what is kept.
  await record({ type: 'plan', from: 'EUR', to: 'USD', on: '2026-06-01', rate: '1.20' });
  const kept = await maker.db.read(maker, (tx) =>
    tx.one<{ rate: string }>(sql`select fx->>'rate' as rate from promotions.tactic where promotion_id = ${body.id}`),
  );
  assert.equal(kept.rate, '1.1');
});

test('a fund in another currency bears its part at a named rate, which its entries say', async (t) => {
  const { send, record, maker, fundId } = await setDesk(t);
  const euros = await maker.db.transact(maker, (tx) =>
    openFundIn(tx, {
      ...{ code: 'E', name: 'Euros', kind: 'fixed', currency: 'EUR', amount: '500.00' },
      ...{ validFrom: '2026-01-01', validTo: '2026-12-31' },
    }),
  );
  const share = (fx?: object) => ({
    ...{ mechanic: 'display', lumpSum: usd('400.00') },
    fundSplit: [
      { fundId, share: '0.25' },
      { fundId: euros.id, share: '0.75', ...(fx ? { fx } : {}) },
    ],
  });
  const unnamed = await send([share()]);
  assert.deepEqual([unnamed.status, unnamed.body.code], [422, 'fund.not_eligible']);
  const missing = await send([share({ type: 'plan' })]);
  assert.deepEqual([missing.status, missing.body.code], [422, 'fx.rate_missing']);
  await record({ type: 'plan', from: 'USD', to: 'EUR', on: '2026-04-01', rate: '0.9' });
  const { status, body } = await send([share({ type: 'plan' })]);
  assert.equal(status, 201, JSON.stringify(body));
  await submitPromotion(maker, body.id, undefined);
  const reserved = await maker.db.read(maker, (tx) =>
    tx.many(sql`select amount::text, currency, note from funds.entry where kind = 'reserve' order by currency`),
  );
  assert.deepEqual(reserved, [
    { amount: '270.0000', currency: 'EUR', note: '1 USD = 0.9 EUR (plan, 2026-04-01)' },
    { amount: '100.0000', currency: 'USD', note: '' },
  ]);
});

test('an amount that nobody can mean is refused, also where only its stores or its exchange rate make it so', async (t) => {
  const { send, record } = await setDesk(t);
  await record({ type: 'plan', from: 'EUR', to: 'USD', on: '2026-01-01', rate: '9999999' });
  const lump = { mechanic: 'display', lumpSum: usd('999999999999') };
  for (const tactic of [
    { ...lump, stores: 100_000 },
    { mechanic: 'display', lumpSum: { amount: '999999999999', currency: 'EUR' }, fx: { type: 'plan' } },
  ]) {
    const { status, body } = await send([tactic]);
    assert.deepEqual([status, body.code], [422, 'rule.violated'], JSON.stringify(body));
  }
  assert.equal((await send([{ mechanic: 'display', lumpSum: usd('-5') }])).status, 400);
  assert.equal((await send([{ mechanic: 'display', lumpSum: usd('1e9') }])).status, 400);
});
