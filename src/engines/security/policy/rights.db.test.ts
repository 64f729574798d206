import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import type { Context } from '#context';
import { sql } from '#db';
import { teachScope } from '#scope';
import { testHouse, testTenants } from '../../../../test/house.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { asSuperuser } from '../audit/test-trail.ts';
import { DetectionLoop } from '../detection/detection-loop.ts';
import { listIncidents } from '../detection/incident-store.ts';
import { changeMember, changePerson, type PersonChange } from '../people/change-person.ts';
import { createDemoPeople } from '../people/create-demo-people.ts';
import { getPerson } from '../people/list-people.ts';
import { createKey } from '../service-accounts/manage-keys.ts';
import { changeServiceAccount, createServiceAccount } from '../service-accounts/manage-service-accounts.ts';
import { rightsAt, rightsHistory } from './access-review-store.ts';
import { decidingPermissions } from './deciding-permissions.ts';
import { changeRole, defineRole } from './define-role.ts';
import { knownConflicts, teachDuties } from './duties/duty-matrix.ts';
import { findBreaches } from './duties/duty-report-store.ts';
import { endExpiredExceptions } from './duties/end-exceptions.ts';
import { askException, decideException, endException } from './duties/except-duty.ts';
import { requireOtherHand } from './hands.ts';
import { keepPolicies } from './keep-policy.ts';
import { wholeReach } from './reach.ts';
import { predefinedRoles, type Role } from './roles.ts';

teachScope([]);
teachDuties([
  {
    duties: [
      {
        code: 'thing.make',
        name: 'make a thing',
        permissions: ['promotions:create'],
        traces: [{ entityType: 'thing', actions: ['thing.made'] }],
      },
      {
        code: 'thing.approve',
        name: 'approve a thing',
        permissions: ['promotions:approve'],
        traces: [{ entityType: 'thing', actions: ['thing.approved'] }],
      },
    ],
    conflicts: [
      {
        ...{
          code: 'thing.make-approve',
          first: 'thing.make',
          second: 'thing.approve',
          risk: 'Nobody else has looked.',
        },
        ...{ recordType: 'thing', onRecord: 'refused', inRoles: 'shown' },
      },
    ],
  },
]);

const node = '0190a000-0000-7000-8000-0000000000c1';

/** The demo's people, and a context of each by their login. */
async function members(t: TestContext) {
  const house = await testHouse(t, '2026-06-15T12:00:00Z');
  const people = await createDemoPeople(house.db, house.clock, testTenants.a.id, 'a long enough one');
  const idOf = (login: string) => people.find((one) => one.login === login)?.id ?? '';
  const as = (login: string): Context => house.context({ userId: idOf(login) });
  const change = (login: string, to: PersonChange) => changePerson(as('admin'), idOf(login), to, undefined);
  return { ...house, idOf, as, change };
}

test('who had which right on a day is told as it stood then, whatever became of roles and people since', async (t) => {
  const { clock, db, as, change, idOf } = await members(t);
  const rights = (login: string, at: string) =>
    db.read(as('admin'), async (tx) =>
      (await rightsAt(tx, new Date(at))).find(({ personId }) => personId === idOf(login)),
    );
  clock.set('2026-06-16T12:00:00Z');
  await defineRole(as('admin'), { code: 'planner', name: 'Planner', permissions: ['promotions:create'] });
  await change('kam', {
    roles: ['planner'],
    scope: { customers: [node], products: null },
    limits: [{ permission: 'claims:settle', currency: 'EUR', amount: '50.00' }],
  });
  clock.set('2026-06-17T12:00:00Z');
  await changeRole(as('admin'), 'planner', { permissions: ['promotions:read'] }, undefined);
  clock.set('2026-06-18T12:00:00Z');
  await change('kam', { disabled: true });

  assert.equal(await rights('kam', '2026-06-15T11:59:59Z'), undefined, 'not a member yet');
  const first = await rights('kam', '2026-06-16T11:00:00Z');
  assert.deepEqual([first?.roles, first?.scope], [['key_account_manager'], { customers: null, products: null }]);
  const then = await rights('kam', '2026-06-17T11:00:00Z');
  assert.deepEqual(
    [then?.roles, [...(then?.permissions ?? [])], then?.scope.customers],
    [['planner'], ['promotions:create'], [node]],
  );
  assert.deepEqual(then?.limits, [{ permission: 'claims:settle', currency: 'EUR', amount: '50.00' }]);
  assert.deepEqual(
    [...((await rights('kam', '2026-06-17T13:00:00Z'))?.permissions ?? [])],
    ['promotions:read'],
    'the role as it was then',
  );
  assert.deepEqual(
    [(await rights('kam', '2026-06-18T11:00:00Z'))?.active, (await rights('kam', '2026-06-18T12:00:00Z'))?.active],
    [true, false],
  );
  const history = await db.read(as('admin'), (tx) => rightsHistory(tx, idOf('kam')));
  assert.deepEqual(
    history.slice(0, -1).map(({ active, permissions, since }) => [active, [...permissions][0], since.toISOString()]),
    [
      [false, 'promotions:read', '2026-06-18T12:00:00.000Z'],
      [true, 'promotions:read', '2026-06-17T12:00:00.000Z'],
      [true, 'promotions:create', '2026-06-16T12:00:00.000Z'],
    ],
    'a role that changes changes the rights of those who hold it',
  );
  assert.deepEqual(history.at(-1)?.roles, ['key_account_manager']);
  const since = async (at: string) => (await rights('kam', at))?.since.toISOString();
  assert.deepEqual(
    [await since('2026-06-17T11:00:00Z'), await since('2026-06-17T13:00:00Z')],
    ['2026-06-16T12:00:00.000Z', '2026-06-17T12:00:00.000Z'],
  );
});

