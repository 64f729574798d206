import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import { sql } from '#db';
import { amountOf, money } from '#money';
import { openLiability } from '../books/domain/settlement-ledger.ts';
import { findLiabilities } from '../books/liability-store.ts';
import { prepareAccruals } from '../books/prepare-accruals.ts';
import { openBooks, type TestBooks, usd, workedTactics } from '../test-books.ts';
import { autoSettle } from './auto-settle.ts';
import { captureItem } from './capture-item.ts';
import { setAutoSettlement } from './change-desk-settings.ts';
import { refitEvery } from './domain/match-model.ts';
import { listItems } from './item-list-store.ts';
import { findItem, type SettlementItem } from './item-store.ts';
import { readModel } from './match-store.ts';
import { learnMatching, weighItems } from './matching-jobs.ts';
import { suggestItemMatches } from './suggest-matches.ts';
import { matchItem } from './work-item.ts';

/** Books in which a bill-back owes 6000.00 and a scan-back 1000.00, of a promotion each. */
async function owing(t: TestContext) {
  const books = await openBooks(t);
  const period = await books.period('2026-06-15');
  const [scan, display] = workedTactics(books.customerId, period.startsOn, '2026-12-28', period.endsOn);
  assert.ok(scan && display);
  const other = { promotionId: randomUUID(), promotionCode: 'EVT-0777' };
  books.tactics.push(
    { ...scan, mechanic: 'bill_back', promotionCode: 'EVT-0123' },
    { ...display, ...other, mechanic: 'coupon' },
  );
  await prepareAccruals(books.maker, books.ports, period.id);
  return { ...books, bill: scan.tacticId, coupon: display.tacticId };
}

const deduction = (books: TestBooks, reference: string, amount: string, note = '') =>
  captureItem(books.maker, {
    ...{ kind: 'deduction', customerId: books.customerId, reference, note, amount: usd(amount), takenOn: '2026-06-10' },
  });

const read = ({ house, maker }: TestBooks, item: SettlementItem) =>
  house.db.transact(maker, (tx) => findItem(tx, 'deduction', item.id));

const queue = ({ house, maker }: TestBooks) =>
  house.db.transact(maker, (tx) => listItems(tx, { limit: 50, today: '2026-06-15', sort: 'reference' }, []));

async function openOf({ house, maker }: TestBooks, tacticId: string): Promise<string> {
  const [owed] = await house.db.transact(maker, (tx) => findLiabilities(tx, [tacticId]));
  assert.ok(owed);
  return amountOf(openLiability(owed));
}

test('what was captured is weighed once, and the queue shows what is proposed and where nothing is', async (t) => {
  const books = await owing(t);
  await deduction(books, 'D1', '6000.00', 'EVT-0123 billback');
  await deduction(books, 'D2', '17.11', 'freight');
  assert.equal(await weighItems(books.maker, books.ports, { anew: false }), 2);
  assert.equal(await weighItems(books.maker, books.ports, { anew: false }), 0, 'nothing new');
  assert.equal(await weighItems(books.maker, books.ports, { anew: true }), 2, 'all of them anew');
  const [first, second] = (await queue(books)).items;
  assert.deepEqual(
    first?.proposal?.parts.map(({ tacticId, amount }) => [tacticId, amount]),
    [[books.bill, '6000.00']],
  );
  assert.equal(second?.proposal, null);
});

test('nothing is settled without a person until somebody switches it on', async (t) => {
  const books = await owing(t);
  const exact = await deduction(books, 'D1', '6000.00', 'EVT-0123');
  await weighItems(books.maker, books.ports, { anew: true });
  assert.equal((await read(books, exact)).state, 'captured');
  assert.equal(await openOf(books, books.bill), '6000.00');
});

test('switched on, exact evidence within the limit is settled once, and everything else is left to a person', async (t) => {
  const books = await owing(t);
  await setAutoSettlement(books.checker, usd('6000.00'));
  const exact = await deduction(books, 'D1', '6000.00', 'EVT-0123');
  const twice = await deduction(books, 'D2', '6000.00', 'EVT-0123');
  const part = await deduction(books, 'D3', '999.99', 'EVT-0777 coupon');
  await weighItems(books.maker, books.ports, { anew: true });
  await weighItems(books.maker, books.ports, { anew: true });
  assert.equal((await read(books, exact)).state, 'settled');
  assert.equal((await read(books, twice)).state, 'captured', 'nothing is owed for it any more');
  assert.equal((await read(books, part)).state, 'captured', 'a cent less is not exact');
  assert.equal(await openOf(books, books.bill), '0.00');
  await setAutoSettlement(books.checker, usd('999.99'));
  const above = await deduction(books, 'D4', '1000.00', 'EVT-0777');
  await weighItems(books.maker, books.ports, { anew: true });
  assert.equal((await read(books, above)).state, 'captured', 'a cent above the limit');
  await setAutoSettlement(books.checker, null);
  await weighItems(books.maker, books.ports, { anew: true });
  assert.equal((await read(books, above)).state, 'captured', 'switched off again');
});

test('two processes that weigh at once settle exact evidence once', async (t) => {
  const books = await owing(t);
  await setAutoSettlement(books.checker, usd('6000.00'));
  const exact = await deduction(books, 'D1', '6000.00', 'EVT-0123');
  await Promise.all([1, 2, 3].map(() => weighItems(books.maker, books.ports, { anew: true })));
  const item = await read(books, exact);
  assert.deepEqual(
    [item.state, amountOf(item.settled), await openOf(books, books.bill)],
    ['settled', '6000.00', '0.00'],
  );
});

