import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { securityControls } from '../compliance/security-controls.ts';
import { DetectionLoop } from '../detection/detection-loop.ts';
import { detectionRoutes } from '../detection/detection-routes.ts';
import { listIncidents } from '../detection/incident-store.ts';
import type { ReviewedProgram } from '../policy/review-programs.ts';
import { quarantineKey, withdrawQuarantine } from '../sign-in/remedies.ts';
import { everything, type TestSecurity, testSecurity } from '../test-security.ts';

async function program(house: TestSecurity, permissions: string[], keyPermissions = permissions) {
  const { token } = await house.signIn('admin');
  const account = await house.call('POST', '/service-accounts', {
    token,
    body: { name: 'Loader', permissions, scope: everything },
  });
  assert.equal(account.status, 201, JSON.stringify(account.body));
  const keys = `/service-accounts/${account.body.id}/keys`;
  const made = await house.call('POST', keys, {
    token,
    body: { name: 'first', permissions: keyPermissions, days: 30 },
  });
  return { admin: token, account: account.body, keys, made };
}

test('a key opens what both it and its service account may, is shown once, and the audit names the program', async (t) => {
  const house = await testSecurity(t);
  const { admin, account, keys, made } = await program(house, ['users:manage', 'audit:read'], ['users:manage']);
  assert.equal(made.status, 201);
  const { token: key } = made.body;
  assert.match(key, /^tak_[\w-]{43}$/);
  assert.equal((await house.call('GET', '/users', { token: key })).status, 200);
  assert.equal((await house.call('GET', '/audit', { token: key })).status, 403);
  const listed = await house.call('GET', keys, { token: admin });
  assert.ok(!JSON.stringify(listed.body).includes(key));
  const invitations = await house.call('POST', '/users/invitations', {
    token: admin,
    body: { email: 'a@b.example', roles: ['auditor'], scope: everything },
  });
  const withdrawn = await house.call('DELETE', `/users/invitations/${invitations.body.id}`, { token: key });
  assert.equal(withdrawn.status, 204);
  const client = new pg.Client({ connectionString: house.house.url });
  await client.connect();
  const { rows } = await client.query(`select actor_id from audit.entry where action = 'invitation.withdrawn'`);
  const kept = await client.query('select * from identity.api_key');
  await client.end();
  assert.deepEqual(rows, [{ actor_id: account.id }]);
  assert.ok(!JSON.stringify(kept.rows).includes(key.slice(8)), 'the key itself lies in the database');
  const narrowed = { token: admin, body: { permissions: ['audit:read'] } };
  assert.equal((await house.call('PATCH', `/service-accounts/${account.id}`, narrowed)).status, 200);
  assert.equal((await house.call('GET', '/users', { token: key })).status, 403);
});

test('a key never permits more than its owner: a program what it was given, a person what they hold', async (t) => {
  const house = await testSecurity(t);
  const { admin, keys } = await program(house, ['users:manage']);
  const beyond = await house.call('POST', keys, { token: admin, body: { name: 'x', permissions: ['audit:read'] } });
  assert.deepEqual([beyond.status, beyond.body.code], [422, 'rule.violated']);
  const approver = { name: 'Approver', permissions: ['promotions:approve'], scope: everything };
  assert.equal((await house.call('POST', '/service-accounts', { token: admin, body: approver })).status, 422);
  const kam = await house.signIn('kam');
  const own = (permissions: string[]) =>
    house.call('POST', '/auth/keys', { token: kam.token, body: { name: 'mine', permissions } });
  assert.equal((await own(['users:manage'])).status, 422);
  const mine = await own(['promotions:read', 'promotions:create']);
  assert.equal(mine.status, 201);
  const id = house.people.find(({ login }) => login === 'kam')?.id;
  const who = await house.security.authenticate(mine.body.token, '198.51.100.7');
  assert.deepEqual(
    [who.actor.kind, who.actor.id, [...who.actor.permissions].sort()],
    ['user', id, ['promotions:create', 'promotions:read']],
  );
  const patch = { token: (await house.signIn('admin')).token, body: { roles: ['auditor'] } };
  assert.equal((await house.call('PATCH', `/users/${id}`, patch)).status, 200);
  house.pass(5_000);
  const later = await house.security.authenticate(mine.body.token, '198.51.100.7');
  assert.deepEqual([...later.actor.permissions], ['promotions:read']);
});

