import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#db';
import { simulateMaker } from '../../../demo/simulate-maker.ts';
import { testHouse } from '../../../test/house.ts';
import { deriveObservedEvents } from './derive-observed-events.ts';
import { fitRequestedModel } from './fit-promotion-model.ts';
import { performanceRoutes } from './performance-routes.ts';
import { storeMaker } from './test-maker.ts';

type Flags = Record<'feature' | 'display' | 'priceReduction', boolean>;
type HeldOut = Record<'weeks' | 'actual' | 'forecast' | 'absoluteError', string>;

test('sales, baselines, observed events and models over HTTP', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const maker = simulateMaker({ seed: 7, today: '2026-06-15' });
  const part = { categories: ['BAR'], banners: ['HGM'] };
  const ids = await storeMaker({ url: house.url, newId: context.newId, tenantId: context.tenant.id }, maker, part);
  const server = await house.server(performanceRoutes);
  const call = async (method: 'GET' | 'POST', path: string, bearer = 'a') => {
    const { statusCode, body } = await server.inject({
      ...{ method, url: `/api/v1${path}`, headers: { authorization: `Bearer ${bearer}` } },
    });
    return { status: statusCode, json: JSON.parse(body) };
  };
  const send = async (payload: object, bearer = 'a') => {
    const { statusCode, body } = await server.inject({
      ...{ method: 'POST', url: '/api/v1/sales', headers: { authorization: `Bearer ${bearer}` }, payload },
    });
    return { status: statusCode, json: JSON.parse(body) };
  };
  const series = maker.sellOut.series.find(
    ({ customerCode, lastWeek }) => customerCode === 'HGM-EA-01' && lastWeek === 103,
  )!;
  const customerId = ids.customers.get(series.customerCode)!;
  const productId = ids.products.get(series.productCode)!;

  await t.test('a page of sales goes on where the last one ended, and together they are all of them', async () => {
    const facts: { periodStart: string }[] = [];
    let cursor = '';
    do {
      const path = `/sales?customerId=${customerId}&productId=${productId}&limit=50${cursor && `&cursor=${cursor}`}`;
      const { status, json } = await call('GET', path);
      assert.equal(status, 200);
      facts.push(...json.items);
      cursor = json.nextCursor ?? '';
    } while (cursor);
    const first = maker.sellOut.series.indexOf(series) * 104;
    const known = maker.sellOut.units.slice(first, first + 104).filter((units) => units >= 0).length;
    assert.equal(facts.length, known);
    assert.equal(new Set(facts.map(({ periodStart }) => periodStart)).size, known);
  });

  await t.test('sales of a customer are those of all below it, within the dates', async () => {
    const { json } = await call(
      'GET',
      `/sales?customerId=${ids.customers.get('HGM')}&from=2026-06-01&to=2026-06-01&limit=200`,
    );
    const customers = new Set(json.items.map((fact: { customerId: string }) => fact.customerId));
    assert.equal(customers.size, 10);
    assert.ok(json.items.every((fact: { periodStart: string }) => fact.periodStart === '2026-06-01'));
  });

  await t.test(
    'shipments of a customer and product within dates, and the promoted weeks of their sales alone',
    async () => {
      const [first] = (await call('GET', '/shipments?limit=1')).json.items;
      const own = `customerId=${first.customerId}&productId=${first.productId}`;
      const weeks: { periodStart: string; cases: string }[] = (await call('GET', `/shipments?${own}&limit=200`)).json
        .items;
      assert.ok(weeks.length > 1);
      assert.ok(first.customerName && first.productName, 'a row can be read without knowing ids');
      const stored = await context.db.read(context, (tx) =>
        tx.one<{ cases: string }>(sql`select sum(cases)::float8::text as cases from performance.shipment
        where customer_id = ${first.customerId} and product_id = ${first.productId}`),
      );
      const listed = weeks.reduce((sum, { cases }) => sum + Number(cases), 0);
      assert.equal(listed.toFixed(3), Number(stored.cases).toFixed(3));
      const day = weeks[1]!.periodStart;
      assert.deepEqual((await call('GET', `/shipments?${own}&from=${day}&to=${day}`)).json.items, [weeks[1]]);
      assert.equal((await call('GET', '/shipments', 'b')).json.items.length, 0);
      const sold = (await call('GET', `/sales?promoted=true&customerId=${customerId}&limit=200`)).json.items;
      assert.ok(sold.length > 0);
      assert.ok(sold.every(({ feature, display, priceReduction }: Flags) => feature || display || priceReduction));
    },
  );

  await t.test('facts that are recorded twice change nothing, and a changed one keeps what stood there', async () => {
    const fact = { customerId, productId, periodStart: '2026-06-15', units: '120', revenue: '480.00', price: '4.00' };
    assert.deepEqual(await send({ facts: [fact] }), { status: 200, json: { stored: 1, unchanged: 0 } });
    assert.deepEqual(await send({ facts: [fact] }), { status: 200, json: { stored: 0, unchanged: 1 } });
    const restated = { ...fact, units: '130' };
    const next = { ...fact, periodStart: '2026-06-22' };
    assert.deepEqual((await send({ facts: [restated, next] })).json, { stored: 2, unchanged: 0 });
    const { json } = await call('GET', `/sales?customerId=${customerId}&productId=${productId}&from=2026-06-15`);
    assert.deepEqual(
      json.items.map(({ units }: { units: string }) => units),
      ['130', '120'],
    );
    const kept = await context.db.read(context, (tx) =>
      tx.many<{ units: string }>(sql`select trim_scale(units)::text as units from performance.sales_revision`),
    );
    assert.deepEqual(kept, [{ units: '120' }]);
  });

  await t.test('facts with unknown ids, given twice or malformed are refused, and none is stored', async () => {
    const fact = { customerId, productId, periodStart: '2026-07-13', units: '1', revenue: '4.00' };
    const unknown = { ...fact, customerId: context.newId() };
    const { status, json } = await send({ facts: [fact, unknown, fact] });
    assert.equal(status, 422);
    assert.deepEqual(
      json.errors.map(({ path }: { path: string }) => path),
      ['facts.1.customerId', 'facts.2.periodStart'],
    );
    for (const wrong of [{ units: '-1' }, { price: '0' }, { periodStart: '2026-02-30' }, { other: 1 }]) {
      assert.equal((await send({ facts: [{ ...fact, ...wrong }] })).status, 400, JSON.stringify(wrong));
    }
    assert.equal((await send({ facts: [] })).status, 400);
    assert.equal((await send({ facts: [fact] }, 'b')).status, 422);
    const after = await call('GET', `/sales?customerId=${customerId}&productId=${productId}&from=2026-07-13`);
    assert.deepEqual(after.json.items, []);
  });

  await t.test('wrong cursors, dates and ids are refused as malformed, unknown ids as not found', async () => {
    const broken = Buffer.from('x|y|z').toString('base64url');
    for (const path of [
      `/sales?cursor=${broken}`,
      '/sales?from=2026-13-01',
      '/sales?customerId=7',
      '/sales?other=1',
      '/baselines',
    ]) {
      assert.equal((await call('GET', path)).status, 400, path);
    }
    assert.equal((await call('GET', `/sales?customerId=${context.newId()}`)).status, 404);
    assert.equal((await call('GET', `/sales?customerId=${customerId}`, 'b')).status, 404);
    assert.deepEqual((await call('GET', '/sales', 'b')).json.items, []);
  });

  await t.test('without a model there is no baseline', async () => {
    const path = `/baselines?customerId=${customerId}&productId=${productId}&from=2026-07-06&to=2026-08-02`;
    const { status, json } = await call('GET', path);
    assert.equal(status, 422);
    assert.equal(json.code, 'prediction.refused');
  });

  await t.test('training is taken up, and the fitted model shows its accuracy beside the naive', async () => {
    const { status, json } = await call('POST', '/ml/models/promotion-response/train');
    assert.equal(status, 202);
    assert.equal(json.status, 'fitting');
    await fitRequestedModel(context, json.id);
    const model = (await call('GET', `/ml/models/${json.id}`)).json;
    assert.equal(model.status, 'fitted');
    const { accuracy } = model.metrics;
    assert.ok(accuracy.model.wape < accuracy.meanOf8Weeks.wape && accuracy.model.wape < accuracy.lastValue.wape);
    assert.deepEqual(
      (await call('GET', '/ml/models')).json.items.map(({ id }: { id: string }) => id),
      [json.id],
    );
    assert.equal((await call('GET', `/ml/models/${json.id}`, 'b')).status, 404);

    for (const [method, score] of Object.entries<Record<'wape' | 'bias' | 'rows', number>>(accuracy)) {
      const series: HeldOut[] = [];
      let cursor: string | null = '0';
      while (cursor !== null) {
        const page: { items: HeldOut[]; nextCursor: string | null } = (
          await call('GET', `/ml/models/${json.id}/hold-out?method=${method}&limit=50&cursor=${cursor}`)
        ).json;
        series.push(...page.items);
        cursor = page.nextCursor;
      }
      const sum = (name: keyof HeldOut) => series.reduce((total, one) => total + Number(one[name]), 0);
      assert.equal(sum('weeks'), score.rows, method);
      assert.equal((sum('absoluteError') / sum('actual')).toFixed(6), score.wape.toFixed(6), method);
      assert.equal((sum('forecast') / sum('actual') - 1).toFixed(6), score.bias.toFixed(6), method);
    }
    assert.equal((await call('GET', `/ml/models/${json.id}/hold-out?cursor=x`)).status, 400);
    assert.equal((await call('GET', `/ml/models/${json.id}/hold-out`, 'b')).status, 404);
    const products = (await call('GET', `/ml/models/${json.id}/products?limit=200`)).json.items;
    assert.equal(products.length, model.metrics.elasticity.products);
    const elasticities = products.map((one: { promotionalElasticity: string }) => Number(one.promotionalElasticity));
    assert.equal(
      elasticities.toSorted((a: number, b: number) => a - b)[Math.floor(elasticities.length / 2)].toFixed(4),
      model.metrics.elasticity.median.toFixed(4),
    );
  });

  await t.test('a baseline has every week with its interval, and ten years at once are refused', async () => {
    const path = `/baselines?customerId=${customerId}&productId=${productId}&from=2026-07-06&to=2026-08-02`;
    const { status, json } = await call('GET', path);
    assert.equal(status, 200);
    assert.equal(json.items.length, 4);
    for (const { low, baselineUnits, high } of json.items) {
      assert.ok(Number(low) <= Number(baselineUnits) && Number(baselineUnits) <= Number(high));
    }
    assert.equal((await call('GET', path.replace('2026-08-02', '2036-08-02'))).status, 422);
  });

  await t.test('observed events are runs of flags, and a store sees those of its division', async () => {
    assert.ok((await deriveObservedEvents(context)) > 0);
    const ofStore = (await call('GET', `/performance/observed-events?customerId=${customerId}`)).json.items;
    const division = ids.customers.get('HGM-EA');
    assert.ok(ofStore.length > 0);
    for (const event of ofStore) {
      assert.equal(event.customerId, division);
      assert.ok(2 * event.stores >= event.storesReporting);
      assert.ok(event.feature || event.display || event.priceReduction);
    }
    const later = (await call('GET', `/performance/observed-events?from=2026-05-01&to=2026-05-31`)).json.items;
    assert.ok(
      later.every(
        ({ startsOn, endsOn }: Record<string, string>) => startsOn! <= '2026-05-31' && endsOn! >= '2026-05-01',
      ),
    );
    assert.deepEqual((await call('GET', '/performance/observed-events', 'b')).json.items, []);
  });
});
