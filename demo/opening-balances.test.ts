import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addDays, calendarAround, lastPeriodBefore } from './fiscal-weeks.ts';
import { openingBalances } from './opening-balances.ts';
import { makeProgrammes } from './programmes.ts';
import { simulateMaker } from './simulate-maker.ts';

test('the last period before a day is whole, over, and followed by that of the day', () => {
  for (let day = 0; day < 800; day += 3) {
    const today = addDays('2026-01-01', day);
    const calendar = calendarAround(today);
    const present = calendar.find(({ startsOn, endsOn }) => startsOn <= today && today <= endsOn);
    const { startsOn, endsOn } = lastPeriodBefore(calendar, today);
    const inside = calendar.filter((week) => week.startsOn >= startsOn && week.endsOn <= endsOn);
    assert.equal(new Set(inside.map(({ fiscalYear, period }) => `${fiscalYear} ${period}`)).size, 1, today);
    assert.ok(inside.length >= 4 && inside.length <= 6, today);
    const next = calendar.find((week) => week.startsOn === addDays(endsOn, 1));
    assert.deepEqual([next?.fiscalYear, next?.period], [present?.fiscalYear, present?.period], today);
    const before = calendar.find((week) => week.endsOn === addDays(startsOn, -1));
    assert.notEqual(before?.period, inside[0]?.period, today);
  }
});

// The first day of a fiscal period, its last, and one in a fiscal year's first weeks.
for (const today of ['2026-11-23', '2026-11-22', '2027-01-12']) {
  test(`started on ${today} the demo has an ended period to close, with balances owed in it and programmes that earn`, () => {
    const maker = simulateMaker({ seed: 3, today });
    const { startsOn, endsOn } = lastPeriodBefore(maker.calendar, today);
    const balances = openingBalances(maker);
    assert.ok(balances.filter(({ settledMinor }) => settledMinor === 0).length >= 10);
    for (const one of balances) assert.ok(one.asOf === endsOn && one.endsOn <= endsOn, one.promotionCode);
    for (const one of makeProgrammes(maker)) assert.ok(one.startsOn === startsOn && one.endsOn > today, one.code);
  });
}