test('who makes a key of a program reads it, so it permits nothing that they may not do themselves', async (t) => {
  const house = await testSecurity(t);
  const { admin, keys, made } = await program(house, ['users:manage', 'audit:read'], ['audit:read']);
  const role = { code: 'people_only', name: 'People only', permissions: ['users:manage'] };
  assert.equal((await house.call('POST', '/roles', { token: admin, body: role })).status, 201);
  const id = house.people.find(({ login }) => login === 'kam')?.id;
  const patch = { token: admin, body: { roles: ['people_only'] } };
  assert.equal((await house.call('PATCH', `/users/${id}`, patch)).status, 200);
  const { token } = await house.signIn('kam');
  const make = (permission: string) =>
    house.call('POST', keys, { token, body: { name: 'more', permissions: [permission] } });
  assert.deepEqual([(await make('audit:read')).status, (await make('users:manage')).status], [422, 201]);
  assert.equal((await house.call('POST', `${keys}/${made.body.id}/rotate`, { token })).status, 422);
});

test('a key proves nobody: it changes no rights, makes no keys, touches no factors and lets nothing of the trail go', async (t) => {
  const house = await testSecurity(t);
  const held = ['users:manage', 'privacy:manage'];
  const { account, keys, made } = await program(house, held);
  const { token } = made.body;
  const id = house.people.find(({ login }) => login === 'kam')?.id;
  const attempts: [Parameters<typeof house.call>[0], string, unknown][] = [
    ['POST', keys, { name: 'more', permissions: ['users:manage'] }],
    ['POST', '/service-accounts', { name: 'More', permissions: ['users:manage'], scope: everything }],
    ['PATCH', `/service-accounts/${account.id}`, { disabled: false }],
    ['PATCH', `/users/${id}`, { roles: ['administrator'] }],
    ['POST', '/roles', { code: 'more', name: 'More', permissions: ['users:manage'] }],
    ['POST', '/auth/keys', { name: 'more', permissions: ['users:manage'] }],
    ['POST', '/auth/totp', undefined],
    ['POST', '/auth/prove', { password: 'correct horse battery' }],
    ['PUT', '/sign-in-policy', { secondFactor: 'required' }],
    ['PUT', '/audit/retention', { retentionClass: 'financial', keepDays: 366 }],
    ['POST', `/audit/retention/changes/${id}/confirm`, undefined],
    ['POST', `/single-sign-on/changes/${id}/confirm`, undefined],
    ['POST', `/audit/legal-holds/${id}/release`, { note: 'settled' }],
  ];
  for (const [method, path, body] of attempts) {
    const refused = await house.call(method, path, { token, body });
    assert.deepEqual([refused.status, refused.body?.code], [403, 'auth.forbidden'], `${method} ${path}`);
  }
});

test('a revoked, expired, quarantined or disabled key opens nothing within five seconds, and a released one does again', async (t) => {
  const house = await testSecurity(t);
  const { admin, account, keys, made } = await program(house, ['users:manage']);
  const { id, token } = made.body;
  const works = async (key = token) => (await house.call('GET', '/users', { token: key })).status === 200;
  const context = house.house.context();
  assert.ok(await works());
  const at = context.clock.now();
  await context.db.transact(context, (tx) => quarantineKey(tx, id, 'an alert', at));
  house.pass(5_000);
  assert.ok(!(await works()));
  await context.db.transact(context, (tx) => withdrawQuarantine(tx, id, at, undefined));
  assert.ok(await works());
  const disable = (disabled: boolean) =>
    house.call('PATCH', `/service-accounts/${account.id}`, { token: admin, body: { disabled } });
  await disable(true);
  assert.ok(!(await works()));
  await disable(false);
  assert.ok(await works());
  const rotated = await house.call('POST', `${keys}/${id}/rotate`, { token: admin });
  assert.equal(rotated.status, 201);
  assert.ok((await works()) && (await works(rotated.body.token)));
  assert.equal((await house.call('DELETE', `${keys}/${rotated.body.id}`, { token: admin })).status, 204);
  assert.ok(!(await works(rotated.body.token)));
  house.pass(24 * 3_600_000);
  assert.ok(!(await works()), 'the replaced key works for one more day');
});

