import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import { Decimal, money } from '#money';
import {
  commitFunds,
  planHolds,
  releaseFunds,
  releaseReserved,
  reserveDifference,
  reserveFunds,
  settleDifference,
} from './hold-funds.ts';
import { recordEarned, recordPaid, type TacticMoney } from './record-earned.ts';
import { setTrade, type Trade } from './test-trade.ts';

const held = ['reserved', 'committed', 'earned', 'paid', 'available'] as const;

function moneyOf(fundIds: readonly string[], tacticId: string, amount: string, on = '2026-06-13'): TacticMoney {
  const share = new Decimal(1).div(fundIds.length);
  return {
    promotionId: tacticId,
    tacticId,
    amount: money(amount, 'USD'),
    on,
    fundSplit: fundIds.map((fundId) => ({ fundId, share })),
  };
}

const act = ({ context }: Trade, work: (tx: TenantTx<Context>) => Promise<unknown>) =>
  context.db.transact(context, work);

/** A promotion of one tactic with 400.00 committed of a fund of 1000.00. */
async function setCommitted(trade: Trade) {
  const fund = await trade.open('F', { amount: '1000.00' });
  const tacticId = randomUUID();
  const split = (amount: string) => [{ fundId: fund.id, tacticId, amount }];
  await act(trade, (tx) => reserveFunds(tx, tacticId, split('400.00')));
  await act(trade, (tx) => commitFunds(tx, tacticId, 'USD'));
  return { fund, tacticId, split };
}

test('earning uses up the commitment, then Available; the same figure again posts nothing, a smaller one takes back', async (t) => {
  const trade = await setTrade(t);
  const { fund, tacticId } = await setCommitted(trade);
  const earn = (amount: string) => act(trade, (tx) => recordEarned(tx, [moneyOf([fund.id], tacticId, amount)]));
  await earn('150.00');
  assert.deepEqual(await trade.columns(fund.id, held), {
    ...{ reserved: '0.00', committed: '400.00', earned: '150.00', paid: '0.00', available: '600.00' },
  });
  await earn('450.00');
  const before = await trade.columns(fund.id, held);
  assert.deepEqual([before.earned, before.available], ['450.00', '550.00']);
  const count = async () => (await trade.events('funds.entry.posted')).length;
  const posted = await count();
  await earn('450.00');
  assert.equal(await count(), posted);
  await earn('120.00');
  await act(trade, (tx) => recordPaid(tx, [moneyOf([fund.id], tacticId, '100.00')]));
  assert.deepEqual(await trade.columns(fund.id, held), {
    ...{ reserved: '0.00', committed: '400.00', earned: '120.00', paid: '100.00', available: '600.00' },
  });
  await act(trade, (tx) => releaseFunds(tx, tacticId, 'closed'));
  const closed = await trade.columns(fund.id, held);
  assert.deepEqual([closed.committed, closed.available], ['120.00', '880.00'], 'closing releases what is not earned');
});

test('scans that take a fund below zero are booked, told of once, and keep new reservations out', async (t) => {
  const trade = await setTrade(t);
  const { fund, tacticId } = await setCommitted(trade);
  await act(trade, (tx) => recordEarned(tx, [moneyOf([fund.id], tacticId, '1100.00')]));
  await act(trade, (tx) => recordEarned(tx, [moneyOf([fund.id], tacticId, '1150.00')]));
  assert.equal((await trade.columns(fund.id)).available, '-150.00');
  assert.deepEqual(
    (await trade.events('funds.fund.overdrawn')).map(({ code, available }) => [code, available]),
    [['F', { amount: '-100.00', currency: 'USD' }]],
  );
  const other = randomUUID();
  const small = [{ fundId: fund.id, tacticId: other, amount: '0.01' }];
  await assert.rejects(
    act(trade, (tx) => reserveFunds(tx, other, small)),
    { code: 'fund.exceeded' },
  );
  const inside = [{ fundId: fund.id, tacticId, amount: '500.00' }];
  await assert.rejects(
    act(trade, (tx) => reserveDifference(tx, tacticId, inside)),
    { code: 'fund.exceeded' },
  );
});

