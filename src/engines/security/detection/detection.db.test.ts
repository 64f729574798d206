import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type Clock, fixedClock } from '#clock';
import type { Context } from '#context';
import { sql } from '#db';
import { makeLogger } from '#telemetry';
import { type TestHouse, testHouse, testTenants } from '../../../../test/house.ts';
import { lockMembership, requireStepUp } from '../sign-in/remedies.ts';
import { DetectionLoop, defaultPollMs } from './detection-loop.ts';
import type { Rule } from './domain/rule.ts';
import { rules } from './domain/rules/index.ts';
import { unjudged } from './domain/rules/unjudged.ts';
import { listIncidents, readEvidence, readRemedies } from './incident-store.ts';
import { changeIncident } from './judge-incident.ts';
import { makeRefusalRecorder } from './record-refusal.ts';
import { appendSecurityEvent, recordSecurityEvent, type SecurityEvent } from './record-security-event.ts';
import { setRule } from './set-rule.ts';
import { takeRemedy, undoRemedy } from './take-remedy.ts';
import { shareOfLimit } from './watch-acts.ts';
import { heldMs } from './watch-tenant.ts';

const tenantOf = async (id: string) => (id === testTenants.a.id ? testTenants.a : testTenants.b);

function loopOf(house: TestHouse, all = rules, clock: Clock = house.clock): DetectionLoop {
  return new DetectionLoop({
    ...{ db: house.db, clock, rules: all },
    log: makeLogger('silent'),
    tenant: tenantOf,
  });
}

/** The watch of a loop that is gone, as the time would end it. */
const endLease = (house: TestHouse) => asOwner(house, `update security.watch set held_until = clock_timestamp()`);

/** The watch of a loop that has just been heard of, however slow this machine is. */
const keepLease = (house: TestHouse) =>
  asOwner(house, `update security.watch set held_until = held_until + interval '1 minute'`);

/** How many milliseconds the watch is still kept, by the database's clock. */
async function leaseLeftMs(house: TestHouse): Promise<number> {
  const [row] = await asOwner(
    house,
    'select extract(epoch from held_until - clock_timestamp())::float8 * 1000 as left from security.watch',
  );
  return row?.left ?? 0;
}

/** Looks until nothing is new. */
async function lookAll(loop: DetectionLoop): Promise<void> {
  while ((await loop.round()) > 0);
}

async function asOwner(house: TestHouse, statement: string, parameters: unknown[] = []) {
  const client = new pg.Client({ connectionString: house.url });
  await client.connect();
  try {
    return (await client.query(statement, parameters)).rows;
  } finally {
    await client.end();
  }
}

async function member(house: TestHouse, roles: string[]): Promise<string> {
  const id = randomUUID();
  const client = new pg.Client({ connectionString: house.url });
  await client.connect();
  try {
    // The person's sealed name plays no part here.
    await client.query(`set session_replication_role = replica`);
    await client.query(
      `insert into identity.membership (tenant_id, person_id, roles, approval_currency, created_at) values ($1, $2, $3, 'USD', now())`,
      [testTenants.a.id, id, roles],
    );
  } finally {
    await client.end();
  }
  return id;
}

async function session(house: TestHouse, personId: string): Promise<string> {
  const id = randomUUID();
  await asOwner(
    house,
    `insert into identity.session (tenant_id, id, person_id, rotated_at, created_at, expires_at)
     values ($1, $2, $3, $4, $4, $4::timestamptz + interval '1 day')`,
    [testTenants.a.id, id, personId, house.clock.now()],
  );
  return id;
}

function record(context: Context, event: SecurityEvent): Promise<void> {
  return context.db.transact(context, (tx) => recordSecurityEvent(tx, event));
}

const incidents = (context: Context) =>
  context.db.read(context, async (tx) => (await listIncidents(tx, {}, { limit: 50 })).items);

/** Guesses at somebody's password from here and there. */
async function guess(house: TestHouse, personId: string, times = 14, everyMs = 60_000): Promise<void> {
  const context = house.context();
  for (let n = 0; n < times; n++) {
    pass(house, everyMs);
    await record(context, {
      ...{ kind: 'sign_in.password', outcome: 'refused', personId },
      ...{ address: `203.0.${n % 3}.9`, device: 'a tool' },
    });
  }
}

