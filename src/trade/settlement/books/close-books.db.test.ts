import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { test } from 'node:test';
import { sql } from '#db';
import { addDays } from '#fiscal-calendar';
import { readCheckbooks } from '#funds';
import { amountOf, Decimal } from '#money';
import { settleItem } from '../claims/settle-item.ts';
import { openBooks, type TestBooks, workedTactics } from '../test-books.ts';
import { approveJournal, exportJournal, postJournal } from './change-journal.ts';
import { closePeriod, reopenPeriod, softClosePeriod } from './change-period.ts';
import { closeCheckKeys } from './domain/close-check.ts';
import { writeOffLines } from './domain/journal.ts';
import { openLiability } from './domain/settlement-ledger.ts';
import { journalFileCsv, journalFileJson } from './journal-file.ts';
import { findJournal, insertJournal, lineBatches, readLines } from './journal-store.ts';
import { findLiabilities, readTieOut } from './liability-store.ts';
import { openPeriodOn } from './period-store.ts';
import { prepareAccruals } from './prepare-accruals.ts';
import { proposeAccruals } from './propose-accruals.ts';

const ifMatch = undefined;
const pay = { paidBy: 'offset', beyondLiability: false, note: '' } as const;

const text = (pieces: AsyncIterable<string>) => textOf(Readable.from(pieces));

const waive = closeCheckKeys.map((check) => ({ check, reason: 'not of this test' }));

async function openOf({ house, maker, tactics }: TestBooks): Promise<string> {
  const ids = tactics.map(({ tacticId }) => tacticId);
  const owed = await house.db.transact(maker, (tx) => findLiabilities(tx, ids));
  return amountOf(owed.map(openLiability).reduce((a, b) => ({ minor: a.minor + b.minor, currency: 'USD' })));
}

/** Earned and Paid of the fund that pays. */
async function checkbookOf({ house, maker, fundId }: TestBooks): Promise<[earned: string, paid: string]> {
  const book = (await house.db.transact(maker, (tx) => readCheckbooks(tx, [fundId]))).get(fundId);
  assert.ok(book);
  return [amountOf(book.earned), amountOf(book.paid)];
}

async function requireTie({ house, maker }: TestBooks): Promise<void> {
  for (const { subLedger, tactics, journals } of await house.db.transact(maker, readTieOut)) {
    assert.deepEqual([subLedger, journals], [tactics, tactics]);
  }
}

async function passJournals({ maker, checker }: TestBooks, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await approveJournal(checker, { id, ifMatch });
    await postJournal(maker, { id, ifMatch });
  }
}

/** Two neighbouring periods with the worked event across their border, seven days each side. */
async function acrossPeriods(books: TestBooks) {
  const p5 = await books.period('2026-05-15');
  const p6 = await books.period(addDays(p5.endsOn, 1));
  const p7 = await books.period(addDays(p6.endsOn, 1));
  const tactics = workedTactics(books.customerId, addDays(p5.endsOn, -6), p6.startsOn, addDays(p5.endsOn, 7));
  books.tactics.push(...tactics.map((tactic) => ({ ...tactic, claimByOn: p7.endsOn })));
  const [scan, display] = books.tactics;
  assert.ok(scan && display);
  return { p5, p6, p7, scan: scan.tacticId, display: display.tacticId };
}

