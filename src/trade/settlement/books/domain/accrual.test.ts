import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { amountOf, Decimal, money, subtract, sum } from '#money';
import { earnedIn, earnedThrough } from '../earned-through.ts';
import type { EarningTactic } from './accrual.ts';
import {
  accrualLines,
  balanceOf,
  type JournalLine,
  releaseLines,
  requireBalanced,
  settlementLines,
  totalOf,
  writeOffLines,
} from './journal.ts';
import {
  accrualDue,
  accrue,
  type Liability,
  noLiability,
  openLiability,
  release,
  releaseDue,
  settle,
} from './settlement-ledger.ts';

const usd = (amount: string) => money(amount, 'USD');
const p5 = { startsOn: '2026-05-04', endsOn: '2026-05-31' };
const p6 = { startsOn: '2026-06-01', endsOn: '2026-06-28' };
const subject = { customerId: 'c', promotionId: 'p', tacticId: 't' };
const base = {
  promotionId: 'p',
  promotionCode: 'P-1',
  customerId: 'c',
  currency: 'USD',
  startsOn: '2026-05-25',
  endsOn: '2026-06-07',
  claimByOn: '2026-08-31',
  fundSplit: [],
  lumpSumRecognised: 'straight_line' as const,
};
/** domain.md's worked event: scan-back 4.00 on 3400 cases, 1500 of them by the end of P5, and a display of 2000.00. */
const scanBack: EarningTactic = {
  ...base,
  tacticId: 'scan',
  mechanic: 'scan_back',
  volumes: [
    { on: '2026-05-25', volume: new Decimal(1500), rate: new Decimal(4) },
    { on: '2026-06-01', volume: new Decimal(1900), rate: new Decimal(4) },
  ],
  lumpSum: null,
};
const display: EarningTactic = {
  ...base,
  tacticId: 'display',
  mechanic: 'display',
  volumes: [],
  lumpSum: usd('2000.00'),
};

test('the worked event of domain.md accrues, settles and releases over the period end to the cent', () => {
  const earned = (period: typeof p5) =>
    sum(
      [scanBack, display].map((tactic) => earnedIn(tactic, period)),
      'USD',
    );
  const lines: JournalLine[] = [];
  let owed: Liability = noLiability('USD');
  const open = () => amountOf(openLiability(owed));

  owed = accrue(owed, earned(p5));
  lines.push(...accrualLines(subject, earned(p5)));
  assert.equal(amountOf(earned(p5)), '7000.00');
  assert.equal(open(), '7000.00');

  owed = accrue(owed, earned(p6));
  lines.push(...accrualLines(subject, earned(p6)));
  assert.equal(amountOf(earned(p6)), '8600.00');
  owed = settle(owed, usd('9000.00'), { beyondLiability: false });
  lines.push(...settlementLines(subject, usd('9000.00'), 'receivables'));
  assert.equal(open(), '6600.00');

  owed = settle(owed, usd('5900.00'), { beyondLiability: false });
  lines.push(...settlementLines(subject, usd('5900.00'), 'receivables'));
  assert.equal(open(), '700.00');

  assert.equal(amountOf(releaseDue(owed, { claimByOn: base.claimByOn, on: '2026-08-30' })), '0.00');
  const released = releaseDue(owed, { claimByOn: base.claimByOn, on: '2026-08-31' });
  assert.equal(amountOf(released), '700.00');
  owed = release(owed, released);
  lines.push(...releaseLines(subject, released));
  assert.equal(open(), '0.00');

  requireBalanced(lines, 'USD');
  assert.equal(amountOf(balanceOf(lines, 'accrued_trade_liability', 'USD')), '0.00');
  assert.equal(amountOf(balanceOf(lines, 'promotional_allowances', 'USD')), '14900.00');
  assert.equal(amountOf(balanceOf(lines, 'receivables', 'USD')), '-14900.00');
});

test('each movement goes to the accounts that domain.md names, and a negative accrual turns the sides round', () => {
  const sides = (lines: JournalLine[]) => lines.map(({ side, account }) => `${side} ${account}`);
  assert.deepEqual(sides(accrualLines(subject, usd('1.00'))), [
    'debit promotional_allowances',
    'credit accrued_trade_liability',
  ]);
  assert.deepEqual(sides(accrualLines(subject, usd('-1.00'))), [
    'debit accrued_trade_liability',
    'credit promotional_allowances',
  ]);
  assert.deepEqual(sides(settlementLines(subject, usd('1.00'), 'payables')), [
    'debit accrued_trade_liability',
    'credit payables',
  ]);
  assert.deepEqual(sides(settlementLines(subject, usd('1.00'), 'receivables')), [
    'debit accrued_trade_liability',
    'credit receivables',
  ]);
  assert.deepEqual(sides(releaseLines(subject, usd('1.00'))), [
    'debit accrued_trade_liability',
    'credit promotional_allowances',
  ]);
  assert.deepEqual(sides(writeOffLines(subject, usd('1.00'))), ['debit deduction_expense', 'credit receivables']);
});

