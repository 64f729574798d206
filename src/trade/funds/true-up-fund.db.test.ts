import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#db';
import { amountOf } from '#money';
import { listAccruedWeeks } from './accrual-store.ts';
import { setTrade, type Trade } from './test-trade.ts';
import { trueUpFund, trueUpFundsJob } from './true-up-fund.ts';

const budgeted = async (trade: Trade, id: string) => (await trade.columns(id)).budgeted;

test('shipments fill a live fund by their rate, week by week; the same again changes nothing, restated weeks the difference', async (t) => {
  const trade = await setTrade(t);
  const fund = await trade.open('LIVE', {
    kind: 'live_accrual',
    rate: { per: 'case', amount: '0.25' },
    customerId: trade.banner,
    productId: trade.brand,
  });
  await trade.ship('2025-12-29', '999');
  await trade.ship('2026-06-01', '100');
  await trade.ship('2026-06-08', '40', trade.skus[1]);
  assert.equal(
    amountOf((await trueUpFund(trade.context, fund.id)).deposited),
    '35.00',
    'a week before its validity is none of it',
  );
  assert.deepEqual(await trueUpFund(trade.context, fund.id), { deposited: { minor: 0n, currency: 'USD' }, weeks: 0 });
  await trade.ship('2026-06-01', '60');
  assert.equal(amountOf((await trueUpFund(trade.context, fund.id)).deposited), '-10.00');
  assert.equal(await budgeted(trade, fund.id), '25.00');
  const notes = await trade.context.db.read(trade.context, (tx) =>
    tx.many<{ note: string; kind: string }>(sql`select kind, note from funds.entry order by occurred_at, id`),
  );
  assert.deepEqual(
    notes.map(({ kind, note }) => `${kind}: ${note}`),
    [
      'deposit: Week of 2026-06-01: 100 cases × 0.25 USD per case',
      'deposit: Week of 2026-06-08: 40 cases × 0.25 USD per case',
      'adjust: Week of 2026-06-01: 60 cases × 0.25 USD per case',
    ],
  );
  const weeks = await trade.context.db.read(trade.context, (tx) => listAccruedWeeks(tx, fund.id, { limit: 1 }));
  assert.deepEqual(
    weeks.items.map(({ weekStart, cases, amount }) => [weekStart, cases, Number(amount)]),
    [['2026-06-08', '40', 10]],
  );
  assert.ok(weeks.nextCursor);
});

test('a fund of one account or brand is filled by its shipments alone, a percentage by list price, each week at its own rate', async (t) => {
  const trade = await setTrade(t);
  const other = await trade.open('OTHER', {
    kind: 'live_accrual',
    rate: { per: 'case', amount: '1' },
    customerId: trade.accounts[1],
  });
  const percent = await trade.open('PERCENT', {
    kind: 'live_accrual',
    rate: { per: 'percent', amount: '2' },
    productId: trade.skus[0],
  });
  await trade.context.db.transact(trade.context, (tx) =>
    tx.run(sql`insert into funds.rate (tenant_id, id, fund_id, per, amount, valid_from, recorded_by, recorded_at)
      values (${trade.context.tenant.id}, ${trade.context.newId()}, ${percent.id}, 'percent', 3, '2026-06-08', ${trade.context.actor.id}, now())`),
  );
  await trade.ship('2026-06-01', '10');
  await trade.ship('2026-06-01', '10', trade.skus[1]);
  await trade.ship('2026-06-08', '10');
  await trueUpFundsJob.handle({ ...trade.context, signal: AbortSignal.any([]) } as never, {
    from: '2026-06-01',
    to: '2026-06-08',
  });
  assert.equal(await budgeted(trade, other.id), '0.00');
  assert.equal(await budgeted(trade, percent.id), '15.00', '300.00 × 2 % and 300.00 × 3 %');
});

test('past weeks fill a prior-period fund, a rolling one holds its last whole periods and lets go of older ones', async (t) => {
  const trade = await setTrade(t);
  const past = await trade.open('PAST', {
    kind: 'prior_period_accrual',
    rate: { per: 'case', amount: '0.5' },
    sourceFrom: '2026-03-02',
    sourceTo: '2026-03-30',
  });
  const rolling = await trade.open('ROLLING', {
    kind: 'rolling',
    windowPeriods: 1,
    rate: { per: 'case', amount: '1' },
  });
  const shipped = {
    '2026-02-23': 10,
    '2026-03-02': 10,
    '2026-03-30': 10,
    '2026-04-06': 20,
    '2026-05-04': 30,
    '2026-06-08': 40,
  };
  for (const [week, cases] of Object.entries(shipped)) await trade.ship(week, String(cases));
  await trueUpFund(trade.context, past.id);
  assert.equal(await budgeted(trade, past.id), '10.00', 'the weeks of 2 and 30 March');
  const periods = await trade.context.db.read(trade.context, (tx) =>
    tx.many<{
      starts: string;
      ends: string;
    }>(sql`select min(starts_on) as starts, max(ends_on) as ends from master_data.fiscal_week
      group by fiscal_year, period order by 1`),
  );
  const at = periods.findIndex(({ starts, ends }) => starts <= '2026-06-15' && '2026-06-15' <= ends);
  const casesIn = (index: number) => {
    const { starts = '', ends = '' } = periods[index] ?? {};
    const inside = Object.entries(shipped).filter(([week]) => starts <= week && week <= ends);
    return inside.reduce((sum, [, cases]) => sum + cases, 0);
  };
  assert.notEqual(casesIn(at - 1), casesIn(at), 'the window makes a difference');
  await trueUpFund(trade.context, rolling.id);
  assert.equal(await budgeted(trade, rolling.id), `${casesIn(at - 1)}.00`);
  trade.house.clock.set(`${periods[at + 1]?.starts}T15:00:00Z`);
  const later = trade.house.context();
  await trueUpFund(later, rolling.id);
  assert.equal(await budgeted(trade, rolling.id), `${casesIn(at)}.00`);
});

test('a fund that shipments do not fill refuses a true-up, and a rate-based kind opens with what fills it', async (t) => {
  const trade = await setTrade(t);
  const fixed = await trade.open('FIXED');
  await assert.rejects(trueUpFund(trade.context, fixed.id), { code: 'rule.violated' });
  const rate = { per: 'case' as const, amount: '1' };
  await assert.rejects(trade.open('A', { rate }), { code: 'rule.violated' });
  await assert.rejects(trade.open('B', { kind: 'prior_period_accrual', rate }), { code: 'rule.violated' });
  await assert.rejects(trade.open('C', { kind: 'rolling', rate }), { code: 'rule.violated' });
  await assert.rejects(trade.open('D', { kind: 'live_accrual', rate: { per: 'percent', amount: '101' } }), {
    code: 'rule.violated',
  });
});

test('a fund that cannot be filled is told of, and the others are filled all the same', async (t) => {
  const trade = await setTrade(t);
  const euros = await trade.open('A-EUROS', {
    kind: 'live_accrual',
    currency: 'EUR',
    rate: { per: 'percent', amount: '2' },
  });
  const cases = await trade.open('B-CASES', { kind: 'live_accrual', rate: { per: 'case', amount: '2' } });
  await trade.ship('2026-06-01', '10');
  await trueUpFundsJob.handle({ ...trade.context, signal: AbortSignal.any([]) } as never, {});
  assert.equal(await budgeted(trade, cases.id), '20.00');
  const told = await trade.events('funds.true-up.refused');
  assert.deepEqual(
    told.map(({ fundId, code }) => [fundId, code]),
    [[euros.id, 'money.currency_mismatch']],
  );
});
