import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { sql } from '#db';
import { amountOf, Decimal, money } from '#money';
import { checkbookRoutes } from './checkbook-routes.ts';
import { type CheckbookKey, checkbookKeys, sumCheckbooks } from './checkbook-store.ts';
import { type Checkbook, checkbookColumns } from './domain/checkbook.ts';
import { fundRoutes } from './fund-routes.ts';
import { commitFunds, planHolds, releaseFunds, reserveFunds } from './hold-funds.ts';
import { readCheckbooksBy } from './read-checkbooks.ts';
import { recordEarned, recordPaid } from './record-earned.ts';
import { setTrade, type Trade } from './test-trade.ts';
import { transferRoutes } from './transfer-routes.ts';

const days = ['2026-01-15', '2026-02-01', '2026-02-28', '2026-03-01', '2026-04-30', '2026-06-14'];

/** Two funds and twelve promotions that are planned, submitted, approved, earned, paid and ended over half a year. */
async function live(trade: Trade) {
  trade.house.clock.set('2026-01-10T09:00:00Z');
  const funds = [
    await trade.open('A', { amount: '90000.00' }),
    await trade.open('B', { amount: '90000.00', customerId: trade.banner }),
  ];
  for (const [number, day] of [...days, ...days].entries()) {
    const context = trade.house.context();
    const fund = funds[number % 2];
    assert.ok(fund);
    const tacticId = randomUUID();
    const customerId = [trade.banner, ...trade.accounts][number % 3];
    const split = [
      { fundId: fund.id, tacticId, amount: `${(number + 1) * 100}.00`, customerId, productId: trade.skus[number % 2] },
    ];
    const at = async (hour: number, work: Parameters<typeof context.db.transact>[1]) => {
      trade.house.clock.set(`${day}T${String(hour).padStart(2, '0')}:30:00Z`);
      await context.db.transact(context, work as never);
    };
    const earned = {
      promotionId: tacticId,
      tacticId,
      on: day,
      fundSplit: [{ fundId: fund.id, share: new Decimal(1) }],
    };
    await at(10, (tx) => planHolds(tx as never, tacticId, split));
    if (number % 4 > 0) await at(11, (tx) => reserveFunds(tx as never, tacticId, split));
    if (number % 4 > 1) await at(12, (tx) => commitFunds(tx as never, tacticId, 'USD'));
    if (number % 4 > 1)
      await at(13, (tx) => recordEarned(tx as never, [{ ...earned, amount: money(`${number * 110}.00`, 'USD') }]));
    if (number % 4 > 2) await at(14, (tx) => recordPaid(tx as never, [{ ...earned, amount: money('60.00', 'USD') }]));
    if (number % 4 > 2) await at(15, (tx) => releaseFunds(tx as never, tacticId, 'closed'));
  }
  trade.house.clock.set('2026-06-15T12:00:00Z');
  return funds;
}

interface RawEntry {
  kind: string;
  fromAccount: string;
  toAccount: string;
  fundId: string;
  customerId: string | null;
  productId: string | null;
  periodStart: string;
  amount: string;
  occurredAt: Date;
}

/** The columns again, added up entry by entry by the words of domain.md. */
function columnsOf(entries: readonly RawEntry[]): Record<string, string> {
  const sums = Object.fromEntries(checkbookColumns.map((column) => [column, new Decimal(0)]));
  const put = (column: string, amount: Decimal) => {
    sums[column] = (sums[column] ?? new Decimal(0)).plus(amount);
  };
  for (const entry of entries) {
    for (const [account, amount] of [
      [entry.toAccount, new Decimal(entry.amount)],
      [entry.fromAccount, new Decimal(entry.amount).negated()],
    ] as const) {
      if (account === 'available') put('available', amount);
      if (account === 'available' && ['deposit', 'transfer', 'adjust'].includes(entry.kind)) put('budgeted', amount);
      if (account === 'planned') put('planned', amount);
      if (account === 'reserved') put('reserved', amount);
      if (account === 'committed' && ['commit', 'release'].includes(entry.kind)) put('committed', amount);
      if (account === 'earned' && entry.kind === 'earn') put('earned', amount);
      if (account === 'paid') put('paid', amount);
    }
  }
  return Object.fromEntries(Object.entries(sums).map(([column, sum]) => [column, sum.toFixed(2)]));
}

const shown = (book: Checkbook) =>
  Object.fromEntries(checkbookColumns.map((column) => [column, amountOf(book[column])]));

