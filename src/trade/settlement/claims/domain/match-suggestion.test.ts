import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { amountOf, money } from '#money';
import { personNeeded } from './auto-settlement.ts';
import { CandidateIndex, type MatchableItem, type MatchCandidate } from './match-candidates.ts';
import { builtInWeights } from './match-model.ts';
import { suggestMatches } from './match-suggestion.ts';
import { rememberReasons } from './reason-memory.ts';

const usd = (amount: string) => money(amount, 'USD');

function tactic(tacticId: string, change: Partial<MatchCandidate> & { open?: string } = {}): MatchCandidate {
  const { open = '500.00', ...rest } = change;
  const promotionId = rest.promotionId ?? `promotion of ${tacticId}`;
  return {
    ...{ tacticId, promotionId, promotionCode: `EVT-${tacticId}`, promotionText: 'Millwright crackers display' },
    ...{ customerLine: ['store', 'retailer'], mechanic: 'display', startsOn: '2026-05-04', endsOn: '2026-05-17' },
    ...{ claimByOn: '2026-08-15', openLiability: usd(open), ...rest },
  };
}

const item: MatchableItem = {
  ...{ customerId: 'store', amount: usd('500.00'), tax: usd('0.00'), takenOn: '2026-06-01' },
  ...{ reasonCode: null, category: null, text: '' },
};

function answer(candidates: readonly MatchCandidate[], change: Partial<MatchableItem> = {}, duplicate = false) {
  const line = change.customerId === 'retailer' ? ['retailer'] : ['store', 'retailer'];
  const hints = { customerLine: line, duplicate, noTrade: false };
  const making = { index: new CandidateIndex(candidates), weights: builtInWeights, memory: rememberReasons([]) };
  return suggestMatches({ ...item, ...change }, hints, making);
}
const firstOf = (given: ReturnType<typeof answer>) => given.first?.parts.map(({ tacticId }) => tacticId);

test('the promotion named with the exact amount is proposed, with reasons, and needs no person', () => {
  const given = answer([tactic('0001'), tactic('0002', { open: '730.00' })], { text: 'EVT-0001 display' });
  assert.deepEqual(firstOf(given), ['0001']);
  assert.equal(given.first?.reasons[0], 'names EVT-0001');
  assert.ok(given.first?.reasons.includes('the amount is exactly what is owed'));
  assert.equal(personNeeded(given, false), null);
});

test('a retailer’s head office claims for what its stores ran, and a stranger’s tactic is never weighed', () => {
  const strange = tactic('0009', { customerLine: ['other store', 'other retailer'] });
  const given = answer([tactic('0001'), strange], { customerId: 'retailer', text: 'EVT-0001' });
  assert.deepEqual(firstOf(given), ['0001']);
  assert.deepEqual(answer([strange], { text: 'EVT-0009' }).suggestions, []);
  assert.match(answer([strange], { text: 'EVT-0009' }).abstained ?? '', /names EVT-0009/);
});

test('two tactics that fit alike are both shown and neither is proposed', () => {
  const given = answer([tactic('0001'), tactic('0002')]);
  assert.equal(given.first, null);
  assert.equal(given.suggestions.length >= 2, true);
  assert.notEqual(given.abstained, null);
});

test('several tactics of one promotion answer for their sum, each with its share to the cent', () => {
  const promotionId = 'both';
  const both = ['0001', '0002'].map((id, at) =>
    tactic(id, { promotionId, promotionCode: 'EVT-0001', open: at === 0 ? '333.33' : '166.67' }),
  );
  const given = answer([...both, tactic('0003', { open: '80.00' })], { text: 'EVT-0001' });
  assert.deepEqual(firstOf(given)?.sort(), ['0001', '0002']);
  assert.deepEqual(given.first?.parts.map(({ amount }) => amountOf(amount)).sort(), ['166.67', '333.33']);
  assert.match(personNeeded(given, false) ?? '', /several tactics/);
});

test('a claim with tax on top is matched to what is owed without it, and asks at most what is owed', () => {
  const given = answer([tactic('0001'), tactic('0002', { open: '730.00' })], {
    ...{ amount: usd('541.25'), tax: usd('41.25'), text: 'EVT-0001' },
  });
  assert.deepEqual(
    given.first?.parts.map(({ amount }) => amountOf(amount)),
    ['500.00'],
  );
  assert.ok(given.first?.reasons.includes('without tax the amount is exactly what is owed'));
});

test('what may be a repeat is never proposed, however well it fits', () => {
  const given = answer([tactic('0001')], { text: 'EVT-0001' }, true);
  assert.equal(given.first, null);
  assert.match(given.abstained ?? '', /captured before/);
  assert.match(personNeeded(given, true) ?? '', /duplicate/);
});

