import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Problem } from '#problem';
import { alwaysOpen, defaultCalendar } from './business-calendar.ts';
import { addBusinessDuration, addBusinessTime, businessTimeBetween } from './business-time.ts';
import { checkCalendar } from './check-calendar.ts';
import { firstFiring } from './first-firing.ts';
import { mergeDays, readHolidayLines } from './holiday-lines.ts';
import { elapsedMsOf, pauseSla, resumeSla, slaDueAt, startSla } from './sla-clock.ts';
import { anyCalendar, anyInstant } from './test-calendars.ts';

const seed = Number(process.env.TRADEAI_SEED ?? Date.now() % 2 ** 31);
const office = defaultCalendar('America/New_York');
const at = (text: string) => new Date(text);

test('a clock that stands counts nothing, and its target moves by the opening time for which it stood', () => {
  const started = startSla(office, 'PT8H', at('2026-06-15T14:00:00Z'));
  assert.equal(slaDueAt(office, started)?.toISOString(), '2026-06-15T22:00:00.000Z');
  const held = pauseSla(office, started, at('2026-06-15T17:00:00Z'));
  assert.deepEqual([held.elapsedMs, held.runningSince, slaDueAt(office, held)], [3 * 3_600_000, null, null]);
  assert.equal(elapsedMsOf(office, held, at('2026-06-19T17:00:00Z')), 3 * 3_600_000);
  const going = resumeSla(held, at('2026-06-17T16:00:00Z'));
  assert.equal(slaDueAt(office, going)?.toISOString(), '2026-06-17T21:00:00.000Z', 'the five hours that are left');
  assert.equal(pauseSla(office, held, at('2026-06-18T17:00:00Z')), held, 'standing still twice is standing still');
  assert.equal(resumeSla(going, at('2026-06-18T17:00:00Z')), going);
});

test('a clock that ran out is due when it did, and one of days counts their opening hours', () => {
  const started = startSla(office, 'P2D', at('2026-06-12T14:00:00Z'));
  assert.equal(started.targetMs, 20 * 3_600_000);
  assert.equal(slaDueAt(office, started)?.toISOString(), '2026-06-16T14:00:00.000Z');
  const late = resumeSla(pauseSla(office, started, at('2026-06-18T14:00:00Z')), at('2026-06-19T14:00:00Z'));
  assert.ok(late.elapsedMs > late.targetMs);
  assert.equal(slaDueAt(office, late)?.toISOString(), '2026-06-19T14:00:00.000Z');
});

test('however often a clock stands, it runs for its target and no longer', (t) => {
  t.diagnostic(`seed ${seed}`);
  const minutes = fc.array(fc.nat(2_000), { minLength: 2, maxLength: 8 });
  const check = fc.property(anyCalendar, anyInstant, fc.nat(40), minutes, (calendar, from, hours, spells) => {
    let clock = startSla(calendar, `PT${hours}H`, from);
    let stoodMs = 0;
    let now = from;
    for (const [index, spell] of spells.entries()) {
      const next = new Date(now.getTime() + spell * 60_000);
      if (index % 2 === 1) stoodMs += businessTimeBetween(calendar, now, next);
      clock = index % 2 === 0 ? pauseSla(calendar, clock, next) : resumeSla(clock, next);
      now = next;
    }
    clock = resumeSla(clock, now);
    const due = slaDueAt(calendar, clock);
    const never = addBusinessTime(calendar, from, hours * 3_600_000 + stoodMs);
    if (never > now) assert.equal(businessTimeBetween(calendar, never, due!), 0);
    assert.ok(due! >= now);
    assert.equal(elapsedMsOf(calendar, clock, now), businessTimeBetween(calendar, from, now) - stoodMs);
  });
  fc.assert(check, { seed, numRuns: 300 });
});

