import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cardNumberIn, findCardNumbers, maskCardNumbers } from './index.ts';

/** Numbers that the schemes publish for tests. */
const visa = '4111111111111111';
const others = ['5555555555554444', '2223003122003222', '378282246310005', '6011111111111117', '3530111333300000'];
const isFound = (text: string, label?: string) => findCardNumbers(text, label).length === 1;

test('a card number is found bare, grouped as cards are, spread, and split by lines', () => {
  for (const number of [visa, ...others, '6200000000000005', '6759649826438453', '4000000000000000006']) {
    assert.ok(isFound(number), number);
    assert.ok(isFound(`please charge ${number}, thanks`), number);
  }
  for (const text of [
    '4111 1111 1111 1111',
    '4111-1111-1111-1111',
    '4111.1111.1111.1111',
    '4111 - 1111 - 1111 - 1111',
    '3782 822463 10005',
    '4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1',
    '41 11 11 11 11 11 11 11',
    '4111\n1111\n1111\n1111',
    '4111\u200b1111\u200b1111\u200b1111',
    '4\u200b11111111\u2060111\ufeff1111',
    '4111\u00a01111\u20111111\u00ad1111',
    '4111 1111 1111 1111 12/29 123',
  ]) {
    assert.ok(isFound(text), JSON.stringify(text));
  }
});

test('digits of every script count', () => {
  const inScript = (zero: number) => [...visa].map((digit) => String.fromCodePoint(zero + Number(digit))).join('');
  for (const zero of [0x660, 0x966, 0xe50, 0xff10, 0x1d7ce, 0x1d7d8, 0x1d7f6]) assert.ok(isFound(inScript(zero)));
  assert.ok(isFound(`4111${'１１１１'}1111${'١١١١'}`));
});

test('what only looks like one passes: wrong check digit, wrong length, unknown range', () => {
  for (const text of ['4111111111111112', '411111111111111', '9111111111111111', '41111111111111111111111111', '']) {
    assert.deepEqual(findCardNumbers(text), [], text);
  }
});

test('ids are no card numbers, whatever digits they hold, and a card beside one is found where it stands', () => {
  // Sixteen digits in fours, of an issuer's range and with its check digit.
  const id = '019ecb27-2200-7008-8000-0004eb391933';
  assert.deepEqual(findCardNumbers(id), []);
  assert.deepEqual(findCardNumbers(`/promotions/${id}/plan`), []);
  assert.ok(isFound('2200-7008-8000-0004'), 'the same digits alone are one');
  const [card] = findCardNumbers(`${id}: ${visa}`);
  assert.equal(card?.start, id.length + 2);
  assert.ok(isFound(`${id}-${visa}`), 'what follows an id is looked at');
});

test('invoice numbers, GTINs, phone numbers, amounts and lists of small numbers pass', () => {
  for (const text of [
    `Invoice ${visa}`,
    `Rechnungsnummer: ${visa}`,
    `INV${visa}`,
    `ref ${visa} of 3 May`,
    // Holds both check digits: Luhn's and the GTIN's.
    '4006381333931',
    'EAN 4000000000006',
    '+49 4111 1111 1111',
    '1,234,567,890,123.45',
    '10 20 30 40 50 60 70 80 90 10 20 30 40 50 60 70 80 90',
    '2026-11-23 08:30:00 2026-11-24 09:45:00',
    '01984111-1111-7111-8111-111111111111',
  ]) {
    assert.deepEqual(findCardNumbers(text), [], text);
  }
  assert.deepEqual(findCardNumbers(visa, 'invoiceNumber'), []);
});

test('words of payment outweigh words of trade', () => {
  assert.ok(isFound(`invoice 88 paid by card ${visa}`));
  assert.ok(isFound(`order note: 4111 1111 1111 1111`));
  assert.ok(isFound('card 4222222222222'), 'thirteen digits, with words');
  assert.ok(!isFound('4222222222222'), 'thirteen digits, alone');
  assert.ok(isFound(visa, 'cardNumber'));
});

test('masking keeps the last four digits and everything else', () => {
  assert.equal(maskCardNumbers(`a ${visa} b 5555 5555 5555 4444.`), 'a [card •••• 1111] b [card •••• 4444].');
  assert.equal(maskCardNumbers('nothing here'), 'nothing here');
});

test('in a JSON value the first place is named, without the number', () => {
  assert.equal(cardNumberIn({ name: 'x', tactics: [{ note: `card ${visa}` }] }), 'tactics/0/note');
  assert.equal(cardNumberIn({ n: Number(visa) }), 'n');
  assert.equal(cardNumberIn({ invoiceNumber: visa, amount: '4000.00', at: new Date(0).toISOString() }), undefined);
  assert.equal(cardNumberIn({ [visa]: 1 }), '4111');
});

test('hostile text costs time in proportion to its length', () => {
  // Quadratic work over half a million characters would take minutes and end the run.
  const text = '4 1 1 1 1 1 1 1 '.repeat(10_000) + '1'.repeat(300_000) + ' -'.repeat(150_000);
  assert.deepEqual(findCardNumbers(text), []);
});

