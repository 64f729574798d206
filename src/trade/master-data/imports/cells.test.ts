import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Decimal } from '#money';
import { Cells } from './cells.ts';
import { ControlTotals } from './control-totals.ts';

function read<T>(text: string, how: (cells: Cells) => T): { value: T; reasons: string[] } {
  const cells = new Cells({ x: text });
  return { value: how(cells), reasons: cells.reasons };
}

test('decimals come in one canonical form, and what is none is refused with its text', () => {
  const decimal = (text: string) => read(text, (cells) => cells.decimal('x', { negative: true }));
  for (const [text, value] of [
    ['12.50', '12.5'],
    ['007', '7'],
    ['0', '0'],
    ['-0.0', '0'],
    ['+3.', '3'],
    ['-1.000001', '-1.000001'],
  ] as const) {
    assert.deepEqual(decimal(text), { value, reasons: [] }, text);
  }
  for (const text of ['1,5', '1e3', 'NaN', '--1', '1234567890123', '=1+1', '0x10', '.5', '1.0000001']) {
    assert.equal(decimal(text).reasons.length, 1, text);
  }
  assert.deepEqual(read('', (cells) => cells.decimal('x')).reasons, ['x is missing']);
  assert.deepEqual(read('-2', (cells) => cells.decimal('x')).reasons, ['x is negative: "-2"']);
  assert.deepEqual(read('0.00', (cells) => cells.decimal('x', { zero: false })).reasons, ['x is zero']);
});

test('dates must exist, flags be 1 or 0, currencies be known, and amounts fit their currency', () => {
  assert.deepEqual(read('2026-02-29', (cells) => cells.date('x')).reasons, [
    'x is not a date (YYYY-MM-DD): "2026-02-29"',
  ]);
  assert.deepEqual(read('', (cells) => cells.date('x')).reasons, ['x is missing']);
  assert.deepEqual(
    read('YES', (cells) => cells.flag('x')),
    { value: true, reasons: [] },
  );
  assert.equal(read('maybe', (cells) => cells.flag('x')).reasons.length, 1);
  assert.equal(read('toString', (cells) => cells.flag('x')).reasons.length, 1);
  assert.equal(read('USDX', (cells) => cells.currency('x', 'USD')).reasons.length, 1);
  assert.equal(read('1.5', (cells) => cells.optionalAmount('x', 'JPY')).reasons.length, 1);
  assert.deepEqual(
    read('1.500', (cells) => cells.optionalAmount('x', 'KWD')),
    { value: '1.5', reasons: [] },
  );
});

test('cells that look like formulas are texts like any other', () => {
  const formula = '=HYPERLINK("http://example.com","x")';
  assert.deepEqual(
    read(formula, (cells) => cells.text('x')),
    { value: formula, reasons: [] },
  );
  assert.equal(read('=A1', (cells) => cells.optionalDecimal('x')).reasons.length, 1);
});

test('control totals are exact however many amounts, and read = accepted + quarantined', () => {
  const amount = fc
    .tuple(fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }), fc.integer({ min: 0, max: 6 }))
    .map(([minor, digits]) => new Decimal(minor.toString()).div(new Decimal(10).pow(digits)).toFixed(digits));
  fc.assert(
    fc.property(fc.array(fc.record({ text: amount, bad: fc.boolean() }), { maxLength: 200 }), (rows) => {
      const totals = new ControlTotals(['x']);
      for (const { text, bad } of rows) {
        const cells = totals.read({ x: text });
        if (bad) totals.quarantine(cells);
      }
      const sum = (some: typeof rows) => some.reduce((acc, { text }) => acc.plus(text), new Decimal(0)).toString();
      assert.deepEqual(totals.result(), {
        x: {
          read: sum(rows),
          accepted: sum(rows.filter(({ bad }) => !bad)),
          quarantined: sum(rows.filter(({ bad }) => bad)),
        },
      });
    }),
  );
});
