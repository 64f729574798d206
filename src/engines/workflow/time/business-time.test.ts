import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Problem } from '#problem';
import { alwaysOpen, type BusinessCalendar, defaultCalendar } from './business-calendar.ts';
import { addBusinessDuration, addBusinessTime, businessTimeBetween, nextOpening } from './business-time.ts';
import { anyCalendar, anyInstant, calendarOf, zones } from './test-calendars.ts';
import { instantOfWall, wallOfInstant } from './zone-clock.ts';

const hourMs = 3_600_000;
const seed = Number(process.env.TRADEAI_SEED ?? Date.now() % 2 ** 31);
const options = { seed, numRuns: 300 };

const added = (calendar: BusinessCalendar, from: string, duration: string) =>
  addBusinessDuration(calendar, new Date(from), duration).toISOString().slice(0, 16);
const isRefused = (code: string) => (error: unknown) => error instanceof Problem && error.code === code;

const office = defaultCalendar('America/New_York');

const formats = new Map(
  zones.map((timeZone) => [
    timeZone,
    new Intl.DateTimeFormat('en-US', { timeZone, weekday: 'short', hour: '2-digit', hourCycle: 'h23' }),
  ]),
);

/** Whether the wall clock, as the runtime's own formatter tells it, stands within 08:00 to 18:00 on a weekday. */
function isOfficeMinute(at: number, timeZone: string): boolean {
  const [weekday = '', hour = ''] = (formats.get(timeZone)?.format(at) ?? '').split(/\W+/);
  return !/Sat|Sun/.test(weekday) && Number(hour) >= 8 && Number(hour) < 18;
}

test('a day is a business day at the same time, eight hours are eight working hours', () => {
  // 2026-03-06 is a Friday; the clocks of New York change on the Sunday after it.
  assert.equal(added(office, '2026-03-06T15:00:00Z', 'P1D'), '2026-03-09T14:00', 'Friday 10:00 to Monday 10:00');
  assert.equal(
    added(office, '2026-03-06T15:00:00Z', 'PT8H'),
    '2026-03-06T23:00',
    'to closing time, not the next opening',
  );
  assert.equal(added(office, '2026-03-06T15:00:00Z', 'PT10H'), '2026-03-09T14:00');
  assert.equal(
    added(office, '2026-03-07T15:00:00Z', 'P1D'),
    '2026-03-10T12:00',
    'a Saturday counts as Monday’s opening',
  );
  assert.equal(added(office, '2026-03-06T23:30:00Z', 'PT0S'), '2026-03-09T12:00');
  assert.equal(added(office, '2026-03-06T23:00:00Z', 'PT0S'), '2026-03-06T23:00', 'the moment of closing still counts');
  assert.equal(added(office, '2026-06-15T14:00:00Z', 'P2DT3H'), '2026-06-17T17:00');
  assert.equal(added(office, '2026-06-15T14:00:00Z', 'P1W'), '2026-06-22T14:00', 'a week is a week of the calendar');
  assert.equal(added(office, '2026-01-30T15:00:00Z', 'P1M'), '2026-03-02T15:00', '28 February is a Saturday');
});

test('plain time keeps the wall clock by days and the elapsed time by hours', () => {
  const plain = alwaysOpen('America/New_York');
  assert.equal(added(plain, '2026-03-07T15:00:00Z', 'P1D'), '2026-03-08T14:00');
  assert.equal(added(plain, '2026-03-07T15:00:00Z', 'PT24H'), '2026-03-08T15:00');
  assert.equal(added(plain, '2026-01-31T15:00:00Z', 'P1M'), '2026-02-28T15:00');
  assert.equal(added(plain, '2026-10-31T05:30:00Z', 'P1D'), '2026-11-01T05:30', '01:30, the first of the two');
  assert.equal(added(plain, '2026-11-01T05:45:00Z', 'P1D'), '2026-11-02T06:45', '01:45, when it comes first');
  assert.equal(added(plain, '2026-11-01T06:15:00Z', 'P1D'), '2026-11-02T07:00', '01:15 again: the end of that hour');
});

