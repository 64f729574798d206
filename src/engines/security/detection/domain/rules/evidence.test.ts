import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventKind } from '../event-kinds.ts';
import { incidentOf, type OpenIncident } from '../group-incidents.ts';
import { House } from './test-house.ts';

/** What is done, hour by hour or minute by minute. */
const minutes = (n: number) => n * 60_000;
const hours = (n: number) => n * 3_600_000;
const days = (n: number) => n * 86_400_000;

test('a little of every kind of data each evening is an incident, the same report again and again is not', () => {
  const taken = (whats: readonly string[]) => {
    const house = new House().work(30);
    for (let day = 0; day < 20; day++) house.at(-days(day + 10) + hours(3)).export('ann', 400, 'sales');
    for (const [n, what] of whats.entries()) house.at(minutes(10 * n)).export('ann', 6_000, what);
    return house.found('mass-export');
  };
  assert.ok(taken(['prices', 'terms', 'claims', 'funds', 'accruals']));
  assert.ok(!taken(['prices', 'prices', 'prices', 'prices', 'prices']));
});

test('a piece far larger than somebody’s own is an incident even where their peers have such days', () => {
  const taken = (usual: number) => {
    const house = new House().work(30);
    for (let day = 0; day < 20; day++) {
      house.at(-days(day + 2) + hours(2)).export('ann', usual, 'sales');
      house.at(-days(day + 2) + hours(3)).export('bob', 3_000, 'sales');
    }
    house.at(0).export('ann', 24_000, 'prices');
    return house.found('mass-export');
  };
  assert.ok(taken(300));
  assert.ok(!taken(12_000));
});

test('peers who export more than usual in the same days speak against a mass export', () => {
  const taken = (busy: boolean) => {
    const house = new House().work(30);
    const everybody = ['ann', 'bob', 'cyd', 'dee', 'eve'];
    for (let day = 2; day < 22; day++) for (const id of everybody) house.at(-days(day)).export(id, 500, 'sales');
    if (busy) for (const id of everybody.slice(1)) house.at(-hours(1)).export(id, 20_000, 'claims');
    for (const [n, what] of ['claims', 'terms', 'funds'].entries()) house.at(minutes(n)).export('ann', 6_000, what);
    return house.found('mass-export', 'person:ann');
  };
  assert.ok(taken(false));
  assert.ok(!taken(true));
});

test('settlements for one counterpart alone at an odd hour are an incident, for many counterparts they are not', () => {
  const settled = (counterparts: readonly string[]) => {
    const house = new House().work(30);
    house.at(hours(11)).signIn('ann', 'ann-home');
    for (const [n, counterpart] of counterparts.entries())
      house.at(hours(11) + minutes(12 * n + 5)).settle('ann', counterpart, 900);
    return house.found('odd-hour-settlement');
  };
  assert.ok(settled(['k1', 'k1', 'k1', 'k1']));
  assert.ok(!settled(['k1', 'k2', 'k3', 'k4']));
});

test('nobody gets used to an hour by what is just being done at it', () => {
  const house = new House().work(30);
  const odd = () => house.memory.profile('person:ann').oddHour(house.nowMs);
  house.at(hours(13));
  const before = odd();
  for (let n = 0; n < 8; n++) house.at(hours(13) + hours(n)).settle('ann', 'k1', 900);
  house.at(hours(13));
  assert.ok(before > 0.9);
  assert.equal(odd(), before);
});

test('many walls in one hour are an incident, unless a colleague ran into the same ones', () => {
  const tried = (colleague: readonly string[]) => {
    const house = new House().work(30);
    const wanted = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    for (const permission of colleague) house.at(-hours(2)).refuse('bob', permission);
    for (const [n, permission] of wanted.entries()) house.at(hours(1) + minutes(6 * n)).refuse('ann', permission);
    return house.found('probing', 'person:ann');
  };
  assert.ok(tried([]));
  assert.ok(tried(['a', 'b', 'x', 'y']), 'two walls of eight in common are chance');
  assert.ok(!tried(['a', 'b', 'c', 'd', 'e', 'f', 'g']));
});

test('two new walls a day come to an incident within the week, the same three every day do not', () => {
  const tried = (of: (day: number) => readonly string[]) => {
    const house = new House().work(30);
    for (let day = 0; day < 4; day++)
      for (const [n, permission] of of(day).entries()) house.at(days(day) + hours(2 * n)).refuse('ann', permission);
    return house.found('probing');
  };
  assert.ok(tried((day) => [`a${day}`, `b${day}`]));
  assert.ok(!tried(() => ['a', 'b', 'c']));
});

