import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Context } from '#context';
import { sql } from '#db';
import { createCustomer, createImports, createProduct, fileInMemory, recordPrice } from '#master-data';
import { Decimal } from '#money';
import { agreeTerms, termsImport } from '#terms';
import { type TestHouse, testHouse } from '../../../test/house.ts';
import type { Mechanic } from './domain/mechanic.ts';
import type { EarnedVolume } from './domain/tactic-money.ts';
import { type EarningPromotion, type PlannedVolumes, readEarnedVolumes } from './earned-volumes.ts';
import type { PromotionTactic } from './promotion-scope.ts';

interface Scene {
  house: TestHouse;
  context: Context;
  accountId: string;
  skuId: string;
  otherSkuId: string;
  /** Units or cases of the first product in a week. */
  fact(table: 'sales' | 'shipment' | 'depletion', week: string, volume: number, productId?: string): Promise<void>;
  promotion(change: Partial<EarningPromotion>): EarningPromotion;
  tactic(mechanic: Mechanic, change?: Partial<PromotionTactic>): PromotionTactic;
  /** Volumes by tactic key, as `on volume rate`, with what the plan says. */
  read(promotions: EarningPromotion[], through: string, plan?: PlannedVolumes): Promise<Record<string, string[]>>;
}

const said = ({ on, volume, rate, forecast }: EarnedVolume) =>
  `${on} ${volume.toDecimalPlaces(4)} × ${rate.toDecimalPlaces(4)}${forecast ? ' forecast' : ''}`;

const usd = (amount: string) => ({ amount, currency: 'USD' });

async function setScene(t: TestContext): Promise<Scene> {
  const house = await testHouse(t);
  const context = house.context();
  const account = await createCustomer(context, { code: 'A', name: 'Account', type: 'account', currency: 'USD' });
  const [sku, other] = await Promise.all(
    ['SKU', 'SKU-2'].map((code) =>
      createProduct(context, { code, name: code, level: 'sku', own: true, unitsPerCase: '12' }),
    ),
  );
  assert.ok(sku && other);
  for (const { id } of [sku, other]) {
    await recordPrice(context, { productId: id, listPrice: usd('30.00'), cost: usd('16.00'), validFrom: '2025-01-01' });
  }
  return {
    ...{ house, context, accountId: account.id, skuId: sku.id, otherSkuId: other.id },
    fact: (table, week, volume, productId = sku.id) =>
      context.db.transact(context, async (tx) => {
        const key = sql`${context.tenant.id}, ${account.id}, ${productId}, ${week}, ${volume}`;
        if (table === 'depletion') {
          await tx.run(sql`insert into performance.depletion values (${key}, 'test', now())`);
        } else if (table === 'shipment') {
          await tx.run(sql`insert into performance.shipment values (${key}, 0, 'USD', 'test', now())`);
        } else {
          await tx.run(
            sql`insert into performance.sales values (${key}, 0, null, null, false, false, false, 'USD', 'test', now())`,
          );
        }
      }),
    promotion: (change) => ({
      ...{ id: '00000000-0000-7000-8000-000000000001', customerId: account.id, tactics: [] },
      ...{ startsOn: '2026-05-04', endsOn: '2026-05-17', shipStartsOn: '2026-04-27', shipEndsOn: '2026-05-17' },
      ...{ stoppedOn: null, pricesKnownAt: null, ...change },
    }),
    tactic: (mechanic, change = {}) => ({
      ...{ key: mechanic, mechanic, productIds: [sku.id], lumpSum: null, passThrough: new Decimal(1), fundSplit: [] },
      ...{ feature: false, display: false, rate: { amount: new Decimal(3), currency: 'USD', per: 'case' }, ...change },
    }),
    read: async (promotions, through, plan = { parts: [], cases: new Map() }) => {
      const plans = new Map(promotions.map(({ id }) => [id, plan]));
      const found = await context.db.read(context, (tx) =>
        readEarnedVolumes(tx, promotions, through, () => Promise.resolve(plans)),
      );
      return Object.fromEntries([...found].map(([key, { volumes }]) => [key, volumes.map(said).sort()]));
    },
  };
}