test('by fund, account, brand or period, now and as of any past instant: the kept sums are the sums of the entries', async (t) => {
  const trade = await setTrade(t);
  const funds = await live(trade);
  const entries = await trade.context.db.read(trade.context, (tx) =>
    tx.many<RawEntry>(sql`select kind, from_account as "fromAccount", to_account as "toAccount", to_fund_id as "fundId",
      customer_id as "customerId", product_id as "productId", period_start as "periodStart", amount, occurred_at as "occurredAt"
      from funds.entry`),
  );
  const keyOf: Record<CheckbookKey, (entry: RawEntry) => string> = {
    fund: ({ fundId }) => fundId,
    customer: ({ customerId }) => customerId ?? '00000000-0000-0000-0000-000000000000',
    product: ({ productId }) => productId ?? '00000000-0000-0000-0000-000000000000',
    period: ({ periodStart }) => periodStart,
  };
  const instants = [
    undefined,
    '2026-01-10T08:59:59Z',
    '2026-02-01T00:00:00Z',
    ...days.flatMap((day) => [11, 13, 16].map((hour) => `${day}T${hour}:00:00Z`)),
  ];
  const scopes = [
    {},
    { fundIds: [funds[1]?.id ?? ''] },
    { customerIds: [trade.accounts[0]] },
    { productIds: [trade.skus[1]], customerIds: [...trade.accounts] },
    { periodsFrom: '2026-02-15', periodsTo: '2026-05-01' },
  ];
  let compared = 0;
  for (const by of checkbookKeys) {
    for (const asOf of instants) {
      for (const scope of scopes) {
        const kept = await trade.context.db.read(trade.context, (tx) => sumCheckbooks(tx, by, { ...scope, asOf }));
        const asked = entries.filter(
          (entry) =>
            (!asOf || entry.occurredAt <= new Date(asOf)) &&
            (!scope.fundIds || scope.fundIds.includes(entry.fundId)) &&
            (!scope.customerIds || scope.customerIds.includes(entry.customerId ?? '')) &&
            (!scope.productIds || scope.productIds.includes(entry.productId ?? '')) &&
            (!scope.periodsFrom ||
              (entry.periodStart >= scope.periodsFrom && entry.periodStart <= (scope.periodsTo ?? ''))),
        );
        const expected = [...Map.groupBy(asked, keyOf[by])].map(([key, mine]) => [key, columnsOf(mine)] as const);
        assert.deepEqual(
          new Map(kept.map(({ key, book }) => [key, shown(book)])),
          new Map(expected.sort()),
          `${by} as of ${asOf}`,
        );
        compared += kept.length;
      }
    }
  }
  assert.ok(compared > 300);
});

test('an account’s checkbook holds what is below it, in the order of the tree, and all accounts hold everything', async (t) => {
  const trade = await setTrade(t);
  await live(trade);
  const books = await readCheckbooksBy(trade.context, { by: 'customer' });
  assert.deepEqual(
    books.map(({ code, depth }) => [code, depth]),
    [
      ['', 0],
      ['B', 0],
      ['B-1', 1],
      ['B-2', 1],
    ],
  );
  const available = books.map(({ book }) => Number(amountOf(book.available)));
  const [all = 0, banner = 0] = available;
  const funds = await readCheckbooksBy(trade.context, { by: 'fund' });
  assert.equal(
    all,
    funds.reduce((sum, { book }) => sum + Number(amountOf(book.available)), 0),
  );
  assert.equal(
    banner,
    all - 90_000,
    'the other fund’s deposit is for no account in particular, all spending is below the banner',
  );
  const below = await readCheckbooksBy(trade.context, { by: 'customer', customerId: trade.accounts[0] });
  assert.deepEqual(
    below.map(({ code }) => code),
    ['B-1'],
  );
});

test('every figure names its formula, and the path of its rows lists exactly the entries that it sums', async (t) => {
  const trade = await setTrade(t);
  const [fund] = await live(trade);
  const app = await trade.house.server([...fundRoutes, ...checkbookRoutes, ...transferRoutes]);
  const get = async (url: string) => {
    const response = await app.inject({ method: 'GET', url, headers: { authorization: 'Bearer a' } });
    assert.equal(response.statusCode, 200, `${url}: ${response.body}`);
    return response.json();
  };
  const book = await get(`/api/v1/funds/${fund?.id}/checkbook?asOf=2026-04-30T12:45:00Z`);
  const accounts = (await get('/api/v1/checkbooks?by=customer')).items;
  const periods = (await get('/api/v1/checkbooks?by=period&from=2026-01-01&to=2026-12-31')).items;
  let followed = 0;
  for (const { figures } of [book, ...accounts, ...periods]) {
    for (const column of ['reserved', 'committed', 'earned', 'paid', 'planned'] as const) {
      const figure = figures[column];
      assert.ok(figure.formula && figure.formulaVersion && figure.rows);
      const { items, nextCursor } = await get(`${figure.rows}&limit=200`);
      assert.equal(nextCursor, null);
      const sides = items.map((entry: { toAccount: string; amount: { amount: string } }) =>
        entry.toAccount === column ? new Decimal(entry.amount.amount) : new Decimal(entry.amount.amount).negated(),
      );
      const sum = sides.reduce((all: Decimal, one: Decimal) => all.plus(one), new Decimal(0));
      assert.equal(sum.toFixed(2), figure.value.amount, figure.rows);
      followed += items.length;
    }
  }
  assert.ok(followed > 50);
  const unknown = await app.inject({
    method: 'GET',
    url: `/api/v1/checkbooks?by=fund&customerId=${randomUUID()}`,
    headers: { authorization: 'Bearer a' },
  });
  assert.equal(unknown.statusCode, 404);
});
