import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testHouse } from '../../../test/house.ts';
import { fiscalWeeks } from './calendar-store.ts';
import { changeCalendar, createCalendar, ensureCalendarFor } from './create-calendar.ts';

const rule = { pattern: '4-4-5', weekStartsOn: 1, yearStartsNear: '01-01', namedBy: 'start' } as const;

test('fiscal weeks come from the default calendar, and a range it does not cover is refused', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const weeksOf = (from: string, to: string) => house.db.transact(context, (tx) => fiscalWeeks(tx, from, to));
  await assert.rejects(weeksOf('2026-01-01', '2026-01-31'), { code: 'calendar.missing' });
  const calendar = await createCalendar(context, { code: 'F', name: 'Fiscal', rule, fromYear: 2025, toYear: 2026 });
  assert.equal(calendar.isDefault, true);
  const weeks = await weeksOf('2026-12-28', '2027-01-03');
  assert.deepEqual(weeks, [{ fiscalYear: 2026, period: 12, week: 53, startsOn: '2026-12-28', endsOn: '2027-01-03' }]);
  await assert.rejects(weeksOf('2026-12-28', '2027-01-04'), { code: 'calendar.missing', message: /2027-01-04/ });
  await changeCalendar(context, calendar.id, { throughYear: 2028 }, 1);
  assert.equal((await weeksOf('2026-12-28', '2027-01-04')).length, 2);
});

test('a tenant has one default calendar: another one takes its place only when told to', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const first = await createCalendar(context, { code: 'A', name: 'A', rule, fromYear: 2026, toYear: 2026 });
  const second = await createCalendar(context, {
    ...{ code: 'B', name: 'B', fromYear: 2026, toYear: 2026 },
    rule: { ...rule, weekStartsOn: 7 },
  });
  assert.deepEqual([first.isDefault, second.isDefault], [true, false]);
  const firstDay = async () =>
    (await house.db.transact(context, (tx) => fiscalWeeks(tx, '2026-06-15', '2026-06-15')))[0]?.startsOn;
  assert.equal(await firstDay(), '2026-06-15');
  await changeCalendar(context, second.id, { isDefault: true });
  assert.equal(await firstDay(), '2026-06-14');
});

test('a tenant without a calendar gets one whose weeks begin with the weeks of its facts, once', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const ensure = (from: string, to: string) => house.db.transact(context, (tx) => ensureCalendarFor(tx, { from, to }));
  assert.ok(await ensure('2009-01-08', '2011-06-30'));
  assert.equal(await ensure('2009-01-05', '2011-06-30'), undefined);
  const weeks = await house.db.transact(context, (tx) => fiscalWeeks(tx, '2009-01-08', '2028-01-01'));
  assert.equal(weeks[0]?.startsOn, '2009-01-08');
});
