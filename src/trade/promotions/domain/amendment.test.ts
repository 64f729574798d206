import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { money } from '#money';
import { beyondTolerance, changesBetween, defaultTolerance, refusedChanges } from './amendment.ts';
import type { PromotionTerms, Tactic } from './promotion.ts';

const tactic: Tactic = {
  id: 'one',
  mechanic: 'scan_back',
  productIds: ['a', 'b'],
  fundSplit: [{ fundId: 'f', share: '1' }],
  rate: { amount: '4', currency: 'USD', per: 'case' },
  lumpSum: null,
  passThrough: '1',
  ...{ startsOn: null, endsOn: null, fundingBasis: null, redemptionRate: null, stores: null, recognition: null },
  ...{ tiers: null, cap: null, minimum: null, fx: null },
};
const terms: PromotionTerms = {
  name: 'Summer',
  customerId: 'c',
  startsOn: '2026-07-06',
  endsOn: '2026-07-19',
  shipStartsOn: '2026-07-01',
  shipEndsOn: '2026-07-19',
  claimByOn: '2026-10-17',
  currency: 'USD',
  tactics: [tactic],
};
const withTactic = (change: Partial<Tactic>) => ({ ...terms, tactics: [{ ...tactic, ...change }] });
const usd = (amount: string) => money(amount, 'USD');
const beyond = (after: PromotionTerms, spend = '1000.00') =>
  beyondTolerance({ terms, spend: usd('1000.00') }, { terms: after, spend: usd(spend) }, defaultTolerance);

test('terms that say the same differ in nothing, however their decimals are written', () => {
  assert.deepEqual(changesBetween(terms, withTactic({ rate: { amount: '4.0000', currency: 'USD', per: 'case' } })), []);
});

test('a change names its field, its tactic, what it was and what it is', () => {
  const after = { ...withTactic({ productIds: ['a'] }), endsOn: '2026-07-20' };
  assert.deepEqual(changesBetween(terms, after), [
    { field: 'endsOn', tactic: null, before: '2026-07-19', after: '2026-07-20' },
    { field: 'productIds', tactic: { id: 'one', mechanic: 'scan_back' }, before: ['a', 'b'], after: ['a'] },
  ]);
});

test('another tactic in its place is one taken out and one new, never a changed one', () => {
  const fields = changesBetween(terms, withTactic({ id: 'two' })).map(({ field, before, after }) => [
    field,
    before !== null,
    after !== null,
  ]);
  assert.deepEqual(fields, [
    ['tactic', true, false],
    ['tactic', false, true],
  ]);
});

test('spend may move by exactly its tolerance, up or down, and not by a cent more', () => {
  assert.deepEqual(beyond(terms, '1050.00'), []);
  assert.deepEqual(beyond(terms, '950.00'), []);
  assert.equal(beyond(terms, '1050.01').length, 1);
  assert.equal(beyond(terms, '949.99').length, 1);
});

test('a date may move by two days, and a claim-by date as far as one likes', () => {
  assert.deepEqual(beyond({ ...terms, endsOn: '2026-07-21', claimByOn: '2027-01-01', name: 'Other' }), []);
  assert.deepEqual(beyond({ ...terms, endsOn: '2026-07-22' }), ['the last day moves by 3 days (tolerance 2)']);
  assert.deepEqual(beyond({ ...terms, startsOn: '2026-07-03' }), ['the first day moves by -3 days (tolerance 2)']);
});

test('another product, another fund or another tactic always needs approval by default', () => {
  assert.deepEqual(beyond(withTactic({ productIds: ['a', 'c'] })), ['2 products change (tolerance 0)']);
  assert.deepEqual(beyond(withTactic({ fundSplit: [{ fundId: 'g', share: '1' }] })), [
    'the funds of scan_back changes',
  ]);
  assert.equal(beyond({ ...terms, tactics: [tactic, { ...tactic, id: 'two' }] }).length, 1);
});

test('an event that has begun keeps its first day and does not end before today', () => {
  const refused = (after: PromotionTerms, begun: boolean) =>
    refusedChanges(
      { state: begun ? 'active' : 'approved', begun, earning: begun },
      changesBetween(terms, after),
      '2026-07-10',
    ).length;
  assert.equal(refused({ ...terms, startsOn: '2026-07-07' }, true), 1);
  assert.equal(refused({ ...terms, endsOn: '2026-07-09' }, true), 1);
  assert.equal(refused({ ...terms, endsOn: '2026-07-10' }, true), 0);
  assert.equal(refused({ ...terms, startsOn: '2026-07-07' }, false), 0);
  assert.equal(refused({ ...terms, tactics: [] }, true), 1, 'what it earned so far would be lost');
  assert.equal(refused({ ...terms, tactics: [] }, false), 0);
});

test('after its end an event only gets cheaper: no rate rises, no date, product or tactic changes', () => {
  const rate = (amount: string, per: 'case' | 'unit' = 'case') => ({ amount, currency: 'USD', per });
  const refused = (after: PromotionTerms) =>
    refusedChanges({ state: 'ended', begun: true, earning: true }, changesBetween(terms, after), '2026-08-01').length;
  assert.equal(refused({ ...withTactic({ rate: rate('3.5') }), claimByOn: '2026-12-01' }), 0);
  assert.equal(refused(withTactic({ rate: rate('4.01') })), 1);
  assert.equal(refused(withTactic({ rate: rate('1', 'unit') })), 1, 'another basis is another price');
  assert.equal(refused(withTactic({ lumpSum: '0.01' })), 1);
  const percent = (percentOf?: 'list' | 'invoice') =>
    withTactic({ rate: { ...rate('10'), per: 'percent', ...(percentOf ? { percentOf } : {}) } });
  const invoiceToList = changesBetween(percent('invoice'), percent('list'));
  const ended = { state: 'ended', begun: true, earning: true } as const;
  assert.equal(refusedChanges(ended, invoiceToList, '2026-08-01').length, 1, 'ten percent of list is more');
  assert.equal(refusedChanges(ended, changesBetween(percent(), percent('list')), '2026-08-01').length, 0);
  assert.equal(refused({ ...terms, endsOn: '2026-07-20' }), 1);
  assert.equal(refused({ ...terms, tactics: [] }), 1);
});

test('what was changed and changed back differs in nothing', () => {
  const day = fc.integer({ min: 1, max: 28 }).map((n) => `2026-07-${String(n).padStart(2, '0')}`);
  const some = fc.record({ endsOn: day, name: fc.string() }).map((change) => ({ ...terms, ...change }));
  fc.assert(
    fc.property(some, (after) => {
      const there = changesBetween(terms, after);
      const back = changesBetween(after, terms);
      assert.deepEqual(
        back.map(({ field, before, after: now }) => ({ field, before: now, after: before })),
        there.map(({ field, before, after: now }) => ({ field, before, after: now })),
      );
      assert.equal(there.length, Number(after.endsOn !== terms.endsOn) + Number(after.name !== terms.name));
    }),
  );
});
