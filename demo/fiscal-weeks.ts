/** One week of the maker's 4-4-5 fiscal calendar; dates are ISO dates, both inclusive, Monday to Sunday. */
export interface FiscalWeek {
  fiscalYear: number;
  /** 1 … 12. */
  period: number;
  /** 1 … 52, and 53 where the year has one. */
  week: number;
  startsOn: string;
  endsOn: string;
}

const DAY_MS = 86_400_000;

/** Days since 1970-01-01 of an ISO date; throws a RangeError on anything else. */
export function dayNumber(isoDate: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(isoDate) ? Date.parse(`${isoDate}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(ms)) throw new RangeError(`not an ISO date: ${isoDate}`);
  return ms / DAY_MS;
}

/** ISO date of a day number. */
function isoDate(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** The ISO date some days later (or earlier, when negative). */
export function addDays(date: string, days: number): string {
  return isoDate(dayNumber(date) + days);
}

/** First day of a fiscal year: the Monday nearest to 1 January. */
function fiscalYearStart(year: number): number {
  const january1 = dayNumber(`${year}-01-01`);
  const weekday = (january1 + 3) % 7; // 1970-01-01 was a Thursday: Monday is 0
  return weekday <= 3 ? january1 - weekday : january1 + 7 - weekday;
}

/** The 4-4-5 period of a fiscal week; a 53rd week belongs to period 12. */
function periodOf(week: number): number {
  if (week > 52) return 12;
  const quarter = Math.floor((week - 1) / 13);
  const inQuarter = (week - 1) % 13;
  return quarter * 3 + (inQuarter < 4 ? 1 : inQuarter < 8 ? 2 : 3);
}

/** All weeks of one 4-4-5 fiscal year, 52 or 53 of them. */
export function fiscalYearWeeks(fiscalYear: number): FiscalWeek[] {
  const start = fiscalYearStart(fiscalYear);
  const count = (fiscalYearStart(fiscalYear + 1) - start) / 7;
  return Array.from({ length: count }, (_, i) => ({
    fiscalYear,
    period: periodOf(i + 1),
    week: i + 1,
    startsOn: isoDate(start + 7 * i),
    endsOn: isoDate(start + 7 * i + 6),
  }));
}

/** The calendar from three fiscal years before to two after the one that holds `today`. */
export function calendarAround(today: string): FiscalWeek[] {
  const day = dayNumber(today);
  let year = Number(today.slice(0, 4));
  if (day >= fiscalYearStart(year + 1)) year++;
  else if (day < fiscalYearStart(year)) year--;
  return [-3, -2, -1, 0, 1, 2].flatMap((offset) => fiscalYearWeeks(year + offset));
}

/** First and last day of the last fiscal period that is over on a day; both inclusive. */
export function lastPeriodBefore(calendar: readonly FiscalWeek[], today: string): { startsOn: string; endsOn: string } {
  const over = calendar.filter(({ endsOn }) => endsOn < today);
  const present = calendar.find(({ startsOn, endsOn }) => startsOn <= today && today <= endsOn);
  const last = over.findLast((week) => week.period !== present?.period);
  const weeks = over.filter((week) => week.fiscalYear === last?.fiscalYear && week.period === last.period);
  return { startsOn: weeks[0]!.startsOn, endsOn: weeks.at(-1)!.endsOn };
}