test('the parts of two funds sum to what a tactic earned, whatever it earns', async (t) => {
  const trade = await setTrade(t);
  const funds = [
    await trade.open('A', { amount: '50.00' }),
    await trade.open('B', { amount: '50.00' }),
    await trade.open('C', { amount: '50.00' }),
  ];
  const tacticId = randomUUID();
  const ids = funds.map(({ id }) => id);
  for (const amount of ['100.00', '100.01', '0.02', '77.77']) {
    await act(trade, (tx) => recordEarned(tx, [moneyOf(ids, tacticId, amount)]));
    const earned = await Promise.all(ids.map(async (id) => Number((await trade.columns(id)).earned)));
    assert.equal(earned.reduce((sum, part) => sum + part, 0).toFixed(2), amount);
  }
  await act(trade, (tx) => recordEarned(tx, [moneyOf(ids.slice(0, 1), tacticId, '77.77')]));
  assert.deepEqual((await trade.columns(ids[1] ?? '')).earned, '0.00', 'a fund that left the split bears nothing');
});

test('an amendment reserves only the difference; approval commits it and releases what is too much, refusal gives it back', async (t) => {
  const trade = await setTrade(t);
  const { fund, tacticId, split } = await setCommitted(trade);
  await assert.rejects(
    act(trade, (tx) => reserveDifference(tx, tacticId, split('1000.01'))),
    {
      code: 'fund.exceeded',
      extra: {
        shortfalls: [
          {
            fundId: fund.id,
            fundCode: 'F',
            needed: { amount: '600.01', currency: 'USD' },
            available: { amount: '600.00', currency: 'USD' },
            shortfall: { amount: '0.01', currency: 'USD' },
          },
        ],
      },
    },
  );
  await act(trade, (tx) => reserveDifference(tx, tacticId, split('500.00')));
  await act(trade, (tx) => reserveDifference(tx, tacticId, split('550.00')));
  assert.deepEqual(await trade.columns(fund.id, ['reserved', 'committed', 'available']), {
    reserved: '150.00',
    committed: '400.00',
    available: '450.00',
  });
  await act(trade, (tx) => releaseReserved(tx, tacticId, 'refused'));
  assert.deepEqual(await trade.columns(fund.id, ['reserved', 'committed', 'available']), {
    reserved: '0.00',
    committed: '400.00',
    available: '600.00',
  });
  await act(trade, (tx) => reserveDifference(tx, tacticId, split('550.00')));
  await act(trade, (tx) => settleDifference(tx, tacticId, split('550.00')));
  assert.deepEqual(await trade.columns(fund.id, ['reserved', 'committed', 'available']), {
    reserved: '0.00',
    committed: '550.00',
    available: '450.00',
  });
  await act(trade, (tx) => recordEarned(tx, [moneyOf([fund.id], tacticId, '300.00')]));
  await act(trade, (tx) => reserveDifference(tx, tacticId, split('100.00')));
  await act(trade, (tx) => settleDifference(tx, tacticId, split('100.00')));
  assert.deepEqual(
    await trade.columns(fund.id, ['reserved', 'committed', 'available']),
    { reserved: '0.00', committed: '300.00', available: '700.00' },
    'never below what is earned',
  );
});

test('earned money keeps the account and brand of its reservation and falls into the fiscal period of its business date', async (t) => {
  const trade = await setTrade(t);
  const fund = await trade.open('F', { amount: '1000.00' });
  const tacticId = randomUUID();
  const [customerId] = trade.accounts;
  const split = [{ fundId: fund.id, tacticId, amount: '400.00', customerId, productId: trade.brand }];
  await act(trade, (tx) => planHolds(tx, tacticId, [{ ...split[0]!, customerId: trade.banner }]));
  await act(trade, (tx) => reserveFunds(tx, tacticId, split));
  await act(trade, (tx) => recordEarned(tx, [moneyOf([fund.id], tacticId, '90.00', '2026-04-13')]));
  const { customer, product, period } = (await act(trade, (tx) =>
    tx.one(
      sql`select customer_id as customer, product_id as product, period_start as period from funds.entry where kind = 'earn'`,
    ),
  )) as Record<string, string>;
  assert.deepEqual([customer, product], [customerId, trade.brand]);
  const weeks = (await act(trade, (tx) =>
    tx.many(sql`select min(starts_on) as starts, max(ends_on) as ends from master_data.fiscal_week
      where (fiscal_year, period) = (select fiscal_year, period from master_data.fiscal_week where '2026-04-13' between starts_on and ends_on)`),
  )) as { starts: string }[];
  assert.equal(period, weeks[0]?.starts);
});
