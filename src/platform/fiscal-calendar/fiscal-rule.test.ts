import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addDays,
  daysBetween,
  type FiscalRule,
  fiscalPatterns,
  fiscalYearStart,
  fiscalYearWeeks,
  isBusinessDate,
  isoWeekday,
} from './index.ts';

const rules: fc.Arbitrary<FiscalRule> = fc.record({
  pattern: fc.constantFrom(...fiscalPatterns.filter((pattern) => pattern !== 'calendar-month')),
  weekStartsOn: fc.integer({ min: 1, max: 7 }),
  yearStartsNear: fc.constantFrom('01-01', '02-01', '04-01', '07-01', '10-01', '12-31'),
  namedBy: fc.constantFrom('start' as const, 'end' as const),
});
const years = fc.integer({ min: 1950, max: 2150 });

test('a fiscal year has 52 or 53 whole weeks, without gaps, and the next one begins the day after', () => {
  fc.assert(
    fc.property(rules, years, (rule, year) => {
      const weeks = fiscalYearWeeks(rule, year);
      assert.ok(weeks.length === 52 || weeks.length === 53);
      weeks.forEach((week, i) => {
        assert.equal(week.week, i + 1);
        assert.equal(daysBetween(week.startsOn, week.endsOn), 6);
        assert.equal(isoWeekday(week.startsOn), rule.weekStartsOn);
        if (i > 0) assert.equal(week.startsOn, addDays(weeks[i - 1]!.endsOn, 1));
      });
      assert.equal(fiscalYearStart(rule, year + 1), addDays(weeks.at(-1)!.endsOn, 1));
    }),
  );
});

test('a fiscal year begins within three days of its anchor', () => {
  fc.assert(
    fc.property(rules, years, (rule, year) => {
      const anchor = `${rule.namedBy === 'end' ? year - 1 : year}-${rule.yearStartsNear}`;
      assert.ok(Math.abs(daysBetween(anchor, fiscalYearStart(rule, year))) <= 3);
    }),
  );
});

test('the periods follow the pattern, and the 53rd week belongs to the last period', () => {
  const expected = {
    '4-4-5': [4, 4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 5],
    '4-5-4': [4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 5, 4],
    '5-4-4': [5, 4, 4, 5, 4, 4, 5, 4, 4, 5, 4, 4],
    '13x4': [4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4],
  } as const;
  fc.assert(
    fc.property(rules, years, (rule, year) => {
      const weeks = fiscalYearWeeks(rule, year);
      const want: number[] = [...expected[rule.pattern as keyof typeof expected]];
      if (weeks.length === 53) want[want.length - 1]! += 1;
      const got = want.map((_, i) => weeks.filter((week) => week.period === i + 1).length);
      assert.deepEqual(got, want);
    }),
  );
});

test('the 53rd weeks of the retail calendar (4-5-4, Sunday nearest to 1 February) are those of 2012, 2017 and 2023', () => {
  const retail: FiscalRule = { pattern: '4-5-4', weekStartsOn: 7, yearStartsNear: '02-01', namedBy: 'start' };
  const long = [];
  for (let year = 2010; year <= 2026; year++) if (fiscalYearWeeks(retail, year).length === 53) long.push(year);
  assert.deepEqual(long, [2012, 2017, 2023]);
  assert.equal(fiscalYearStart(retail, 2026), '2026-02-01');
  assert.deepEqual(fiscalYearWeeks(retail, 2023).at(-1), {
    fiscalYear: 2023,
    period: 12,
    week: 53,
    startsOn: '2024-01-28',
    endsOn: '2024-02-03',
  });
});

test('with weeks from Monday near 1 January the years and weeks are those of ISO 8601', () => {
  const iso: FiscalRule = { pattern: '4-4-5', weekStartsOn: 1, yearStartsNear: '01-01', namedBy: 'start' };
  assert.equal(fiscalYearStart(iso, 2026), '2025-12-29');
  assert.equal(fiscalYearWeeks(iso, 2026).length, 53);
  assert.equal(fiscalYearWeeks(iso, 2025).length, 52);
});

test('in a calendar of months every week lies in the month with most of its days, twelve periods a year', () => {
  const monthly: FiscalRule = { pattern: 'calendar-month', weekStartsOn: 1, yearStartsNear: '01-01', namedBy: 'start' };
  fc.assert(
    fc.property(years, (year) => {
      const weeks = fiscalYearWeeks(monthly, year);
      assert.deepEqual([...new Set(weeks.map((week) => week.period))], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
      for (const { startsOn, period } of weeks) {
        const inMonth = [0, 1, 2, 3, 4, 5, 6].filter(
          (day) => Number(addDays(startsOn, day).slice(5, 7)) === period,
        ).length;
        assert.ok(inMonth >= 4, `${startsOn} has ${inMonth} days in month ${period}`);
      }
    }),
  );
});

test('dates that do not exist are not business dates', () => {
  for (const text of [
    '2026-02-29',
    '2026-13-01',
    '2026-00-10',
    '26-01-01',
    '2026-1-1',
    '',
    '2026-01-01T00:00',
    '0000-01-01',
  ])
    assert.equal(isBusinessDate(text), false, text);
  assert.equal(isBusinessDate('2024-02-29'), true);
});
