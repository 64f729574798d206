import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import pg from 'pg';
import { commitFunds, reserveFunds } from './hold-funds.ts';
import { fundsInvariants } from './invariants.ts';
import { setTrade } from './test-trade.ts';

/** What somebody with a hand in the database could do, and the invariants that notice it. */
const corruptions: [sql: string, noticed: string[]][] = [
  [
    'update funds.balance set available = available + 1',
    ['funds.months-sum-to-the-balance', 'funds.holds-agree-with-the-ledger'],
  ],
  ['update funds.monthly_balance set committed = committed + 1', ['funds.months-sum-to-the-balance']],
  ...['fund', 'customer', 'product', 'period'].flatMap((dimension): [string, string[]][] => [
    [
      `update funds.standing set paid = paid + 1 where dimension = '${dimension}' and week > '2026-11-01'`,
      ['funds.balance-is-the-sum-of-entries', 'funds.months-sum-to-the-balance'],
    ],
    [
      `update funds.standing set paid = paid + 1 where dimension = '${dimension}' and week < '2026-11-01'`,
      ['funds.balance-is-the-sum-of-entries'],
    ],
  ]),
  ['update funds.hold set committed = committed + 1', ['funds.holds-agree-with-the-ledger']],
  ["update funds.entry set amount = amount + 1 where kind = 'commit'", ['funds.balance-is-the-sum-of-entries']],
  [
    "update funds.entry set occurred_at = occurred_at + interval '1 month' where kind = 'commit'",
    ['funds.balance-is-the-sum-of-entries'],
  ],
  ["delete from funds.entry where kind = 'reserve'", ['funds.balance-is-the-sum-of-entries']],
];

test('money that somebody changed behind the ledger is noticed, by fund, and a sound house has no breach', async (t) => {
  const trade = await setTrade(t);
  const fund = await trade.open('F', { amount: '1000.00' });
  const promotionId = randomUUID();
  await trade.context.db.transact(trade.context, async (tx) => {
    await reserveFunds(tx, promotionId, [{ fundId: fund.id, tacticId: randomUUID(), amount: '400.00' }]);
    await commitFunds(tx, promotionId, 'USD');
  });
  // Months later: old money is looked at like new.
  trade.house.clock.set('2026-12-01T12:00:00Z');
  await trade.context.db.transact(trade.context, (tx) =>
    reserveFunds(tx, randomUUID(), [{ fundId: fund.id, tacticId: randomUUID(), amount: '100.00' }]),
  );
  const noticed = async () => {
    const found = new Set<string>();
    for (const { name, findBreaches } of fundsInvariants) {
      const breaches = await trade.context.db.read(trade.context, findBreaches);
      if (breaches.length > 0) found.add(name);
      assert.ok(breaches.length <= 1 && breaches.every(({ subject }) => subject === `fund/${fund.id}`), name);
    }
    return [...found].sort();
  };
  assert.deepEqual(await noticed(), []);
  const owner = new pg.Client({ connectionString: trade.house.url });
  await owner.connect();
  for (const [sql, expected] of corruptions) {
    const tables = ['funds.balance', 'funds.monthly_balance', 'funds.standing', 'funds.hold', 'funds.entry'];
    for (const table of tables) await owner.query(`create table ${table}_kept as table ${table}`);
    await owner.query(sql);
    assert.deepEqual(await noticed(), expected.sort(), sql);
    for (const table of tables) {
      const { rows } = await owner.query<{ names: string }>(
        `select string_agg(attname, ', ' order by attnum) as names from pg_attribute
         where attrelid = '${table}'::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
      );
      await owner.query(`delete from ${table}`);
      await owner.query(`insert into ${table} (${rows[0]?.names}) select ${rows[0]?.names} from ${table}_kept`);
      await owner.query(`drop table ${table}_kept`);
    }
  }
  await owner.end();
  assert.deepEqual(await noticed(), []);
});