test('holidays, half days, lunch and new hours from a date on are kept', () => {
  const lunch = [
    { from: '08:00', to: '12:00' },
    { from: '13:00', to: '17:00' },
  ];
  const week = { monday: lunch, tuesday: lunch, wednesday: lunch, thursday: lunch, friday: lunch };
  const calendar = {
    ...calendarOf('Europe/Berlin', week, [
      { date: '2026-12-24', name: 'Christmas Eve', hours: 'half' },
      { date: '2026-12-25', name: 'Christmas Day', hours: 'closed' },
      { date: '2026-12-26', name: 'Stock-taking', hours: [{ from: '10:00', to: '11:00' }] },
    ]),
  };
  assert.equal(added(calendar, '2026-12-23T15:00:00Z', 'P1D'), '2026-12-24T11:00', 'the closing of a half day');
  assert.equal(
    added(calendar, '2026-12-24T10:00:00Z', 'PT3H'),
    '2026-12-28T08:00',
    'an hour, an hour on Saturday, an hour',
  );
  assert.equal(added(calendar, '2026-12-21T11:30:00Z', 'P1D'), '2026-12-22T12:00', '12:30 is lunch: its end');
  const shorter = {
    ...calendar,
    weeks: [...calendar.weeks, { from: '2027-01-01', hours: { monday: [{ from: '09:00', to: '10:00' }] } }],
  };
  assert.equal(added(shorter, '2026-12-31T15:00:00Z', 'PT2H'), '2027-01-04T09:00');
  const early = { ...shorter, weeks: shorter.weeks.slice(1) };
  assert.equal(
    added(early, '2026-06-15T05:00:00Z', 'PT1H'),
    '2026-06-15T08:00',
    'the earliest hours hold before their date',
  );
});

test('a night shift belongs to the day on which it begins, and lasts as long as the night does', () => {
  const night = [{ from: '22:00', to: '06:00' }];
  const calendar = calendarOf('America/New_York', { saturday: night, sunday: night }, [
    { date: '2026-06-14', name: 'Closed Sunday', hours: 'closed' },
  ]);
  const nightOf = (from: string, to: string) => businessTimeBetween(calendar, new Date(from), new Date(to)) / hourMs;
  assert.equal(nightOf('2026-11-01T00:00:00Z', '2026-11-01T20:00:00Z'), 9, 'an hour comes twice');
  assert.equal(nightOf('2026-03-08T00:00:00Z', '2026-03-08T20:00:00Z'), 7, 'an hour is left out');
  assert.equal(
    nightOf('2026-06-14T00:00:00Z', '2026-06-16T00:00:00Z'),
    8,
    'Saturday’s shift goes on into a closed Sunday',
  );
  // Saturday's shift at 02:00 on Sunday, and the same time of Sunday's shift.
  assert.equal(added(calendar, '2026-06-07T06:00:00Z', 'P1D'), '2026-06-08T06:00');
});

test('what overlaps the night shift of the day before is not counted twice', () => {
  const calendar = calendarOf('UTC', {
    monday: [{ from: '22:00', to: '06:00' }],
    tuesday: [{ from: '04:00', to: '08:00' }],
  });
  const [from, to] = [new Date('2026-06-15T00:00:00Z'), new Date('2026-06-17T00:00:00Z')];
  assert.equal(businessTimeBetween(calendar, from, to) / hourMs, 10);
});

test('hours that a clock change jumps over begin at the jump, and those that come twice begin the first time', () => {
  const calendar = calendarOf('America/New_York', { sunday: [{ from: '01:30', to: '02:30' }] });
  const between = (day: string) =>
    businessTimeBetween(calendar, new Date(`${day}T00:00:00Z`), new Date(`${day}T23:00:00Z`)) / hourMs;
  assert.equal(between('2026-03-08'), 0.5);
  assert.equal(between('2026-11-01'), 2);
  assert.equal(between('2026-06-14'), 1);
  const jumped = calendarOf('America/New_York', { sunday: [{ from: '02:15', to: '02:45' }] });
  assert.equal(nextOpening(jumped, new Date('2026-03-08T00:00:00Z')).toISOString(), '2026-03-15T06:15:00.000Z');
});

test('a calendar that does not open within ten years is refused, and so is a moment beyond them', () => {
  const never = calendarOf('UTC', {});
  const now = new Date('2026-06-15T12:00:00Z');
  for (const ask of [
    () => nextOpening(never, now),
    () => addBusinessDuration(never, now, 'P1D'),
    () => addBusinessDuration(never, now, 'PT1H'),
    () => addBusinessDuration(office, now, 'P11Y'),
    () => addBusinessDuration(office, now, 'P5000D'),
    () => addBusinessDuration(office, now, 'PT900000H'),
  ]) {
    assert.throws(ask, isRefused('rule.violated'));
  }
  assert.equal(businessTimeBetween(never, now, new Date('2026-07-15T12:00:00Z')), 0);
});

test('what is no ISO 8601 duration without a sign is refused', () => {
  for (const text of ['', 'P', 'PT', '-P1D', 'P1.5D', '1D', 'P1H', 'PT1D', 'P1D2M', 'PT99999999999H', 'p1d', 'P1DT']) {
    assert.throws(() => addBusinessDuration(office, new Date(0), text), isRefused('request.malformed'), text);
  }
  assert.equal(added(office, '2026-06-15T14:00:00Z', 'PT0.5S'), '2026-06-15T14:00');
});