test('the worked event runs through the books over three periods to the cent, and is released at its claim-by date', async (t) => {
  const books = await openBooks(t);
  const { house, maker, checker, ports } = books;
  const { p5, p6, p7, scan, display } = await acrossPeriods(books);
  house.clock.set(`${p5.endsOn}T12:00:00Z`);
  await passJournals(books, await prepareAccruals(maker, ports, p5.id));
  assert.equal(await openOf(books), '7000.00');
  assert.deepEqual(await checkbookOf(books), ['7000.00', '0.00']);
  house.clock.set(`${p6.endsOn}T12:00:00Z`);
  await passJournals(books, await prepareAccruals(maker, ports, p6.id));
  const first = await books.validItem('deduction', 'D1', [
    { tacticId: scan, amount: '8000.00' },
    { tacticId: display, amount: '1000.00' },
  ]);
  const { journalId } = await settleItem(checker, ports, { ...first, ...pay });
  assert.equal(await openOf(books), '6600.00');
  assert.deepEqual(await checkbookOf(books), ['15600.00', '9000.00']);
  const journal = await house.db.transact(maker, async (tx) => readLines(tx, await findJournal(tx, journalId)));
  assert.deepEqual(journal.map(({ side, account, amount }) => `${side} ${account} ${amountOf(amount)}`).sort(), [
    'credit receivables 1000.00',
    'credit receivables 8000.00',
    'debit accrued_trade_liability 1000.00',
    'debit accrued_trade_liability 8000.00',
  ]);
  house.clock.set(`${p7.startsOn}T12:00:00Z`);
  const second = await books.validItem('deduction', 'D2', [
    { tacticId: scan, amount: '5600.00' },
    { tacticId: display, amount: '300.00' },
  ]);
  await settleItem(checker, ports, { ...second, ...pay });
  assert.equal(await openOf(books), '700.00');
  assert.deepEqual(await checkbookOf(books), ['15600.00', '14900.00']);
  assert.deepEqual(await prepareAccruals(maker, ports, p7.id), [], 'nothing is released before the claim-by date');
  house.clock.set(`${addDays(p7.endsOn, 1)}T12:00:00Z`);
  const released = await prepareAccruals(maker, ports, p7.id);
  assert.equal(released.length, 1);
  assert.equal(await openOf(books), '0.00');
  assert.deepEqual(
    await checkbookOf(books),
    ['14900.00', '14900.00'],
    'Earned of a checkbook is less what was released',
  );
  await requireTie(books);
  assert.deepEqual(await prepareAccruals(maker, ports, p7.id), [], 'preparing again finds nothing due');
  const cleared = await house.db.system((tx) =>
    tx.many<{ promotion: string }>(sql`select data->>'promotionId' as promotion from event.outbox
      where type = 'settlement.promotion.cleared'`),
  );
  assert.deepEqual(cleared, [{ promotion: books.tactics[0]?.promotionId }], 'told once, when nothing is owed any more');
});

test('what was asked for by the claim-by date waits for its settlement and is not released; the rest is', async (t) => {
  const books = await openBooks(t);
  const { house, maker, checker, ports } = books;
  const { p6, p7, scan } = await acrossPeriods(books);
  house.clock.set(`${p6.endsOn}T12:00:00Z`);
  await prepareAccruals(maker, ports, p6.id);
  const asked = await books.validItem('claim', 'C1', [{ tacticId: scan, amount: '8000.00' }]);
  house.clock.set(`${addDays(p7.endsOn, 1)}T12:00:00Z`);
  const proposed = await proposeAccruals(maker, ports, p7.id);
  assert.deepEqual(proposed.tactics.map(({ kind, due }) => `${kind} ${amountOf(due)}`).sort(), [
    'release -2000.00',
    'release -5600.00',
  ]);
  assert.equal((await prepareAccruals(maker, ports, p7.id)).length, 1);
  assert.equal(await openOf(books), '8000.00');
  assert.deepEqual(await prepareAccruals(maker, ports, p7.id), []);
  await settleItem(checker, ports, { ...asked, ...pay });
  assert.equal(await openOf(books), '0.00');
  await requireTie(books);
});

