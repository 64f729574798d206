import type { FieldError } from '#problem';
import { type BusinessCalendar, type Hours, weekdays } from './business-calendar.ts';
import { spansOf } from './openings.ts';

/** As much as a calendar holds: a century of hours that change yearly, and of holidays. */
export const maxWeeks = 100;
export const maxSpecialDays = 5_000;
/** Spells of opening on one day. */
export const maxHoursADay = 12;

function overlapsOf(hours: readonly Hours[], path: string): FieldError[] {
  const spans = spansOf(hours);
  return spans.some(([from], at) => at > 0 && from < (spans[at - 1]?.[1] ?? 0))
    ? [{ path, message: 'hours of one day must not overlap' }]
    : [];
}

function repeated(dates: readonly string[], path: string): FieldError[] {
  const first = new Map<string, number>();
  for (const [at, date] of dates.entries()) if (!first.has(date)) first.set(date, at);
  return dates.flatMap((date, at) =>
    first.get(date) === at ? [] : [{ path: `${path}.${at}`, message: `${date} is there twice` }],
  );
}

/** What keeps a calendar, whose fields are well-formed, from being worked by; empty where nothing does. */
export function checkCalendar({ weeks, days }: BusinessCalendar): FieldError[] {
  const last = weeks.reduce((a, b) => (b.from > a.from ? b : a));
  const isOpen = weekdays.some((weekday) => (last.hours[weekday] ?? []).length > 0);
  return [
    ...repeated(
      weeks.map(({ from }) => from),
      'weeks',
    ),
    ...repeated(
      days.map(({ date }) => date),
      'days',
    ),
    ...weeks.flatMap(({ hours }, at) =>
      weekdays.flatMap((weekday) => overlapsOf(hours[weekday] ?? [], `weeks.${at}.hours.${weekday}`)),
    ),
    ...days.flatMap(({ hours }, at) => (typeof hours === 'string' ? [] : overlapsOf(hours, `days.${at}.hours`))),
    ...(isOpen
      ? []
      : [{ path: 'weeks', message: `the week from ${last.from} on has no hours: nothing would ever be due` }]),
  ];
}