test('a release that changes a predefined role changes nobody’s rights of yesterday, and the trail says what it changed', async (t) => {
  const house = await members(t);
  const { clock, db, as, idOf } = house;
  const rights = (at: string) =>
    db.read(as('admin'), async (tx) =>
      (await rightsAt(tx, new Date(at))).find(({ personId }) => personId === idOf('kam')),
    );
  const [kam, ...others] = predefinedRoles;
  assert.ok(kam?.code === 'key_account_manager');
  const today = [...kam.permissions].sort();
  clock.set('2026-06-16T12:00:00Z');
  await keepPolicies({ db, clock });
  clock.set('2026-06-17T12:00:00Z');
  const next: Role[] = [{ ...kam, permissions: ['claims:settle', 'promotions:read'] }, ...others];
  await Promise.all([keepPolicies({ db, clock }, next), keepPolicies({ db, clock }, next)]);
  clock.set('2026-06-18T12:00:00Z');
  await keepPolicies({ db, clock }, others);
  const then = async (at: string) => {
    const one = await rights(at);
    return [[...(one?.permissions ?? [])].sort(), one?.since.toISOString(), one?.seeded];
  };
  const start = '2026-06-15T12:00:00.000Z';
  assert.deepEqual(await then('2026-06-15T13:00:00Z'), [today, start, true], 'before anybody kept a record');
  assert.deepEqual(await then('2026-06-17T11:00:00Z'), [today, start, false]);
  const after = ['claims:settle', 'promotions:read'];
  assert.deepEqual(await then('2026-06-18T11:00:00Z'), [after, '2026-06-17T12:00:00.000Z', false]);
  assert.deepEqual(await then('2026-06-19T11:00:00Z'), [[], '2026-06-18T12:00:00.000Z', false], 'the role is gone');
  const history = await db.read(as('admin'), (tx) => rightsHistory(tx, idOf('kam')));
  assert.deepEqual(
    history.map(({ permissions, seeded }) => [permissions.size, seeded]),
    [
      [0, false],
      [2, false],
      [today.length, true],
    ],
  );
  const told = await asSuperuser(
    house,
    `select action, before::json->'key_account_manager' as before, after::json->'roles'->'key_account_manager' as after
     from audit.entry where entity_type = 'policy' and tenant_id = $1 order by at`,
    [testTenants.a.id],
  );
  assert.deepEqual(told, [
    { action: 'policy.recorded', before: null, after: today },
    { action: 'policy.changed', before: today, after },
    { action: 'policy.changed', before: after, after: [] },
  ]);
});

