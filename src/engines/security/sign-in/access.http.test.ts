import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashSync } from 'bcryptjs';
import pg from 'pg';
import { everything, password, type TestSecurity, testSecurity } from '../test-security.ts';
import { breakGlass } from './break-glass.ts';
import { lockMembership, requireStepUp, withdrawDemand, withdrawLock } from './remedies.ts';

const kam = 'kam@demo.tradeai.example';
const idOf = (house: TestSecurity, login: string) => house.people.find((one) => one.login === login)?.id ?? '';

async function asOwner<T>(house: TestSecurity, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: house.house.url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

test('a bcrypt hash from elsewhere lets its person in and becomes argon2id with that', async (t) => {
  const house = await testSecurity(t);
  const id = idOf(house, 'kam');
  const hash = hashSync('an old password', 12);
  await asOwner(house, (client) =>
    client.query('update identity.password set hash = $1 where person_id = $2', [hash, id]),
  );
  const login = (given: string) => house.call('POST', '/auth/login', { body: { email: kam, password: given } });
  const [wrong, right] = await Promise.all([login('not this one'), login('an old password')]);
  assert.deepEqual([wrong.status, right.status], [401, 200]);
  const { rows } = await asOwner(house, (client) =>
    client.query('select hash from identity.password where person_id = $1', [id]),
  );
  assert.match(rows[0].hash, /^\$argon2id\$/);
  assert.equal((await login('an old password')).status, 200);
});

test('people see where they are signed in, in words sealed in the database, and end one session or all others', async (t) => {
  const house = await testSecurity(t);
  const headers = { 'user-agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36' };
  const login = async () => {
    const body = { email: kam, password };
    const answer = await house.call('POST', '/auth/login', { body, headers, address: '203.0.113.77' });
    return answer.body.accessToken as string;
  };
  const [here, there, away] = [await login(), await login(), await login()];
  await house.security.close();
  const list = async () => (await house.call('GET', '/auth/sessions', { token: here })).body.items;
  const seen = await list();
  assert.equal(seen.length, 3);
  for (const one of seen) assert.deepEqual([one.device, one.network], ['Chrome on Windows', '203.0.113.x']);
  assert.equal(seen.filter(({ current }: { current: boolean }) => current).length, 1);
  const kept = await asOwner(house, (client) =>
    client.query(`select encode(label, 'escape') as text from identity.session`),
  );
  for (const { text } of kept.rows) assert.ok(!/Chrome|203\.0/.test(text));
  const other = await house.signIn('finance');
  const [foreign] = (await house.call('GET', '/auth/sessions', { token: other.token })).body.items;
  assert.equal((await house.call('DELETE', `/auth/sessions/${foreign.id}`, { token: here })).status, 404);
  const me = async (token: string) => (await house.call('GET', '/auth/me', { token })).status;
  const claims = JSON.parse(Buffer.from(there.split('.')[1] ?? '', 'base64url').toString());
  assert.equal((await house.call('DELETE', `/auth/sessions/${claims.sid}`, { token: here })).status, 204);
  assert.deepEqual([await me(here), await me(there), await me(away)], [200, 401, 200]);
  assert.deepEqual((await house.call('POST', '/auth/sessions/end-others', { token: here })).body, { ended: 1 });
  assert.deepEqual([await me(here), await me(away), await me(other.token)], [200, 401, 200]);
});

test('over TLS the cookie is held to this host by its name; a session that moves is told to those who watch', async (t) => {
  const house = await testSecurity(t);
  const browser = await house.signIn('kam');
  await house.call('POST', '/auth/refresh', { cookie: browser.cookie, address: '198.51.100.9' });
  const events = await asOwner(house, (client) =>
    client.query(`select kind from security.event where kind = 'session.moved'`),
  );
  assert.equal(events.rows.length, 1);
  const tls = await testSecurity(t, false, 'https://trade.maker.example');
  const secure = await tls.call('POST', '/auth/login', { body: { email: kam, password } });
  const [set = ''] = [secure.headers['set-cookie']].flat().map(String);
  assert.match(set, /^__Host-tradeai_refresh=[^;]+; Max-Age=\d+; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
  const value = /=([^;]+)/.exec(set)?.[1] ?? '';
  const plainName = await tls.call('POST', '/auth/refresh', { headers: { cookie: `tradeai_refresh=${value}` } });
  assert.equal(plainName.status, 401, 'a cookie that another host could have set is not looked at');
  const named = await tls.call('POST', '/auth/refresh', { headers: { cookie: `__Host-tradeai_refresh=${value}` } });
  assert.equal(named.status, 200);
});

test('a locked member is out within five seconds and comes back when unlocked; the last administrator is never locked', async (t) => {
  const house = await testSecurity(t);
  const context = house.house.context();
  const { token } = await house.signIn('kam');
  const id = idOf(house, 'kam');
  const at = context.clock.now();
  await context.db.transact(context, (tx) => lockMembership(tx, id, 'an alert', at));
  house.pass(5_000);
  assert.equal((await house.call('GET', '/auth/me', { token })).status, 401);
  const login = () => house.call('POST', '/auth/login', { body: { email: kam, password } });
  assert.deepEqual((await login()).body.code, 'auth.invalid_credentials');
  await context.db.transact(context, (tx) => withdrawLock(tx, id, at, undefined));
  assert.equal((await login()).status, 200);
  const last = context.db.transact(context, (tx) => lockMembership(tx, idOf(house, 'admin'), 'an alert', at));
  await assert.rejects(last, { code: 'rule.violated' });
  await house.signIn('admin');
});

test('a session that must prove itself does nothing else until it has, or until that is withdrawn', async (t) => {
  const house = await testSecurity(t);
  const context = house.house.context();
  const [one, two] = [await house.signIn('kam'), await house.signIn('kam')];
  const at = context.clock.now();
  await context.db.transact(context, (tx) => requireStepUp(tx, idOf(house, 'kam'), at));
  house.pass(5_000);
  for (const { token } of [one, two]) {
    const refused = await house.call('GET', '/people', { token });
    assert.deepEqual([refused.status, refused.body.demand], [403, 'proof']);
    assert.equal((await house.call('GET', '/auth/me', { token })).body.demand, 'proof');
  }
  const prove = (given: string) => house.call('POST', '/auth/prove', { token: one.token, body: { password: given } });
  assert.equal((await prove('wrong')).status, 401);
  assert.equal((await prove(password)).status, 204);
  assert.equal((await house.call('GET', '/people', { token: one.token })).status, 200);
  assert.equal((await house.call('GET', '/people', { token: two.token })).status, 403);
  await context.db.transact(context, (tx) => withdrawDemand(tx, idOf(house, 'kam'), at, undefined));
  house.pass(5_000);
  assert.equal((await house.call('GET', '/people', { token: two.token })).status, 200);
});

test('emergency access tells everyone before it works, works once, ends by itself and is no last administrator', async (t) => {
  const house = await testSecurity(t);
  const context = house.house.context();
  const mails: { to: string; text: string }[] = [];
  const mail = {
    delivers: true,
    send: async (one: { to: string; text: string }) => void mails.push(one),
    close: () => undefined,
  };
  const input = { reason: 'the administrator has left the company', minutes: 30, publicUrl: 'http://localhost:3000' };
  await assert.rejects(breakGlass(context, mail, { ...input, reason: 'short' }), { code: 'request.malformed' });
  await assert.rejects(breakGlass(context, mail, { ...input, minutes: 241 }), { code: 'request.malformed' });
  const { link } = await breakGlass(context, mail, input);
  assert.deepEqual(
    mails.map(({ to }) => to),
    ['admin@demo.tradeai.example'],
  );
  assert.match(mails[0]?.text ?? '', /the administrator has left the company/);
  const token = new URLSearchParams(new URL(link).hash.slice(1)).get('token');
  const take = () => house.call('POST', '/auth/emergency', { body: { token } });
  const entered = await take();
  assert.equal(entered.status, 200);
  assert.deepEqual(entered.body.user.roles, ['administrator']);
  assert.equal((await take()).status, 401);
  assert.equal(house.mails.length, 1, 'the use is told too');
  const told = await asOwner(house, (client) =>
    client.query(`select action from audit.entry where action like 'break_glass.%' order by action`),
  );
  assert.deepEqual(
    told.rows.map(({ action }) => action),
    ['break_glass.opened', 'break_glass.used'],
  );
  const outbox = await asOwner(house, (client) =>
    client.query(`select data from event.outbox where type = 'security.break-glass'`),
  );
  assert.equal(outbox.rows.length, 2);
  const bearer = { token: entered.body.accessToken };
  const admin = await house.signIn('admin');
  assert.ok((await house.call('GET', '/auth/me', { token: admin.token })).body.emergencyUntil, 'administrators see it');
  const change = await house.call('PATCH', `/users/${idOf(house, 'admin')}`, { ...bearer, body: { disabled: true } });
  assert.deepEqual([change.status, /last administrator/.test(change.body.detail)], [422, true]);
  assert.equal((await house.call('GET', '/users', bearer)).status, 200);
  const name = { name: 'Spare', permissions: ['users:manage'] };
  const account = await house.call('POST', '/service-accounts', { ...bearer, body: { ...name, scope: everything } });
  for (const path of ['/auth/keys', `/service-accounts/${account.body.id}/keys`]) {
    const made = await house.call('POST', path, { ...bearer, body: name });
    assert.deepEqual([made.status, made.body.code], [403, 'auth.forbidden'], `${path}: a key would outlive it`);
  }
  const invite = (email: string) =>
    house.call('POST', '/users/invitations', { ...bearer, body: { email, roles: ['auditor'], scope: everything } });
  const accept = (made: { body: { link: string } }) => {
    const of = new URLSearchParams(new URL(made.body.link).hash.slice(1)).get('token');
    return house.call('POST', '/auth/accept', { body: { token: of, password: 'a long enough one' } });
  };
  const [taken, left, older] = [
    await invite('soon@maker.example'),
    await invite('late@maker.example'),
    await invite('older@maker.example'),
  ];
  const endsInMs = new Date(left.body.expiresAt).getTime() - house.house.clock.now().getTime();
  assert.ok(endsInMs <= 30 * 60_000, 'who sends it reads that it ends with the emergency');
  // As it was stored before invitations ended with the emergency.
  await asOwner(house, (client) =>
    client.query(`update identity.one_time_link set expires_at = expires_at + interval '7 days' where id = $1`, [
      older.body.id,
    ]),
  );
  assert.equal((await accept(taken)).status, 200);
  house.pass(30 * 60_000);
  for (const one of [left, older]) assert.equal((await accept(one)).status, 401, 'it ends with the emergency');
  assert.equal((await house.call('POST', '/auth/refresh', { cookie: entered.cookie ?? '' })).status, 401);
  assert.equal((await house.call('GET', '/users', bearer)).status, 401);
});
