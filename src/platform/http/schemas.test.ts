import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeSchema, moneyAnswerSchema, moneySchema, nameSchema } from './index.ts';

test('a name or a code holds nothing that turns the reading direction or cannot be seen', () => {
  const hidden = [
    ...[0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069],
    ...[0x00ad, 0x061c, 0x200b, 0x200e, 0x200f, 0x2060, 0xe0041],
    ...[0x0000, 0x0009, 0x001b, 0x007f, 0x0085],
  ];
  for (const point of hidden) {
    const text = `Summer${String.fromCodePoint(point)}Deal`;
    for (const schema of [nameSchema, codeSchema]) {
      assert.equal(schema.safeParse(text).success, false, `U+${point.toString(16)}`);
    }
  }
});

test('names of every script stay as they are, with the joiners that they need', () => {
  const names = [
    'Käse & Söhne',
    '夏の特売',
    'عرض الصيف',
    'می\u200cخواهم',
    'क\u094d\u200dष',
    '👩\u200d🌾 Harvest',
    'a'.repeat(200),
  ];
  for (const name of names) assert.equal(nameSchema.parse(` ${name} `), name);
});

test('an answer may state sums that no request may', () => {
  const sum = { amount: '-1234567890123456789.00', currency: 'USD' };
  assert.deepEqual(moneyAnswerSchema.parse(sum), sum);
  assert.equal(moneySchema.safeParse(sum).success, false);
});