function pass(house: TestHouse, ms: number): void {
  house.clock.set(new Date(house.clock.now().getTime() + ms).toISOString());
}

async function attacked(t: TestContext) {
  const house = await testHouse(t);
  const victim = await member(house, ['finance_controller']);
  await guess(house, victim);
  const loop = loopOf(house);
  await lookAll(loop);
  const [incident] = await incidents(house.context());
  assert.ok(incident, 'the attack was found');
  return { house, victim, loop, incident };
}

test('one attack is one incident with its evidence, told once, seen by its tenant alone', async (t) => {
  const { house, victim, loop, incident } = await attacked(t);
  await guess(house, victim, 6);
  await lookAll(loop);
  const all = await incidents(house.context());
  assert.deepEqual(
    all.map(({ id, rule, about: [first] }) => ({ id, rule, first })),
    [{ id: incident.id, rule: 'brute-force', first: `person:${victim}` }],
  );
  const evidence = await house.db.read(house.context(), (tx) => readEvidence(tx, incident.id));
  assert.equal(evidence.length, 20);
  assert.ok(!JSON.stringify(evidence).includes('203.0.'), 'no address stands anywhere');
  const told = await asOwner(house, `select type from event.outbox where subject_type = 'incident'`);
  assert.deepEqual(told, [{ type: 'security.incident.raised' }]);
  assert.deepEqual(await incidents(house.context({ tenant: 'b' })), []);
});

test('what this process commits is looked at on its commit, and what another one commits at the next poll', {
  timeout: 180_000,
}, async (t) => {
  const house = await testHouse(t);
  const victims = [await member(house, ['finance_controller']), await member(house, ['data_analyst'])];
  const parts = { db: house.db, clock: house.clock, log: makeLogger('silent'), tenant: tenantOf };
  const raised = async (count: number) => {
    while ((await incidents(house.context())).length < count) await sleep(5);
  };
  // No poll ever: only a commit can wake it.
  const woken = new DetectionLoop({ ...parts, pollMs: 2 ** 30 });
  woken.start();
  await guess(house, victims[0] ?? '');
  await raised(1);
  await woken.stop();
  // Recorded while nobody listens, as by another process; long enough after to be an attack of its own.
  pass(house, 3 * 86_400_000);
  await guess(house, victims[1] ?? '');
  const polling = new DetectionLoop({ ...parts, pollMs: 1 });
  const inbox = await asOwner(house, 'delete from security.event_inbox returning *');
  polling.start();
  // Its first round finds nothing.
  await sleep(100);
  await asOwner(house, 'insert into security.event_inbox select $1, * from unnest($2::uuid[], $3::timestamptz[])', [
    ...[testTenants.a.id, inbox.map(({ id }) => id), inbox.map(({ at }) => at)],
  ]);
  await raised(2);
  await polling.stop();
});

test('a tenant that cannot be looked at does not keep the others unwatched', async (t) => {
  const house = await testHouse(t);
  for (const broken of ['a', 'b'] as const) {
    const [own, other] = [house.context({ tenant: broken }), house.context({ tenant: broken === 'a' ? 'b' : 'a' })];
    for (const context of [own, other]) await record(context, { kind: 'session.ended' });
    const tenant = (id: string) => (id === own.tenant.id ? Promise.reject(new Error('broken')) : tenantOf(id));
    await lookAll(new DetectionLoop({ db: house.db, clock: house.clock, log: makeLogger('silent'), tenant }));
    const left = await asOwner(house, 'select distinct tenant_id as id from security.event_inbox');
    assert.deepEqual(left, [{ id: own.tenant.id }]);
    await asOwner(house, 'delete from security.event_inbox');
    await endLease(house);
  }
});