test('a lump sum recognised on date is earned whole on the first day, and an on-invoice discount never accrues', () => {
  const onDate: EarningTactic = { ...display, lumpSumRecognised: 'on_date' };
  assert.equal(amountOf(earnedThrough(onDate, '2026-05-24')), '0.00');
  assert.equal(amountOf(earnedThrough(onDate, '2026-05-25')), '2000.00');
  assert.equal(amountOf(earnedThrough({ ...scanBack, mechanic: 'off_invoice' }, '2026-12-31')), '0.00');
});

test('periods of any length add up to what the tactic earned in all, to the cent', () => {
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 27 }), { maxLength: 8 });
  fc.assert(
    fc.property(
      cuts,
      fc.bigInt({ min: 0n, max: 10_000_000n }),
      fc.integer({ min: 1, max: 999_999 }),
      (days, minor, rate) => {
        const tactic: EarningTactic = {
          ...display,
          startsOn: '2026-05-04',
          endsOn: '2026-05-31',
          lumpSum: { minor, currency: 'USD' },
          volumes: Array.from({ length: 28 }, (_, day) => ({
            on: `2026-05-${String(day + 4).padStart(2, '0')}`,
            volume: new Decimal(day).plus('0.333'),
            rate: new Decimal(rate).div(1_000_000),
          })),
        };
        const ends = [...days.sort((a, b) => a - b), 28].map((day) => `2026-05-${String(day + 3).padStart(2, '0')}`);
        const starts = [
          '2026-05-04',
          ...ends.slice(0, -1).map((end) => `2026-05-${String(Number(end.slice(8)) + 1).padStart(2, '0')}`),
        ];
        const parts = ends.map((endsOn, i) => earnedIn(tactic, { startsOn: starts[i] ?? '', endsOn }));
        assert.deepEqual(sum(parts, 'USD'), earnedThrough(tactic, '2026-12-31'));
      },
    ),
    { seed: 20_261_123 },
  );
});

test('whatever is accrued, restated, settled and released, the liability is never negative and debits equal credits', () => {
  const step = fc.tuple(
    fc.constantFrom('earnedTo', 'settle', 'beyond', 'release'),
    fc.bigInt({ min: 0n, max: 100_000n }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let owed = noLiability('USD');
      const lines: JournalLine[] = [];
      for (const [kind, minor] of steps) {
        const amount = { minor, currency: 'USD' };
        if (kind === 'earnedTo') {
          const due = accrualDue(owed, amount);
          owed = accrue(owed, due);
          lines.push(...accrualLines(subject, due));
        } else {
          try {
            if (kind === 'settle' || kind === 'beyond') {
              const { earned } = owed;
              owed = settle(owed, amount, { beyondLiability: kind === 'beyond' });
              lines.push(...accrualLines(subject, subtract(owed.earned, earned)));
              lines.push(...settlementLines(subject, amount, 'receivables'));
            } else {
              owed = release(owed, amount);
              lines.push(...releaseLines(subject, amount));
            }
          } catch (refusal) {
            assert.equal((refusal as { code: string }).code, 'rule.violated');
          }
        }
        assert.ok(openLiability(owed).minor >= 0n);
      }
      assert.deepEqual(totalOf(lines, 'debit', 'USD'), totalOf(lines, 'credit', 'USD'));
      assert.equal(balanceOf(lines, 'accrued_trade_liability', 'USD').minor, -openLiability(owed).minor);
    }),
    { seed: 20_261_123 },
  );
});

test('paying more than is owed is refused with the open liability; where it is meant, the excess is earned with it', () => {
  const owed = accrue(noLiability('USD'), usd('10.00'));
  assert.throws(() => settle(owed, usd('10.01'), { beyondLiability: false }), {
    code: 'rule.violated',
    extra: { openLiability: { amount: '10.00', currency: 'USD' } },
  });
  const paid = settle(owed, usd('10.01'), { beyondLiability: true });
  assert.deepEqual([paid.earned, paid.settled, openLiability(paid)].map(amountOf), ['10.01', '10.01', '0.00']);
  assert.throws(() => settle(owed, usd('-1.00'), { beyondLiability: true }), { code: 'rule.violated' });
});

test('what was paid beyond is not taken back, is not accrued twice, and is made up for where it was never accrued', () => {
  const owed = accrue(noLiability('USD'), usd('250.00'));
  const paid = settle(owed, usd('300.00'), { beyondLiability: true });
  const dueAt = (earnedToDate: string) => amountOf(accrualDue(paid, usd(earnedToDate)));
  assert.deepEqual(['250.00', '280.00', '300.00', '310.00'].map(dueAt), ['0.00', '0.00', '0.00', '10.00']);
  const lapsed = release(owed, usd('250.00'));
  const honoured = settle(lapsed, usd('40.00'), { beyondLiability: true });
  assert.deepEqual([honoured.earned, honoured.released, openLiability(honoured)].map(amountOf), [
    '290.00',
    '250.00',
    '0.00',
  ]);
  assert.equal(amountOf(accrualDue(honoured, usd('250.00'))), '0.00');
  const before = { ...owed, settled: usd('300.00') };
  assert.equal(amountOf(accrualDue(before, usd('250.00'))), '50.00', 'books in which it was never accrued');
});
