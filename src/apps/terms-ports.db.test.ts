import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { calculatePlan, changePlan, createPlan, readLatest } from '#account-plans';
import { type RawBuilder, sql } from '#db';
import { openFundIn } from '#funds';
import { createCustomer, createProduct, ensureCalendarFor } from '#master-data';
import { promotionsModule } from '#promotions';
import { agreeTerms, termsModule } from '#terms';
import { testHouse } from '../../test/house.ts';
import { promotionPorts } from './promotion-ports.ts';
import { termsPorts } from './terms-ports.ts';

const usd = (amount: string) => ({ amount, currency: 'USD' });
const mondays = ['2025-12-29', '2026-01-05', '2026-01-12', '2026-01-19', '2026-01-26', '2026-02-02', '2026-02-09'];

/** A banner with two stores and two products at 30.00; 100 cases a store and product in each of seven weeks. */
async function scene(t: TestContext, weeks: readonly string[] = mondays) {
  const house = await testHouse(t, '2026-02-16T12:00:00Z');
  const kam = house.context();
  const finance = house.context({ userId: randomUUID() });
  const banner = await createCustomer(kam, { code: 'B', name: 'Banner', type: 'banner', currency: 'USD' });
  const stores = [];
  for (const code of ['S1', 'S2']) {
    stores.push(await createCustomer(kam, { code, name: code, type: 'store', parentId: banner.id, currency: 'USD' }));
  }
  const products = [];
  for (const code of ['P1', 'P2']) {
    products.push(
      await createProduct(kam, {
        ...{
          code,
          name: code,
          level: 'sku',
          own: true,
          unitsPerCase: '12',
          listPrice: usd('30.00'),
          cost: usd('16.00'),
        },
      }),
    );
  }
  const server = await house.server([
    ...(termsModule(termsPorts).routes ?? []),
    ...(promotionsModule(promotionPorts).routes ?? []),
  ]);
  const call = async (method: 'GET' | 'POST', path: string, payload?: object) => {
    const answer = await server.inject({
      ...{ method, url: `/api/v1${path}`, headers: { authorization: 'Bearer a' } },
      ...(payload ? { payload } : {}),
    });
    assert.ok(answer.statusCode < 300, answer.body);
    return answer.json();
  };
  const write = (statement: RawBuilder<unknown>) => kam.db.transact(kam, (tx) => tx.run(statement));
  await kam.db.transact(kam, (tx) => ensureCalendarFor(tx, { from: '2025-01-06', to: '2026-12-28' }));
  for (const table of ['sales', 'shipment']) {
    const volume = table === 'sales' ? sql`units, revenue, feature, display, price_reduction` : sql`cases, revenue`;
    const values = table === 'sales' ? sql`1200, 0, false, false, false` : sql`100, 0`;
    await write(sql`insert into ${sql.table(`performance.${table}`)} (tenant_id, customer_id, product_id, period_start, ${volume}, currency, source, recorded_at)
      select ${kam.tenant.id}, customer, product, week, ${values}, 'USD', 'test', now()
      from unnest(${stores.map(({ id }) => id)}::uuid[]) customer, unnest(${products.map(({ id }) => id)}::uuid[]) product,
        unnest(${weeks as string[]}::date[]) week`);
  }
  const line = (code: string, kind: string, basis: string, more: object) => ({
    ...{ code, kind, basis, payment: kind === 'on_invoice' ? 'on_invoice' : 'yearly', ...more },
  });
  const agreement = await call('POST', '/terms', {
    ...{ code: 'A', name: 'Year', customerId: banner.id, currency: 'USD', validFrom: '2025-12-29' },
    lines: [
      line('ON', 'on_invoice', 'percent_of_list', { rate: '5' }),
      line('STANDING', 'off_invoice', 'percent_of_list', { rate: '2' }),
      line('BONUS', 'off_invoice', 'lump_sum', { rate: '1200' }),
      line('VOLUME', 'volume_rebate', 'per_case', {
        tiers: {
          method: 'retroactive',
          measure: 'cases',
          steps: [
            { from: '2000', rate: '0.50' },
            { from: '20000', rate: '1.00' },
          ],
        },
      }),
    ],
  });
  await agreeTerms(finance, agreement.id);
  return { kam, call, write, agreement, bannerId: banner.id, stores, products };
}