test('what a process has seen is known to the one that takes over, and each event is looked at once', async (t) => {
  const house = await testHouse(t);
  const victim = await member(house, ['finance_controller']);
  const [first, second] = [loopOf(house), loopOf(house)];
  // Neither half is enough for an incident.
  await guess(house, victim, 1);
  await lookAll(first);
  await keepLease(house);
  await guess(house, victim, 1, 1_000);
  assert.equal(await second.round(), 0, 'the first process has the watch');
  assert.deepEqual(await incidents(house.context()), []);
  await first.stop();
  await lookAll(second);
  await guess(house, victim, 12);
  await Promise.all([lookAll(first), lookAll(second)]);
  await lookAll(second);
  const all = await incidents(house.context());
  assert.equal(all.length, 1);
  const evidence = await house.db.read(house.context(), (tx) => readEvidence(tx, all[0]?.id ?? ''));
  assert.equal(evidence.length, 14, 'also those from before');
  assert.deepEqual(await asOwner(house, 'select id from security.event_inbox'), []);
});

test('a rule’s remedy is taken once, within its limit, and a dry run only says what it would have done', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const [first, second] = [await member(house, ['finance_controller']), await member(house, ['data_analyst'])];
  const sessions = [await session(house, first), await session(house, second)];
  const loop = loopOf(house);
  await guess(house, first);
  await lookAll(loop);
  await setRule(context, 'brute-force', { mode: 'dry_run' });
  await guess(house, second);
  await lookAll(loop);
  const demanded = await asOwner(house, 'select id from identity.session where demanded_at is not null');
  assert.deepEqual(demanded, [{ id: sessions[0] }], 'the second one was left alone');
  const states = await asOwner(house, 'select target, state, taken_by from security.remedy order by at');
  assert.deepEqual(states, [
    { target: first, state: 'taken', taken_by: null },
    { target: second, state: 'dry_run', taken_by: null },
  ]);
});

test('a remedy that a process could not take any more, since it was killed, is taken by the one that watches next', async (t) => {
  const { house, victim, incident } = await attacked(t);
  const taken = () => asOwner(house, 'select incident_id as id, kind, target, state from security.remedy');
  const remedies = await taken();
  assert.deepEqual(remedies, [{ id: incident.id, kind: 'step_up', target: victim, state: 'taken' }]);
  await asOwner(house, 'delete from security.remedy');
  await endLease(house);
  await record(house.context(), { kind: 'session.ended', personId: victim });
  await lookAll(loopOf(house));
  assert.deepEqual(await taken(), remedies);
});

test('a rule that is switched off raises nothing', async (t) => {
  const house = await testHouse(t);
  await setRule(house.context(), 'brute-force', { enabled: false });
  await guess(house, await member(house, ['finance_controller']));
  await lookAll(loopOf(house));
  assert.deepEqual(await incidents(house.context()), []);
});

test('a lock by button can be undone; the last administrator is never locked, nor is oneself', async (t) => {
  const { house, victim, incident } = await attacked(t);
  const context = house.context();
  const locked = () => asOwner(house, 'select person_id from identity.membership where locked_at is not null');
  await assert.rejects(takeRemedy(context, incident.id, { kind: 'lock' }), { code: 'rule.violated' });
  assert.deepEqual(await locked(), [], 'there is no administrator left but them');
  await member(house, ['administrator']);
  await takeRemedy(context, incident.id, { kind: 'lock' });
  assert.deepEqual(await locked(), [{ person_id: victim }]);
  const remedies = await house.db.read(context, (tx) => readRemedies(tx, incident.id));
  const remedy = remedies.find(({ kind }) => kind === 'lock');
  await undoRemedy(context, incident.id, remedy?.id ?? '');
  assert.deepEqual(await locked(), []);
  await assert.rejects(undoRemedy(context, incident.id, remedy?.id ?? ''), { code: 'state.conflict' });
  const own = house.context({ userId: victim });
  await assert.rejects(takeRemedy(own, incident.id, { kind: 'lock' }), { code: 'auth.forbidden' });
});

test('an attack that goes on after its incident was closed is an incident again, and is told', async (t) => {
  const { house, victim, loop, incident } = await attacked(t);
  const context = house.context();
  await changeIncident(context, incident.id, { state: 'closed', verdict: 'false_alarm' }, undefined);
  pass(house, 3_600_000);
  await guess(house, victim);
  await lookAll(loop);
  const open = (await incidents(context)).filter(({ state }) => state !== 'closed');
  assert.deepEqual(
    open.map(({ id, rule }) => [id === incident.id, rule]),
    [[false, incident.rule]],
  );
  const told = await asOwner(
    house,
    `select data->>'incidentId' as id from event.outbox where type = 'security.incident.raised' order by seq`,
  );
  assert.deepEqual(
    told.map(({ id }) => id),
    [incident.id, open[0]?.id],
  );
});