test('the history of rights is written whoever changes them, and nobody can alter it', async (t) => {
  const { url, db, as, idOf } = await members(t);
  const owner = new pg.Client({ connectionString: url });
  await owner.connect();
  await owner.query(`update identity.membership set roles = '{administrator}' where person_id = $1`, [idOf('kam')]);
  await owner.end();
  const history = await db.read(as('admin'), (tx) => rightsHistory(tx, idOf('kam')));
  assert.deepEqual(
    history.map(({ roles }) => roles[0]),
    ['administrator', 'key_account_manager'],
  );
  for (const table of ['membership_history', 'role_history', 'predefined_role_history']) {
    for (const statement of [`update identity.${table} set seeded = true`, `delete from identity.${table}`]) {
      await assert.rejects(
        db.transact(as('admin'), (tx) => tx.run(sql.raw(statement))),
        { code: '42501' },
        statement,
      );
    }
  }
});

test('limits and parts that make no sense are refused', async (t) => {
  const { change } = await members(t);
  const limit = { permission: 'claims:settle', currency: 'USD', amount: '5.00' };
  await assert.rejects(change('kam', { limits: [limit, { ...limit, amount: '9.00' }] }), { code: 'rule.violated' });
  teachScope([{ trees: [{ side: 'customer', expand: async () => ({ within: [], above: [], nodes: 0 }) }] }]);
  t.after(() => teachScope([]));
  await assert.rejects(change('kam', { scope: { customers: [node], products: null } }), { code: 'rule.violated' });
});

test('nobody gets both sides of a conflict that roles refuse, unless somebody else granted an exception that still holds', async (t) => {
  const { clock, change, as, idOf } = await members(t);
  const conflict = 'rights.give-decide';
  const both = { code: 'both', name: 'Both', permissions: ['users:manage', 'claims:settle'] as const };
  await assert.rejects(defineRole(as('admin'), both), { code: 'rule.violated' });
  for (const permission of decidingPermissions) {
    const own = { code: 'own', name: 'Own', permissions: ['users:manage', permission] as const };
    await assert.rejects(defineRole(as('admin'), own), { code: 'rule.violated' }, permission);
  }
  const plain = { roles: ['administrator', 'auditor'] };
  assert.deepEqual((await change('kam', plain)).roles, plain.roles, 'an administrator may be an administrator');
  await change('kam', { roles: ['key_account_manager'] });
  const roles = ['administrator', 'finance_controller'];
  await assert.rejects(change('finance', { roles }), {
    code: 'rule.violated',
    message: /give people rights.*claims:settle/,
  });
  const input = {
    personId: idOf('finance'),
    conflict,
    reason: 'the other administrator is ill',
    expiresOn: '2026-06-20',
  };
  await assert.rejects(askException(as('admin'), { ...input, expiresOn: '2026-06-14' }), { code: 'rule.violated' });
  const { id } = await askException(as('admin'), input);
  const grant = (login: string) => decideException(as(login), id, undefined, { outcome: 'granted' });
  await assert.rejects(change('finance', { roles }), { code: 'rule.violated' }, 'asked is not granted');
  for (const login of ['admin', 'finance']) await assert.rejects(grant(login), { code: 'approval.own_work' }, login);
  await grant('director');
  assert.deepEqual((await change('finance', { roles })).roles, roles);
  await assert.rejects(grant('auditor'), { code: 'state.conflict' }, 'decided already');
  await change('finance', { roles: ['finance_controller'] });
  clock.set('2026-06-21T12:00:00Z');
  await assert.rejects(change('finance', { roles }), { code: 'rule.violated' }, 'it has expired');
  clock.set('2026-06-20T12:00:00Z');
  await endException(as('admin'), id, undefined);
  await assert.rejects(change('finance', { roles }), { code: 'rule.violated' }, 'it was ended');
});

