import fc from 'fast-check';
import type { BusinessCalendar, BusinessWeek, Hours } from './business-calendar.ts';

/** A calendar with the same hours on the days named. */
export function calendarOf(
  timeZone: string,
  hours: BusinessWeek['hours'],
  days: BusinessCalendar['days'] = [],
): BusinessCalendar {
  return { code: 'test', name: 'Test', timeZone, weeks: [{ from: '2020-01-01', hours }], days };
}

/** Zones with every sort of clock change: an hour at night, half an hour, at midnight, none, and a day left out. */
export const zones = [
  'America/New_York',
  'Europe/Berlin',
  'Australia/Lord_Howe',
  'America/Santiago',
  'Asia/Kathmandu',
  'Pacific/Apia',
];

const clock = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

/** One to three spells of opening on a day, the last perhaps into the night. */
const dayHours: fc.Arbitrary<Hours[]> = fc
  .uniqueArray(fc.integer({ min: 0, max: 95 }), { minLength: 2, maxLength: 6 })
  .map((quarters) => {
    const edges = [...quarters].sort((a, b) => a - b).slice(0, quarters.length - (quarters.length % 2));
    return Array.from({ length: edges.length / 2 }, (_, at) => ({
      from: clock((edges[at * 2] ?? 0) * 15),
      to: clock((edges[at * 2 + 1] ?? 0) * 15),
    }));
  });
const nightShift = fc.constant([{ from: '22:00', to: '06:00' }]);
const someHours = fc.oneof(dayHours, dayHours, nightShift);

const date2026 = fc
  .integer({ min: 0, max: 730 })
  .map((day) => new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10));

/** Any calendar that opens: odd hours, night shifts, holidays and half days, on either side of clock changes. */
export const anyCalendar: fc.Arbitrary<BusinessCalendar> = fc.record({
  code: fc.constant('test'),
  name: fc.constant('Test'),
  timeZone: fc.constantFrom(...zones),
  weeks: fc
    .tuple(
      someHours,
      fc.record(
        { monday: someHours, tuesday: someHours, saturday: someHours, sunday: someHours },
        { requiredKeys: [] },
      ),
    )
    .map(([wednesday, hours]) => [{ from: '2020-01-01', hours: { wednesday, ...hours } }]),
  days: fc.uniqueArray(
    fc.record({
      date: date2026,
      name: fc.constant('Day'),
      hours: fc.oneof(fc.constant('closed' as const), fc.constant('half' as const), someHours),
    }),
    { maxLength: 12, selector: ({ date }) => date },
  ),
});

/** Instants to the minute in 2026 and 2027, most of them within a day of a clock change somewhere. */
export const anyInstant: fc.Arbitrary<Date> = fc.oneof(
  fc.integer({ min: 0, max: 2 * 365 * 24 * 60 }).map((minutes) => new Date(Date.UTC(2026, 0, 1, 0, minutes))),
  fc
    .tuple(
      fc.constantFrom('2026-03-08', '2026-11-01', '2026-03-29', '2026-10-25', '2026-04-05', '2026-10-04', '2026-09-06'),
      fc.integer({ min: -1440, max: 2880 }),
    )
    .map(([day, minutes]) => new Date(Date.parse(`${day}T00:00:00Z`) + minutes * 60_000)),
);
