import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { sql } from '#db';
import { addDays } from '#fiscal-calendar';
import { amountOf, Decimal, type Money } from '#money';
import { captureItem } from '../claims/capture-item.ts';
import { settleItem } from '../claims/settle-item.ts';
import { openBooks, type TestBooks, usd, workedTactics } from '../test-books.ts';
import { approveJournal, exportJournal, postJournal } from './change-journal.ts';
import { closePeriod, softClosePeriod } from './change-period.ts';
import { readChecklist } from './close-checklist.ts';
import { closeReportCsv, readCloseReport } from './close-report.ts';
import { readWaivers } from './close-store.ts';
import { booksInvariants } from './invariants.ts';
import { prepareAccruals } from './prepare-accruals.ts';
import { groupProposal, proposeAccruals } from './propose-accruals.ts';

const ifMatch = undefined;
const pay = { paidBy: 'offset', beyondLiability: false, note: '' } as const;

async function pass({ maker, checker }: TestBooks, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await approveJournal(checker, { id, ifMatch });
    await postJournal(maker, { id, ifMatch });
    await exportJournal(maker, { id, ifMatch });
  }
}

/** The worked event across a period end: accrued in both periods, 9 000.00 deducted in the second. */
async function twoPeriods(books: TestBooks) {
  const { house, maker, checker, ports, tactics } = books;
  const p5 = await books.period('2026-05-15');
  const p6 = await books.period(addDays(p5.endsOn, 1));
  tactics.push(...workedTactics(books.customerId, addDays(p5.endsOn, -6), p6.startsOn, addDays(p5.endsOn, 7)));
  const [scan, display] = tactics;
  assert.ok(scan && display);
  house.clock.set(`${p5.endsOn}T12:00:00Z`);
  await pass(books, await prepareAccruals(maker, ports, p5.id));
  house.clock.set(`${p6.endsOn}T12:00:00Z`);
  await pass(books, await prepareAccruals(maker, ports, p6.id));
  const item = await books.validItem('deduction', 'D1', [
    { tacticId: scan.tacticId, amount: '8000.00' },
    { tacticId: display.tacticId, amount: '1000.00' },
  ]);
  const { journalId } = await settleItem(checker, ports, { ...item, ...pay });
  return { p5, p6, scan, display, journalId };
}

test('the proposal is what preparing then books, with the forecast apart and the variance against the last run', async (t) => {
  const books = await openBooks(t);
  const { house, maker, ports, tactics } = books;
  const p5 = await books.period('2026-05-15');
  const p6 = await books.period(addDays(p5.endsOn, 1));
  tactics.push(...workedTactics(books.customerId, addDays(p5.endsOn, -6), p6.startsOn, addDays(p5.endsOn, 7)));
  const [scan] = tactics;
  assert.ok(scan);
  house.clock.set(`${p5.endsOn}T12:00:00Z`);
  await prepareAccruals(maker, ports, p5.id);
  const [actual] = scan.volumes;
  assert.ok(actual);
  const late = { on: p6.startsOn, volume: new Decimal(1700), rate: new Decimal(4), forecast: true as const };
  tactics[0] = { ...scan, volumes: [actual, late] };
  house.clock.set(`${p6.endsOn}T12:00:00Z`);

  const { tactics: proposed, lastRun } = await proposeAccruals(maker, ports, p6.id);
  const shown = proposed.map(({ mechanic, glAccount, due, forecast, lastRun: last }) =>
    [mechanic, glAccount, ...[due, forecast, last].map(amountOf)].join(' '),
  );
  assert.deepEqual(shown, ['scan_back 4920 6800.00 6800.00 6000.00', 'display 4940 1000.00 0.00 1000.00']);
  assert.equal(lastRun?.periodId, p5.id);
  assert.deepEqual(
    groupProposal(proposed).map(({ due, tactics: count }) => [amountOf(due), count]),
    [
      ['6800.00', 1],
      ['1000.00', 1],
    ],
  );
  await prepareAccruals(maker, ports, p6.id);
  assert.deepEqual((await proposeAccruals(maker, ports, p6.id)).tactics, [], 'what is booked is proposed no more');

  await assert.rejects(proposeAccruals(maker, ports, p5.id), { code: 'state.conflict' }, 'P6 has accrued already');

  // The scans come in: 1 900 cases, not 1 700. The next run books the difference, and nothing rests on a forecast.
  tactics[0] = scan;
  const [trueUp] = (await proposeAccruals(maker, ports, p6.id)).tactics;
  assert.deepEqual([trueUp && amountOf(trueUp.due), trueUp && amountOf(trueUp.forecast)], ['800.00', '0.00']);
  await prepareAccruals(maker, ports, p6.id);
  const earned = await house.db.read(maker, (tx) =>
    tx.many<{ text: string }>(sql`select 'P' || period.period || ' ' || mechanic || ' ' || trunc(sum(amount), 2) as text
      from settlement.accrual_entry entry join settlement.liability using (tactic_id)
        join settlement.period on period.id = entry.period_id group by period.period, mechanic`),
  );
  assert.deepEqual(earned.map(({ text }) => text).sort(), [
    ...[`P${p5.period} display 1000.00`, `P${p5.period} scan_back 6000.00`],
    ...[`P${p6.period} display 1000.00`, `P${p6.period} scan_back 7600.00`],
  ]);
});

