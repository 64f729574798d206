import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { sql } from '#db';
import { amountOf } from '#money';
import { prepareAccruals } from '../books/prepare-accruals.ts';
import { openBooks, usd, workedTactics } from '../test-books.ts';
import { findItem, readMatches } from './item-store.ts';
import { settleItem } from './settle-item.ts';
import { validateItem } from './validate-item.ts';
import { matchItem, sendToResearch } from './work-item.ts';

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
  return { ...books, item, read, display: display.tacticId };
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
