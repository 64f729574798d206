import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Decimal } from '#money';
import { scopedLine } from '../test-terms.ts';
import { caseTerms } from './case-terms.ts';

const list = new Decimal('30.00');
const standing = { code: 'STANDING', kind: 'off_invoice', payment: 'quarterly' } as const;

test('the worked event: 5 % and 2 % of a list price of 30.00 are 1.50 and 0.60, and at a cost of 16.00 a case brings 11.90', () => {
  const lines = [scopedLine({ rate: '5' }), scopedLine({ ...standing, rate: '2' })];
  const terms = caseTerms(lines, list, 'USD');
  assert.equal(terms.onInvoice.toFixed(2), '1.50');
  assert.equal(terms.invoicePrice.toFixed(2), '28.50');
  assert.equal(terms.standing.toFixed(2), '0.60');
  assert.equal(list.minus(terms.onInvoice).minus(terms.standing).minus(16).toFixed(2), '11.90');
});

test('a percent of list is of the list price, whatever else is taken off', () => {
  const lines = [scopedLine({ code: 'A', rate: '10' }), scopedLine({ code: 'B', rate: '5' })];
  assert.equal(caseTerms(lines, list, 'USD').onInvoice.toFixed(2), '4.50');
});

test('a percent of invoice on the invoice is of what the other lines leave, and two of them do not compound', () => {
  const lines = [
    scopedLine({ code: 'A', rate: '10' }),
    scopedLine({ code: 'B', basis: 'per_case', rate: '2' }),
    scopedLine({ code: 'C', basis: 'percent_of_invoice', rate: '4' }),
    scopedLine({ code: 'D', basis: 'percent_of_invoice', rate: '1' }),
  ];
  const { lines: taken, invoicePrice } = caseTerms(lines, list, 'USD');
  // 30 − 3 − 2 = 25; 4 % and 1 % of 25.
  assert.deepEqual(
    taken.map(({ line, perCase }) => [line.code, perCase.toFixed(2)]),
    [
      ['A', '3.00'],
      ['B', '2.00'],
      ['C', '1.00'],
      ['D', '0.25'],
    ],
  );
  assert.equal(invoicePrice.toFixed(2), '23.75');
});

test('a percent of invoice off the invoice is of the invoice price, after every on-invoice line', () => {
  const lines = [scopedLine({ rate: '5' }), scopedLine({ ...standing, basis: 'percent_of_invoice', rate: '2' })];
  assert.equal(caseTerms(lines, list, 'USD').standing.toFixed(2), '0.57');
});

test('tiers and lump sums belong to no single case', () => {
  const lump = scopedLine({ ...standing, basis: 'lump_sum', rate: '5000' });
  const tiered = scopedLine({ kind: 'volume_rebate', rate: null, payment: 'yearly' });
  const terms = caseTerms([lump, tiered], list, 'USD');
  assert.deepEqual([terms.lines.length, terms.standing.toFixed(2)], [0, '0.00']);
});

test('terms that leave nothing of the price are refused, and so is money in another currency', () => {
  const greedy = [scopedLine({ code: 'A', rate: '60' }), scopedLine({ code: 'B', rate: '40' })];
  assert.throws(() => caseTerms(greedy, list, 'USD'), { code: 'rule.violated' });
  const foreign = scopedLine({ basis: 'per_case', rate: '1', currency: 'EUR' });
  assert.throws(() => caseTerms([foreign], list, 'USD'), { code: 'money.currency_mismatch' });
});
