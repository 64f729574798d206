import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scopedLine } from '../test-terms.ts';
import type { ScopedLine } from './term-line.ts';
import { termsReader } from './terms-book.ts';

const customersAbove = new Map([
  ['store', ['store', 'division', 'banner']],
  ['elsewhere', ['elsewhere', 'other banner']],
]);
const productsAbove = new Map([['sku', ['sku', 'brand', 'category']]]);

function codesOn(lines: readonly ScopedLine[], on = '2026-06-01', customerId = 'store'): string[] {
  const found = termsReader({ lines, customersAbove, productsAbove })(customerId, 'sku', on);
  return found.map(({ code, agreementId }) => `${code}@${agreementId}`);
}

test('terms come down both trees and add up', () => {
  const lines = [
    scopedLine({ code: 'A', agreementId: 'banner', customerId: 'banner' }),
    scopedLine({ code: 'B', agreementId: 'division', customerId: 'division', productId: 'brand' }),
    scopedLine({ code: 'C', agreementId: 'other', customerId: 'other banner' }),
    scopedLine({ code: 'D', agreementId: 'other product', productId: 'another brand' }),
  ];
  assert.deepEqual(codesOn(lines), ['A@banner', 'B@division']);
  assert.deepEqual(codesOn(lines, '2026-06-01', 'elsewhere'), ['C@other']);
});

test('of lines with one code the nearest to the customer counts, then to the product', () => {
  const lines = [
    scopedLine({ agreementId: 'banner and sku', productId: 'sku' }),
    scopedLine({ agreementId: 'division and all', customerId: 'division' }),
    scopedLine({ agreementId: 'division and brand', customerId: 'division', productId: 'brand' }),
  ];
  assert.deepEqual(codesOn(lines), ['ON-INVOICE@division and brand']);
  assert.deepEqual(codesOn(lines.slice(0, 2)), ['ON-INVOICE@division and all']);
});

test('at one place the line that begins last counts, and of these the one agreed last', () => {
  const july = scopedLine({ agreementId: 'july', validFrom: '2026-07-01' });
  const again = scopedLine({ agreementId: 'again', validFrom: '2026-07-01', agreedAt: '2026-06-20T00:00:00.000Z' });
  const lines = [scopedLine({ agreementId: 'year', validTo: '2026-12-31' }), july, again];
  assert.deepEqual(codesOn(lines, '2026-06-30'), ['ON-INVOICE@year']);
  assert.deepEqual(codesOn(lines, '2026-07-01'), ['ON-INVOICE@again']);
  assert.deepEqual(codesOn([lines[0]!], '2027-01-01'), []);
});

test('an unmet condition pays nothing in its days, and gives no way to the term that it replaces', () => {
  const results = [{ startsOn: '2026-05-01', endsOn: '2026-05-31', met: false }];
  const conditional = scopedLine({ customerId: 'division', agreementId: 'division', kind: 'conditional', results });
  const lines = [conditional, scopedLine({ agreementId: 'banner' })];
  assert.deepEqual(codesOn(lines, '2026-05-31'), []);
  assert.deepEqual(codesOn(lines, '2026-06-01'), ['ON-INVOICE@division']);
});
