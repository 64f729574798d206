import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#db';
import { openFundIn } from '#funds';
import { createCustomer, createProduct, ensureCalendarFor, recordPrice } from '#master-data';
import { promotionsModule } from '#promotions';
import { testHouse } from '../../test/house.ts';
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
  const server = await house.server(promotionsModule.routes ?? []);
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
    const tactics = await context.db.read(context, (tx) =>
      settlementPorts.readEarnings(tx, { startsOn: '2026-04-13', endsOn }),
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
        settlementPorts.readEarnings(tx, { startsOn: '2026-04-13', endsOn: '2026-05-17' }),
      ),
    [],
  );
});
