import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { sql } from '#db';
import { testTenants } from '../../../../test/house.ts';
import { everything, raceBehindLock, type TestSecurity, testSecurity } from '../test-security.ts';
import { createDemoPeople } from './create-demo-people.ts';
import { managerOf } from './managers.ts';

function idOf(house: TestSecurity, login: string): string {
  return house.people.find((person) => person.login === login)?.id ?? '';
}

async function auditActions(house: TestSecurity, query: string): Promise<string[]> {
  const { token } = await house.signIn('auditor');
  const { body } = await house.call('GET', `/audit?${query}`, { token });
  return body.items.map((item: { action: string }) => item.action);
}

test('people are listed page by page with roles, limits and permissions, to administrators only', async (t) => {
  const house = await testSecurity(t);
  const { token } = await house.signIn('admin');
  const names: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const { body } = await house.call('GET', `/users?limit=4${query}`, { token });
    names.push(...body.items.map((item: { name: string }) => item.name));
    cursor = body.nextCursor;
  }
  assert.equal(names.length, 9);
  assert.deepEqual(names, [...names].sort());
  const found = await house.call('GET', '/users?search=director@&disabled=false', { token });
  assert.deepEqual(found.body.items[0].approvalLimit, { amount: '50000.00', currency: 'USD' });
  assert.ok(found.body.items[0].permissions.includes('promotions:approve'));
  assert.equal((await house.call('GET', '/users?search=100%25', { token })).body.items.length, 0);
  const kam = await house.signIn('kam');
  assert.equal((await house.call('GET', '/users', { token: kam.token })).status, 403);
});

test('people of another tenant do not exist: not in lists, not by id, not for changes', async (t) => {
  const house = await testSecurity(t);
  const { db, clock } = house.house;
  const others = await createDemoPeople(db, clock, testTenants.b.id, 'another password', 'other.example');
  const { token } = await house.signIn('admin');
  const list = await house.call('GET', '/users?limit=200', { token });
  assert.equal(list.body.items.length, 9);
  const people = await house.call('GET', '/people', { token });
  assert.equal(people.body.items.length, 9);
  for (const { id } of others) {
    assert.ok(!JSON.stringify([list.body, people.body]).includes(id));
    assert.equal((await house.call('GET', `/users/${id}`, { token })).status, 404);
    assert.equal((await house.call('PATCH', `/users/${id}`, { token, body: { disabled: true } })).status, 404);
  }
  const login = { email: 'kam@other.example', password: 'another password' };
  assert.equal((await house.call('POST', '/auth/login', { body: login })).status, 200);
});

test('a change of roles holds from the next request on, is audited with before and after, and needs the right version', async (t) => {
  const house = await testSecurity(t);
  const admin = await house.signIn('admin');
  const kam = await house.signIn('kam');
  const id = idOf(house, 'kam');
  assert.equal((await house.call('GET', '/audit', { token: kam.token })).status, 403);
  const body = { roles: ['auditor', 'director'], approvalLimit: { amount: '12500.5', currency: 'USD' } };
  const changed = await house.call('PATCH', `/users/${id}`, {
    token: admin.token,
    body,
    headers: { 'if-match': '"1"' },
  });
  assert.equal(changed.status, 200);
  assert.equal(changed.headers.etag, '"2"');
  assert.deepEqual(changed.body.approvalLimit, { amount: '12500.50', currency: 'USD' });
  assert.equal((await house.call('GET', '/audit', { token: kam.token })).status, 200);
  const stale = await house.call('PATCH', `/users/${id}`, { token: admin.token, body, headers: { 'if-match': '"1"' } });
  assert.equal(stale.status, 409);
  assert.equal(stale.body.code, 'version.conflict');
  const trail = await house.call('GET', `/audit?entityId=${id}&action=person.changed`, { token: kam.token });
  assert.equal(trail.body.items.length, 1);
  const [entry] = trail.body.items;
  assert.equal(entry.actorName, 'Adam Quist');
  assert.deepEqual(entry.before.roles, ['key_account_manager']);
  assert.deepEqual(entry.after.roles, ['auditor', 'director']);
  const unknown = await house.call('PATCH', `/users/${id}`, { token: admin.token, body: { roles: ['emperor'] } });
  assert.equal(unknown.status, 422);
});

test('a disabled person is out at once and stays out after being admitted again until they sign in', async (t) => {
  const house = await testSecurity(t);
  const admin = await house.signIn('admin');
  const kam = await house.signIn('kam');
  const set = (disabled: boolean) =>
    house.call('PATCH', `/users/${idOf(house, 'kam')}`, { token: admin.token, body: { disabled } });
  assert.equal((await house.call('GET', '/auth/me', { token: kam.token })).status, 200);
  assert.equal((await set(true)).body.disabled, true);
  assert.equal((await house.call('GET', '/auth/me', { token: kam.token })).status, 401);
  assert.equal((await house.call('POST', '/auth/refresh', { cookie: kam.cookie })).status, 401);
  assert.equal((await set(false)).body.disabled, false);
  assert.equal((await house.call('GET', '/auth/me', { token: kam.token })).status, 401);
  assert.equal((await house.call('GET', '/auth/me', { token: (await house.signIn('kam')).token })).status, 200);
});