test('a closed period takes nothing, late facts post to the next open one, and only a second person reopens it', async (t) => {
  const books = await openBooks(t);
  const { house, maker, checker, ports } = books;
  const { p5, p6 } = await acrossPeriods(books);
  house.clock.set(`${p6.startsOn}T12:00:00Z`);
  const journals = await prepareAccruals(maker, ports, p5.id);
  await softClosePeriod(maker, { id: p5.id, ifMatch });
  const refused = await closePeriod(maker, ports, { id: p5.id, ifMatch, waive }).then(
    () => [],
    (error: { extra: { failing: { check: string }[] } }) => error.extra.failing.map(({ check }) => check),
  );
  assert.deepEqual(refused, ['journals_posted'], 'what is hard cannot be set aside');
  await passJournals(books, journals);
  await assert.rejects(closePeriod(maker, ports, { id: p5.id, ifMatch }), { code: 'rule.violated' });
  await closePeriod(maker, ports, { id: p5.id, ifMatch, waive });
  await assert.rejects(prepareAccruals(maker, ports, p5.id), { code: 'state.conflict' });
  const subject = { customerId: books.customerId, promotionId: null, tacticId: null };
  const lines = writeOffLines(subject, { minor: 100n, currency: 'USD' });
  const sneak = house.db.transact(maker, (tx) =>
    insertJournal(tx, { kind: 'write_off', periodId: p5.id, currency: 'USD' }, lines),
  );
  await assert.rejects(sneak, /the period is closed/);
  const taking = await house.db.transact(maker, (tx) => openPeriodOn(tx, p5.endsOn));
  assert.equal(taking.id, p6.id);

  // 100 more cases of P5 arrive after its close: they earn 400.00, in P6.
  const scan = books.tactics[0];
  assert.ok(scan);
  books.tactics[0] = { ...scan, volumes: [{ on: p5.endsOn, volume: new Decimal(1600), rate: new Decimal(4) }] };
  const [late] = await prepareAccruals(maker, ports, p6.id);
  assert.ok(late);
  const journal = await house.db.transact(maker, (tx) => findJournal(tx, late));
  assert.deepEqual([journal.periodId, Number(journal.total)], [p6.id, 1400], '400.00 late and 1000.00 of the display');

  assert.equal((await reopenPeriod(maker, { id: p5.id, ifMatch, reason: 'late invoice' })).state, 'closed');
  await assert.rejects(reopenPeriod(maker, { id: p5.id, ifMatch, reason: 'again' }), { code: 'approval.own_work' });
  assert.equal((await reopenPeriod(checker, { id: p5.id, ifMatch, reason: 'agreed' })).state, 'open');
  await assert.rejects(
    prepareAccruals(maker, ports, p5.id),
    { code: 'state.conflict' },
    'P6 has accrued: late facts go there',
  );
});

test('who prepared a journal does not approve it, unapproved ones are not posted, and the database holds that too', async (t) => {
  const books = await openBooks(t);
  const { house, maker, checker, ports } = books;
  const { p5 } = await acrossPeriods(books);
  house.clock.set(`${p5.endsOn}T12:00:00Z`);
  const [id = ''] = await prepareAccruals(maker, ports, p5.id);
  await assert.rejects(approveJournal(maker, { id, ifMatch }), { code: 'approval.own_work' });
  await assert.rejects(postJournal(checker, { id, ifMatch }), { code: 'state.conflict' });
  await assert.rejects(
    house.db.transact(maker, (tx) =>
      tx.run(sql`update settlement.journal set state = 'approved', approved_by = prepared_by where id = ${id}`),
    ),
    /maker_is_not_checker/,
  );
  await assert.rejects(approveJournal(checker, { id, ifMatch: 9 }), { code: 'version.conflict' });
  await approveJournal(checker, { id, ifMatch: 1 });
  await assert.rejects(exportJournal(checker, { id, ifMatch }), { code: 'state.conflict' });
  await postJournal(checker, { id, ifMatch });
  const exported = await exportJournal(checker, { id, ifMatch });
  assert.equal((await exportJournal(checker, { id, ifMatch })).exportedAt?.getTime(), exported.exportedAt?.getTime());
  const csv = await text(journalFileCsv(exported, lineBatches(maker, exported)));
  const rows = csv
    .trimEnd()
    .split('\r\n')
    .map((row) => row.split(','));
  assert.deepEqual(
    rows
      .slice(1)
      .map((row) => [row[6], row[7], row[8]])
      .sort(),
    [
      ['accrued_trade_liability', '', '1000.00'],
      ['accrued_trade_liability', '', '6000.00'],
      ['promotional_allowances', '1000.00', ''],
      ['promotional_allowances', '6000.00', ''],
    ],
  );
});

test('what is settled posts on its own day, what is earned on the last of its period, nothing outside of it', async (t) => {
  const books = await openBooks(t);
  const { house, maker, checker, ports, tactics } = books;
  const { p6, p7 } = await acrossPeriods(books);
  const [accrual = ''] = await prepareAccruals(maker, ports, p6.id);
  const [scan] = tactics;
  assert.ok(scan);
  const settleOn = async (reference: string, day: string) => {
    const item = await books.validItem('deduction', reference, [{ tacticId: scan.tacticId, amount: '10.00' }]);
    house.clock.set(`${day}T12:00:00Z`);
    const { journalId } = await settleItem(maker, ports, { ...item, ...pay });
    return house.db.read(maker, (tx) => findJournal(tx, journalId));
  };
  const early = '2026-06-16';
  const onDay = await settleOn('D1', early);
  assert.deepEqual([onDay.periodId, onDay.postingOn], [p6.id, early]);
  await softClosePeriod(checker, { id: p6.id, ifMatch });
  const forward = await settleOn('D2', '2026-06-17');
  assert.deepEqual(
    [forward.periodId, forward.postingOn],
    [p7.id, p7.startsOn],
    'a closed day posts on the next open one',
  );
  assert.equal((await house.db.read(maker, (tx) => findJournal(tx, accrual))).postingOn, p6.endsOn);
  await approveJournal(checker, { id: onDay.id, ifMatch });
  await postJournal(checker, { id: onDay.id, ifMatch });
  const exported = await exportJournal(checker, { id: onDay.id, ifMatch });
  const [, row = ''] = (await text(journalFileCsv(exported, lineBatches(maker, exported)))).split('\r\n');
  assert.equal(row.split(',')[4], early);
});