test('every mechanic earns on its own basis, in its own window', async (t) => {
  const { fact, promotion, tactic, read } = await setScene(t);
  for (const [week, units] of [
    ['2026-04-27', 900],
    ['2026-05-04', 1200],
    ['2026-05-11', 2400],
    ['2026-05-18', 600],
  ] as const) {
    await fact('sales', week, units);
    await fact('shipment', week, units / 10);
    await fact('depletion', week, units / 100);
  }
  const perUnit = { amount: new Decimal('0.25'), currency: 'USD', per: 'unit' } as const;
  const found = await read(
    [
      promotion({
        tactics: [
          tactic('scan_back', { rate: perUnit }),
          tactic('temporary_price_reduction', { fundingBasis: 'shipments' }),
          tactic('bill_back'),
          tactic('coupon', { rate: perUnit, redemptionRate: new Decimal('0.05') }),
          tactic('distributor_chargeback'),
          tactic('display', { rate: null }),
          tactic('multibuy', {
            ...{ rate: perUnit, redemptionRate: new Decimal('0.1'), startsOn: '2026-05-11', endsOn: '2026-05-14' },
          }),
        ],
      }),
    ],
    '2026-12-31',
  );
  assert.deepEqual(found, {
    scan_back: ['2026-05-04 1200 × 0.25', '2026-05-11 2400 × 0.25'],
    temporary_price_reduction: ['2026-04-27 90 × 3', '2026-05-04 120 × 3', '2026-05-11 240 × 3'],
    bill_back: ['2026-04-27 90 × 3', '2026-05-04 120 × 3', '2026-05-11 240 × 3'],
    coupon: ['2026-05-04 60 × 0.25', '2026-05-11 120 × 0.25'],
    distributor_chargeback: ['2026-05-04 12 × 3', '2026-05-11 24 × 3'],
    display: [],
    // Four of seven days, a tenth of the units.
    multibuy: ['2026-05-11 137.1429 × 0.25'],
  });
});

test('promotions of one batch do not mix: each earns on its customer, products and dates', async (t) => {
  const { context, fact, promotion, tactic, read, otherSkuId } = await setScene(t);
  const elsewhere = await createCustomer(context, { code: 'B', name: 'Other', type: 'account', currency: 'USD' });
  await fact('sales', '2026-05-04', 1200);
  await fact('sales', '2026-05-04', 240, otherSkuId);
  await fact('sales', '2026-05-18', 360);
  const found = await read(
    [
      promotion({ tactics: [tactic('scan_back', { key: 'one' })] }),
      promotion({
        ...{ id: '00000000-0000-7000-8000-000000000002', startsOn: '2026-05-18', endsOn: '2026-05-24' },
        tactics: [
          tactic('scan_back', { key: 'later' }),
          tactic('scan_back', { key: 'other', productIds: [otherSkuId] }),
        ],
      }),
      promotion({
        ...{ id: '00000000-0000-7000-8000-000000000003', customerId: elsewhere.id },
        tactics: [tactic('scan_back', { key: 'elsewhere' })],
      }),
    ],
    '2026-12-31',
  );
  assert.deepEqual(found, {
    one: ['2026-05-04 1200 × 0.25'],
    later: ['2026-05-18 360 × 0.25'],
    other: [],
    elsewhere: [],
  });
});

test('a percentage is of the price that was known when the terms were submitted', async (t) => {
  const { house, context, fact, promotion, tactic, read, skuId } = await setScene(t);
  await fact('shipment', '2026-05-04', 100);
  const known = house.clock.now();
  house.clock.set(new Date(known.getTime() + 60_000).toISOString());
  await recordPrice(context, {
    productId: skuId,
    listPrice: usd('50.00'),
    cost: usd('16.00'),
    validFrom: '2025-01-01',
  });
  const percent = { rate: { amount: new Decimal(10), currency: 'USD', per: 'percent' } } as const;
  const tactics = [tactic('bill_back', percent)];
  assert.deepEqual(await read([promotion({ tactics, pricesKnownAt: known })], '2026-12-31'), {
    bill_back: ['2026-05-04 100 × 3'],
  });
  assert.deepEqual(await read([promotion({ tactics })], '2026-12-31'), { bill_back: ['2026-05-04 100 × 5'] });
});

test('a product launched during the event earns by the price of its week, and stops nobody else from earning', async (t) => {
  const { context, fact, promotion, tactic, read, skuId } = await setScene(t);
  const launched = await createProduct(context, {
    code: 'NEW',
    name: 'New',
    level: 'sku',
    own: true,
    unitsPerCase: '12',
  });
  const price = { productId: launched.id, listPrice: usd('40.00'), cost: usd('16.00'), validFrom: '2026-05-13' };
  await recordPrice(context, price);
  await fact('shipment', '2026-05-04', 10);
  await fact('shipment', '2026-05-11', 10, launched.id);
  const rate = { amount: new Decimal(10), currency: 'USD', per: 'percent' } as const;
  for (const percentOf of ['list', 'invoice'] as const) {
    const tactics = [tactic('bill_back', { rate: { ...rate, percentOf }, productIds: [skuId, launched.id] })];
    const found = await read([promotion({ tactics })], '2026-12-31');
    assert.deepEqual(found, { bill_back: ['2026-05-04 10 × 3', '2026-05-11 10 × 4'] }, percentOf);
  }
});

test('units become cases by the pack size of their week, and without one the run says which product lacks it', async (t) => {
  const { context, fact, promotion, tactic, read, skuId } = await setScene(t);
  await fact('sales', '2026-05-04', 1200);
  await fact('sales', '2026-05-11', 1000);
  await context.db.transact(context, (tx) =>
    tx.run(sql`insert into master_data.unit_conversion (tenant_id, id, product_id, unit, units, valid_from, recorded_at)
      values (${context.tenant.id}, ${context.newId()}, ${skuId}, 'case', 10, '2026-05-11', now())`),
  );
  assert.deepEqual(await read([promotion({ tactics: [tactic('scan_back')] })], '2026-12-31'), {
    scan_back: ['2026-05-04 1200 × 0.25', '2026-05-11 1000 × 0.3'],
  });
  const bare = await createProduct(context, { code: 'BARE', name: 'Bare', level: 'sku', own: true });
  await fact('sales', '2026-05-04', 5, bare.id);
  const lacking = promotion({ tactics: [tactic('scan_back', { productIds: [bare.id] })] });
  await assert.rejects(read([lacking], '2026-12-31'), { code: 'conversion.missing', detail: /BARE/ });
});