test('undoing a remedy leaves what somebody else had set before, or asked for since, as it was', async (t) => {
  const { house, victim, loop, incident } = await attacked(t);
  const context = house.context();
  await member(house, ['administrator']);
  const sessionId = await session(house, victim);
  const [own] = await house.db.read(context, (tx) => readRemedies(tx, incident.id));
  await undoRemedy(context, incident.id, own?.id ?? '');
  // The administrator's, on one incident; then the same on another about the same person.
  const take = async (id: string, kind: 'lock' | 'step_up') => {
    pass(house, 1_000);
    await takeRemedy(context, id, { kind, target: victim });
    const remedies = await house.db.read(context, (tx) => readRemedies(tx, id));
    return remedies.findLast((one) => one.kind === kind)?.id ?? '';
  };
  await changeIncident(context, incident.id, { state: 'closed', verdict: 'attack' }, undefined);
  pass(house, 3 * 86_400_000);
  await guess(house, victim);
  await lookAll(loop);
  const later = (await incidents(context)).find(({ id }) => id !== incident.id);
  assert.ok(later);
  for (const one of await house.db.read(context, (tx) => readRemedies(tx, later.id))) {
    if (one.state === 'taken') await undoRemedy(context, later.id, one.id);
  }
  const demanded = async () =>
    (await asOwner(house, `select demanded_at is not null as held from identity.session where id = '${sessionId}'`))[0];
  const asked = [await take(incident.id, 'step_up'), await take(later.id, 'step_up')] as const;
  await undoRemedy(context, later.id, asked[1]);
  assert.deepEqual(await demanded(), { held: true }, 'the first one still asks');
  await undoRemedy(context, incident.id, asked[0]);
  assert.deepEqual(await demanded(), { held: false });

  const lock = async () =>
    (
      await asOwner(
        house,
        `select locked_reason from identity.membership where person_id = '${victim}' and locked_at is not null`,
      )
    )[0];
  const first = await take(incident.id, 'lock');
  const second = await take(later.id, 'lock');
  await undoRemedy(context, later.id, second);
  assert.deepEqual(await lock(), { locked_reason: `incident ${incident.id}` }, 'as it was before the second');
  const third = await take(later.id, 'lock');
  await undoRemedy(context, incident.id, first);
  assert.deepEqual(await lock(), { locked_reason: `incident ${later.id}` }, 'the later one goes on');
  await undoRemedy(context, later.id, third);
  assert.equal(await lock(), undefined);

  // By hand, on no incident.
  const byHand = await session(house, victim);
  const at = context.clock.now();
  await context.db.transact(context, (tx) => requireStepUp(tx, victim, at));
  pass(house, 3_700_000);
  await session(house, victim);
  await undoRemedy(context, later.id, await take(later.id, 'step_up'));
  const asks = `select id from identity.session where demanded_at is not null and person_id = '${victim}' and ended_at is null`;
  assert.deepEqual(await asOwner(house, asks), [{ id: byHand }], 'what was demanded before, and nothing else');
  await context.db.transact(context, (tx) => lockMembership(tx, victim, 'by hand', at));
  await undoRemedy(context, later.id, await take(later.id, 'lock'));
  assert.deepEqual(await lock(), { locked_reason: 'by hand' });
});

test('an event at which a rule fails is told as an incident, and everything after it is looked at', async (t) => {
  const house = await testHouse(t);
  const victim = await member(house, ['finance_controller']);
  const faulty: Rule = {
    ...{ ...unjudged, id: 'faulty', after: ['session.ended'] },
    look: (event) => {
      if (event.subjectId === 'poison') throw new TypeError('this rule cannot bear that');
      return { about: ['person:x'], evidence: [event], reasons: [{ because: 'x', points: Number.NaN }] };
    },
  };
  const context = house.context();
  await record(context, { kind: 'session.ended', subjectId: 'poison' });
  await guess(house, victim);
  await record(context, { kind: 'session.ended', subjectId: 'no number' });
  await lookAll(loopOf(house, [faulty, ...rules]));
  const found = await incidents(context);
  assert.deepEqual(found.map(({ rule, about: [first] }) => [rule, first]).sort(), [
    ['brute-force', `person:${victim}`],
    ['unjudged', 'rule:faulty'],
  ]);
  const [told] = found.filter(({ rule }) => rule === 'unjudged');
  const evidence = await house.db.read(context, (tx) => readEvidence(tx, told?.id ?? ''));
  assert.deepEqual(
    evidence.map(({ subjectId }) => subjectId),
    ['poison', 'no number'],
  );
  assert.deepEqual(await asOwner(house, 'select id from security.event_inbox'), [], 'nothing waits');
});

