import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Decimal, fromJson, type MoneyJson, money } from '#money';
import { scopedLine } from '../test-terms.ts';
import { type WaterfallCell, waterfall } from './waterfall.ts';
import type { Waterfall, WaterfallStepName } from './waterfall-steps.ts';

const onInvoice = scopedLine({ code: 'ON', rate: '5' });
const standing = scopedLine({ code: 'STANDING', kind: 'off_invoice', rate: '2', payment: 'quarterly' });
const volume = scopedLine({ code: 'VOLUME', kind: 'volume_rebate', rate: null, payment: 'yearly' });
const lines = [onInvoice, standing, volume];

const cell = (period: string, cases: string, listPrice = '30.00'): WaterfallCell => ({
  ...{ period, cases: new Decimal(cases), listPrice: new Decimal(listPrice), lines },
});

const spendOf = (code: string, amount: string) => ({ promotionId: code, code, amount: money(amount, 'USD') });

const base = {
  ...{ currency: 'USD', periods: ['P1', 'P2'], rows: '/rows' },
  yearly: () => new Decimal('0.01'),
  owed: [],
  tacticSpend: new Map([['P1', [spendOf('EVT-1', '400.00'), spendOf('EVT-2', '200.00')]]]),
};

const amountOf = ({ steps }: Waterfall, step: WaterfallStepName) =>
  (steps.find((one) => one.step === step)!.amount.value as MoneyJson).amount;
const stepOf = ({ steps }: Waterfall, step: WaterfallStepName) => steps.find((one) => one.step === step)!;

test('list → invoice → net → pocket by hand, in money, share of list and per case', () => {
  const cells = [cell('P1', '100'), cell('P2', '50')];
  // The rebate by tiers: 0.01 per case of its base, for 100 cases.
  const perCase = { ...volume, basis: 'per_case' as const };
  const { periods, total } = waterfall({
    ...base,
    cells: cells.map((one) => ({ ...one, lines: [onInvoice, standing, perCase] })),
  });
  const p1 = periods.get('P1')!;
  const named = [
    'list',
    'on_invoice',
    'invoice',
    'off_invoice',
    'volume_rebate',
    'net',
    'tactic_spend',
    'pocket',
  ] as const;
  assert.deepEqual(
    named.map((step) => amountOf(p1, step)),
    ['3000.00', '150.00', '2850.00', '60.00', '1.00', '2789.00', '600.00', '2189.00'],
  );
  assert.deepEqual([stepOf(p1, 'net').ofList.value, stepOf(p1, 'net').perCase.value], ['0.9297', '27.890000']);
  assert.equal(amountOf(total, 'pocket'), '3583.50');
});

test('shares are recomputed after adding up, never averaged', () => {
  // 150 of 30 000; the mean of 5 % and 0 % would be 0.0250.
  const uneven = waterfall({ ...base, cells: [cell('P1', '100'), { ...cell('P2', '900'), lines: [] }] });
  assert.equal(stepOf(uneven.total, 'on_invoice').ofList.value, '0.0050');
});

test('nothing sold: amounts are zero, shares are not numbers', () => {
  const { total } = waterfall({ ...base, tacticSpend: new Map(), cells: [] });
  assert.equal(amountOf(total, 'pocket'), '0.00');
  assert.deepEqual([stepOf(total, 'net').ofList.value, stepOf(total, 'net').perCase.value], [null, null]);
});

test('a lump sum is owed in a period without sales too, once, and has no money per case', () => {
  const bonus = scopedLine({ code: 'BONUS', kind: 'off_invoice', basis: 'lump_sum', rate: '1200', payment: 'yearly' });
  const owed = ['P1', 'P2'].map((period) => ({ period, line: bonus }));
  const { periods, total } = waterfall({
    ...{ ...base, owed, tacticSpend: new Map() },
    // All of it falls on the 3 000.00 sold in the first period.
    yearly: () => new Decimal('0.4'),
    cells: [{ ...cell('P1', '100'), lines: [bonus] }],
  });
  const second = periods.get('P2')!;
  assert.deepEqual([amountOf(second, 'off_invoice'), amountOf(second, 'pocket')], ['1200.00', '-1200.00']);
  assert.deepEqual(
    [stepOf(second, 'off_invoice').perCase.value, stepOf(second, 'off_invoice').ofList.value],
    [null, null],
  );
  assert.equal(amountOf(periods.get('P1')!, 'off_invoice'), '1200.00');
  assert.equal(amountOf(total, 'off_invoice'), '2400.00');
});

test('what is not estimated is named and left out, never zero in silence', () => {
  const { total } = waterfall({ ...base, yearly: () => null, tacticSpend: null, cells: [cell('P1', '100')] });
  assert.deepEqual(stepOf(total, 'volume_rebate').amount.notEstimated, ['VOLUME']);
  assert.equal(stepOf(total, 'volume_rebate').amount.value, null);
  assert.deepEqual(stepOf(total, 'net').amount.notEstimated, ['VOLUME']);
  assert.deepEqual(stepOf(total, 'pocket').amount.notEstimated, ['VOLUME', 'tactic spend']);
  assert.equal(stepOf(total, 'tactic_spend').amount.value, null);
});

test('a step names the promotions or the agreement versions that it was made from', () => {
  const second = lines.map((line) => ({ ...line, versionId: 'next', versionNumber: 2 }));
  const { total } = waterfall({
    ...base,
    tacticSpend: new Map([...base.tacticSpend, ['P2', [spendOf('EVT-1', '50.00'), spendOf('EVT-3', '0.00')]]]),
    cells: [cell('P1', '100'), { ...cell('P2', '50'), lines: second }],
  });
  assert.deepEqual(
    stepOf(total, 'tactic_spend').amount.inputs.map(({ name, value }) => [name, value]),
    [
      ['EVT-1', '450.00'],
      ['EVT-2', '200.00'],
    ],
  );
  assert.deepEqual(stepOf(total, 'on_invoice').amount.inputs, [
    { name: 'ON', value: '225.00', source: 'agreement A, version 1, 2' },
  ]);
  assert.equal(stepOf(total, 'tactic_spend').amount.rows, undefined);
});

test('levels and totals add up to the cent, whatever the volumes and prices', () => {
  const cells = fc.array(
    fc.record({
      period: fc.constantFrom('P1', 'P2'),
      cases: fc.integer({ min: 0, max: 100_000 }).map((n) => new Decimal(n).div(1000)),
      listPrice: fc.integer({ min: 1, max: 9999 }).map((n) => new Decimal(n).div(100)),
      lines: fc.subarray(lines),
    }),
  );
  fc.assert(
    fc.property(cells, (drawn) => {
      const { periods, total } = waterfall({ ...base, cells: drawn });
      const minor = (of: Waterfall, step: WaterfallStepName) =>
        fromJson(stepOf(of, step).amount.value as MoneyJson).minor;
      for (const of of [...periods.values(), total]) {
        assert.equal(minor(of, 'list') - minor(of, 'on_invoice'), minor(of, 'invoice'));
        const off =
          minor(of, 'off_invoice') + minor(of, 'conditional') + minor(of, 'growth') + minor(of, 'volume_rebate');
        assert.equal(minor(of, 'invoice') - off, minor(of, 'net'));
        assert.equal(minor(of, 'net') - minor(of, 'tactic_spend'), minor(of, 'pocket'));
      }
      for (const step of ['list', 'net', 'pocket'] as const) {
        assert.equal(
          [...periods.values()].reduce((sum, part) => sum + minor(part, step), 0n),
          minor(total, step),
        );
      }
    }),
    { numRuns: 40 },
  );
});