test('a journal of 100,000 lines is exported whole, and never more than a batch of it is held at once', async (t) => {
  const books = await openBooks(t);
  const { house, maker } = books;
  const period = await books.period('2026-06-15');
  const id = randomUUID();
  await house.db.transact(maker, async (tx) => {
    const { tenant, actor } = maker;
    await tx.run(sql`insert into settlement.journal (tenant_id, id, kind, period_id, currency, total, prepared_by, prepared_at)
      values (${tenant.id}, ${id}, 'accrual', ${period.id}, 'USD', 50000, ${actor.id}, now())`);
    await tx.run(sql`insert into settlement.journal_line (tenant_id, journal_id, position, account, side, amount, customer_id)
      select ${tenant.id}, ${id}, n, case n % 2 when 0 then 'promotional_allowances' else 'accrued_trade_liability' end,
        case n % 2 when 0 then 'debit' else 'credit' end, 1, ${books.customerId} from generate_series(0, 99999) n`);
  });
  const journal = await house.db.read(maker, (tx) => findJournal(tx, id));
  const held = { most: 0, lines: 0 };
  async function* watched() {
    for await (const lines of lineBatches(maker, journal)) {
      held.most = Math.max(held.most, lines.length);
      held.lines += lines.length;
      yield lines;
    }
  }
  let rows = 0;
  for await (const piece of journalFileCsv(journal, watched())) rows += piece.split('\r\n').length - 1;
  assert.deepEqual([rows, held], [100_001, { most: 2_000, lines: 100_000 }]);
  const file = JSON.parse(await text(journalFileJson(journal, lineBatches(maker, journal))));
  assert.deepEqual([file.lines.length, file.lines[99_999].line], [100_000, 100_000]);
});

test('two preparations at once accrue the money once: the second waits its turn or is told to', async (t) => {
  const books = await openBooks(t);
  const { p5 } = await acrossPeriods(books);
  books.house.clock.set(`${p5.endsOn}T12:00:00Z`);
  const made = await Promise.allSettled(
    [books.maker, books.checker].map((who) => prepareAccruals(who, books.ports, p5.id)),
  );
  assert.equal(made.flatMap((each) => (each.status === 'fulfilled' ? each.value : [])).length, 1);
  for (const each of made) if (each.status === 'rejected') assert.equal(each.reason.code, 'state.conflict');
  assert.equal(await openOf(books), '7000.00');
  await requireTie(books);
});

test('a journal that does not balance and another tenant’s books are out of reach', async (t) => {
  const books = await openBooks(t);
  const { house, maker } = books;
  const { p5 } = await acrossPeriods(books);
  const subject = { customerId: books.customerId, promotionId: null, tacticId: null };
  const balanced = writeOffLines(subject, { minor: 100n, currency: 'USD' });
  const lopsided = balanced.slice(0, 1);
  const batch = { kind: 'write_off', periodId: p5.id, currency: 'USD' } as const;
  await assert.rejects(
    house.db.transact(maker, (tx) => insertJournal(tx, batch, lopsided)),
    { code: 'rule.violated' },
  );
  await assert.rejects(
    house.db.transact(maker, async (tx) => {
      const id = await insertJournal(tx, batch, balanced);
      await tx.run(sql`insert into settlement.journal_line (tenant_id, journal_id, position, account, side, amount, customer_id)
        values (${maker.tenant.id}, ${id}, 2, 'payables', 'credit', 5, ${books.customerId})`);
    }),
    /does not balance/,
  );
  const stranger = house.context({ tenant: 'b' });
  await assert.rejects(softClosePeriod(stranger, { id: p5.id, ifMatch }), { code: 'not_found' });
});