test('an exception takes with it what it allowed when its last day is over: roles go back, the trail and an alert say so, none of it twice', async (t) => {
  const house = await members(t);
  const { clock, db, change, as, idOf } = house;
  const roles = ['administrator', 'finance_controller'];
  const except = async (login: string, expiresOn: string) => {
    const input = { personId: idOf(login), conflict: 'rights.give-decide', reason: 'the other is ill', expiresOn };
    const { id } = await askException(as('admin'), input);
    await decideException(as('director'), id, undefined, { outcome: 'granted' });
    return id;
  };
  clock.set('2026-06-15T13:00:00Z');
  const first = await except('finance', '2026-06-20');
  clock.set('2026-06-15T14:00:00Z');
  await change('finance', { roles });
  await except('finance', '2026-06-22');
  // Both sides in one role that they had before: nothing was given under the exception that could be taken back.
  const had = await except('legal', '2026-06-22');
  await asSuperuser(
    house,
    `update identity.role set permissions = '{users:manage,periods:close}', changed_at = $1 where code = 'legal'`,
    [clock.now()],
  );
  const rolesOf = async () => (await db.read(as('admin'), (tx) => getPerson(tx, idOf('finance')))).roles;
  const end = () => endExpiredExceptions({ db, clock, log: as('admin').log });
  const entries = async () => {
    const found = await asSuperuser(
      house,
      `select entity_id as id, after::json->'taken' as taken, after::json->'both' as both from audit.entry
       where action = 'duty_exception.expired' order by at, id`,
    );
    return found.map(({ id, taken, both }) => [id, taken, both]);
  };
  // Midnight is New York's.
  clock.set('2026-06-21T03:59:59Z');
  await end();
  assert.deepEqual(await entries(), []);
  clock.set('2026-06-21T04:00:00Z');
  await Promise.all([end(), end()]);
  assert.deepEqual([await rolesOf(), await entries()], [roles, [[first, [], false]]], 'another one goes on');
  clock.set('2026-06-23T12:00:00Z');
  await Promise.all([end(), end()]);
  await end();
  assert.deepEqual(await rolesOf(), ['finance_controller']);
  const [, ...later] = await entries();
  assert.deepEqual(later.map(([id, taken, both]) => [id === had, taken, both]).sort(), [
    [false, ['administrator'], false],
    [true, [], true],
  ]);
  const tenant = async () => testTenants.a;
  const loop = new DetectionLoop({ db, clock, log: as('admin').log, tenant });
  while ((await loop.round()) > 0);
  const { items } = await db.read(as('admin'), (tx) => listIncidents(tx, {}, { limit: 50 }));
  assert.deepEqual(
    items
      .filter(({ rule }) => rule === 'duty-exception-over')
      .map(({ about }) => about[0])
      .sort(),
    [`person:${idOf('finance')}`, `person:${idOf('legal')}`].sort(),
  );
});

test('the last administrator stays one when an exception is over, and that they can do both is said', async (t) => {
  const house = await members(t);
  const { clock, db, change, as, idOf } = house;
  const input = { personId: idOf('finance'), conflict: 'rights.give-decide', reason: 'the other is ill' };
  const { id } = await askException(as('admin'), { ...input, expiresOn: '2026-06-20' });
  await decideException(as('director'), id, undefined, { outcome: 'granted' });
  clock.set('2026-06-16T12:00:00Z');
  await change('finance', { roles: ['administrator', 'finance_controller'] });
  await changePerson(as('finance'), idOf('admin'), { disabled: true }, undefined);
  clock.set('2026-06-23T12:00:00Z');
  await endExpiredExceptions({ db, clock, log: as('admin').log });
  const told = await asSuperuser(
    house,
    `select after::json->'taken' as taken, after::json->'both' as both from audit.entry
     where action = 'duty_exception.expired'`,
  );
  assert.deepEqual(told, [{ taken: [], both: true }]);
});

test('roles that somebody gives at the very moment in which the exception ends, or in which the role comes to permit more, never leave one with both', async (t) => {
  const house = await members(t);
  const { clock, db, as, idOf } = house;
  const rolesOf = async () => (await db.read(as('admin'), (tx) => getPerson(tx, idOf('finance')))).roles;
  /** Lets `other` begin while a change of `finance` has not committed yet; it ends first only if it does not wait. */
  const beside = async (roles: string[], other: () => Promise<unknown>) => {
    let began: Promise<unknown> | undefined;
    let isOver = false;
    const waiting = `select from pg_locks join pg_database on pg_database.oid = database
      where datname = current_database() and locktype = 'advisory' and not granted`;
    await db.transact(as('admin'), async (tx) => {
      await changeMember(tx, idOf('finance'), { roles }, undefined);
      const over = () => {
        isOver = true;
      };
      began = other();
      began.then(over, over);
      while (!isOver && (await asSuperuser(house, waiting)).length === 0);
    });
    await began;
  };
  const both = ['administrator', 'finance_controller'];
  const input = { personId: idOf('finance'), conflict: 'rights.give-decide', reason: 'the other is ill' };
  const { id } = await askException(as('admin'), { ...input, expiresOn: '2026-06-20' });
  await decideException(as('director'), id, undefined, { outcome: 'granted' });
  clock.set('2026-06-16T12:00:00Z');
  await beside(both, () => endException(as('director'), id, undefined));
  assert.deepEqual(await rolesOf(), ['finance_controller']);

  await defineRole(as('admin'), { code: 'helper', name: 'Helper', permissions: ['promotions:read'] });
  const widen = () => changeRole(as('admin'), 'helper', { permissions: ['users:manage'] }, undefined);
  await assert.rejects(
    beside(['finance_controller', 'helper'], widen),
    { code: 'rule.violated' },
    'it waits, and sees who holds it',
  );
});