test('a timer rule is a moment, a duration or a repetition, and anything else is refused', () => {
  const from = at('2026-06-12T14:00:00Z');
  const firing = (rule: Parameters<typeof firstFiring>[0], calendar = office) => firstFiring(rule, from, calendar);
  assert.equal(firing({ at: '2026-07-01T09:00' }).at.toISOString(), '2026-07-01T13:00:00.000Z', 'the calendar’s clock');
  assert.equal(firing({ at: '2026-07-01' }).at.toISOString(), '2026-07-01T04:00:00.000Z');
  assert.equal(firing({ at: '2026-07-01T09:00:00+02:00' }).at.toISOString(), '2026-07-01T07:00:00.000Z');
  assert.equal(firing({ after: 'P1D' }).at.toISOString(), '2026-06-15T14:00:00.000Z');
  assert.equal(firing({ after: 'P1D' }, alwaysOpen('UTC')).at.toISOString(), '2026-06-13T14:00:00.000Z');
  assert.deepEqual(firing({ every: 'R3/PT4H' }), {
    at: at('2026-06-12T18:00:00Z'),
    again: { every: 'PT4H', left: 2 },
  });
  assert.deepEqual(firing({ every: 'R/P1D' }).again, { every: 'P1D', left: null });
  assert.equal(firing({ every: 'R2/2026-07-01T09:00:00Z/P1D' }).at.toISOString(), '2026-07-01T09:00:00.000Z');
  for (const rule of [
    { at: 'soon' },
    { at: '13' },
    { after: 'tomorrow' },
    { every: 'R3' },
    { every: 'weekly' },
    { every: 'R/PT0S' },
    { every: 'R/PT0.999S' },
  ]) {
    assert.throws(
      () => firing(rule),
      (error) => error instanceof Problem && error.code === 'request.malformed',
    );
  }
});

test('holidays come in as lines, and every line that cannot be read is named', () => {
  const days = readHolidayLines(
    'date;name;half day\n2026-12-25; Christmas Day\n\n2026-12-24\tChristmas Eve\thalf\r\n2026-12-31; New Year’s Eve; 09:00-13:00',
  );
  assert.deepEqual(days, [
    { date: '2026-12-25', name: 'Christmas Day', hours: 'closed' },
    { date: '2026-12-24', name: 'Christmas Eve', hours: 'half' },
    { date: '2026-12-31', name: 'New Year’s Eve', hours: [{ from: '09:00', to: '13:00' }] },
  ]);
  const merged = mergeDays(days, [{ date: '2026-12-25', name: 'Noel', hours: 'half' }]);
  assert.deepEqual(
    merged.map(({ name }) => name),
    ['Christmas Eve', 'Noel', 'New Year’s Eve'],
  );
  const bad = '2026-02-30;A day\n2026-12-25;\n2026-12-25;Christmas;some\n2026-12-26;Boxing Day;half;more';
  assert.throws(
    () => readHolidayLines(bad),
    (error) =>
      error instanceof Problem &&
      assert.deepEqual(
        error.errors?.map(({ path }) => path),
        ['lines.0', 'lines.1', 'lines.2', 'lines.3'],
      ) === undefined,
  );
  assert.throws(() => readHolidayLines(' \n'), Problem);
});

test('a calendar that contradicts itself or never opens is told where', () => {
  const hours = (from: string, to: string) => ({ from, to });
  const paths = (change: object) => checkCalendar({ ...office, ...change }).map(({ path }) => path);
  const overlap = [hours('08:00', '12:00'), hours('11:00', '13:00')];
  assert.deepEqual(paths({}), []);
  assert.deepEqual(paths({ weeks: [{ from: '2026-01-01', hours: { monday: overlap } }] }), ['weeks.0.hours.monday']);
  assert.deepEqual(paths({ weeks: [...office.weeks, ...office.weeks] }), ['weeks.1']);
  assert.deepEqual(paths({ weeks: [...office.weeks, { from: '2027-01-01', hours: {} }] }), ['weeks']);
  const day = { date: '2026-12-25', name: 'C', hours: 'closed' };
  assert.deepEqual(paths({ days: [day, { ...day, hours: overlap }] }), ['days.1', 'days.1.hours']);
  assert.equal(addBusinessDuration(office, at('2026-06-15T14:00:00Z'), 'PT1H').getUTCHours(), 15);
});