test('the access review shows programs with their keys as of any day, and who has read them; what somebody who left knows is told until it is rotated', async (t) => {
  const house = await testSecurity(t);
  const id = house.people.find(({ login }) => login === 'kam')?.id;
  const { account, keys } = await program(house, ['users:manage', 'audit:read'], ['users:manage']);
  const context = house.house.context();
  const rounds = async () => {
    const loop = new DetectionLoop({
      ...{ db: context.db, clock: context.clock, log: context.log },
      tenant: async () => context.tenant,
    });
    while ((await loop.round()) > 0);
    await loop.stop();
    const { items } = await context.db.read(context, (tx) => listIncidents(tx, {}, { limit: 50 }));
    return items.filter(({ rule }) => rule === 'key-left-behind').map(({ about }) => [...about].sort());
  };
  const control = () => {
    const { evidence } = securityControls.find(({ code }) => code === 'access.keys-are-known-to-members-only') ?? {};
    assert.ok(evidence?.kind === 'query');
    return context.db.read(context, async (tx) => (await evidence.ask(tx)).exceptions);
  };
  const day = 24 * 3_600_000;
  const change = async (body: unknown) => {
    const { token } = await house.signIn('admin');
    assert.equal((await house.call('PATCH', `/users/${id}`, { token, body })).status, 200);
  };
  await change({ roles: ['administrator'] });
  const kam = await house.signIn('kam');
  house.pass(1_000);
  const own = await house.call('POST', keys, {
    token: kam.token,
    body: { name: 'of kam', permissions: ['users:manage', 'audit:read'], days: 30 },
  });
  assert.equal(own.status, 201);
  assert.equal((await house.call('GET', '/users', { token: own.body.token })).status, 200);
  const usedAt = house.house.clock.now().toISOString();
  const spare = await house.call('POST', '/service-accounts', {
    token: kam.token,
    body: { name: 'Spare', permissions: ['audit:read'], scope: everything },
  });
  assert.equal(spare.status, 201);
  const start = house.house.clock.now().toISOString().slice(0, 10);

  house.pass(day);
  assert.deepEqual([await rounds(), await control()], [[], []]);
  await change({ disabled: true });
  const about = [`key:${own.body.id}`, `person:${id}`];
  assert.deepEqual(await rounds(), [about]);
  assert.equal((await control()).length, 1);
  const review = async (on?: string) => {
    const { token } = await house.signIn('admin');
    const { status, body } = await house.call('GET', `/compliance/access-review${on ? `?on=${on}` : ''}`, { token });
    assert.equal(status, 200, JSON.stringify(body));
    return body.programs as ReviewedProgram[];
  };
  const flags = (programs: ReviewedProgram[]) =>
    programs.map((one) => [
      ...[one.name, one.madeBy.active, one.orphaned],
      one.keys.map((key) => [key.name, key.madeBy.active, key.rotate]),
    ]);
  const loader = (leaver: boolean) => [
    'Loader',
    ...[true, false],
    [
      ['of kam', !leaver, leaver],
      ['first', true, false],
    ],
  ];
  assert.deepEqual(flags(await review()), [loader(true), ['Spare', false, true, []]]);
  assert.deepEqual(flags(await review(start)), [loader(false), ['Spare', true, false, []]], 'as it was then');
  const [, key] = (await review()).find(({ name }) => name === 'Loader')?.keys ?? [];
  assert.deepEqual([key?.permissions, key?.lastUsedAt], [['users:manage'], null]);
  const used = (await review(start)).flatMap((one) => one.keys).find(({ name }) => name === 'of kam');
  assert.deepEqual([used?.lastUsedAt, String(used?.expiresAt)], [usedAt, own.body.expiresAt]);

  const { token } = await house.signIn('admin');
  assert.equal((await house.call('POST', `${keys}/${own.body.id}/rotate`, { token })).status, 201);
  const narrowed = { token, body: { permissions: ['users:manage'] } };
  assert.equal((await house.call('PATCH', `/service-accounts/${account.id}`, narrowed)).status, 200);
  house.pass(2 * day);
  assert.deepEqual([await control(), await rounds()], [[], [about]]);
  const now = (await review()).find(({ name }) => name === 'Loader');
  assert.deepEqual(
    now?.keys.map(({ name, rotate, permissions }) => [name, rotate, permissions]),
    [
      ['of kam', false, ['users:manage']],
      ['first', false, ['users:manage']],
    ],
  );
  const then = (await review(start)).flatMap((one) => one.keys).find(({ name }) => name === 'of kam');
  assert.deepEqual([then?.permissions, String(then?.expiresAt)], [['audit:read', 'users:manage'], own.body.expiresAt]);
});

