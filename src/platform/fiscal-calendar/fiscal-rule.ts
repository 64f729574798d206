import { addDays, isoWeekday } from './business-date.ts';

/** How the weeks of a fiscal year form periods. */
export const fiscalPatterns = ['4-4-5', '4-5-4', '5-4-4', '13x4', 'calendar-month'] as const;
/** One of {@link fiscalPatterns}. */
export type FiscalPattern = (typeof fiscalPatterns)[number];

/**
 * What generates a fiscal calendar. A year begins on the weekday `weekStartsOn` (ISO, 1 Monday … 7 Sunday) nearest to
 * `yearStartsNear` (`MM-DD`), so that it has 52 or 53 whole weeks. The year is named by the calendar year of that
 * anchor, or the next one with `namedBy: 'end'`.
 */
export interface FiscalRule {
  pattern: FiscalPattern;
  weekStartsOn: number;
  yearStartsNear: string;
  namedBy: 'start' | 'end';
}

/** One fiscal week: both dates inclusive, `period` and `week` from 1. */
export interface FiscalWeek {
  fiscalYear: number;
  period: number;
  week: number;
  startsOn: string;
  endsOn: string;
}

const weeksOfQuarter = { '4-4-5': [4, 4, 5], '4-5-4': [4, 5, 4], '5-4-4': [5, 4, 4] } as const;

/** First day of a fiscal year. */
export function fiscalYearStart(rule: FiscalRule, fiscalYear: number): string {
  const anchorYear = rule.namedBy === 'end' ? fiscalYear - 1 : fiscalYear;
  const anchor = `${anchorYear}-${rule.yearStartsNear}`;
  const since = (isoWeekday(anchor) - rule.weekStartsOn + 7) % 7;
  return addDays(anchor, since <= 3 ? -since : 7 - since);
}

/** The 53rd week, where a year has one, belongs to the last period. */
function periodOfWeek(pattern: Exclude<FiscalPattern, 'calendar-month'>, week: number): number {
  if (pattern === '13x4') return Math.min(13, Math.ceil(week / 4));
  const [first, second] = weeksOfQuarter[pattern];
  const quarter = Math.min(3, Math.floor((week - 1) / 13));
  const inQuarter = week - quarter * 13;
  return quarter * 3 + (inQuarter <= first ? 1 : inQuarter <= first + second ? 2 : 3);
}

/** In a calendar of months a week belongs to the month that holds its middle day, hence most of its days. */
function monthOfWeek(rule: FiscalRule, startsOn: string): number {
  const month = Number(addDays(startsOn, 3).slice(5, 7));
  return ((month - Number(rule.yearStartsNear.slice(0, 2)) + 12) % 12) + 1;
}

/** All weeks of one fiscal year, 52 or 53 of them, without gaps. */
export function fiscalYearWeeks(rule: FiscalRule, fiscalYear: number): FiscalWeek[] {
  const end = fiscalYearStart(rule, fiscalYear + 1);
  const weeks: FiscalWeek[] = [];
  for (let startsOn = fiscalYearStart(rule, fiscalYear); startsOn < end; startsOn = addDays(startsOn, 7)) {
    const week = weeks.length + 1;
    const period = rule.pattern === 'calendar-month' ? monthOfWeek(rule, startsOn) : periodOfWeek(rule.pattern, week);
    weeks.push({ fiscalYear, period, week, startsOn, endsOn: addDays(startsOn, 6) });
  }
  return weeks;
}
