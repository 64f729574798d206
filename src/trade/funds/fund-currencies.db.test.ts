import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#db';
import { Decimal, money } from '#money';
import { testHouse } from '../../../test/house.ts';
import { openFundIn } from './change-funds.ts';
import { recordEarned, recordPaid } from './record-earned.ts';

test('a fund in another currency earns and pays its part at the rate of its promotion, cumulatively', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const validity = { validFrom: '2026-01-01', validTo: '2026-12-31' };
  const funds = await context.db.transact(context, async (tx) => ({
    dollars: await openFundIn(tx, {
      code: 'D',
      name: 'D',
      kind: 'fixed',
      currency: 'USD',
      amount: '900.00',
      ...validity,
    }),
    yen: await openFundIn(tx, { code: 'Y', name: 'Y', kind: 'fixed', currency: 'JPY', amount: '900000', ...validity }),
  }));
  const promotionId = context.newId();
  const tacticId = context.newId();
  const fx = { currency: 'JPY', rate: new Decimal('149.335'), note: '1 USD = 149.335 JPY (plan, 2026-01-01)' };
  const tell = (amount: string) => ({
    ...{ promotionId, tacticId, amount: money(amount, 'USD'), on: '2026-06-30' },
    fundSplit: [
      { fundId: funds.dollars.id, share: new Decimal('0.5') },
      { fundId: funds.yen.id, share: new Decimal('0.5'), fx },
    ],
  });
  const holds = () =>
    context.db.read(context, (tx) =>
      tx.many(sql`select fund.code, trim_scale(earned)::text as earned, trim_scale(paid)::text as paid
        from funds.hold join funds.fund on fund.id = hold.fund_id order by code`),
    );
  await context.db.transact(context, (tx) => recordEarned(tx, [tell('100.01')]));
  // 50.01 and 50.00 dollars: 50.00 × 149.335 = 7 466.75, yen have no cents.
  assert.deepEqual(await holds(), [
    { code: 'D', earned: '50.01', paid: '0' },
    { code: 'Y', earned: '7467', paid: '0' },
  ]);
  await context.db.transact(context, (tx) => recordEarned(tx, [tell('100.01')]));
  await context.db.transact(context, (tx) => recordEarned(tx, [tell('40.00')]));
  await context.db.transact(context, (tx) => recordPaid(tx, [tell('40.00')]));
  assert.deepEqual(await holds(), [
    { code: 'D', earned: '20', paid: '20' },
    { code: 'Y', earned: '2987', paid: '2987' },
  ]);
  const notes = await context.db.read(context, (tx) =>
    tx.many<{ currency: string; note: string }>(
      sql`select distinct currency, note from funds.entry where kind in ('earn', 'pay') order by currency`,
    ),
  );
  assert.deepEqual(notes, [
    { currency: 'JPY', note: fx.note },
    { currency: 'USD', note: '' },
  ]);
});