type Json = Record<string, never> & { steps: { step: string; amount: { value: { amount: string } } }[] };
const amounts = ({ steps }: Json) => Object.fromEntries(steps.map(({ step, amount }) => [step, amount.value?.amount]));

test('the waterfall of what was shipped, of the banner and of one store and product, adds up with tiers and lump sums', async (t) => {
  const { call, bannerId, stores, products } = await scene(t);
  const days = 'from=2025-12-29&to=2026-02-15';
  const whole = await call('GET', `/terms/waterfall?customerId=${bannerId}&${days}`);
  // 2800 cases so far; the year is expected to reach 20 000 (53 weeks of 400), so every case carries 1.00. Two periods.
  assert.deepEqual(amounts(whole.total), {
    ...{ list: '84000.00', on_invoice: '4200.00', invoice: '79800.00', off_invoice: '4080.00', conditional: '0.00' },
    ...{ growth: '0.00', volume_rebate: '2800.00', net: '72920.00', tactic_spend: '0.00', pocket: '72920.00' },
  });
  assert.deepEqual(
    whole.periods.map((period: { period: number }) => period.period),
    [1, 2],
  );
  const one = await call('GET', `/terms/waterfall?customerId=${stores[0]!.id}&productId=${products[0]!.id}&${days}`);
  // A quarter of everything: the lump sums fall on it by its sales.
  assert.deepEqual(amounts(one.total), {
    ...{ list: '21000.00', on_invoice: '1050.00', invoice: '19950.00', off_invoice: '1020.00', conditional: '0.00' },
    ...{ growth: '0.00', volume_rebate: '700.00', net: '18230.00', tactic_spend: '0.00', pocket: '18230.00' },
  });
  const rows = await call('GET', whole.total.steps[0].amount.rows.replace('/api/v1', ''));
  const cases = rows.items.reduce((sum: number, row: { cases: string }) => sum + Number(row.cases), 0);
  assert.equal(cases, 2800, 'the rows behind the figure sum to it');
});

test('attainment tells the tier reached, the tier expected with its reason, and what is accrued by now', async (t) => {
  const { call, agreement } = await scene(t);
  const answer = await call('GET', `/terms/${agreement.id}/attainment`);
  const [line] = answer.lines;
  assert.equal(answer.through, '2026-02-15');
  assert.match(answer.method, /run rate/);
  assert.deepEqual([line.attained.rate, line.expected.rate, line.next.from], ['0.5', '1', '20000']);
  const { figures } = line;
  assert.deepEqual(
    [figures.volume.value, figures.expectedVolume.value, figures.missing.value],
    ['2800', '21200', '17200'],
  );
  assert.deepEqual([figures.rebate.value.amount, figures.expectedRebate.value.amount], ['1400.00', '21200.00']);
  assert.equal(figures.accrued.value.amount, '2800.00');
});

test('a lump sum is owed in a period of no shipments, at the customer that it is agreed with and above, not before it begins', async (t) => {
  const { call, bannerId, stores } = await scene(t, mondays.slice(4));
  const offInvoice = async (customerId: string, days: string) => {
    const { periods, total } = await call('GET', `/terms/waterfall?customerId=${customerId}&${days}`);
    return [...periods, total].map((part: Json) => amounts(part).off_invoice);
  };
  // Nothing in the first period; 1 200 cases at 0.60 in the second, which began; the third is to come.
  const days = 'from=2025-12-29&to=2026-03-29';
  assert.deepEqual(await offInvoice(bannerId, days), ['1200.00', '1920.00', '0.00', '3120.00']);
  // A store is not who it is agreed with: of nothing sold it carries no part.
  assert.deepEqual(await offInvoice(stores[0]!.id, days), ['0.00', '960.00', '0.00', '960.00']);
  assert.deepEqual(await offInvoice(bannerId, 'from=2026-01-05&to=2026-01-25'), ['0.00', '0.00'], 'a part of a period');
});

