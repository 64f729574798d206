import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { sql } from '#db';
import { armTimer, TimerLoop } from '#events';
import { makeLogger } from '#telemetry';
import { type TestHouse, testHouse, testTenants } from '../../../../test/house.ts';
import { addBusinessDuration } from './business-time.ts';
import { calendarOf } from './calendar-store.ts';
import { timeRoutes } from './time-routes.ts';

const limit = { timeout: 60_000 };
const hours = [{ from: '09:00', to: '12:00' }];
const branch = {
  ...{ code: 'branch', name: 'Branch', timeZone: 'Asia/Kathmandu' },
  weeks: [{ from: '2026-01-01', hours: { monday: hours, friday: hours } }],
};

async function callOf(house: TestHouse) {
  const app = await house.server(timeRoutes);
  return async (token: 'a' | 'b', method: 'GET' | 'PUT' | 'POST', url: string, payload?: object, ifMatch?: number) => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(ifMatch === undefined ? {} : { 'if-match': `"${ifMatch}"` }),
    };
    const reply = await app.inject({ method, url: `/api/v1${url}`, headers, ...(payload ? { payload } : {}) });
    return { status: reply.statusCode, etag: reply.headers.etag, body: reply.json() };
  };
}

test(
  'every tenant has working hours in its own zone, and calendars of its own that nobody else sees',
  limit,
  async (t) => {
    const house = await testHouse(t);
    const call = await callOf(house);
    const zonesOf = async (token: 'a' | 'b') =>
      (await call(token, 'GET', '/workflows/calendars')).body.items.map(
        (one: { code: string; timeZone: string; version: number }) => [one.code, one.timeZone, one.version],
      );
    assert.deepEqual(await zonesOf('a'), [['default', 'America/New_York', 0]]);
    assert.deepEqual(await zonesOf('b'), [['default', 'Europe/Berlin', 0]]);
    const written = await call('a', 'PUT', '/workflows/calendars', branch);
    assert.deepEqual([written.status, written.etag, written.body.days], [200, '"1"', []]);
    assert.deepEqual(await zonesOf('a'), [
      ['default', 'America/New_York', 0],
      ['branch', 'Asia/Kathmandu', 1],
    ]);
    assert.deepEqual(await zonesOf('b'), [['default', 'Europe/Berlin', 0]]);
    const [own, other] = [house.context(), house.context({ tenant: 'b' })];
    // 2026-06-15 is a Monday; Kathmandu is 5:45 ahead.
    const calendar = await house.db.read(own, (tx) => calendarOf(tx, 'branch'));
    const due = addBusinessDuration(calendar, new Date('2026-06-15T05:15:00Z'), 'PT2H');
    assert.equal(due.toISOString(), '2026-06-19T04:15:00.000Z');
    await assert.rejects(
      house.db.read(other, (tx) => calendarOf(tx, 'branch')),
      { code: 'not_found' },
    );
    assert.equal((await house.db.read(other, (tx) => calendarOf(tx, 'always'))).timeZone, 'Europe/Berlin');
  },
);

