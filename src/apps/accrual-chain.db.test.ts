import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#db';
import { addDays } from '#fiscal-calendar';
import { openFundIn, readCheckbooks } from '#funds';
import { createCustomer, createProduct, ensureCalendarFor, recordPrice } from '#master-data';
import { amountOf } from '#money';
import { promotionsModule } from '#promotions';
import { openPeriod, prepareAccruals } from '#settlement';
import { testHouse } from '../../test/house.ts';
import { promotionPorts } from './promotion-ports.ts';
import { settlementPorts } from './settlement-ports.ts';

const usd = (amount: string) => ({ amount, currency: 'USD' });

test('the worked event goes from scans to journal and checkbook over a period end: 7 000.00, then 15 600.00', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const account = await createCustomer(context, { code: 'A', name: 'Account', type: 'account', currency: 'USD' });
  const sku = await createProduct(context, {
    ...{ code: 'SKU', name: 'Product', level: 'sku', own: true, unitsPerCase: '12' },
  });
  await recordPrice(context, {
    ...{ productId: sku.id, listPrice: usd('30.00'), cost: usd('16.00'), validFrom: '2026-01-01' },
  });
  const fund = await context.db.transact(context, async (tx) => {
    await ensureCalendarFor(tx, { from: '2026-01-05', to: '2026-12-28' });
    return openFundIn(tx, {
      ...{ code: 'F', name: 'Fund', kind: 'fixed', currency: 'USD', validFrom: '2026-01-01', validTo: '2026-12-31' },
    });
  });
  const p5 = await openPeriod(context, '2026-05-15');
  const p6 = await openPeriod(context, addDays(p5.endsOn, 1));
  const weeks = [addDays(p5.endsOn, -6), p6.startsOn];
  const fundSplit = [{ fundId: fund.id, share: '1' }];
  const server = await house.server(promotionsModule(promotionPorts).routes ?? []);
  const made = await server.inject({
    ...{ method: 'POST', url: '/api/v1/promotions', headers: { authorization: 'Bearer a' } },
    payload: {
      ...{ name: 'Worked event', customerId: account.id, startsOn: weeks[0], endsOn: addDays(p5.endsOn, 7) },
      tactics: [
        { mechanic: 'scan_back', productIds: [sku.id], fundSplit, rate: { ...usd('4.00'), per: 'case' } },
        { mechanic: 'display', productIds: [sku.id], fundSplit, lumpSum: usd('2000.00') },
      ],
    },
  });
  assert.equal(made.statusCode, 201, made.body);
  const { id } = made.json<{ id: string }>();
  const scan = (week: number, cases: number) =>
    context.db.transact(context, (tx) =>
      tx.run(sql`insert into performance.sales (tenant_id, customer_id, product_id, period_start, units, revenue, feature,
          display, price_reduction, currency, source, recorded_at)
        values (${context.tenant.id}, ${account.id}, ${sku.id}, ${weeks[week]}, ${cases * 12}, 0, false, true, true, 'USD',
          'test', now())`),
    );
  const books = () =>
    context.db.read(context, async (tx) => {
      const journals = await tx.many<{ total: string }>(
        sql`select trunc(total, 2)::text as total from settlement.journal order by prepared_at, id`,
      );
      const book = (await readCheckbooks(tx, [fund.id])).get(fund.id);
      return [journals.map(({ total }) => total), book && amountOf(book.earned)];
    });

  house.clock.set(`${p5.endsOn}T12:00:00Z`);
  await scan(0, 1500);
  assert.deepEqual(await prepareAccruals(context, settlementPorts, p5.id), [], 'a draft earns nothing');
  await context.db.transact(context, (tx) =>
    tx.run(sql`update promotions.promotion set state = 'active', submitted_at = now() where id = ${id}`),
  );
  await prepareAccruals(context, settlementPorts, p5.id);
  assert.deepEqual(await books(), [['7000.00'], '7000.00']);
  house.clock.set(`${p6.endsOn}T12:00:00Z`);
  await scan(1, 1900);
  await prepareAccruals(context, settlementPorts, p6.id);
  assert.deepEqual(await books(), [['7000.00', '8600.00'], '15600.00']);
});