test('opening time is what the wall clock shows, minute by minute', (t) => {
  t.diagnostic(`seed ${seed}`);
  const check = fc.property(
    fc.constantFrom(...zones),
    anyInstant,
    fc.integer({ min: 0, max: 5 * 24 * 4 }),
    (timeZone, from, quarters) => {
      const start = Math.floor(from.getTime() / (15 * 60_000)) * 15 * 60_000;
      const end = start + quarters * 15 * 60_000;
      let open = 0;
      for (let at = start; at < end; at += 15 * 60_000) if (isOfficeMinute(at, timeZone)) open += 15 * 60_000;
      assert.equal(businessTimeBetween(defaultCalendar(timeZone), new Date(start), new Date(end)), open);
    },
  );
  fc.assert(check, { seed, numRuns: 60 });
});

test('working time added is working time between, and adding in two steps is adding at once', (t) => {
  t.diagnostic(`seed ${seed}`);
  const ms = fc.integer({ min: 0, max: 40 * 60 }).map((minutes) => minutes * 60_000);
  const check = fc.property(anyCalendar, anyInstant, ms, ms, (calendar, from, one, other) => {
    const first = addBusinessTime(calendar, from, one);
    assert.equal(businessTimeBetween(calendar, from, first), one);
    assert.equal(businessTimeBetween(calendar, first, from) + one, 0);
    const second = addBusinessTime(calendar, first, other);
    assert.equal(second.getTime(), addBusinessTime(calendar, from, one + other).getTime());
    assert.ok(second >= first && first >= from);
  });
  fc.assert(check, options);
});

const durations = fc.oneof(
  fc.integer({ min: 0, max: 12 }).map((days) => `P${days}D`),
  fc.integer({ min: 0, max: 100 }).map((hours) => `PT${hours}H`),
  fc.tuple(fc.nat(5), fc.nat(300)).map(([days, minutes]) => `P${days}DT${minutes}M`),
);

test('a later start is never due earlier, and more is never due before less', (t) => {
  t.diagnostic(`seed ${seed}`);
  const check = fc.property(anyCalendar, anyInstant, fc.nat(3_000), durations, (calendar, from, minutes, duration) => {
    const later = new Date(from.getTime() + minutes * 60_000);
    const due = addBusinessDuration(calendar, from, duration);
    assert.ok(addBusinessDuration(calendar, later, duration) >= due);
    assert.ok(due >= from);
  });
  fc.assert(check, options);
  const more = fc.property(anyCalendar, anyInstant, fc.nat(10), (calendar, from, days) => {
    const [one, next] = [`P${days}D`, `P${days + 1}D`].map((text) => addBusinessDuration(calendar, from, text));
    assert.ok(next! > one!);
  });
  fc.assert(more, options);
});

test('nothing is ever due while it is closed', (t) => {
  t.diagnostic(`seed ${seed}`);
  const check = fc.property(anyCalendar, anyInstant, durations, (calendar, from, duration) => {
    const due = addBusinessDuration(calendar, from, duration);
    const [before, after] = [new Date(due.getTime() - 1), new Date(due.getTime() + 1)];
    const open = businessTimeBetween(calendar, before, due) + businessTimeBetween(calendar, due, after);
    assert.ok(open > 0, `${due.toISOString()} touches no opening`);
    const opening = nextOpening(calendar, from);
    assert.equal(businessTimeBetween(calendar, from, opening), 0);
    assert.equal(businessTimeBetween(calendar, opening, new Date(opening.getTime() + 1)), 1);
  });
  fc.assert(check, options);
});

test('wall clock and instant lead to each other, except for what comes twice or not at all, and never backwards', (t) => {
  t.diagnostic(`seed ${seed}`);
  const check = fc.property(fc.constantFrom(...zones), anyInstant, fc.nat(3_000), (zone, instant, minutes) => {
    const [at, later] = [instant.getTime(), instant.getTime() + minutes * 60_000];
    assert.ok(wallOfInstant(zone, later) >= wallOfInstant(zone, at));
    assert.ok(instantOfWall(zone, later) >= instantOfWall(zone, at));
    const wall = wallOfInstant(zone, at);
    assert.equal(wallOfInstant(zone, instantOfWall(zone, wall)), wall);
  });
  fc.assert(check, options);
  const apia = (wall: string) => new Date(instantOfWall('Pacific/Apia', Date.parse(wall))).toISOString();
  assert.equal(apia('2011-12-30T12:00:00Z'), '2011-12-30T10:00:00.000Z', 'the day that Samoa left out');
  assert.equal(apia('2011-12-31T00:00:00Z'), '2011-12-30T10:00:00.000Z');
});