test('the close report rolls every liability forward and ties to the journals to the cent', async (t) => {
  const books = await openBooks(t);
  const { house, maker } = books;
  const { p5, p6 } = await twoPeriods(books);
  const report = await house.db.read(maker, (tx) => readCloseReport(tx, p6.id));
  const [dollars] = report.currencies;
  assert.ok(dollars);
  const text = (row: Record<string, unknown>, names: readonly string[]) =>
    names.map((name) => amountOf(row[name] as Money)).join(' ');
  const roll = ['opening', 'earned', 'settled', 'released', 'closing', 'journals'];
  assert.equal(text({ ...dollars.total }, roll), '7000.00 8600.00 9000.00 0.00 6600.00 6600.00');
  assert.deepEqual(
    dollars.liabilities.map((row) => `${row.customerCode} ${row.mechanic} ${text({ ...row }, roll)}`),
    [
      'C display 1000.00 1000.00 1000.00 0.00 1000.00 1000.00',
      'C scan_back 6000.00 7600.00 8000.00 0.00 5600.00 5600.00',
    ],
  );
  assert.deepEqual(
    dollars.accounts.map((row) => `${row.glAccount} ${text({ ...row }, ['opening', 'debits', 'credits', 'closing'])}`),
    [
      '1200 0.00 0.00 9000.00 -9000.00',
      '2150 -7000.00 9000.00 8600.00 -6600.00',
      '4920 6000.00 7600.00 0.00 13600.00',
      '4940 1000.00 1000.00 0.00 2000.00',
    ],
  );
  assert.ok(dollars.ties);
  const csv = closeReportCsv(report).trimEnd().split('\r\n');
  assert.equal(csv.length, 1 + dollars.liabilities.length + dollars.accounts.length);
  assert.ok(
    csv.some((line) => line.endsWith(',-7000.00,,,,9000.00,8600.00,-6600.00,')),
    csv.join('\n'),
  );
  const before = await house.db.read(maker, (tx) => readCloseReport(tx, p5.id));
  assert.equal(
    before.currencies[0] && text({ ...before.currencies[0].total }, roll),
    '0.00 7000.00 0.00 0.00 7000.00 7000.00',
  );
  const p7 = await books.period(addDays(p6.endsOn, 1));
  const after = await house.db.read(maker, (tx) => readCloseReport(tx, p7.id));
  assert.equal(
    after.currencies[0] && text({ ...after.currencies[0].total }, roll),
    '6600.00 0.00 0.00 0.00 6600.00 6600.00',
    'what was settled before is not open again',
  );
});

test('the checklist names what stands against closing; what may be set aside is, with a reason that is kept', async (t) => {
  const books = await openBooks(t);
  const { house, maker, checker, ports } = books;
  const { p5, p6, journalId } = await twoPeriods(books);
  const factPorts = {
    factWeeks: async () => ({
      sales: [p6.startsOn],
      shipments: [p6.startsOn],
      lastRecordedAt: new Date(house.clock.now().getTime() + 1),
    }),
  };
  const failing = async () => {
    const checks = await house.db.read(maker, (tx) => readChecklist(tx, factPorts, p6));
    return checks.filter(({ passed }) => !passed).map(({ key, found, items }) => [key, found, items.length]);
  };
  house.clock.set(`${addDays(p6.endsOn, 1)}T12:00:00Z`);
  assert.deepEqual(await failing(), [
    ['earlier_periods_closed', '1 earlier period', 1],
    ['facts_complete', '8 weeks of sales or shipments are missing', 8],
    ['accruals_prepared', 'Sales or shipments came in after accruals were prepared: prepare again.', 0],
    ['journals_posted', '1 journal', 1],
  ]);
  for (const period of [p5, p6]) await softClosePeriod(maker, { id: period.id, ifMatch });
  await closePeriod(maker, ports, {
    ...{ id: p5.id, ifMatch },
    waive: [{ check: 'facts_complete', reason: 'the retailer reports monthly' }],
  });
  assert.deepEqual(
    (await house.db.read(maker, (tx) => readWaivers(tx, p5.id))).map(({ check, reason, waivedBy }) => [
      check,
      reason,
      waivedBy,
    ]),
    [['facts_complete', 'the retailer reports monthly', maker.actor.id]],
  );
  await approveJournal(maker, { id: journalId, ifMatch });
  await postJournal(checker, { id: journalId, ifMatch });
  const waive = (['facts_complete', 'accruals_prepared', 'journals_posted'] as const).map((check) => ({
    ...{ check, reason: 'known' },
  }));
  await assert.rejects(
    closePeriod(maker, factPorts, { id: p6.id, ifMatch, waive }),
    /every posted journal is exported/i,
  );
  await exportJournal(maker, { id: journalId, ifMatch });
  assert.equal((await closePeriod(maker, factPorts, { id: p6.id, ifMatch, waive })).state, 'closed');
});

