/** Hours of opening by the wall clock, `HH:MM`; `to` at or before `from` lies on the next day (a night shift), `24:00` is midnight. */
export interface Hours {
  from: string;
  to: string;
}

/** The days of a week, Monday first, as calendars name them. */
export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

/** Weekly hours from a date (`YYYY-MM-DD`) on, until the next ones; the earliest hold before their date too. */
export interface BusinessWeek {
  from: string;
  /** A day without hours is closed. */
  hours: Readonly<Partial<Record<(typeof weekdays)[number], readonly Hours[]>>>;
}

/** A date with hours of its own: `closed`, `half` (the first half of the hours that its weekday has), or other hours. */
export interface SpecialDay {
  date: string;
  name: string;
  hours: 'closed' | 'half' | readonly Hours[];
}

/** When a business works, as data: durations and clocks of processes are counted in it. */
export interface BusinessCalendar {
  code: string;
  name: string;
  /** IANA zone whose wall clock the hours are read on. */
  timeZone: string;
  weeks: readonly BusinessWeek[];
  days: readonly SpecialDay[];
}

/** The code of the calendar that every tenant has, written or not. */
export const defaultCalendarCode = 'default';

/** The code that stands for plain time, where a calendar may be named. */
export const alwaysOpenCode = 'always';

/** Monday to Friday, 08:00 to 18:00: what a tenant works by until it says otherwise. */
export function defaultCalendar(timeZone: string): BusinessCalendar {
  const hours = [{ from: '08:00', to: '18:00' }];
  const week = { monday: hours, tuesday: hours, wednesday: hours, thursday: hours, friday: hours };
  return {
    ...{ code: defaultCalendarCode, name: 'Working hours', timeZone },
    ...{ weeks: [{ from: '2000-01-01', hours: week }], days: [] },
  };
}

const allDay = [{ from: '00:00', to: '24:00' }];
const everyDay = [
  { from: '2000-01-01', hours: Object.fromEntries(weekdays.map((day) => [day, allDay])) as BusinessWeek['hours'] },
];

const alwaysOpenByZone = new Map<string, BusinessCalendar>();

/** Plain time as a calendar: open at every moment, so that P1D keeps the wall clock's time and PT24H is 24 hours. */
export function alwaysOpen(timeZone: string): BusinessCalendar {
  let calendar = alwaysOpenByZone.get(timeZone);
  if (!calendar) {
    calendar = { code: alwaysOpenCode, name: 'Always', timeZone, weeks: everyDay, days: [] };
    alwaysOpenByZone.set(timeZone, calendar);
  }
  return calendar;
}