test('keys of programs that somebody has read who is demoted are named in an incident and in the review, each set aside or rotated alone', async (t) => {
  const house = await testSecurity(t);
  const { keys } = await program(house, ['users:manage', 'audit:read'], ['users:manage']);
  const id = house.people.find(({ login }) => login === 'kam')?.id;
  const change = async (roles: string[]) => {
    const { token } = await house.signIn('admin');
    assert.equal((await house.call('PATCH', `/users/${id}`, { token, body: { roles } })).status, 200);
    house.pass(1_000);
  };
  await change(['administrator']);
  const kam = await house.signIn('kam');
  const make = async (name: string) => {
    const body = { name, permissions: ['audit:read'], days: 30 };
    return (await house.call('POST', keys, { token: kam.token, body })).body;
  };
  const [one, other] = [await make('one'), await make('other')];
  // Still an administrator: nothing is beyond them.
  await change(['administrator', 'key_account_manager']);
  await change(['administrator']);
  const context = house.house.context();
  const incidents = async () => {
    const loop = new DetectionLoop({
      ...{ db: context.db, clock: context.clock, log: context.log },
      tenant: async () => context.tenant,
    });
    while ((await loop.round()) > 0);
    await loop.stop();
    const { items } = await context.db.read(context, (tx) => listIncidents(tx, {}, { limit: 50 }));
    return items.filter(({ rule }) => rule === 'key-left-behind');
  };
  const flagged = async () => {
    const { token } = await house.signIn('admin');
    const { body } = await house.call('GET', '/compliance/access-review', { token });
    const programs = body.programs as ReviewedProgram[];
    return programs
      .flatMap((of) => of.keys.filter((key) => key.rotate && !key.quarantined).map(({ name }) => name))
      .sort();
  };
  assert.deepEqual([await incidents(), await flagged()], [[], []]);
  await change(['auditor']);
  const [incident, ...more] = await incidents();
  assert.deepEqual(
    [incident?.about.toSorted(), more],
    [[`key:${one.id}`, `key:${other.id}`, `person:${id}`].sort(), []],
  );
  assert.match(incident?.reasons[0]?.because ?? '', /2 keys .* lost a right/);
  assert.deepEqual(await flagged(), ['one', 'other'], 'the auditor may still read the trail, but not handle keys');
  const { token } = await house.signIn('admin');
  const path = `/api/v1/security/incidents/${incident?.id}`;
  const officer = await house.house.server([...detectionRoutes]);
  const ask = async (method: 'GET' | 'POST', url: string, payload?: object) => {
    const asked = { method, url, headers: { authorization: 'Bearer a' }, ...(payload ? { payload } : {}) };
    const answer = await officer.inject(asked);
    return { status: answer.statusCode, body: answer.json() };
  };
  const named = async () => (await ask('GET', path)).body.keys;
  assert.deepEqual(
    (await named()).map((key: Record<string, unknown>) => [key.id, key.name, key.program, key.works]),
    [
      [one.id, 'one', 'Loader', true],
      [other.id, 'other', 'Loader', true],
    ],
  );
  const body = { kind: 'quarantine_key', target: other.id };
  const taken = await ask('POST', `${path}/remedies`, body);
  assert.deepEqual([taken.status, taken.body.remedies[0].targetName], [200, 'other'], JSON.stringify(taken.body));
  assert.deepEqual(
    (await named()).map(({ works }: { works: boolean }) => works),
    [true, false],
  );
  assert.equal((await house.call('POST', `${keys}/${one.id}/rotate`, { token })).status, 201);
  house.pass(24 * 3_600_000);
  assert.deepEqual(await flagged(), []);
});

test('an address that tries keys in vain is held up, and the programs of others are not', async (t) => {
  const house = await testSecurity(t);
  const { made } = await program(house, ['users:manage']);
  const guess = (i: number, address: string) =>
    house.call('GET', '/users', { token: `tak_${String(i).padStart(43, 'x')}`, address });
  const seen: number[] = [];
  for (let i = 0; i < 102; i++) seen.push((await guess(i, '203.0.113.9')).status);
  assert.deepEqual([seen[0], seen[99], seen[100], seen[101]], [401, 401, 429, 429]);
  assert.equal((await house.call('GET', '/users', { token: made.body.token, address: '198.51.100.7' })).status, 200);
});