test(
  'a calendar is written over the version that one saw, holidays come in as lines, and the trail keeps each step',
  limit,
  async (t) => {
    const house = await testHouse(t);
    const call = await callOf(house);
    let minute = 0;
    // The trail is in the order of its instants.
    const later = () => house.clock.set(`2026-06-16T12:0${minute++}:00Z`);
    const put = (ifMatch: number, name: string) => {
      later();
      return call('a', 'PUT', '/workflows/calendars', { ...branch, code: 'default', name }, ifMatch);
    };
    assert.equal((await put(0, 'First')).body.version, 1);
    assert.equal((await put(0, 'Late')).body.code, 'version.conflict');
    assert.equal((await put(1, 'Second')).body.version, 2);
    const lines = 'date;name;half day\n2026-12-25;Christmas Day\n2026-12-28;Inventory;half';
    const holidays = (ifMatch: number, code = 'default', text = lines) => {
      later();
      return call('a', 'POST', '/workflows/calendars/holidays', { code, lines: text }, ifMatch);
    };
    assert.equal((await holidays(1)).body.code, 'version.conflict');
    const added = await holidays(2);
    assert.deepEqual(
      added.body.days.map((day: { date: string; hours: string }) => [day.date, day.hours]),
      [
        ['2026-12-25', 'closed'],
        ['2026-12-28', 'half'],
      ],
    );
    assert.equal((await holidays(0, 'nowhere')).status, 404);
    const unread = await holidays(3, 'default', '2026-12-25;Christmas Day\nsoon;Easter');
    assert.deepEqual([unread.status, unread.body.errors[0].path], [400, 'lines.1']);
    assert.deepEqual(
      (await call('a', 'GET', '/workflows/calendars')).body.items,
      [added.body],
      'in the place of the default',
    );
    const context = house.context();
    const trail = await house.db.read(context, (tx) =>
      tx.many<{ before: { name: string }; after: { name: string; days: object[] } }>(
        sql`select before, after from audit.entry where entity_type = 'business_calendar' order by at`,
      ),
    );
    assert.deepEqual(
      trail.map(({ before, after }) => [before.name, after.name, after.days.length]),
      [
        ['Working hours', 'First', 0],
        ['First', 'Second', 0],
        ['Second', 'Second', 2],
      ],
    );
  },
);

test('a calendar that cannot be worked by is refused with the place of the mistake', limit, async (t) => {
  const house = await testHouse(t);
  const call = await callOf(house);
  const week = (change: object) => ({ weeks: [{ from: '2026-01-01', hours: change }] });
  const cases: [change: object, path: string][] = [
    [{ timeZone: 'Mars/Olympus' }, 'timeZone'],
    [{ code: 'always' }, 'code'],
    [{ code: 'Not A Code' }, 'code'],
    [week({}), 'weeks'],
    [week({ monday: [{ from: '9:00', to: '12:00' }] }), 'weeks.0.hours.monday.0.from'],
    [week({ monday: [{ from: '09:00', to: '24:30' }] }), 'weeks.0.hours.monday.0.to'],
    [week({ monday: [...hours, { from: '11:00', to: '13:00' }] }), 'weeks.0.hours.monday'],
    [{ days: [{ date: '2026-02-30', name: 'D', hours: 'closed' }] }, 'days.0.date'],
    [{ weeks: [] }, 'weeks'],
  ];
  for (const [change, path] of cases) {
    const reply = await call('a', 'PUT', '/workflows/calendars', { ...branch, ...change });
    assert.deepEqual([reply.status, reply.body.errors?.[0]?.path], [400, path], JSON.stringify(reply.body));
  }
});

test('an administrator sees the timers that were given up, and lets one try anew, once', limit, async (t) => {
  const house = await testHouse(t);
  const call = await callOf(house);
  const context = house.context();
  const dueAt = house.clock.now();
  await house.db.transact(context, (tx) =>
    armTimer(tx, { kind: 'unheard-of', subjectId: randomUUID(), dueAt, data: {} }),
  );
  const tenant = async () => testTenants.a;
  const loop = new TimerLoop({ db: house.db, clock: house.clock, log: makeLogger('silent'), tenant, handlers: {} });
  await loop.fireDue();
  assert.equal((await call('a', 'GET', '/workflows/timers?state=retrying')).body.items[0].attempts, 1);
  assert.deepEqual((await call('a', 'GET', '/workflows/timers')).body.items, []);
  for (let hour = 1; hour < 10; hour++) {
    house.clock.set(new Date(dueAt.getTime() + hour * 3_600_000).toISOString());
    await loop.fireDue();
  }
  const [failed] = (await call('a', 'GET', '/workflows/timers')).body.items;
  assert.match(failed.error, /no handler for timers of kind unheard-of/);
  const retry = (token: 'a' | 'b') => call(token, 'POST', `/workflows/timers/${failed.id}/retry`);
  assert.equal((await retry('b')).status, 404);
  const retried = await retry('a');
  assert.deepEqual([retried.status, retried.body.attempts, retried.body.failedAt], [200, 0, null]);
  assert.equal((await retry('a')).status, 404, 'it is being tried');
});