test('who approved the promotion cannot have its claims settled by a limit of theirs', async (t) => {
  const books = await owing(t);
  await setAutoSettlement(books.checker, usd('6000.00'));
  books.approvers.add(books.checker.actor.id);
  const exact = await deduction(books, 'D1', '6000.00', 'EVT-0123');
  await weighItems(books.maker, books.ports, { anew: true });
  assert.deepEqual(
    [(await read(books, exact)).state, (await read(books, exact)).version],
    ['captured', 1],
    'all or nothing',
  );
});

test('nobody lets the product settle above their own limit, and a limit that they lost since settles nothing', async (t) => {
  const books = await owing(t);
  await assert.rejects(setAutoSettlement(books.junior, usd('100.01')), { code: 'approval.limit_exceeded' });
  await setAutoSettlement(books.checker, usd('6000.00'));
  const exact = await deduction(books, 'D1', '6000.00', 'EVT-0123');
  const owner = new pg.Client({ connectionString: books.house.url });
  await owner.connect();
  const limitOfSetter = (limit: string) =>
    owner.query(`update identity.membership set approval_limit = $1 where person_id = $2`, [
      limit,
      books.checker.actor.id,
    ]);
  await limitOfSetter('5999.99');
  await weighItems(books.maker, books.ports, { anew: true });
  assert.equal((await read(books, exact)).state, 'captured', 'the setter may not approve it any more');
  await limitOfSetter('6000.00');
  await owner.end();
  await weighItems(books.maker, books.ports, { anew: true });
  assert.equal((await read(books, exact)).state, 'settled');
  await setAutoSettlement(books.junior, usd('100.00'));
  await setAutoSettlement(books.junior, null);
});

test('evidence that was exact when it was weighed and is not any more settles nothing', async (t) => {
  const books = await owing(t);
  const exact = await deduction(books, 'D1', '6000.00', 'EVT-0123');
  const answer = await suggestItemMatches(books.maker, books.ports, 'deduction', exact.id);
  const authority = { limit: money('6000.00', 'USD'), setBy: books.checker.actor.id };
  await books.house.db.transact(books.maker, (tx) =>
    tx.run(sql`update settlement.liability set earned = earned + 0.01 where tactic_id = ${books.bill}`),
  );
  assert.equal(await autoSettle(books.maker, books.ports, exact, answer, authority), false);
  assert.equal((await read(books, exact)).state, 'captured');
  await books.house.db.transact(books.maker, (tx) =>
    tx.run(sql`update settlement.liability set earned = earned - 0.01 where tactic_id = ${books.bill}`),
  );
  assert.equal(await autoSettle(books.maker, books.ports, exact, answer, authority), true);
});

test('what needs proof is never settled without a person while the proof is missing', async (t) => {
  const books = await openBooks(t);
  const period = await books.period('2026-06-15');
  const [scan] = workedTactics(books.customerId, period.startsOn, '2026-12-28', period.endsOn);
  assert.ok(scan);
  books.tactics.push({ ...scan, promotionCode: 'EVT-0123' });
  await prepareAccruals(books.maker, books.ports, period.id);
  await setAutoSettlement(books.checker, usd('6000.00'));
  const exact = await deduction(books, 'D1', '6000.00', 'EVT-0123');
  await weighItems(books.maker, books.ports, { anew: true });
  assert.equal((await read(books, exact)).state, 'captured');
});

test('matches that people confirm lead to a new version of the weights, and the next answers carry it', async (t) => {
  const books = await owing(t);
  assert.equal(await learnMatching(books.maker), null, 'nothing to learn from');
  const items = [];
  for (let n = 0; n < refitEvery; n++)
    items.push(await deduction(books, `D${1_000 + 10 * n}`, `${10 + n}.00`, 'coupon EVT-0123'));
  await weighItems(books.maker, books.ports, { anew: false });
  for (const item of items) {
    const change = { kind: 'deduction', id: item.id, ifMatch: undefined } as const;
    await matchItem(books.maker, {
      ...change,
      matches: [{ tacticId: books.coupon, amount: usd(amountOf(item.amount)) }],
    });
  }
  assert.equal(await learnMatching(books.maker), 1);
  assert.equal(await learnMatching(books.maker), null, 'nothing new to learn from');
  const model = await books.house.db.transact(books.maker, readModel);
  assert.deepEqual([model?.version, model?.learnedFrom], [1, refitEvery]);
  await deduction(books, 'D9', '77.00', 'coupon EVT-0123');
  await weighItems(books.maker, books.ports, { anew: false });
  const { version } = await books.house.db.transact(books.maker, (tx) =>
    tx.one<{ version: number }>(sql`select max(model_version) as version from settlement.suggestion`),
  );
  assert.equal(version, 1);
});

test('an old tactic is weighed however many younger ones there are', async (t) => {
  const books = await owing(t);
  await books.house.db.transact(books.maker, (tx) =>
    tx.run(sql`insert into settlement.liability (tenant_id, tactic_id, promotion_id, customer_id, promotion_code, mechanic,
        starts_on, currency, claim_by_on, earned)
      select ${books.maker.tenant.id}, gen_random_uuid(), gen_random_uuid(), ${books.customerId}, 'EVT-9' || n, 'bill_back',
        '2026-06-08', 'USD', '2026-12-31', n from generate_series(1, 6000) n`),
  );
  const item = await deduction(books, 'D1', '5999.50', 'EVT-0123');
  await weighItems(books.maker, books.ports, { anew: false });
  const [queued] = (await queue(books)).items;
  assert.equal(queued?.id, item.id);
  assert.equal(queued?.proposal?.parts[0]?.tacticId, books.bill);
  assert.deepEqual(queued?.amount, money('5999.50', 'USD'));
});
