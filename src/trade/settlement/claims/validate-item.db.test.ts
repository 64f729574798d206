import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { sql } from '#db';
import { amountOf } from '#money';
import { Problem } from '#problem';
import { booksInvariants } from '../books/invariants.ts';
import { findLiabilities } from '../books/liability-store.ts';
import { prepareAccruals } from '../books/prepare-accruals.ts';
import { openBooks, usd, workedTactics } from '../test-books.ts';
import { captureItem } from './capture-item.ts';
import { openAmount } from './domain/settlement-item.ts';
import { claimsInvariants } from './invariants.ts';
import { findItem, readMatches } from './item-store.ts';
import { recoverItem, settleItem, writeOffItem } from './settle-item.ts';
import { validateItem } from './validate-item.ts';
import {
  categoriseItem,
  concedeDispute,
  disputeItem,
  type ItemChange,
  matchItem,
  sendToResearch,
  splitItem,
} from './work-item.ts';

const pay = { paidBy: 'offset', beyondLiability: false, note: '' } as const;

/** Books in which a scan-back owes 6000.00 and a display 1000.00, with a deduction of 500.00 found valid for the scan-back. */
async function reviewed(t: TestContext) {
  const books = await openBooks(t);
  const { maker, house } = books;
  const period = await books.period('2026-06-15');
  books.tactics.push(...workedTactics(books.customerId, period.startsOn, '2026-12-28', period.endsOn));
  await prepareAccruals(maker, books.ports, period.id);
  const [scan, display] = books.tactics;
  assert.ok(scan && display);
  const item = await books.validItem('deduction', 'D1', [{ tacticId: scan.tacticId, amount: '500.00' }]);
  const read = () => house.db.transact(maker, (tx) => findItem(tx, 'deduction', item.id));
  return { ...books, item, read, scan: scan.tacticId, display: display.tacticId };
}

test('a review that was wrong is mended: matched to another tactic, reviewed anew and settled there', async (t) => {
  const { maker, ports, house, item, read, display } = await reviewed(t);
  const told = { ...item, note: 'looked again', withoutProof: 'seen in store' };
  assert.equal((await validateItem(maker, { ...told, validAmount: usd('0.00') })).state, 'invalid');
  assert.equal((await validateItem(maker, { ...told, validAmount: usd('200.00') })).state, 'partially_valid');
  const matched = await matchItem(maker, { ...item, matches: [{ tacticId: display, amount: usd('300.00') }] });
  assert.deepEqual([matched.state, matched.validAmount, matched.proofWaived], ['matched', null, null]);
  await assert.rejects(settleItem(maker, ports, { ...item, ...pay }), { code: 'state.conflict' }, 'not reviewed now');
  await validateItem(maker, { ...told, validAmount: usd('300.00') });
  await settleItem(maker, ports, { ...item, ...pay });
  const after = await read();
  const matches = await house.db.transact(maker, (tx) => readMatches(tx, after));
  assert.deepEqual(
    matches.map(({ tacticId, amount }) => [tacticId, amountOf(amount)]),
    [[display, '300.00']],
  );
  assert.equal(amountOf(after.settled), '300.00');
});

test('an invalid item goes back to research, and the audit keeps the review that was replaced', async (t) => {
  const { maker, house, item, read } = await reviewed(t);
  await validateItem(maker, { ...item, validAmount: usd('0.00'), note: 'not ours' });
  await sendToResearch(maker, { ...item, note: 'the customer sent a proof' });
  const after = await read();
  assert.deepEqual([after.state, after.validAmount], ['needs_research', null]);
  const entries = await house.db.transact(maker, (tx) =>
    tx.many<{ before: object }>(sql`select before from audit.entry
      where entity_id = ${item.id} and action in ('deduction.validated', 'deduction.sent_to_research') order by at, id`),
  );
  assert.deepEqual(
    entries.map(({ before }) => before),
    [
      { state: 'matched' },
      { state: 'valid', validAmount: usd('500.00'), proofWaived: 'seen in store' },
      { state: 'invalid', validAmount: usd('0.00'), proofWaived: null },
    ],
  );
});

test('what is settled is not reviewed again', async (t) => {
  const { maker, ports, item, display } = await reviewed(t);
  const told = { ...item, note: 'half of it', withoutProof: 'seen in store' };
  await validateItem(maker, { ...told, validAmount: usd('250.00') });
  await settleItem(maker, ports, { ...item, ...pay });
  await assert.rejects(validateItem(maker, { ...told, validAmount: usd('500.00') }), { code: 'state.conflict' });
  await assert.rejects(sendToResearch(maker, { ...item, note: 'again' }), { code: 'state.conflict' });
  const matches = [{ tacticId: display, amount: usd('1.00') }];
  await assert.rejects(matchItem(maker, { ...item, matches }), { code: 'state.conflict' });
});

