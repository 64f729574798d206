import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { sql } from '#db';
import { DetectionLoop } from '../detection/detection-loop.ts';
import { listIncidents } from '../detection/incident-store.ts';
import { createTenant } from '../people/create-tenant.ts';
import { everything, password, raceBehindLock, type TestSecurity, testSecurity } from '../test-security.ts';

const kam = 'kam@demo.tradeai.example';

function linkToken(link: string): string {
  return new URLSearchParams(new URL(link).hash.slice(1)).get('token') ?? '';
}

async function login(house: TestSecurity, body: unknown, address?: string) {
  return house.call('POST', '/auth/login', { body, ...(address ? { address } : {}) });
}

test('signing in gives a token that works, the person with permissions, and a cookie that no script reads', async (t) => {
  const house = await testSecurity(t);
  const { status, body, headers } = await login(house, { email: ' KAM@demo.tradeai.example ', password });
  assert.equal(status, 200);
  assert.equal(body.expiresInS, 600);
  assert.equal(body.user.email, kam);
  assert.deepEqual(body.user.roles, ['key_account_manager']);
  assert.ok(body.user.permissions.includes('promotions:create'));
  assert.match(
    String(headers['set-cookie']),
    /^tradeai_refresh=[^;]+; Max-Age=2592000; Path=\/api\/v1\/auth; HttpOnly; SameSite=Strict$/,
  );
  const me = await house.call('GET', '/auth/me', { token: body.accessToken });
  assert.deepEqual(me.body, body.user);
  assert.equal((await house.call('GET', '/auth/me', {})).status, 401);
});

test('an unknown e-mail, a wrong password and a disabled person get the same answer', async (t) => {
  const house = await testSecurity(t);
  const admin = await house.signIn('admin');
  const analyst = house.people.find((person) => person.login === 'analyst');
  await house.call('PATCH', `/users/${analyst?.id}`, { token: admin.token, body: { disabled: true } });
  const answers = [
    await login(house, { email: 'nobody@demo.tradeai.example', password }),
    await login(house, { email: kam, password: 'wrong' }),
    await login(house, { email: 'analyst@demo.tradeai.example', password }),
    await login(house, { email: kam, password, tenant: 'beta' }),
  ].map(({ status, body }) => ({ status, ...body, requestId: '' }));
  for (const answer of answers) assert.deepEqual(answer, answers[0]);
  assert.equal(answers[0]?.code, 'auth.invalid_credentials');
});

test('guessing stops after five failures from one address, also for many at once, while the owner elsewhere signs in', async (t) => {
  const house = await testSecurity(t);
  const guesses = await Promise.all(
    Array.from({ length: 12 }, (_, i) => login(house, { email: kam, password: `guess ${i}` }, '203.0.113.9')),
  );
  const statuses = guesses.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [...Array(5).fill(401), ...Array(7).fill(429)]);
  const right = await login(house, { email: kam, password }, '203.0.113.9');
  assert.equal(right.status, 429);
  assert.equal(right.headers['retry-after'], '2');
  assert.equal((await login(house, { email: kam, password }, '198.51.100.7')).status, 200);
  house.pass(2_000);
  assert.equal((await login(house, { email: kam, password }, '203.0.113.9')).status, 200);
});

test('guessing that is held up is told as well, and an owner who has forgotten the password on their own device is not', async (t) => {
  const house = await testSecurity(t);
  const context = house.house.context();
  const tenant = async () => context.tenant;
  const loop = new DetectionLoop({ db: context.db, clock: context.clock, log: context.log, tenant });
  const told = async () => {
    while ((await loop.round()) > 0);
    const { items } = await context.db.read(context, (tx) => listIncidents(tx, {}, { limit: 50 }));
    return items.map(({ rule, about }) => `${rule} ${about[0]}`);
  };
  const idOf = (login: string) => house.people.find((person) => person.email.startsWith(`${login}@`))?.id;
  const own = { 'user-agent': 'their own laptop' };
  for (let n = 0; n < 4; n++) {
    await house.call('POST', '/auth/login', { body: { email: kam, password }, headers: own, address: '198.51.100.7' });
    house.pass(86_400_000);
  }
  const statuses = [];
  for (let n = 0; n < 30; n++) {
    const forgot = { body: { email: kam, password: `was it ${n}` }, headers: own, address: '198.51.100.7' };
    statuses.push((await house.call('POST', '/auth/login', forgot)).status);
  }
  assert.equal(statuses.filter((status) => status === 429).length, 25);
  assert.deepEqual(await told(), [], 'the owner at their own device');
  const analyst = 'analyst@demo.tradeai.example';
  for (let n = 0; n < 5; n++) await login(house, { email: analyst, password: `guess ${n}` }, '203.0.113.9');
  assert.deepEqual(await told(), [], 'what was let through alone is not enough');
  for (let n = 0; n < 8; n++) {
    assert.equal((await login(house, { email: analyst, password: `more ${n}` }, '203.0.113.9')).status, 429);
  }
  assert.deepEqual(await told(), [`brute-force person:${idOf('analyst')}`]);
});