test('what tactics earned is taken off by period, and shared by units where only a part is asked for', async (t) => {
  const { kam, call, write, bannerId, stores, products } = await scene(t);
  const fund = await kam.db.transact(kam, (tx) =>
    openFundIn(tx, {
      code: 'F',
      name: 'F',
      kind: 'fixed',
      currency: 'USD',
      validFrom: '2026-01-01',
      validTo: '2026-12-31',
    }),
  );
  const split = [{ fundId: fund.id, share: '1' }];
  const productIds = products.map(({ id }) => id);
  const made = await call('POST', '/promotions', {
    ...{ name: 'Event', customerId: bannerId, startsOn: '2026-01-19', endsOn: '2026-02-01' },
    tactics: [
      { mechanic: 'scan_back', productIds, fundSplit: split, rate: { ...usd('0.10'), per: 'unit' } },
      { mechanic: 'display', productIds, fundSplit: split, lumpSum: usd('1000.00') },
    ],
  });
  const spendOf = async (scope: string) => {
    const { periods, total } = await call('GET', `/terms/waterfall?${scope}&from=2026-01-05&to=2026-02-15`);
    return [...periods, total].map((part: Json) => amounts(part).tactic_spend);
  };
  assert.deepEqual(await spendOf(`customerId=${bannerId}`), ['0.00', '0.00', '0.00'], 'a draft earns nothing');
  await write(sql`update promotions.promotion set state = 'ended' where id = ${made.id}`);
  // A week in each period: four series × 1200 units × 0.10, and half of the display.
  assert.deepEqual(await spendOf(`customerId=${bannerId}`), ['980.00', '980.00', '1960.00']);
  assert.deepEqual(await spendOf(`customerId=${stores[0]!.id}`), ['490.00', '490.00', '980.00']);
  assert.deepEqual(await spendOf(`customerId=${stores[0]!.id}&productId=${products[0]!.id}`), [
    '245.00',
    '245.00',
    '490.00',
  ]);
});

test('where there is an account plan, attainment and waterfall stand on it, and what shipments alone say is named beside it', async (t) => {
  const { kam, call, write, agreement, bannerId, stores, products } = await scene(t);
  // Last year as this one: 400 cases a week. By growth so far the year ends with 21 200 cases, in the upper tier.
  await write(sql`insert into performance.shipment (tenant_id, customer_id, product_id, period_start, cases, revenue, currency, source, recorded_at)
    select ${kam.tenant.id}, customer, product, week, 100, 0, 'USD', 'test', now()
    from unnest(${stores.map(({ id }) => id)}::uuid[]) customer, unnest(${products.map(({ id }) => id)}::uuid[]) product,
      generate_series('2024-12-30'::date, '2025-12-22', '7 days') week`);
  const expected = async () => {
    const { method, lines } = await call('GET', `/terms/${agreement.id}/attainment`);
    const { value: volume, inputs } = lines[0].figures.expectedVolume;
    const days = 'from=2025-12-29&to=2026-02-15';
    const { total, notes } = await call('GET', `/terms/waterfall?customerId=${bannerId}&${days}`);
    return { method, volume, inputs, notes, rebate: amounts(total).volume_rebate };
  };
  const before = await expected();
  assert.match(before.method, /growth so far/);
  assert.deepEqual([before.volume, before.rebate], ['21200', '2800.00']);

  const plan = await createPlan(kam, { name: 'FY26', customerId: bannerId, fiscalYear: 2026 });
  await calculatePlan(kam, { readEarnings: async () => [] }, plan.id);
  // The planner knows of a delisting that no shipment shows yet: the year stays in the lower tier.
  await changePlan(kam, plan.id, undefined, {
    baselineChanges: [{ accountId: null, productId: products[0]!.id, percent: '-20' }],
  });
  const after = await expected();
  const latest = await readLatest(kam, plan.id);
  assert.equal(after.method, 'account plan FY26, snapshot 2');
  assert.deepEqual(after.notes, ['Rebates by tiers: the rest of the year by account plan FY26, snapshot 2.']);
  assert.equal(`${after.volume}000`, String(latest?.head.figures.year.latestEstimate.volume));
  assert.deepEqual([after.volume, after.rebate], ['19360', '1400.00']);
  const rest = after.inputs.filter(({ name }: { name: string }) => /expected until|not counted/.test(name));
  assert.deepEqual(
    rest.map(({ value, source }: { value: string; source: string }) => [value, source]),
    [
      ['16560.000', 'account plan FY26, snapshot 2'],
      ['18400.000', 'last year’s remaining weeks × this year’s growth so far'],
    ],
  );
});
