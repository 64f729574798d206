import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { prepareAccruals } from '../books/prepare-accruals.ts';
import { openBooks, type TestBooks, usd, workedTactics } from '../test-books.ts';
import { captureItem } from './capture-item.ts';
import { settleItem, settleItems, writeOffItem } from './settle-item.ts';
import { validateItem } from './validate-item.ts';
import { categoriseItem, type ItemChange, matchItem, sendToResearch, splitItem } from './work-item.ts';

const pay = { paidBy: 'offset', beyondLiability: false, note: '' } as const;
const ifMatch = undefined;
const exceeded = { code: 'approval.limit_exceeded' };

/** Books in which a scan-back owes 6000.00. */
async function owing(t: TestContext) {
  const books = await openBooks(t);
  const period = await books.period('2026-06-15');
  books.tactics.push(...workedTactics(books.customerId, period.startsOn, '2026-12-28', period.endsOn));
  await prepareAccruals(books.maker, books.ports, period.id);
  const [scan] = books.tactics;
  assert.ok(scan);
  return { ...books, scan };
}

const capture = ({ maker, customerId }: TestBooks, reference: string, amount: string, note = '') =>
  captureItem(maker, {
    ...{ kind: 'deduction', customerId, reference, amount: usd(amount), takenOn: '2026-06-01', note },
  });

async function split({ maker }: TestBooks, id: string, amounts: readonly string[]): Promise<ItemChange[]> {
  const parts = amounts.map((amount) => ({ amount: usd(amount) }));
  const made = await splitItem(maker, { kind: 'deduction', id, ifMatch, parts });
  return made.map((part) => ({ kind: 'deduction', id: part.id, ifMatch }));
}

async function refuseAll({ maker }: TestBooks, part: ItemChange): Promise<void> {
  await categoriseItem(maker, { ...part, category: 'shortage' });
  await sendToResearch(maker, { ...part, note: 'what is it?' });
  await validateItem(maker, { ...part, validAmount: usd('0.00'), note: 'goods arrived' });
}

test('a deduction in parts is not written off above the limit, not by parts of parts nor by several at once', async (t) => {
  const books = await owing(t);
  const { maker, checker } = books;
  const { id } = await capture(books, 'D', '3000.00');
  const [a, b, rest] = await split(books, id, ['600.00', '500.00', '1900.00']);
  assert.ok(a && b && rest);
  const [c] = await split(books, rest.id, ['900.00', '1000.00']);
  assert.ok(c);
  for (const part of [a, b, c]) await refuseAll(books, part);
  const attempts = await Promise.allSettled([a, b].map((part) => writeOffItem(maker, { ...part, note: 'small' })));
  assert.deepEqual(attempts.map(({ status }) => status).sort(), ['fulfilled', 'rejected'], '1100.00 of 1000.00');
  const left = attempts[0]?.status === 'rejected' ? a : b;
  await assert.rejects(writeOffItem(maker, { ...left, note: '' }), {
    ...exceeded,
    message: /of the same whole before/,
  });
  await assert.rejects(writeOffItem(maker, { ...c, note: 'a part of a part' }), exceeded);
  assert.equal((await writeOffItem(checker, { ...left, note: 'by somebody else' })).state, 'written_off');
  const { id: other } = await capture(books, 'E', '900.00');
  await refuseAll(books, { kind: 'deduction', id: other, ifMatch });
  const apart = await writeOffItem(maker, { kind: 'deduction', id: other, ifMatch, note: 'another deduction' });
  assert.equal(apart.state, 'written_off');
});

test('a deduction in parts is not settled above the approval limit, one after the other nor together', async (t) => {
  const books = await owing(t);
  const { maker, junior, ports, scan } = books;
  const { id } = await capture(books, 'D', '150.00');
  const parts = await split(books, id, ['60.00', '40.00', '50.00']);
  for (const [index, part] of parts.entries()) {
    const amount = usd(['60.00', '40.00', '50.00'][index] ?? '');
    await categoriseItem(maker, { ...part, category: 'promotion' });
    await matchItem(maker, { ...part, matches: [{ tacticId: scan.tacticId, amount }] });
    await validateItem(maker, { ...part, validAmount: amount, note: '', withoutProof: 'seen in store' });
  }
  const [a, b, c] = parts;
  assert.ok(a && b && c);
  await settleItem(junior, ports, { ...a, ...pay });
  await assert.rejects(settleItem(junior, ports, { ...c, ...pay }), {
    ...exceeded,
    message: /110\.00 USD, with 60\.00/,
  });
  await assert.rejects(settleItems(junior, ports, [b, c], pay), exceeded);
  assert.equal((await settleItem(junior, ports, { ...b, ...pay })).item.state, 'settled', '100.00 of 100.00');
  assert.equal((await settleItem(maker, ports, { ...c, ...pay })).item.state, 'settled');
});
