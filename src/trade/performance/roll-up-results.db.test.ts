import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Decimal } from '#money';
import { simulateMaker } from '../../../demo/simulate-maker.ts';
import { testHouse } from '../../../test/house.ts';
import { type EndedPromotion, measurePromotions } from './measure-promotion.ts';
import { performanceModule } from './module.ts';
import { rollUpBy } from './roll-up-results.ts';
import { storeMaker } from './test-maker.ts';

const cents = (money: { amount: string }) => new Decimal(money.amount).times(100).toNumber();

test('results roll up by customer, mechanic, product, brand and period: every cut holds every event once', async (t) => {
  const maker = simulateMaker({ seed: 7, today: '2026-06-15' });
  const house = await testHouse(t);
  const context = house.context();
  const ids = await storeMaker({ url: house.url, newId: context.newId, tenantId: context.tenant.id }, maker, {
    ...{ categories: ['BAR'], banners: ['HGM'] },
  });
  const promotions = maker.promotions
    .filter(
      ({ state, customerCode, productCodes, endsOn }) =>
        state === 'ended' &&
        endsOn < '2026-05-01' &&
        ids.customers.has(customerCode) &&
        productCodes.every((code) => ids.products.has(code)),
    )
    .map(
      (promotion): EndedPromotion => ({
        ...{ promotionId: context.newId(), customerId: ids.customers.get(promotion.customerCode)!, currency: 'USD' },
        ...{ startsOn: promotion.startsOn, endsOn: promotion.endsOn },
        ...{ shipStartsOn: promotion.shipStartsOn, shipEndsOn: promotion.shipEndsOn },
        tactics: promotion.tactics.map((tactic, index) => ({
          ...{ key: String(index), mechanic: tactic.mechanic, feature: tactic.feature, display: tactic.display },
          productIds: promotion.productCodes.map((code) => ids.products.get(code)!),
          rate: tactic.rate && { amount: new Decimal(tactic.rate.value).div(100), currency: 'USD', per: 'unit' },
          ...{ lumpSum: null, passThrough: new Decimal(tactic.passThrough ?? 0) },
          fundSplit: [{ fundId: context.tenant.id, share: new Decimal(1) }],
        })),
      }),
    );
  const measured = (await measurePromotions(context, { promotions })).filter(({ state }) => state === 'measured');
  assert.ok(measured.length >= 5, `${measured.length} measured`);
  const net = measured.reduce((sum, { actual }) => sum + cents(actual!.netProfit), 0);
  const spend = measured.reduce((sum, { actual }) => sum + cents(actual!.spend), 0);

  const app = await house.server(performanceModule.routes ?? []);
  const ask = async (path: string, token = 'a') => {
    const reply = await app.inject({ url: `/api/v1${path}`, headers: { authorization: `Bearer ${token}` } });
    assert.equal(reply.statusCode, 200, reply.body);
    return reply.json();
  };
  for (const by of rollUpBy) {
    const { items, total } = await ask(`/performance/results?by=${by}`);
    assert.equal(total.length, 1);
    assert.equal(cents(total[0].figures.netProfit.value), net, by);
    assert.equal(cents(total[0].figures.spend.value), spend, by);
    let events = 0;
    for (const group of items) {
      const behind = (await ask(`${group.figures.netProfit.rows.slice('/api/v1'.length)}&limit=200`)).items;
      assert.equal(behind.length, group.events, `${by} ${group.label}`);
      const sum = behind.reduce((so: number, one: { netProfit: { amount: string } }) => so + cents(one.netProfit), 0);
      assert.equal(cents(group.figures.netProfit.value), sum, `${by} ${group.label}`);
      events += group.events;
    }
    assert.equal(events, measured.length, by);
  }
  const periods = (await ask('/performance/results?by=period')).items.map(({ label }: { label: string }) => label);
  assert.ok(
    periods.every((label: string) => /^FY\d{4} P\d\d$/.test(label)),
    periods.join(),
  );
  const brands = (await ask('/performance/results?by=brand')).items.map(({ label }: { label: string }) => label);
  assert.ok(brands.includes('Oat Ridge') || brands.includes('Trailkin'), brands.join());

  const last = measured.length;
  const first = await ask('/performance/results/events?limit=2');
  const rest = await ask(`/performance/results/events?limit=200&cursor=${first.nextCursor}`);
  assert.equal(first.items.length + rest.items.length, last, 'pages neither repeat nor leave out');
  const none = await ask('/performance/results?from=2030-01-01');
  assert.deepEqual(none, { items: [], total: [] });
  assert.deepEqual(await ask('/performance/results', 'b'), { items: [], total: [] }, 'another tenant sees nothing');

  const deals = measured.filter(({ forwardBuying }) => forwardBuying?.volume);
  const told = deals.map(({ forwardBuying }) => forwardBuying!.spend!.value as { amount: string });
  assert.ok(deals.length > 0, JSON.stringify(measured.map(({ forwardBuying }) => forwardBuying?.reason)));
  assert.ok(told.every(({ amount }) => Number(amount) >= 0));
  for (const { forwardBuying } of measured)
    assert.equal(forwardBuying?.volume === null, forwardBuying?.reason !== null);
});