test('nobody changes their own rights, and a tenant keeps an administrator even when two remove each other at once', async (t) => {
  const house = await testSecurity(t);
  const admin = await house.signIn('admin');
  const self = await house.call('PATCH', `/users/${admin.user.id}`, { token: admin.token, body: { disabled: false } });
  assert.equal(self.status, 403);
  const second = idOf(house, 'analyst');
  await house.call('PATCH', `/users/${second}`, { token: admin.token, body: { roles: ['administrator'] } });
  const other = await house.signIn('analyst');
  const demote = { roles: ['auditor'] };
  const lock = 'select from identity.membership for update';
  const answers = await raceBehindLock(house.house, lock, [
    () => house.call('PATCH', `/users/${second}`, { token: admin.token, body: demote }),
    () => house.call('PATCH', `/users/${admin.user.id}`, { token: other.token, body: demote }),
  ]);
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [200, 422]);
});

test('an invitation carries roles and a limit, shows among the open ones without its link, and refuses members', async (t) => {
  const house = await testSecurity(t);
  const { token } = await house.signIn('admin');
  const body = {
    email: 'New@Maker.example',
    name: 'Nora Bell',
    roles: ['trade_marketing_manager'],
    scope: everything,
    approvalLimit: { amount: '7000', currency: 'USD' },
  };
  const invited = await house.call('POST', '/users/invitations', { token, body });
  assert.equal(invited.status, 201);
  const open = await house.call('GET', '/users/invitations', { token });
  assert.equal(open.body.items[0].email, 'new@maker.example');
  const secret = new URL(invited.body.link).hash.slice('#token='.length);
  assert.ok(secret);
  assert.ok(!JSON.stringify(open.body).includes(secret));
  const joined = await house.call('POST', '/auth/accept', { body: { token: secret, password: 'a long enough one' } });
  assert.equal(joined.body.user.name, 'Nora Bell');
  assert.deepEqual(joined.body.user.approvalLimit, { amount: '7000.00', currency: 'USD' });
  assert.equal((await house.call('GET', '/users/invitations', { token })).body.items.length, 0);
  assert.equal((await house.call('POST', '/users/invitations', { token, body })).status, 409);
  const euros = { ...body, email: 'x@maker.example', approvalLimit: { amount: '7000', currency: 'EUR' } };
  assert.equal((await house.call('POST', '/users/invitations', { token, body: euros })).status, 422);
  assert.deepEqual(await auditActions(house, 'entityType=invitation'), ['invitation.created']);
});

