import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { sql } from '#db';
import { createCustomer, createImports, createProduct, fileInMemory } from '#master-data';
import { amountOf, Decimal } from '#money';
import { agreeTerms, termsImport } from '#terms';
import { simulateMaker } from '../../../demo/simulate-maker.ts';
import { type TestHouse, testHouse } from '../../../test/house.ts';
import { everydayPrices } from './everyday-prices.ts';
import { fitRequestedModel } from './fit-promotion-model.ts';
import { measurePromotion } from './measure-promotion.ts';
import { type PlannedPromotion, type PromotionForecast, predictPromotion } from './predict-promotion.ts';
import { storeMaker } from './test-maker.ts';
import { trainPromotionModel } from './train-promotion-model.ts';

/** Brings in terms (customer, line, kind, percent of list) and agrees to them. */
async function agree(house: TestHouse, rows: readonly (readonly [string, string, string, string])[]): Promise<void> {
  const context = house.context();
  const header = 'code,name,customer_code,valid_from,line_code,kind,basis,rate';
  const lines = rows.map(
    ([customer, code, kind, rate]) =>
      `${customer}-${code},Terms,${customer},2020-01-01,${code},${kind},percent_of_list,${rate}`,
  );
  const source = fileInMemory(Buffer.from([header, ...lines].join('\n')));
  const { runImport } = createImports({ kinds: [termsImport] });
  assert.equal((await runImport(context, { kind: 'terms', fileName: 't.csv', source })).rows.stored, rows.length);
  const ids = await context.db.read(context, (tx) => tx.many<{ id: string }>(sql`select id from terms.agreement`));
  for (const { id } of ids) await agreeTerms(house.context({ userId: randomUUID() }), id);
}

test('customers with different terms count by what they sold in the year before; evenly where they sold nothing', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const usd = (amount: string) => ({ amount, currency: 'USD' });
  const sku = { level: 'sku', own: true, unitsPerCase: '12', listPrice: usd('30.00'), cost: usd('16.00') };
  const customerIds: string[] = [];
  for (const code of ['S1', 'S2'])
    customerIds.push((await createCustomer(context, { code, name: code, type: 'store' })).id);
  const sold = await createProduct(context, { ...sku, code: 'SOLD', name: 'Sold' });
  const fresh = await createProduct(context, { ...sku, code: 'NEW', name: 'New' });
  await agree(house, [
    ['S1', 'ON', 'on_invoice', '5'],
    ['S2', 'ON', 'on_invoice', '10'],
  ]);
  for (const [i, units] of [300, 100].entries()) {
    await context.db.transact(context, (tx) =>
      tx.run(sql`insert into performance.sales (tenant_id, customer_id, product_id, period_start, units, revenue, feature,
          display, price_reduction, currency, source, recorded_at)
        values (${context.tenant.id}, ${customerIds[i]}, ${sold.id}, '2026-03-02', ${units}, 0, false, false, false, 'USD', 'test', now())`),
    );
  }
  const query = { customerIds, productIds: [sold.id, fresh.id], on: '2026-06-01' };
  const prices = await context.db.read(context, (tx) => everydayPrices(tx, query));
  const onInvoice = (id: string) => amountOf(prices.get(id)!.onInvoiceTerms!);
  // (1.50 × 300 + 3.00 × 100) / 400.
  assert.deepEqual([onInvoice(sold.id), onInvoice(fresh.id)], ['1.88', '2.25']);
  assert.deepEqual(prices.get(sold.id)?.agreements, ['S1-ON/1', 'S2-ON/1']);
});

const maker = simulateMaker({ seed: 7, today: '2026-06-15' });
const banner = 'HGM';

async function makerHouse(t: TestContext) {
  const house = await testHouse(t);
  const context = house.context();
  const part = { categories: ['BAR'], banners: [banner] };
  const ids = await storeMaker({ url: house.url, newId: context.newId, tenantId: context.tenant.id }, maker, part);
  const series = maker.sellOut.series.find(
    ({ customerCode, productCode, lastWeek }) =>
      customerCode === 'HGM-EA-01' &&
      lastWeek === 103 &&
      ids.products.has(productCode) &&
      maker.prices.some((price) => price.productCode === productCode),
  )!;
  const productIds = [ids.products.get(series.productCode)!];
  const scan: PlannedPromotion['tactics'][number] = {
    ...{ key: 'scan', mechanic: 'scan_back', productIds, lumpSum: null, passThrough: new Decimal(1) },
    rate: { amount: new Decimal('0.60'), currency: 'USD', per: 'unit' },
    ...{ fundSplit: [{ fundId: randomUUID(), share: new Decimal(1) }], feature: false, display: false },
  };
  const event = { customerId: ids.customers.get(series.customerCode)!, currency: 'USD', tactics: [scan] };
  const price = maker.prices.findLast(({ productCode }) => productCode === series.productCode)!;
  return { house, context, event, listPrice: new Decimal(price.listPriceMinor).div(100) };
}

const input = (figures: PromotionForecast['figures'], name: string) =>
  figures.netProfit.inputs.find((one) => one.name === name)!;

test('agreed terms are in the contribution of a plan, and nowhere twice: spend stays what the tactics cost', async (t) => {
  const { house, context, event, listPrice } = await makerHouse(t);
  await fitRequestedModel(context, (await trainPromotionModel(context)).id);
  const predict = async () => {
    const answer = await predictPromotion(context, { ...event, startsOn: '2026-06-29', endsOn: '2026-07-12' });
    assert.equal(answer.refusal, null);
    return answer as PromotionForecast;
  };
  const before = await predict();
  await agree(house, [
    [banner, 'ON', 'on_invoice', '5'],
    [banner, 'STANDING', 'off_invoice', '2'],
  ]);
  const after = await predict();
  const [m, withTerms] = [input(before.figures, 'm'), input(after.figures, 'm')];
  const terms = [listPrice.times('0.05'), listPrice.times('0.02')].map((one) => one.toDecimalPlaces(2));
  assert.equal(new Decimal(m.value!).minus(withTerms.value!).toFixed(2), terms[0]!.plus(terms[1]!).toFixed(2));
  assert.match(withTerms.source, /HGM-ON\/1, HGM-STANDING\/1/);
  assert.deepEqual(after.spend, before.spend);
  assert.deepEqual(after.totals, before.totals);
  const cut = (rate: string | null) => Number(rate);
  assert.ok(cut(after.figures.tradeRate.value as string) > cut(before.figures.tradeRate.value as string));
  assert.ok(Number(after.retailer.marginBefore.amount) > Number(before.retailer.marginBefore.amount));
});

test('a measurement takes the terms of the event’s first day', async (t) => {
  const { house, context, event, listPrice } = await makerHouse(t);
  const [startsOn, endsOn] = [maker.sellOut.weekStart[90]!, maker.sellOut.weekStart[92]!];
  const ended = { ...event, promotionId: randomUUID(), startsOn, endsOn };
  const before = await measurePromotion(context, ended);
  assert.equal(before.state, 'measured', before.reason ?? '');
  await agree(house, [[banner, 'ON', 'on_invoice', '10']]);
  const after = await measurePromotion(context, ended);
  assert.equal(after.measurementVersion, 2);
  const difference = new Decimal(input(before.figures!, 'm').value!).minus(input(after.figures!, 'm').value!);
  assert.equal(difference.toFixed(2), listPrice.times('0.1').toFixed(2));
  assert.deepEqual(after.actual?.spend, before.actual?.spend);
});