test('an account attacked from a hundred addresses still opens at once for its owner where they signed in before', async (t) => {
  const house = await testSecurity(t);
  assert.equal((await login(house, { email: kam, password }, '198.51.100.7')).status, 200);
  for (let i = 0; i < 51; i++) await login(house, { email: kam, password: 'guess' }, `203.0.113.${i}`);
  assert.equal((await login(house, { email: kam, password }, '203.0.113.200')).status, 429);
  assert.equal((await login(house, { email: kam, password }, '198.51.100.7')).status, 200);
});

test('a refresh renews both tokens, and a token spent earlier ends the session for thief and owner', async (t) => {
  const house = await testSecurity(t);
  const { cookie: first } = await house.signIn('kam');
  const second = await house.call('POST', '/auth/refresh', { cookie: first });
  assert.equal(second.status, 200);
  assert.notEqual(second.cookie, first);
  house.pass(60_000);
  const third = await house.call('POST', '/auth/refresh', { cookie: second.cookie ?? '' });
  assert.equal(third.status, 200);
  const stolen = await house.call('POST', '/auth/refresh', { cookie: first });
  assert.equal(stolen.status, 401);
  assert.equal(stolen.body.code, 'auth.token_invalid');
  assert.equal((await house.call('POST', '/auth/refresh', { cookie: third.cookie ?? '' })).status, 401);
  assert.equal((await house.call('GET', '/auth/me', { token: third.body.accessToken })).status, 401);
});

test('tabs that refresh at once all go on, with one and the same new token', async (t) => {
  const house = await testSecurity(t);
  const { cookie } = await house.signIn('kam');
  const refresh = () => house.call('POST', '/auth/refresh', { cookie });
  const lock = 'select from identity.session for update';
  const tabs = await raceBehindLock(
    house.house,
    lock,
    Array.from({ length: 6 }, () => refresh),
  );
  assert.deepEqual(
    tabs.map(({ status }) => status),
    Array(6).fill(200),
  );
  assert.equal(new Set(tabs.map((tab) => tab.cookie)).size, 1);
  house.pass(20_000);
  assert.equal((await house.call('POST', '/auth/refresh', { cookie: tabs[0]?.cookie ?? '' })).status, 200);
});

test('a session ends after a week without use and after thirty days in any case', async (t) => {
  const house = await testSecurity(t);
  const day = 86_400_000;
  const idle = await house.signIn('marketing');
  house.pass(7 * day);
  assert.equal((await house.call('POST', '/auth/refresh', { cookie: idle.cookie })).status, 401);
  let { cookie } = await house.signIn('kam');
  const renew = async () => house.call('POST', '/auth/refresh', { cookie });
  for (let i = 0; i < 4; i++) {
    house.pass(6 * day);
    cookie = (await renew()).cookie ?? '';
  }
  house.pass(6 * day - 1_000);
  const last = await renew();
  assert.equal(last.status, 200);
  cookie = last.cookie ?? '';
  house.pass(1_000);
  assert.equal((await renew()).status, 401);
});

test('signing out ends the session at once, by cookie or by token, and never complains', async (t) => {
  const house = await testSecurity(t);
  for (const how of ['cookie', 'token'] as const) {
    const browser = await house.signIn('kam');
    const left = await house.call('POST', '/auth/logout', { [how]: browser[how] });
    assert.deepEqual([left.status, left.headers['clear-site-data'], left.cookie], [204, '"storage"', '']);
    assert.equal((await house.call('GET', '/auth/me', { token: browser.token })).status, 401);
    assert.equal((await house.call('POST', '/auth/refresh', { cookie: browser.cookie })).status, 401);
    assert.equal((await house.call('POST', '/auth/logout', { [how]: browser[how] })).status, 204);
  }
  assert.equal((await house.call('POST', '/auth/logout', {})).status, 204);
});