test('where mails are delivered the inviter does not see the link', async (t) => {
  const house = await testSecurity(t, true);
  const { token } = await house.signIn('admin');
  const body = { email: 'new@maker.example', roles: ['auditor'], scope: everything };
  const invited = await house.call('POST', '/users/invitations', { token, body });
  assert.equal(invited.body.link, null);
  await house.security.close();
  assert.match(house.mails[0]?.text ?? '', /http:\/\/localhost:3000\/accept#token=[\w-]{43}/);
});

test('a custom role gives its holders what it says as soon as it says so; the six cannot be redefined', async (t) => {
  const house = await testSecurity(t);
  const { token } = await house.signIn('admin');
  const define = (code: string) =>
    house.call('POST', '/roles', { token, body: { code, name: 'Reader', permissions: ['funds:read'] } });
  assert.equal((await define('reader')).status, 201);
  assert.equal((await define('reader')).status, 409);
  assert.equal((await define('auditor')).status, 409);
  await house.call('PATCH', `/users/${idOf(house, 'legal')}`, { token, body: { roles: ['reader'] } });
  const legal = await house.signIn('legal');
  assert.deepEqual(legal.user.permissions, ['funds:read']);
  const widened = await house.call('PATCH', '/roles/reader', { token, body: { permissions: ['audit:read'] } });
  assert.equal(widened.status, 200);
  assert.equal((await house.call('GET', '/audit', { token: legal.token })).status, 200);
  assert.equal((await house.call('PATCH', '/roles/auditor', { token, body: { name: 'Mine' } })).status, 404);
  const { body } = await house.call('GET', '/roles', { token: legal.token });
  assert.equal(body.items.length, 10);
  assert.equal((await house.call('POST', '/roles', { token: legal.token, body: {} })).status, 403);
});

test('choosing an approver lists the active people who may approve, without their e-mails', async (t) => {
  const house = await testSecurity(t);
  const admin = await house.signIn('admin');
  await house.call('PATCH', `/users/${idOf(house, 'finance')}`, { token: admin.token, body: { disabled: true } });
  const { body } = await house.call('GET', '/people?permission=promotions:approve', { token: admin.token });
  assert.deepEqual(
    body.items.map(({ name }: { name: string }) => name),
    ['Dora Ingram', 'Esme Vautier', 'Milo Trent'],
  );
  assert.ok(!JSON.stringify(body).includes('@'));
});

test('an invitation opens nothing while whoever sent it is locked out or disabled', async (t) => {
  const house = await testSecurity(t);
  const { token, user } = await house.signIn('admin');
  const scope = { customers: null, products: null };
  const person = { email: 'new@maker.example', roles: ['administrator'], scope };
  const invited = await house.call('POST', '/users/invitations', { token, body: person });
  const link = new URL(invited.body.link).hash.slice('#token='.length);
  const accept = () => house.call('POST', '/auth/accept', { body: { token: link, password: 'a long enough one' } });
  // By hand: the last administrator is not put out.
  const put = (column: string, out: boolean) =>
    house.house.db.system((tx) =>
      tx.run(sql`update identity.membership set ${sql.ref(column)} = ${out ? new Date() : null}
        where person_id = ${user.id}`),
    );
  for (const column of ['disabled_at', 'locked_at']) {
    await put(column, true);
    const refused = await accept();
    assert.deepEqual([refused.status, refused.body.code], [401, 'auth.token_invalid'], column);
    await put(column, false);
  }
  assert.equal((await accept()).status, 200);
});

test('an invitation says what it is kept to, and lets nobody in who would hold both sides of a conflict by then', async (t) => {
  const house = await testSecurity(t);
  const { token } = await house.signIn('admin');
  const invite = (body: object) => house.call('POST', '/users/invitations', { token, body });
  const person = { email: 'new@maker.example', roles: ['reader'] };
  const role = { code: 'reader', name: 'Reader', permissions: ['users:manage'] };
  assert.equal((await house.call('POST', '/roles', { token, body: role })).status, 201);
  assert.equal((await invite(person)).status, 400, 'everything is said, never left out');
  const part = { customers: [randomUUID()], products: null };
  const limits = [{ permission: 'claims:settle', currency: 'USD', amount: '5.00' }];
  const invited = await invite({ ...person, scope: part, limits });
  assert.equal(invited.status, 201, JSON.stringify(invited.body));
  const link = new URL(invited.body.link).hash.slice('#token='.length);
  const accept = () => house.call('POST', '/auth/accept', { body: { token: link, password: 'a long enough one' } });
  // By hand: the product refuses it of a role.
  const permit = (permissions: string) =>
    house.house.db.system((tx) => tx.run(sql`update identity.role set permissions = ${permissions}::text[]`));
  await permit('{users:manage,claims:settle}');
  const refused = await accept();
  assert.deepEqual([refused.status, refused.body.code], [422, 'rule.violated']);
  await permit('{users:manage}');
  const joined = await accept();
  assert.equal(joined.status, 200, JSON.stringify(joined.body));
  const kept = await house.call('GET', `/users/${joined.body.user.id}`, { token });
  assert.deepEqual([kept.body.scope, kept.body.limits], [part, limits]);
});

test('people report to somebody who is here, never round in a circle, and the trail says to whom', async (t) => {
  const house = await testSecurity(t);
  const { token } = await house.signIn('admin');
  const [kam, director, executive] = ['kam', 'director', 'executive'].map((login) => idOf(house, login));
  const report = (id: string | undefined, managerId: string | null | undefined) =>
    house.call('PATCH', `/users/${id}`, { token, body: { managerId } });
  assert.equal((await report(kam, director)).body.managerId, director);
  assert.equal((await report(director, executive)).status, 200);
  for (const to of [kam, randomUUID()]) {
    const { status, body } = await report(kam, to);
    assert.deepEqual([status, body.code], [422, 'rule.violated'], to);
  }
  const circle = await report(executive, kam);
  assert.deepEqual([circle.status, circle.body.errors[0].message], [422, 'reports to this person']);
  const trail = await house.call('GET', `/audit?entityId=${kam}&action=person.changed`, {
    token: (await house.signIn('auditor')).token,
  });
  const [{ before, after }] = trail.body.items;
  assert.deepEqual([before.managerId, after.managerId], [null, director]);
  const context = house.house.context();
  const above = (levels: number) => context.db.read(context, (tx) => managerOf(tx, kam ?? '', levels));
  assert.deepEqual([await above(1), await above(2), await above(3)], [director, executive, null]);
  assert.equal((await house.call('PATCH', `/users/${director}`, { token, body: { disabled: true } })).status, 200);
  assert.deepEqual([await above(1), await above(2)], [executive, null], 'who has left is passed over');
  assert.equal((await report(kam, null)).body.managerId, null);
});