test('refusing an item as invalid needs a reason', async (t) => {
  const { maker, item } = await reviewed(t);
  await assert.rejects(validateItem(maker, { ...item, validAmount: usd('0.00'), note: '' }), {
    ...{ code: 'rule.violated', message: /why nothing of it is valid/ },
  });
});

test('a dispute that was lost is reviewed anew, and only what was not settled before is paid', async (t) => {
  const books = await reviewed(t);
  const { maker, scan, display, house } = books;
  const { id } = await captureItem(maker, {
    ...{
      kind: 'deduction',
      customerId: books.customerId,
      reference: 'D2',
      amount: usd('400.00'),
      takenOn: '2026-06-10',
    },
  });
  const change = { kind: 'deduction', id, ifMatch: undefined } as const;
  const match = (scanned: string, shown: string) => [
    { tacticId: scan, amount: usd(scanned) },
    { tacticId: display, amount: usd(shown) },
  ];
  const review = (amount: string) =>
    validateItem(maker, { ...change, validAmount: usd(amount), note: 'looked', withoutProof: 'seen in store' });
  await categoriseItem(maker, { ...change, category: 'promotion' });
  await matchItem(maker, { ...change, matches: match('200.00', '100.00') });
  await review('100.00');
  await settleItem(maker, books.ports, { ...change, ...pay });
  await assert.rejects(
    concedeDispute(maker, { ...change, note: 'x' }),
    { code: 'state.conflict' },
    'nobody disputes it',
  );
  await disputeItem(maker, { ...change, note: 'not ours' });
  await recoverItem(maker, { ...change, note: 'some came back', amount: usd('50.00') });
  const conceded = await concedeDispute(maker, { ...change, note: 'they showed the leaflet' });
  assert.deepEqual([conceded.state, conceded.validAmount], ['needs_research', null]);
  await assert.rejects(matchItem(maker, { ...change, matches: match('300.00', '33.32') }), {
    ...{ code: 'rule.violated', message: /33\.33 USD of it is settled/ },
  });
  await matchItem(maker, { ...change, matches: match('200.00', '150.00') });
  await assert.rejects(review('350.01'), { code: 'rule.violated' }, 'what came back is not valid as well');
  await assert.rejects(review('99.99'), { code: 'rule.violated' }, 'what was settled stays settled');
  assert.equal((await review('350.00')).state, 'partially_valid');
  const attempts = await Promise.allSettled(
    [maker, books.checker].map((who) => settleItem(who, books.ports, { ...change, ...pay })),
  );
  assert.deepEqual(attempts.map(({ status }) => status).sort(), ['fulfilled', 'rejected'], 'the rest is paid once');
  const item = await house.db.read(maker, (tx) => findItem(tx, 'deduction', id));
  assert.deepEqual([item.state, amountOf(item.settled), amountOf(openAmount(item))], ['settled', '350.00', '0.00']);
  const owed = await house.db.read(maker, (tx) => findLiabilities(tx, [scan, display]));
  assert.deepEqual(
    new Map(owed.map(({ tacticId, settled }) => [tacticId, amountOf(settled)])),
    new Map([
      [scan, '200.00'],
      [display, '150.00'],
    ]),
  );
  const { count } = await house.db.read(maker, (tx) =>
    tx.one<{ count: number }>(sql`select count(*)::int as count from audit.entry
      where entity_id = ${id} and action = 'deduction.conceded' and reason = 'they showed the leaflet'`),
  );
  assert.equal(count, 1);
  for (const { findBreaches, name } of [...claimsInvariants, ...booksInvariants]) {
    assert.deepEqual(await house.db.read(maker, findBreaches), [], name);
  }
});