test('a page of another site can neither renew nor end a session; one’s own page and a program can', async (t) => {
  const house = await testSecurity(t);
  const { cookie, token } = await house.signIn('kam');
  const foreign: Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost:3001' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', origin: 'https://other.localhost' },
  ];
  for (const headers of foreign) {
    for (const path of ['/auth/refresh', '/auth/logout']) {
      const refused = await house.call('POST', path, { cookie, token, headers });
      assert.deepEqual([refused.status, refused.body.code], [403, 'auth.forbidden'], JSON.stringify(headers));
      assert.equal(refused.headers['set-cookie'], undefined);
    }
  }
  assert.equal((await house.call('GET', '/auth/me', { token })).status, 200);
  const published = { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-origin' };
  assert.equal((await house.call('POST', '/auth/refresh', { cookie, headers: published })).status, 200);
  const asked = { origin: 'https://trade.maker.example', host: 'trade.maker.example' };
  assert.equal((await house.call('POST', '/auth/refresh', { cookie, headers: asked })).status, 200);
  assert.equal((await house.call('POST', '/auth/logout', { cookie, headers: published })).status, 204);
  assert.equal((await house.call('GET', '/auth/me', { token })).status, 401);
});

test('a session ended behind this process’s back stops working within five seconds', async (t) => {
  const house = await testSecurity(t);
  const { token } = await house.signIn('kam');
  assert.equal((await house.call('GET', '/auth/me', { token })).status, 200);
  const client = new pg.Client({ connectionString: house.house.url });
  await client.connect();
  await client.query('update identity.session set ended_at = now()');
  await client.end();
  house.pass(5_000);
  assert.equal((await house.call('GET', '/auth/me', { token })).status, 401);
});

