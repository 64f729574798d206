import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  codeSchema,
  decimalSchema,
  moneyAnswerSchema,
  moneySchema,
  nameSchema,
  positiveDecimalSchema,
} from './index.ts';

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

test('a number that is too long is told how many digits there may be', () => {
  const said = (schema: { safeParse: typeof decimalSchema.safeParse }, text: string) =>
    schema.safeParse(text).error?.issues[0]?.message;
  const limits = 'at most 12 digits before and 6 after the point';
  assert.equal(said(decimalSchema, '1234567890123'), `must be a decimal string of ${limits}`);
  assert.equal(said(positiveDecimalSchema, '123456789012345'), `must be a decimal string, not negative, of ${limits}`);
  assert.equal(said(positiveDecimalSchema, '999999999999.999999'), undefined);
  const money = moneySchema.safeParse({ amount: '1234567890123456', currency: 'USD' });
  assert.match(money.error?.issues[0]?.message ?? '', /of at most 15 digits before and 3 after the point$/);
});