test('no program gets both sides of a refused conflict, not even from somebody whom an exception lets do both', async (t) => {
  const { clock, change, as, idOf } = await members(t);
  const input = { personId: idOf('finance'), conflict: 'rights.give-decide', reason: 'the other is ill' };
  const { id } = await askException(as('admin'), { ...input, expiresOn: '2026-06-20' });
  await decideException(as('director'), id, undefined, { outcome: 'granted' });
  clock.set('2026-06-16T12:00:00Z');
  await change('finance', { roles: ['administrator', 'finance_controller'] });
  // Its key would go on working when the exception is over.
  const facts = { name: 'Helper', ...wholeReach, joinScope: null };
  const both = createServiceAccount(as('finance'), { ...facts, permissions: ['users:manage', 'claims:settle'] });
  await assert.rejects(both, { code: 'rule.violated' });
  const one = await createServiceAccount(as('finance'), { ...facts, permissions: ['users:manage'] });
  const wider = { permissions: ['users:manage', 'claims:settle'] };
  await assert.rejects(changeServiceAccount(as('finance'), one.id, wider, undefined), { code: 'rule.violated' });
});

test('what an exception allowed goes back also where something else is left that cannot', async (t) => {
  const { clock, db, change, as, idOf } = await members(t);
  await defineRole(as('admin'), { code: 'giver', name: 'Giver', permissions: ['users:manage'] });
  await defineRole(as('admin'), { code: 'reader', name: 'Reader', permissions: ['promotions:read'] });
  await change('kam', { roles: ['giver', 'reader'] });
  const input = { personId: idOf('kam'), conflict: 'rights.give-decide', reason: 'the other is ill' };
  const { id } = await askException(as('admin'), { ...input, expiresOn: '2026-06-20' });
  await decideException(as('director'), id, undefined, { outcome: 'granted' });
  clock.set('2026-06-16T12:00:00Z');
  await changeRole(as('admin'), 'reader', { permissions: ['promotions:read', 'periods:close'] }, undefined);
  clock.set('2026-06-17T12:00:00Z');
  await change('kam', { roles: ['giver', 'reader', 'finance_controller'] });
  await endException(as('admin'), id, undefined);
  assert.deepEqual((await db.read(as('admin'), (tx) => getPerson(tx, idOf('kam')))).roles, ['giver', 'reader']);
});

test('a role is not widened to both sides of a refused conflict for those who hold the other side', async (t) => {
  const { as, change } = await members(t);
  await defineRole(as('admin'), { code: 'helper', name: 'Helper', permissions: ['promotions:read'] });
  await change('finance', { roles: ['finance_controller', 'helper'] });
  const wider = changeRole(as('admin'), 'helper', { permissions: ['users:manage'] }, undefined);
  await assert.rejects(wider, { code: 'rule.violated' });
});