test('after a crash of the process that watches, an alert of another one is there within five seconds', {
  timeout: 180_000,
}, async (t) => {
  const house = await testHouse(t);
  const victim = await member(house, ['finance_controller']);
  const [first, second] = [loopOf(house), loopOf(house)];
  await guess(house, victim, 1);
  await lookAll(first);
  // It lives on without news, and keeps the watch anew, never for longer than was promised.
  await keepLease(house);
  while ((await leaseLeftMs(house)) > heldMs) {
    assert.equal(await second.round(), 0);
    await first.round();
    await sleep(20, undefined, { signal: t.signal });
  }
  assert.ok(heldMs + defaultPollMs <= 5_000);
  // Nothing is heard of the first any more.
  await keepLease(house);
  await guess(house, victim, 13, 1);
  assert.equal(await second.round(), 0);
  await endLease(house);
  await second.round();
  assert.equal((await incidents(house.context())).length, 1);
  // One that was only slow finds that it has lost the watch, and begins anew.
  assert.equal(await first.round(), 0);
  await guess(house, victim, 1);
  await Promise.all([lookAll(first), lookAll(second)]);
  assert.equal((await incidents(house.context())).length, 1);
});

test('processes whose clocks differ by an hour share the watch out all the same: one at a time, and at once after a crash', async (t) => {
  const house = await testHouse(t);
  const victim = await member(house, ['finance_controller']);
  const atMs = house.clock.now().getTime();
  const clockAt = (ms: number) => fixedClock(new Date(atMs + ms).toISOString());
  const [slow, fast] = [loopOf(house, rules, clockAt(-3_600_000)), loopOf(house, rules, clockAt(3_600_000))];
  for (const [holder, other] of [
    [slow, fast],
    [fast, slow],
  ] as const) {
    await guess(house, victim, 1);
    assert.equal(await holder.round(), 1);
    await keepLease(house);
    await guess(house, victim, 1);
    assert.equal(await other.round(), 0, 'the watch is another’s');
    assert.equal(await holder.round(), 1, 'who has it goes on');
    await endLease(house);
  }
  await guess(house, victim, 1);
  assert.equal(await slow.round(), 1);
});

test('the same is not done to somebody over and over', async (t) => {
  const { house, incident } = await attacked(t);
  const context = house.context();
  for (let n = 0; n < 2; n++) await takeRemedy(context, incident.id, { kind: 'end_sessions' });
  await takeRemedy(context, incident.id, { kind: 'end_sessions' });
  await assert.rejects(takeRemedy(context, incident.id, { kind: 'end_sessions' }), { code: 'rate.limited' });
  pass(house, 3_700_000);
  await takeRemedy(context, incident.id, { kind: 'end_sessions' });
});

test('attempts at accounts that nobody has count where they come from', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  for (let n = 0; n < 9; n++) {
    pass(house, 20_000);
    const from = { address: '198.51.100.7', device: 'a tool', outcome: 'refused' as const };
    const scope = { tenantId: null, at: house.clock.now(), requestId: 'r', newId: context.newId };
    await house.db.system((tx) =>
      appendSecurityEvent(tx, scope, { kind: 'sign_in.password', ...from, account: `nobody${n}` }),
    );
    if (n >= 7)
      await record(context, { kind: 'sign_in.password', ...from, personId: await member(house, ['data_analyst']) });
  }
  await lookAll(loopOf(house));
  assert.deepEqual(
    (await incidents(context)).map(({ rule }) => rule),
    ['password-spraying'],
  );
  assert.deepEqual(await asOwner(house, `select distinct tenant_id from security.incident`), [
    { tenant_id: testTenants.a.id },
  ]);
});

