import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bareCode, CodeIndex, differsByOne, tellingWords } from './reference-text.ts';

const codes = ['EVT-0012', 'EVT-0021', 'P-2025-014', 'SUMMER-FEST-7'];
const find = (text: string) =>
  Object.fromEntries([...new CodeIndex(codes).find(text)].map(([at, how]) => [codes[at], how]));

test('a code is found as it is, whatever its case and separators, and never inside a longer one', () => {
  assert.equal(find('promo evt-0012, scan')['EVT-0012'], 'exact');
  assert.equal(find('EVT 0012')['EVT-0012'], 'exact');
  assert.equal(find('ref p 2025 014 x')['P-2025-014'], 'exact');
  assert.deepEqual(find('EVT-001299'), {});
});

test('a code with one slip is found beside the one that stands there, and its number alone', () => {
  assert.deepEqual(find('EVT-0021'), { 'EVT-0021': 'exact', 'EVT-0012': 'slip' });
  assert.equal(find('SUMER-FEST-7')['SUMMER-FEST-7'], 'slip');
  assert.deepEqual(find('#12 display'), { 'EVT-0012': 'number' });
  assert.deepEqual(find('#0014'), { 'P-2025-014': 'number' });
});

test('any one slip in any code is found', () => {
  const code = fc.stringMatching(/^[A-Z]{3}[0-9]{4}$/);
  const slip = fc.record({ at: fc.nat(6), kind: fc.nat(3), digit: fc.constantFrom(...'0123456789') });
  fc.assert(
    fc.property(code, slip, (given, { at, kind, digit }) => {
      const made = [
        given.slice(0, at) + given.slice(at + 1),
        given.slice(0, at) + digit + given.slice(at),
        given.slice(0, at) + digit + given.slice(at + 1),
        given.slice(0, at) + (given[at + 1] ?? '') + (given[at] ?? '') + given.slice(at + 2),
      ][kind] as string;
      fc.pre(made !== given && /\d/.test(made) && /[A-Z]/.test(made));
      assert.ok(differsByOne(given, made), `${given} ${made}`);
      assert.equal(new CodeIndex([given]).find(made).get(0), 'slip', `${given} ${made}`);
    }),
  );
});

test('words that say nothing and numbers tell no promotion', () => {
  assert.deepEqual(tellingWords('Deduction for the Orchard Lane 24 ct'), ['ORCHARD', 'LANE']);
  assert.equal(bareCode('a-1/ b.2'), 'A1B2');
});