test('what an earlier version paid beyond what is owed stands against closing, until the next run accrues it', async (t) => {
  const books = await openBooks(t);
  const { house, maker, checker, ports } = books;
  const { p6, scan } = await twoPeriods(books);
  // 5 600.00 of the scans are still owed.
  const item = await books.validItem('deduction', 'D2', [{ tacticId: scan.tacticId, amount: '5600.00' }]);
  await settleItem(checker, ports, { ...item, ...pay });
  await house.db.transact(maker, (tx) =>
    tx.run(
      sql`update settlement.liability set beyond = true, earned = earned - 100 where tactic_id = ${scan.tacticId}`,
    ),
  );
  const overpaid = async () => {
    const checks = await house.db.read(maker, (tx) => readChecklist(tx, ports, p6));
    const { passed, hard, items } = checks.find(({ key }) => key === 'nothing_overpaid') ?? {};
    return [passed, hard, items];
  };
  assert.deepEqual(await overpaid(), [false, false, [`${scan.promotionCode} scan back by 100.00 USD`]]);
  await prepareAccruals(maker, ports, p6.id);
  assert.deepEqual(await overpaid(), [true, false, []]);
});

const corruptions: [statement: string, caught: string[]][] = [
  [
    `update settlement.journal_line set amount = amount + 1 where account = 'promotional_allowances' and amount = 6000`,
    ['journal-balances', 'period-balances'],
  ],
  [`update settlement.journal set total = total + 1 where kind = 'settlement'`, ['journal-balances']],
  [
    `update settlement.liability set earned = earned + 1 where mechanic = 'display'`,
    ['liability-is-the-sum-of-entries', 'funds-follow-liabilities'],
  ],
  [
    `update settlement.accrual_entry set amount = amount + 1 where kind = 'settle' and amount = 8000`,
    ['liability-is-the-sum-of-entries', 'sub-ledger-is-the-journals'],
  ],
  [
    `update settlement.journal_line set tactic_id = (select min(tactic_id::text)::uuid from settlement.liability)
      where account = 'accrued_trade_liability'`,
    ['sub-ledger-is-the-journals'],
  ],
  [`update funds.hold set paid = paid + 1 where paid = 1000`, ['funds-follow-liabilities']],
];

test('deductions without a category and items past their deadline stand against closing by their references', async (t) => {
  const books = await openBooks(t);
  const { house, maker, ports, customerId } = books;
  const period = await books.period('2026-06-15');
  const capture = (reference: string, takenOn: string, disputeByOn: string) =>
    captureItem(maker, {
      ...{ kind: 'deduction', customerId, reference, amount: usd('10.00'), takenOn, disputeByOn },
    });
  await capture('LATE', '2026-06-01', '2026-06-10');
  await capture('YOUNG', '2026-06-01', '2026-09-01');
  house.clock.set(`${addDays(period.endsOn, 1)}T12:00:00Z`);
  await capture('NEXT', addDays(period.endsOn, 1), '2026-09-01');
  const checks = await house.db.read(maker, (tx) => readChecklist(tx, ports, period));
  const found = (key: string) => {
    const check = checks.find((each) => each.key === key);
    return [check?.passed, check?.hard, check?.items];
  };
  assert.deepEqual(found('deductions_categorised'), [false, false, ['deduction LATE', 'deduction YOUNG']]);
  assert.deepEqual(found('items_in_time'), [false, false, ['deduction LATE']]);
});

test('money that is changed behind the books’ back is found by the invariants that it breaks', async (t) => {
  for (const [statement, caught] of corruptions) {
    const books = await openBooks(t);
    const { house, maker } = books;
    await twoPeriods(books);
    const broken = () =>
      house.db.read(maker, async (tx) => {
        const names: string[] = [];
        for (const { name, findBreaches } of booksInvariants) {
          if ((await findBreaches(tx)).length > 0) names.push(name.replace('settlement.', ''));
        }
        return names;
      });
    assert.deepEqual(await broken(), []);
    const owner = new pg.Client({ connectionString: house.url });
    await owner.connect();
    const { rowCount } = await owner.query(statement);
    await owner.end();
    assert.ok(rowCount, statement);
    assert.deepEqual(await broken(), caught, statement);
  }
});