test('a week that is over and of which nothing has arrived counts as planned, and no longer when it arrives', async (t) => {
  const { fact, promotion, tactic, read, skuId } = await setScene(t);
  await fact('sales', '2026-05-04', 1200);
  const part = (weekStart: string, endsOn: string, units: number) => ({
    ...{ weekStart, startsOn: weekStart, endsOn, productId: skuId, units: new Decimal(units) },
  });
  const plan = {
    parts: [part('2026-05-04', '2026-05-10', 1300), part('2026-05-11', '2026-05-17', 2600)],
    cases: new Map<string, Decimal>(),
  };
  const late = [promotion({ tactics: [tactic('scan_back')] })];
  assert.deepEqual(
    (await read(late, '2026-05-12', plan)).scan_back,
    ['2026-05-04 1200 × 0.25'],
    'a week that goes on is not late',
  );
  assert.deepEqual((await read(late, '2026-05-17', plan)).scan_back, [
    '2026-05-04 1200 × 0.25',
    '2026-05-11 2600 × 0.25 forecast',
  ]);
  await fact('sales', '2026-05-11', 2400);
  assert.deepEqual((await read(late, '2026-05-17', plan)).scan_back, [
    '2026-05-04 1200 × 0.25',
    '2026-05-11 2400 × 0.25',
  ]);
});

test('a week without a shipment is only late when none has arrived since', async (t) => {
  const { fact, promotion, tactic, read, skuId } = await setScene(t);
  await fact('shipment', '2026-05-04', 80);
  const part = { weekStart: '2026-05-11', startsOn: '2026-05-11', endsOn: '2026-05-17', productId: skuId };
  const plan = { parts: [{ ...part, units: new Decimal(1200) }], cases: new Map<string, Decimal>() };
  const billed = [promotion({ tactics: [tactic('bill_back')] })];
  assert.deepEqual(await read(billed, '2026-05-31', plan), {
    bill_back: ['2026-05-04 80 × 3', '2026-05-11 100 × 3 forecast'],
  });
  await fact('shipment', '2026-05-18', 60);
  assert.deepEqual(await read(billed, '2026-05-31', plan), { bill_back: ['2026-05-04 80 × 3'] });
});

test('a promotion that was stopped earns on no day after', async (t) => {
  const { fact, promotion, tactic, read } = await setScene(t);
  await fact('sales', '2026-05-04', 1200);
  await fact('sales', '2026-05-11', 1400);
  assert.deepEqual(await read([promotion({ tactics: [tactic('scan_back')], stoppedOn: '2026-05-12' })], '2026-12-31'), {
    scan_back: ['2026-05-04 1200 × 0.25', '2026-05-11 400 × 0.25'],
  });
});

test('a percentage of the invoice price leaves out the on-invoice terms that were agreed at the submission', async (t) => {
  const { house, context, fact, promotion, tactic, read } = await setScene(t);
  await fact('shipment', '2026-05-04', 100);
  const agree = async (code: string, rate: string) => {
    const rows = `code,name,customer_code,valid_from,line_code,kind,basis,rate\n${code},Y,A,2026-01-01,${code},on_invoice,percent_of_list,${rate}\n`;
    const source = fileInMemory(Buffer.from(rows));
    const imports = createImports({ kinds: [termsImport] });
    const done = await imports.runImport(context, { kind: 'terms', source, fileName: 'terms.csv', mapping: undefined });
    assert.equal(done.rows.stored, 1, JSON.stringify(done.errors));
    const { id } = await context.db.read(context, (tx) =>
      tx.one<{ id: string }>(sql`select id from terms.agreement where code = ${code}`),
    );
    await agreeTerms(house.context({ userId: context.newId() }), id);
  };
  await agree('T-1', '5');
  const known = house.clock.now();
  house.clock.set(new Date(known.getTime() + 60_000).toISOString());
  await agree('T-2', '10');
  const rate = { amount: new Decimal(10), currency: 'USD', per: 'percent', percentOf: 'invoice' } as const;
  const tactics = [tactic('bill_back', { rate })];
  // 10 % of 30.00 − 1.50, whatever was agreed later.
  assert.deepEqual(await read([promotion({ tactics, pricesKnownAt: known })], '2026-12-31'), {
    bill_back: ['2026-05-04 100 × 2.85'],
  });
  assert.deepEqual(await read([promotion({ tactics })], '2026-12-31'), { bill_back: ['2026-05-04 100 × 2.55'] });
});
