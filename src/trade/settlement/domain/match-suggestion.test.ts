import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amountOf, money } from '#money';
import { type MatchCandidate, suggestMatches } from './match-suggestion.ts';

const usd = (amount: string) => money(amount, 'USD');
const candidate = (tacticId: string, change: Partial<MatchCandidate> = {}): MatchCandidate => ({
  ...{
    tacticId,
    promotionId: `of ${tacticId}`,
    promotionCode: `P-${tacticId}`,
    customerId: 'c',
    mechanic: 'scan_back',
  },
  ...{ startsOn: '2026-05-01', claimByOn: '2026-08-31', openLiability: usd('500.00') },
  ...change,
});
const item = { customerId: 'c', amount: usd('300.00'), takenOn: '2026-06-01', category: null, text: 'REF 77' };

test('the tactic that the reference names comes first, also against one with the exact amount', () => {
  const exact = candidate('2', { openLiability: usd('300.00') });
  const [first, second] = suggestMatches({ ...item, text: 'promo p-1 may' }, [exact, candidate('1')]);
  assert.equal(first?.tacticId, '1');
  assert.ok(first?.reasons.includes('names P-1'));
  assert.equal(second?.tacticId, '2');
  assert.ok(second?.reasons.includes('the amount is exactly what is owed'));
});

test('a code inside a longer one is not that promotion', () => {
  const reasons = suggestMatches({ ...item, text: 'P-12' }, [candidate('1')]).flatMap((one) => one.reasons);
  assert.ok(!reasons.includes('names P-1'));
});

test('no more is suggested than is open on either side, and nothing that had not begun, is past or owes nothing', () => {
  const amounts = suggestMatches(item, [candidate('1'), candidate('2', { openLiability: usd('299.99') })]);
  assert.deepEqual(
    amounts.map(({ tacticId, amount }) => [tacticId, amountOf(amount)]),
    [
      ['1', '300.00'],
      ['2', '299.99'],
    ],
  );
  const none = suggestMatches(item, [
    candidate('3', { startsOn: '2026-06-02' }),
    candidate('4', { claimByOn: '2026-05-31' }),
    candidate('5', { openLiability: usd('0.00') }),
  ]);
  assert.deepEqual(none, []);
});

test('the order of the candidates does not change the ranking', () => {
  const all = [candidate('1'), candidate('2'), candidate('3', { mechanic: 'display' })];
  const rank = (list: MatchCandidate[]) =>
    suggestMatches({ ...item, category: 'display' }, list).map((one) => one.tacticId);
  assert.deepEqual(rank(all), ['3', '1', '2']);
  assert.deepEqual(rank([...all].reverse()), ['3', '1', '2']);
});