test('what administrators take away from others is not a factor removed from their own account', () => {
  const removed = (from: string) => {
    const house = new House().work(30);
    house.at(hours(1)).write('factor.removed', 'ann', { subjectId: from, network: 'far', device: 'other' });
    for (const n of [1, 2, 3]) house.at(hours(1) + minutes(10 * n)).export('ann', 3_000, `kind-${n}`);
    return house.found('factor-removed');
  };
  assert.ok(removed('ann'));
  assert.ok(!removed('bob'));
});

test('an account that nobody signed in to for weeks is dormant even where acts bear its name', () => {
  const woken = (silentDays: number) => {
    const house = new House().work(30, ['bob', 'cyd', 'dee', 'eve']);
    house.at(-days(30)).signIn('ann', 'office');
    for (let day = 1; day < 30; day++) house.at(-days(day)).write('act.approved', 'ann', { subjectId: `r${day}` });
    if (silentDays < 28) house.at(-days(silentDays)).signIn('ann', 'office');
    house.at(hours(1)).signIn('ann', 'far', 'other');
    house.at(hours(2)).refuse('ann', 'users:manage');
    return house.found('dormant-account');
  };
  assert.ok(woken(30));
  assert.ok(!woken(5));
});

test('a password that is changed by a stranger does not make their device the owner’s', () => {
  const house = new House().work(30);
  const from = { network: 'far', device: 'other' };
  house.at(hours(1)).write('password.reset_requested', 'ann', from).write('password.changed', 'ann', from);
  house.at(hours(1) + minutes(1)).signIn('ann', 'far', 'other', 'password+totp');
  house.at(hours(1) + minutes(20)).write('email.changed', 'ann', { subjectId: 'ann' });
  assert.ok(house.found('strange-sign-in'));
});

test('money that follows its new way at once is an incident, days later it is not', () => {
  const moved = (delayMs: number) => {
    const house = new House().work(30);
    for (let day = 4; day < 20; day++) house.at(-days(day)).settle('ann', `k${day}`, 900);
    house.at(0).write('act.rerouted', 'ann', { subjectId: 'k0', detail: { counterpartId: 'k0' } });
    house.at(hours(1)).settle('bob', 'k0', 900);
    house.at(delayMs).settle('ann', 'k0', 900);
    return house.found('rerouted-money');
  };
  assert.ok(moved(hours(5)));
  assert.ok(!moved(hours(60)), 'what a colleague settles meanwhile is not what the changer settles');
});

test('approvals that go around a circle of three are an incident, an open chain is not', () => {
  const approved = (closed: boolean) => {
    const house = new House().work(30);
    const circle = ['ann', 'bob', 'cyd'];
    for (let round = 0; round < 5; round++)
      for (const [n, maker] of circle.entries()) {
        if (n === 2 && !closed) continue;
        house.at(days(round) + minutes(40 * n)).decide(maker, circle[(n + 1) % 3] ?? '', 'k1');
      }
    return house.found('approval-ring');
  };
  assert.ok(approved(true));
  assert.ok(!approved(false));
});

test('networks that try other accounts as slowly in the same hours are found as one', () => {
  const house = new House().work(30);
  for (let n = 0; n < 12; n++)
    for (const network of ['far-1', 'far-2'])
      house.at(minutes(25 * n)).write('sign_in.password', null, {
        ...{ network, device: `${network}-x`, account: `${network}-${n}`, outcome: 'refused' },
      });
  const found = house.all.find(({ rule }) => rule.id === 'password-spraying');
  assert.deepEqual([...(found?.about ?? [])].sort(), ['network:far-1', 'network:far-2']);
});

test('two people who got rights from the same third are two incidents, one network is one', () => {
  const open: OpenIncident = {
    id: '1',
    ruleId: 'right-by-proxy',
    first: 'person:a',
    about: ['person:a', 'person:z'],
    lastMs: 0,
  };
  const next = (about: readonly string[], kind: EventKind = 'act.approved') =>
    incidentOf([open, { ...open, id: '2', first: 'person:n', about: ['person:n', 'network:w'] }], {
      ...{ rule: new House().rule('right-by-proxy'), about },
      event: new House().event(kind, null, {}, 1_000),
    })?.id;
  assert.equal(next(['person:b', 'person:z']), undefined);
  assert.equal(next(['person:a', 'person:y']), '1');
  assert.equal(next(['person:z']), '1');
  assert.equal(next(['person:m', 'network:w']), '2');
});

test('peers are those of the same roles, also where roles become known after the past, and a hundred of thousands', () => {
  const house = new House();
  for (let n = 0; n < 1_000; n++) house.at(n).export(`p${n}`, 500, 'sales');
  const { memory } = house;
  for (const reading of ['first', 'again']) {
    memory.peerGroup = (id) => (Number(id.slice(1)) < 3 ? 'few' : 'many');
    assert.deepEqual(memory.peersOf('p1'), ['p0', 'p2'], reading);
    assert.equal(memory.peersOf('p999').length, 120, reading);
  }
});
