import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#db';
import { openFundIn } from '#funds';
import { createCustomer, createProduct, ensureCalendarFor, recordPrice } from '#master-data';
import { promotionsModule } from '#promotions';
import type { EarningsBatch } from '#settlement';
import { testHouse } from '../../test/house.ts';
import { promotionPorts } from './promotion-ports.ts';
import { settlementPorts } from './settlement-ports.ts';

/** domain.md's worked event: scan-back 4.00 a case on all units, display 2 000.00, 1 500 cases scanned by the end of P5. */
test('the worked event earns 6 000.00 on scans and 1 000.00 on the display by the end of its first week', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const account = await createCustomer(context, { code: 'A', name: 'Account', type: 'account', currency: 'USD' });
  const sku = await createProduct(context, {
    code: 'SKU',
    name: 'Product',
    level: 'sku',
    own: true,
    unitsPerCase: '12',
  });
  const usd = (amount: string) => ({ amount, currency: 'USD' });
  await recordPrice(context, {
    productId: sku.id,
    listPrice: usd('30.00'),
    cost: usd('16.00'),
    validFrom: '2026-01-01',
  });
  const fund = await context.db.transact(context, async (tx) => {
    await ensureCalendarFor(tx, { from: '2026-01-05', to: '2026-12-28' });
    return openFundIn(tx, {
      code: 'F',
      name: 'Fund',
      kind: 'fixed',
      currency: 'USD',
      validFrom: '2026-01-01',
      validTo: '2026-12-31',
    });
  });
  const server = await house.server(promotionsModule(promotionPorts).routes ?? []);
  const split = [{ fundId: fund.id, share: '1' }];
  const made = await server.inject({
    method: 'POST',
    url: '/api/v1/promotions',
    headers: { authorization: 'Bearer a' },
    payload: {
      name: 'Worked event',
      customerId: account.id,
      startsOn: '2026-05-04',
      endsOn: '2026-05-17',
      tactics: [
        { mechanic: 'scan_back', productIds: [sku.id], fundSplit: split, rate: { ...usd('4.00'), per: 'case' } },
        { mechanic: 'display', productIds: [sku.id], fundSplit: split, lumpSum: usd('2000.00') },
      ],
    },
  });
  assert.equal(made.statusCode, 201, made.body);
  const { id } = made.json<{ id: string }>();
  const earned = async (endsOn: string) => {
    const { tactics } = await context.db.read(context, (tx) =>
      settlementPorts.readEarnings(tx, { startsOn: '2026-04-13', endsOn }, null),
    );
    return tactics.map(({ mechanic, volumes, lumpSum }) => ({
      mechanic,
      amount: volumes
        .filter(({ on }) => on <= endsOn)
        .reduce((sum, { volume, rate }) => sum + volume.times(rate).toNumber(), 0),
      lumpSum,
    }));
  };
  assert.deepEqual(await earned('2026-05-10'), [], 'a draft earns nothing');
  await context.db.transact(context, async (tx) => {
    await tx.run(sql`update promotions.promotion set state = 'active', submitted_at = now() where id = ${id}`);
    for (const [week, cases] of [
      ['2026-05-04', 1500],
      ['2026-05-11', 1900],
    ] as const) {
      await tx.run(sql`insert into performance.sales (tenant_id, customer_id, product_id, period_start, units, revenue, feature,
          display, price_reduction, currency, source, recorded_at)
        values (${context.tenant.id}, ${account.id}, ${sku.id}, ${week}, ${cases * 12}, 0, false, true, true, 'USD', 'test', now())`);
    }
  });
  const first = await earned('2026-05-10');
  assert.deepEqual(
    first.map(({ mechanic, amount }) => [mechanic, amount]),
    [
      ['scan_back', 6000],
      ['display', 0],
    ],
  );
  assert.equal(first[1]?.lumpSum?.minor, 200_000n);
  assert.equal((await earned('2026-05-17'))[0]?.amount, 13_600);
  assert.deepEqual(
    await house
      .context({ tenant: 'b' })
      .db.read(house.context({ tenant: 'b' }), (tx) =>
        settlementPorts.readEarnings(tx, { startsOn: '2026-04-13', endsOn: '2026-05-17' }, null),
      ),
    { tactics: [], next: null },
  );
});

test('promotions too wide for one transaction come in several batches, each promotion in one of them', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const { id: tenantId } = context.tenant;
  const banner = await createCustomer(context, { code: 'B', name: 'Banner', type: 'banner', currency: 'USD' });
  const brand = await createProduct(context, { code: 'BR', name: 'Brand', level: 'brand', own: true });
  await context.db.transact(context, async (tx) => {
    await tx.run(sql`insert into master_data.customer (tenant_id, id, code, name, parent_id, type, currency, created_at, updated_at)
      select ${tenantId}, gen_random_uuid(), 'S' || n, 'Store', ${banner.id}, 'store', 'USD', now(), now() from generate_series(1, 60) n`);
    await tx.run(sql`insert into master_data.product (tenant_id, id, code, name, parent_id, level, own, created_at, updated_at)
      select ${tenantId}, gen_random_uuid(), 'P' || n, 'Product', ${brand.id}, 'sku', true, now(), now() from generate_series(1, 80) n`);
    await tx.run(sql`insert into promotions.promotion (tenant_id, id, code, name, customer_id, state, starts_on, ends_on,
        ship_starts_on, ship_ends_on, claim_by_on, currency, makers, created_by, created_at, updated_at, submitted_at)
      select ${tenantId}, gen_random_uuid(), 'E' || n, 'Event', ${banner.id}, 'ended', '2026-05-04', '2026-05-17', '2026-05-04',
        '2026-05-17', '2026-08-31', 'USD', '{}', gen_random_uuid(), now(), now(), now() from generate_series(1, 5) n`);
    await tx.run(sql`insert into promotions.tactic (tenant_id, id, promotion_id, position, mechanic, product_ids, lump_sum, pass_through, fund_split)
      select ${tenantId}, gen_random_uuid(), id, 0, 'display', array[${brand.id}::uuid], 100, 1, '[]' from promotions.promotion`);
  });
  const batches: string[][] = [];
  let after: string | null = null;
  do {
    const from: string | null = after;
    const batch: EarningsBatch = await context.db.read(context, (tx) =>
      settlementPorts.readEarnings(tx, { startsOn: '2026-05-04', endsOn: '2026-05-31' }, from),
    );
    batches.push(batch.tactics.map(({ promotionCode }) => promotionCode));
    after = batch.next;
  } while (after !== null);
  // 60 stores × 80 products are 4 800 series each; two fit.
  assert.deepEqual(
    batches.map((batch) => batch.length),
    [2, 2, 1],
  );
  assert.deepEqual(batches.flat().sort(), ['E1', 'E2', 'E3', 'E4', 'E5']);
});