test('the report finds who made and approved the same record, and says where an exception held', async (t) => {
  const { clock, db, as, idOf } = await members(t);
  const things = [
    '0190a000-0000-7000-8000-0000000000d1',
    '0190a000-0000-7000-8000-0000000000d2',
    '0190a000-0000-7000-8000-0000000000d3',
  ];
  const act = (login: string, action: string, entityId: string | undefined) =>
    db.transact(as(login), (tx) => recordAudit(tx, { action, entityType: 'thing', entityId: entityId ?? '' }));
  const [alone, apart, later] = things;
  await act('kam', 'thing.made', alone);
  await act('kam', 'thing.made', apart);
  await act('marketing', 'thing.approved', apart);
  await act('marketing', 'thing.approved', later);
  clock.set('2026-06-16T12:00:00Z');
  await act('kam', 'thing.approved', alone);
  await act('marketing', 'thing.made', later);
  const [conflict] = knownConflicts().filter(({ code }) => code === 'thing.make-approve');
  assert.ok(conflict);
  const report = (from: string, to: string) =>
    db.read(as('auditor'), (tx) => findBreaches(tx, conflict, { from: new Date(from), to: new Date(to) }));
  const found = await report('2026-06-01', '2026-07-01');
  assert.deepEqual(
    found.map((one) => [one.personId, one.recordId, one.firstAction, one.secondAction, one.exceptionId]),
    [[idOf('kam'), alone, 'thing.made', 'thing.approved', null]],
    'not those who approved first and made something of it afterwards',
  );
  assert.deepEqual(await report('2026-06-01', '2026-06-16'), [], 'the second was done later');
  const { id } = await askException(as('admin'), {
    ...{ personId: idOf('marketing'), conflict: conflict.code, reason: 'alone in the office', expiresOn: '2026-06-17' },
  });
  await decideException(as('director'), id, undefined, { outcome: 'granted' });
  clock.set('2026-06-17T12:00:00Z');
  await act('marketing', 'thing.approved', later);
  assert.deepEqual(
    (await report('2026-06-17', '2026-07-01')).map(({ exceptionId }) => exceptionId),
    [id],
  );
});

test('a program is no second identity: who made it or a key of it decides nothing that it made, and the report says so', async (t) => {
  const { db, as, idOf, change } = await members(t);
  const account = (login: string, name: string) =>
    createServiceAccount(as(login), { name, permissions: ['promotions:read'], ...wholeReach, joinScope: null });
  const [loader, checker, other] = [
    (await account('admin', 'Loader')).id,
    (await account('admin', 'Checker')).id,
    (await account('finance', 'Other')).id,
  ];
  const key = { name: 'k', permissions: ['promotions:read'], days: 1 };
  await createKey(as('director'), { serviceAccountId: loader }, key);
  const program = (id: string): Context => {
    const context = as('admin');
    return { ...context, actor: { ...context.actor, kind: 'service', id } };
  };
  const decides = (who: Context, made: string) =>
    db
      .read(who, (tx) => requireOtherHand(tx, [made]))
      .then(
        () => 'decides',
        (error) => error.code,
      );
  const own = 'approval.own_work';
  assert.equal(await decides(as('admin'), loader), own, 'who made the program');
  assert.equal(await decides(as('director'), loader), own, 'who made a key of it');
  assert.equal(await decides(program(loader), idOf('admin')), own, 'the program of the maker');
  assert.equal(await decides(program(checker), loader), own, 'two programs of one person');
  assert.equal(await decides(program(other), loader), 'decides');
  assert.equal(await decides(as('finance'), loader), 'decides');
  await assert.rejects(
    changePerson(program(loader), idOf('admin'), { roles: ['administrator', 'auditor'] }, undefined),
    { code: 'auth.forbidden' },
  );
  await changePerson(program(loader), idOf('kam'), { roles: ['auditor'] }, undefined);

  const act = (who: Context, action: string, entityId: string) =>
    db.transact(who, (tx) => recordAudit(tx, { action, entityType: 'thing', entityId }));
  const [through, apart] = ['0190a000-0000-7000-8000-0000000000e1', '0190a000-0000-7000-8000-0000000000e2'];
  for (const thing of [through, apart]) await act(program(loader), 'thing.made', thing);
  await act(program(checker), 'thing.approved', through);
  await act(program(other), 'thing.approved', apart);
  const [conflict] = knownConflicts().filter(({ code }) => code === 'thing.make-approve');
  assert.ok(conflict);
  const all = { from: new Date('2026-06-01'), to: new Date('2026-07-01') };
  const found = await db.read(as('auditor'), (tx) => findBreaches(tx, conflict, all));
  assert.deepEqual(
    found.map((one) => [one.personId, one.recordId, one.firstActorId, one.secondActorId]),
    [[idOf('admin'), through, loader, checker]],
  );
  await defineRole(as('admin'), { code: 'mine', name: 'Mine', permissions: ['users:manage'] });
  await change('legal', { roles: ['mine'] });
  const more = changeRole(as('legal'), 'mine', { permissions: ['users:manage', 'audit:read'] }, undefined);
  await assert.rejects(more, { code: 'auth.forbidden' }, 'nobody adds to a role of their own');
});