/** A small generator so that the figures below stay (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test('of 20,000 look-alikes with their words none is taken; of 20,000 bare numbers only the few that are cards by every rule', () => {
  const next = chance(20_261_123);
  const digits = (count: number) => Array.from({ length: count }, () => Math.floor(next() * 10)).join('');
  const words = ['Invoice', 'PO', 'order no.', 'GTIN', 'delivery note reference', 'Rechnung Nr.', 'tracking'];
  let [named, bare] = [0, 0];
  for (let i = 0; i < 20_000; i += 1) {
    const number = digits(12 + (i % 8));
    if (isFound(`${words[i % words.length]} ${number}`)) named += 1;
    if (isFound(number)) bare += 1;
  }
  assert.equal(named, 0);
  // One in fifty at most: one in ten holds the check digit, one in four an issuer's range and length.
  assert.ok(bare > 0 && bare < 400, `${bare}`);
});

/** The check digit that makes digits hold by Luhn. */
function withCheckDigit(digits: string): string {
  const ends = Array.from({ length: 10 }, (_, last) => `${digits}${last}`);
  const sum = (text: string) =>
    [...text].reverse().reduce((total, digit, at) => {
      const value = Number(digit) * (at % 2 === 1 ? 2 : 1);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return ends.find((text) => sum(text) % 10 === 0) ?? '';
}

const spaces = [
  '&nbsp;',
  '&#160;',
  '&#xA0;',
  '&#8239;',
  '&thinsp;',
  '&nbsp',
  '&amp;nbsp;',
  ' &ndash; ',
  '&shy;',
  '&#45;',
];
const brackets = ['()', '[]', '{}', '<>', '（）'].map((pair) => [...pair] as [string, string]);

test('whatever parts the groups of a card, character references or brackets, it is found, and masked to its last four digits', () => {
  const card = fc
    .tuple(
      fc.constantFrom('4', '51', '55', '2221', '6011', '3528'),
      fc.bigInt({ min: 10n ** 15n, max: 10n ** 16n - 1n }),
    )
    .map(([start, rest]) => withCheckDigit(`${start}${rest}`.slice(0, 15)))
    .map((digits) => digits.match(/.{4}/g) ?? []);
  const gaps = fc.array(fc.constantFrom(...spaces), { minLength: 3, maxLength: 3 });
  const joined = fc
    .tuple(card, gaps)
    .map(([groups, gap]) => ({ groups, text: groups.map((group, at) => `${group}${gap[at] ?? ''}`).join('') }));
  const wrapped = fc
    .tuple(card, fc.constantFrom(...brackets), fc.constantFrom('', ' ', '-', '&nbsp;'), fc.integer({ min: 1, max: 15 }))
    .map(([groups, [open, close], gap, which]) => ({
      groups,
      text: groups
        .map((group, at) => (which & (1 << at) ? `${open}${group}${close}` : group))
        .join(gap || (which < 15 ? ' ' : '')),
    }));
  fc.assert(
    fc.property(fc.oneof(joined, wrapped), fc.constantFrom('', 'paid with ', 'note: '), ({ groups, text }, before) => {
      const masked = maskCardNumbers(`${before}${text} today`);
      assert.match(masked, new RegExp(`\\[card •••• ${groups[3]}\\]`), text);
      assert.ok(!masked.includes(groups[1] ?? '') || groups[1] === groups[3], masked);
    }),
    { numRuns: 2_000 },
  );
});

test('telephone numbers, invoice numbers, GTINs and ids pass in brackets and between references too', (t) => {
  const next = chance(20_261_124);
  const digits = (count: number) => Array.from({ length: count }, () => Math.floor(next() * 10)).join('');
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
  const hex = (count: number) => Array.from({ length: count }, () => pick([...'0123456789abcdef'])).join('');
  const gap = () => pick([' ', '&nbsp;', '&#160;']);
  const kinds: Record<string, () => string> = {
    telephone: () =>
      `(${digits(3)})${gap()}${digits(3)}-${digits(4)} or (${digits(3)})${gap()}${digits(3)}-${digits(4)}`,
    'two telephones': () => `(0${digits(3)}) ${digits(4)} ${digits(4)}, (0${digits(3)}) ${digits(4)} ${digits(4)}`,
    'telephone abroad': () => `+${digits(2)} (${digits(2)}) ${digits(4)}${gap()}${digits(4)} (${digits(2)})`,
    invoice: () => `Invoice${gap()}(${digits(4)}) ${digits(4)} ${digits(4)}${gap()}${digits(4)}`,
    gtin: () => `GTIN${gap()}(01)${digits(14)}(10)${digits(6)}`,
    id: () => `[${hex(8)}-${hex(4)}-7${hex(3)}-8${hex(3)}-${hex(12)}]`,
    quantities: () => `(${digits(2)}) [${digits(3)}] (${digits(2)}) [${digits(3)}] (${digits(2)}) [${digits(3)}]`,
  };
  const found = Object.entries(kinds).map(([kind, make]) => {
    const taken = Array.from({ length: 5_000 }, make).filter((text) => findCardNumbers(text).length > 0);
    return [kind, taken.length] as const;
  });
  t.diagnostic(`taken for cards of 5,000 each: ${found.map(([kind, count]) => `${kind} ${count}`).join(', ')}`);
  for (const [kind, count] of found) assert.equal(count, 0, kind);
});