test('a new tenant’s link makes its administrator, once', async (t) => {
  const house = await testSecurity(t);
  const { db, clock } = house.house;
  const made = await createTenant(db, clock, {
    slug: 'acme',
    adminEmail: 'Ada@Acme.example',
    timeZone: 'Europe/Paris',
    currency: 'EUR',
    publicUrl: 'https://trade.acme.example',
  });
  assert.match(made.link ?? '', /^https:\/\/trade\.acme\.example\/accept#token=[\w-]{43}$/);
  const body = { token: linkToken(made.link ?? ''), password: 'a long enough one', name: 'Ada Bloom' };
  const weak = await house.call('POST', '/auth/accept', { body: { ...body, password: 'short' } });
  assert.equal(weak.status, 400);
  assert.equal(weak.body.errors[0].path, 'password');
  const [one, two] = await Promise.all([
    house.call('POST', '/auth/accept', { body }),
    house.call('POST', '/auth/accept', { body }),
  ]);
  assert.deepEqual([one.status, two.status].filter((status) => status === 200).length, 1);
  const joined = one.status === 200 ? one : two;
  assert.equal(joined.body.user.tenantId, made.tenantId);
  assert.deepEqual(joined.body.user.roles, ['administrator']);
  assert.equal(joined.body.user.name, 'Ada Bloom');
  assert.deepEqual(joined.body.user.tenant, { slug: 'acme', timeZone: 'Europe/Paris', currency: 'EUR' });
  assert.equal((await house.call('POST', '/auth/accept', { body })).status, 401);
  assert.equal((await login(house, { email: 'ada@acme.example', password: body.password })).status, 200);
  await assert.rejects(createTenant(db, clock, { slug: 'acme', publicUrl: 'http://localhost' }), {
    code: 'code.taken',
  });
});

test('an invitation expires after a week and can be taken back', async (t) => {
  const house = await testSecurity(t);
  const admin = await house.signIn('admin');
  const invite = async (email: string) =>
    house.call('POST', '/users/invitations', {
      token: admin.token,
      body: { email, roles: ['auditor'], scope: everything },
    });
  const taken = (link: string) =>
    house.call('POST', '/auth/accept', { body: { token: linkToken(link), password: 'a long enough one' } });
  const withdrawn = await invite('one@maker.example');
  assert.equal(withdrawn.status, 201);
  const gone = await house.call('DELETE', `/users/invitations/${withdrawn.body.id}`, { token: admin.token });
  assert.equal(gone.status, 204);
  assert.equal((await taken(withdrawn.body.link)).status, 401);
  const replaced = await invite('two@maker.example');
  const current = await invite('two@maker.example');
  assert.equal((await taken(replaced.body.link)).status, 401);
  house.pass(7 * 86_400_000);
  assert.equal((await taken(current.body.link)).status, 401);
});

test('who invites an e-mail that has an account elsewhere cannot take that account over', async (t) => {
  const house = await testSecurity(t);
  const { db, clock } = house.house;
  const made = await createTenant(db, clock, { slug: 'evil', adminEmail: kam, publicUrl: 'http://localhost' });
  const token = linkToken(made.link ?? '');
  const seized = await house.call('POST', '/auth/accept', { body: { token, password: 'my own new password' } });
  assert.equal(seized.status, 401);
  assert.equal(seized.body.code, 'auth.invalid_credentials');
  assert.equal((await login(house, { email: kam, password: 'my own new password' })).status, 401);
  const proven = await house.call('POST', '/auth/accept', { body: { token, password } });
  assert.equal(proven.status, 200);
  assert.equal(proven.body.user.tenantId, made.tenantId);
  assert.equal((await login(house, { email: kam, password })).body.user.tenantId, house.house.context().tenant.id);
  assert.equal((await login(house, { email: kam, password, tenant: 'evil' })).body.user.tenantId, made.tenantId);
  const admin = await house.signIn('admin');
  const id = house.people.find((person) => person.login === 'kam')?.id;
  await house.call('PATCH', `/users/${id}`, { token: admin.token, body: { disabled: true } });
  assert.equal((await login(house, { email: kam, password })).body.user?.tenantId, made.tenantId);
});

test('an invitation gives no password to who signs in without one elsewhere', async (t) => {
  const house = await testSecurity(t);
  const { db, clock } = house.house;
  await db.system((tx) =>
    tx.run(
      sql`delete from identity.password where person_id = ${house.people.find(({ login: one }) => one === 'kam')?.id}`,
    ),
  );
  const made = await createTenant(db, clock, { slug: 'evil', adminEmail: kam, publicUrl: 'http://localhost' });
  const body = { token: linkToken(made.link ?? ''), password: 'my own new password' };
  const seized = await house.call('POST', '/auth/accept', { body });
  assert.deepEqual([seized.status, seized.body.code], [401, 'auth.invalid_credentials']);
  assert.equal((await login(house, { email: kam, password: body.password, tenant: 'alpha' })).status, 401);
});

test('a forgotten password is replaced by a mailed link that works once within the hour and ends every session', async (t) => {
  const house = await testSecurity(t, true);
  const browser = await house.signIn('kam');
  const forgot = (email: string) => house.call('POST', '/auth/forgot', { body: { email } });
  assert.equal((await forgot('nobody@demo.tradeai.example')).status, 202);
  assert.equal((await forgot(kam)).status, 202);
  assert.equal((await forgot(kam)).status, 202);
  await house.security.close();
  assert.deepEqual(
    house.mails.map(({ to }) => to),
    [kam, kam],
  );
  const tokens = house.mails.map(({ text }) => /reset#token=([\w-]+)/.exec(text)?.[1]);
  const reset = (token: string | undefined) =>
    house.call('POST', '/auth/reset', { body: { token, password: 'a brand new password' } });
  assert.equal((await reset(tokens[0])).status, 204);
  assert.equal((await reset(tokens[0])).status, 401);
  assert.equal((await reset(tokens[1])).status, 401);
  assert.equal((await house.call('GET', '/auth/me', { token: browser.token })).status, 401);
  assert.equal((await house.call('POST', '/auth/refresh', { cookie: browser.cookie })).status, 401);
  assert.equal((await login(house, { email: kam, password })).status, 401);
  assert.equal((await login(house, { email: kam, password: 'a brand new password' })).status, 200);
  assert.equal((await forgot(kam)).status, 202);
  await house.security.close();
  house.pass(3_600_000);
  const late = /reset#token=([\w-]+)/.exec(house.mails.at(-1)?.text ?? '')?.[1];
  assert.equal((await reset(late)).status, 401);
});

test('changing one’s password needs the old one, ends other sessions and keeps this one', async (t) => {
  const house = await testSecurity(t);
  const [here, there] = [await house.signIn('kam'), await house.signIn('kam')];
  const change = (body: unknown) => house.call('POST', '/auth/password', { token: here.token, body });
  assert.equal((await change({ password: 'wrong', newPassword: 'another long one' })).status, 401);
  assert.equal((await change({ password, newPassword: 'aaaaaaaaaaaa' })).status, 400);
  assert.equal((await change({ password, newPassword: 'another long one' })).status, 204);
  assert.equal((await house.call('GET', '/auth/me', { token: here.token })).status, 200);
  assert.equal((await house.call('GET', '/auth/me', { token: there.token })).status, 401);
  assert.equal((await login(house, { email: kam, password: 'another long one' })).status, 200);
});