test('what was settled before lost disputes were kept apart is paid on in proportion, to the cent', async (t) => {
  const books = await reviewed(t);
  const { maker, scan, display, house } = books;
  const change = await books.validItem('deduction', 'D2', [
    { tacticId: scan, amount: '200.00' },
    { tacticId: display, amount: '100.00' },
  ]);
  const told = { ...change, note: 'looked', withoutProof: 'seen in store' };
  await validateItem(maker, { ...told, validAmount: usd('100.00') });
  await settleItem(maker, books.ports, { ...change, ...pay });
  await disputeItem(maker, { ...change, note: 'not ours' });
  await house.db.transact(maker, (tx) => tx.run(sql`update settlement.match set settled = null`));
  await concedeDispute(maker, { ...change, note: 'they were right' });
  await validateItem(maker, { ...told, validAmount: usd('300.00') });
  await settleItem(maker, books.ports, { ...change, ...pay });
  const owed = await house.db.read(maker, (tx) => findLiabilities(tx, [scan, display]));
  assert.deepEqual(owed.map(({ settled }) => amountOf(settled)).sort(), ['100.00', '200.00']);
});

test('whatever is done to deductions in whatever order, nothing is paid twice, lost or owed below zero', async (t) => {
  const books = await reviewed(t);
  const { maker, checker, scan, display, house, ports, customerId } = books;
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  t.diagnostic(`seed ${seed} (SEED=${seed} makes the same choices)`);
  let state = seed;
  const below = (limit: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * limit);
  };
  const cents = (most: number) => usd(`${below(most)}.${String(below(100)).padStart(2, '0')}`);
  const ids: string[] = [];
  for (const tax of ['0.00', '19.99', '240.00']) {
    const taken = { amount: usd('2400.00'), tax, takenOn: '2026-06-10' };
    const { id } = await captureItem(maker, { kind: 'deduction', customerId, reference: `X${tax}`, ...taken });
    ids.push(id);
  }
  const note = 'so it is';
  const acts: ((item: ItemChange) => Promise<unknown>)[] = [
    (item) => categoriseItem(maker, { ...item, category: 'promotion' }),
    (item) => matchItem(maker, { ...item, matches: [{ tacticId: scan, amount: cents(2_400) }] }),
    (item) =>
      matchItem(maker, {
        ...item,
        matches: [
          { tacticId: scan, amount: cents(1_500) },
          { tacticId: display, amount: cents(900) },
        ],
      }),
    (item) => validateItem(maker, { ...item, validAmount: cents(2_400), note, withoutProof: 'seen in store' }),
    (item) => validateItem(maker, { ...item, validAmount: usd('0.00'), note }),
    (item) => settleItem(checker, ports, { ...item, ...pay, beyondLiability: below(2) === 0, note }),
    (item) => disputeItem(maker, { ...item, note }),
    (item) => concedeDispute(maker, { ...item, note }),
    (item) => recoverItem(checker, { ...item, note, amount: cents(800) }),
    (item) => writeOffItem(checker, { ...item, note }),
    (item) => sendToResearch(maker, { ...item, note }),
    async (item) => {
      const half = { amount: usd('1200.00') };
      const parts = await splitItem(maker, { ...item, parts: [half, half] });
      ids.push(...parts.map(({ id }) => id));
    },
  ];
  const done = new Set<number>();
  // Mostly what may come next, so that the walk gets around; else anything.
  const next: Partial<Record<string, number[]>> = {
    ...{ captured: [1, 2], categorised: [1, 2], needs_research: [1, 2, 3], matched: [3], valid: [5] },
    ...{ partially_valid: [5, 5, 6], invalid: [6], disputed: [7, 7, 8] },
  };
  for (let n = 0; n < 120; n++) {
    const id = ids[below(ids.length)] ?? '';
    const item = await house.db.read(maker, (tx) => findItem(tx, 'deduction', id));
    const likely = below(8) > 0 ? (next[item.state] ?? []) : [];
    const act = likely[below(likely.length)] ?? below(acts.length);
    try {
      await acts[act]?.({ kind: 'deduction', id, ifMatch: undefined });
      done.add(act);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      assert.ok(error.status < 500, error.detail);
    }
  }
  t.diagnostic(`${done.size} of ${acts.length} kinds of work were done`);
  for (const { findBreaches, name } of [...claimsInvariants, ...booksInvariants]) {
    assert.deepEqual(await house.db.read(maker, findBreaches), [], name);
  }
  const { wrong } = await house.db.read(maker, (tx) =>
    tx.one<{
      wrong: number;
    }>(sql`select count(*)::int as wrong from settlement.match join settlement.item on item.id = item_id
      where match.settled > match.amount or item.settled > coalesce(item.valid_amount, item.settled)
        or (select sum(paid.settled) from settlement.match paid where paid.item_id = item.id) > item.settled`),
  );
  assert.equal(wrong, 0, 'of no item more is paid than was found valid, nor by its tactics than by it');
});
