import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#db';
import { Decimal } from '#money';
import { settleItem } from '../claims/settle-item.ts';
import type { ItemChange } from '../claims/work-item.ts';
import { openBooks, workedTactics } from '../test-books.ts';
import { approveJournal, postJournal } from './change-journal.ts';
import { closePeriod, softClosePeriod } from './change-period.ts';
import { closeCheckKeys } from './domain/close-check.ts';
import { booksInvariants } from './invariants.ts';
import { readTieOut } from './liability-store.ts';
import { prepareAccruals } from './prepare-accruals.ts';

const waive = closeCheckKeys.map((check) => ({ check, reason: 'not of this test' }));
const expected = new Set(['state.conflict', 'rule.violated', 'approval.own_work']);

test('random work of six at once leaves sub-ledger, tactics and journals in agreement, and closed periods untouched', async (t) => {
  const books = await openBooks(t);
  const { house, maker, checker, ports, tactics } = books;
  const period = await books.period('2026-06-15');
  tactics.push(...workedTactics(books.customerId, period.startsOn, period.startsOn, period.endsOn));
  const [scan, display] = tactics;
  assert.ok(scan && display);
  await prepareAccruals(maker, ports, period.id);
  const items: ItemChange[] = [];
  for (let n = 0; n < 24; n++) {
    const parts = [
      { tacticId: scan.tacticId, amount: `${300 + n * 37}.33` },
      { tacticId: display.tacticId, amount: `${20 + n * 3}.07` },
    ];
    items.push(await books.validItem('deduction', `D${n}`, n % 2 ? parts : parts.reverse()));
  }
  const seed = 20_261_123;
  t.diagnostic(`seed ${seed}`);
  const worker = async (n: number) => {
    let state = seed + n;
    const next = (bound: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return Math.floor((state / 2 ** 32) * bound);
    };
    const who = n % 2 ? maker : checker;
    for (let i = 0; i < 15; i++) {
      const item = items[next(items.length)];
      assert.ok(item);
      const anyJournal = await house.db.transact(who, (tx) =>
        tx.maybe<{ id: string }>(
          sql`select id from settlement.journal where state <> 'posted' order by id offset ${next(3)} limit 1`,
        ),
      );
      const change = { id: anyJournal?.id ?? period.id, ifMatch: undefined };
      const month = { id: period.id, ifMatch: undefined };
      const work: (() => Promise<unknown>)[] = [
        () => settleItem(who, ports, { ...item, paidBy: 'offset', beyondLiability: false, note: '' }),
        () => settleItem(who, ports, { ...item, paidBy: 'credit_memo', beyondLiability: false, note: '' }),
        () => {
          // A restatement: what the port answers changes under everybody's hands.
          tactics[0] = {
            ...scan,
            volumes: [{ on: period.startsOn, volume: new Decimal(2500 + next(1500)), rate: new Decimal(4) }],
          };
          return prepareAccruals(who, ports, period.id);
        },
        () => (anyJournal ? approveJournal(who, change) : Promise.resolve()),
        () => (anyJournal ? postJournal(who, change) : Promise.resolve()),
        () =>
          i > 9
            ? softClosePeriod(who, month).then(() => closePeriod(who, ports, { ...month, waive }))
            : Promise.resolve(),
      ];
      await work[next(work.length)]?.().catch((error: { code?: string }) => {
        assert.ok(expected.has(error.code ?? ''), String(error));
      });
    }
  };
  await Promise.all(Array.from({ length: 6 }, (_, n) => worker(n)));
  await house.db.transact(maker, async (tx) => {
    for (const { subLedger, tactics: owed, journals } of await readTieOut(tx)) {
      assert.deepEqual([subLedger, journals], [owed, owed]);
      assert.ok(Number(owed) >= 0);
    }
    for (const { name, findBreaches } of booksInvariants) assert.deepEqual(await findBreaches(tx), [], name);
    const {
      paid,
      settled,
      items: done,
    } = await tx.one<{ paid: string; settled: string; items: number }>(sql`select
      (select sum(amount) from settlement.settlement) as paid, sum(settled) as settled, count(*) filter (where settled > 0)::int as items
      from settlement.item`);
    assert.ok(done > 0, 'some were settled');
    assert.equal(paid, settled);
    const late = await tx.one<{ n: number }>(sql`select count(*)::int as n from settlement.journal
      join settlement.period on period.id = journal.period_id where period.state = 'closed' and journal.state in ('prepared', 'approved')`);
    assert.equal(late.n, 0, 'a closed period holds nothing that is not posted');
  });
});