test('months come and go: what was recorded before its month was made is moved there, and 90 days are kept', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const at = async (instant: string) => {
    house.clock.set(instant);
    await record(context, { kind: 'session.ended' });
  };
  await at('2026-02-27T12:00:00Z');
  await at('2026-06-15T12:00:00Z');
  await loopOf(house).round();
  const where = async () =>
    (await asOwner(house, `select tableoid::regclass::text as part from security.event order by at`)).map(
      ({ part }) => part,
    );
  assert.deepEqual(await where(), ['security.event_2026_06'], 'the one from February was too old');
  await at('2026-07-31T23:59:59Z');
  house.clock.set('2026-10-15T12:00:00Z');
  await loopOf(house).round();
  assert.deepEqual(
    await where(),
    ['security.event_2026_07'],
    'June has been dropped, of July some is younger than 90 days',
  );
  await assert.rejects(
    house.db.transact(context, (tx) => tx.run(sql`select security.tend_event_months(now())`)),
    { code: '42501' },
  );
});

test('an amount is measured by the lowest limit that covers it', () => {
  const usd = (amount: string) => ({ amount, currency: 'USD' });
  const limits = [usd('50000'), usd('5000'), { amount: '4990', currency: 'EUR' }];
  assert.equal(shareOfLimit(usd('4990.00'), limits), 0.998);
  assert.equal(shareOfLimit(usd('5000.01'), limits), 0.1);
  assert.equal(shareOfLimit(usd('50000.01'), limits), null);
});

test('a key that tries what it may not, from elsewhere, is set aside and can be released', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const keyId = randomUUID();
  await asOwner(
    house,
    `with account as (
       insert into identity.service_account (tenant_id, id, name, permissions, created_by, created_at)
         values ($1, $2, 'Program', '{promotions:read}', $2, now()) returning tenant_id, id)
     insert into identity.api_key (tenant_id, id, service_account_id, name, hint, token_hash, permissions, created_by, created_at, expires_at)
       select tenant_id, id, id, 'Key', 'tak_', 'x', '{promotions:read}', id, now(), now() + interval '1 year' from account`,
    [testTenants.a.id, keyId],
  );
  const use = (address: string) => record(context, { kind: 'key.used', subjectId: keyId, address });
  for (let n = 0; n < 6; n++) {
    await use('192.0.2.1');
    pass(house, 86_400_000);
  }
  const loop = loopOf(house);
  await lookAll(loop);
  assert.deepEqual(await incidents(context), [], 'the same place day by day');
  const refuse = makeRefusalRecorder();
  await use('203.0.113.1');
  for (const permission of ['users:manage', 'audit:read', 'funds:write', 'users:manage'] as const) {
    pass(house, 5_000);
    await refuse(context, {
      permission,
      route: 'GET /x',
      sessionId: null,
      keyId,
      address: '203.0.113.1',
      device: 'curl',
    });
  }
  assert.equal(
    (await asOwner(house, `select id from security.event where kind = 'access.refused'`)).length,
    3,
    'each once a minute',
  );
  await lookAll(loop);
  const [incident] = await incidents(context);
  assert.deepEqual([incident?.rule, incident?.about], ['key-abuse', [`key:${keyId}`]]);
  const quarantined = () => asOwner(house, 'select id from identity.api_key where quarantined_at is not null');
  assert.deepEqual(await quarantined(), [{ id: keyId }]);
  const [remedy] = await house.db.read(context, (tx) => readRemedies(tx, incident?.id ?? ''));
  // Who made the program of the key is the one whom it is about.
  const maker = await member(house, ['administrator']);
  await asOwner(house, 'update identity.service_account set created_by = $1', [maker]);
  const own = house.context({ userId: maker });
  await assert.rejects(undoRemedy(own, incident?.id ?? '', remedy?.id ?? ''), { code: 'approval.own_work' });
  const falseAlarm = { state: 'closed', verdict: 'false_alarm' } as const;
  await assert.rejects(changeIncident(own, incident?.id ?? '', falseAlarm, undefined), { code: 'approval.own_work' });
  assert.deepEqual(await quarantined(), [{ id: keyId }]);
  await undoRemedy(context, incident?.id ?? '', remedy?.id ?? '');
  assert.deepEqual(await quarantined(), []);
});