test('a person is needed where anything short of exact: a slip, another amount, a twin, a late claim', () => {
  const alone = [tactic('0001'), tactic('0044', { open: '42.00' })];
  assert.notEqual(personNeeded(answer(alone, { text: 'EVT-001' }), false), null);
  assert.notEqual(personNeeded(answer(alone, { text: 'EVT-0001', amount: usd('499.99') }), false), null);
  assert.notEqual(personNeeded(answer([...alone, tactic('0002')], { text: 'EVT-0001' }), false), null);
  assert.notEqual(personNeeded(answer(alone, { text: 'EVT-0001', takenOn: '2026-08-16' }), false), null);
  assert.notEqual(personNeeded(answer(alone, { text: 'EVT-0001 EVT-0044' }), false), null);
  assert.equal(personNeeded(answer(alone, { text: 'EVT-0001' }), false), null);
});

test('an old tactic is found by its code, amount or name among thousands of later ones', () => {
  const later = Array.from({ length: 3_000 }, (_, at) =>
    tactic(String(1000 + at), { open: `${1000 + at}.17`, startsOn: '2026-05-05', promotionText: `Brand${at} event` }),
  );
  const old = { startsOn: '2024-02-05', endsOn: '2024-02-18', claimByOn: '2024-05-19' };
  const byCode = answer([...later, tactic('0001', { ...old, open: '640.00' })], { text: 'EVT-0001' });
  assert.ok(
    byCode.suggestions.some(({ parts }) => parts[0]?.tacticId === '0001'),
    'by its code',
  );
  const byAmount = answer([...later, tactic('0001', { ...old, open: '500.00' })]);
  assert.ok(
    byAmount.suggestions.some(({ parts }) => parts[0]?.tacticId === '0001'),
    'by its amount',
  );
  const named = tactic('0001', { ...old, open: '640.00', promotionText: 'Zestwell sparkling' });
  const byName = answer([...later, named], { text: 'zestwell' });
  assert.ok(
    byName.suggestions.some(({ parts }) => parts[0]?.tacticId === '0001'),
    'by a word',
  );
});

test('nothing that begins after the money was taken, or that owes another currency, is weighed', () => {
  const later = tactic('0001', { startsOn: '2026-06-02', endsOn: '2026-06-14' });
  const euros = { ...tactic('0002'), openLiability: money('500.00', 'EUR') };
  assert.deepEqual(answer([later, euros], { text: 'EVT-0001' }).suggestions, []);
});

test('a reason code that stood for a mechanic before speaks for it, at that retailer only', () => {
  const counts = [
    { retailerId: 'retailer', reasonCode: '22', mechanic: 'display', count: 12 },
    { retailerId: 'retailer', reasonCode: '31', mechanic: 'feature', count: 12 },
  ];
  const memory = rememberReasons(counts);
  assert.ok(memory('retailer', '22', 'display') > 0.3);
  assert.ok(memory('retailer', '22', 'feature') < -0.3);
  assert.equal(memory('other', '22', 'display'), 0);
  assert.equal(memory('retailer', '99', 'display'), 0);
});

test('whatever is suggested asks of no tactic more than it owes, and of all of them no more than was taken', () => {
  const cents = fc.integer({ min: 1, max: 90_000 });
  const owed = fc.record({ cents, of: fc.nat(4), names: fc.boolean() });
  fc.assert(
    fc.property(fc.array(owed, { minLength: 1, maxLength: 12 }), cents, fc.nat(2_000), (open, taken, tax) => {
      const candidates = open.map((one, at) =>
        tactic(String(1000 + at), {
          ...{ promotionId: `P${one.of}`, promotionCode: `EVT-10${one.of}0` },
          openLiability: { minor: BigInt(one.cents), currency: 'USD' },
        }),
      );
      const text = open.flatMap(({ names, of }) => (names ? [`EVT-10${of}0`] : [])).join(' ');
      const amount = { minor: BigInt(taken), currency: 'USD' };
      const given = answer(candidates, { amount, tax: { minor: BigInt(Math.min(tax, taken)), currency: 'USD' }, text });
      const owes = new Map(candidates.map(({ tacticId, openLiability }) => [tacticId, openLiability.minor]));
      for (const { parts, confidence } of given.suggestions) {
        assert.ok(
          parts.every((part) => part.amount.minor > 0n && part.amount.minor <= (owes.get(part.tacticId) ?? 0n)),
        );
        assert.ok(parts.reduce((sum, part) => sum + part.amount.minor, 0n) <= amount.minor);
        assert.ok(confidence >= 0 && confidence <= 1);
      }
      const total = given.suggestions.reduce((sum, { confidence }) => sum + confidence, given.noneConfidence);
      assert.ok(total <= 1 + 1e-9);
    }),
  );
});
