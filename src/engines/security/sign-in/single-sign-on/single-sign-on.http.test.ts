import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { sql } from '#db';
import { DetectionLoop } from '../../detection/detection-loop.ts';
import { listIncidents } from '../../detection/incident-store.ts';
import { insertPerson } from '../../people/person-names.ts';
import { everything, type TestSecurity, testSecurity } from '../../test-security.ts';
import { safePath } from './single-sign-on.ts';
import { clientId, clientSecret, looseProvider, type Mischief, realProvider, walkThrough } from './test-providers.ts';

const kam = 'kam@demo.tradeai.example';
const verified = { email: kam, email_verified: true };

async function addProvider(house: TestSecurity, issuer: string, more: object = {}): Promise<string> {
  const { token } = await house.signIn('admin');
  const body = { name: 'Maker', issuer, clientId, clientSecret, ...more };
  const added = await house.call('POST', '/single-sign-on', { token, body });
  assert.equal(added.status, 201, JSON.stringify(added.body));
  assert.ok(!JSON.stringify(added.body).includes(clientSecret));
  return added.body.id;
}

async function begin(house: TestSecurity, providerId: string, to?: string) {
  const begun = await house.call('POST', '/auth/single-sign-on/begin', { body: { providerId, ...(to ? { to } : {}) } });
  assert.equal(begun.status, 200, JSON.stringify(begun.body));
  const [, browser = ''] = /tradeai_round_trip=([^;]+)/.exec(String(begun.headers['set-cookie'])) ?? [];
  assert.match(String(begun.headers['set-cookie']), /HttpOnly; SameSite=Lax/);
  return { url: begun.body.url as string, browser };
}

async function comeBack(house: TestSecurity, search: string, browser: string) {
  const headers: Record<string, string> = browser ? { cookie: `tradeai_round_trip=${browser}` } : {};
  const back = await house.call('GET', `/auth/single-sign-on/callback${search}`, { headers });
  assert.equal(back.status, 302);
  return { location: String(back.headers.location), cookie: back.cookie };
}

const refused = /^\/sign-in\?refused=/;

/** Through a provider that does as told, and back. */
async function through(t: TestContext, more: object = {}) {
  const house = await testSecurity(t);
  const provider = await looseProvider(t);
  const providerId = await addProvider(house, provider.issuer, more);
  const go = async (account: Record<string, unknown>, mischief: Mischief = {}) => {
    Object.assign(provider, { account, mischief: {} });
    const { url, browser } = await begin(house, providerId);
    provider.mischief = mischief;
    return comeBack(house, provider.approve(url), browser);
  };
  return { house, provider, providerId, go };
}

test('a member signs in at a certified provider by code, PKCE, state and nonce, and their roles stay what they are', async (t) => {
  const house = await testSecurity(t);
  const issuer = await realProvider(t, { sub: 'kira', ...verified, name: 'Kira Almond' });
  const providerId = await addProvider(house, issuer);
  const offered = await house.call('GET', '/auth/single-sign-on?tenant=alpha');
  assert.deepEqual(offered.body.items, [{ id: providerId, name: 'Maker' }]);
  assert.deepEqual((await house.call('GET', '/auth/single-sign-on?tenant=nowhere')).body.items, []);
  const { url, browser } = await begin(house, providerId, '/promotions?state=draft');
  const asked = new URL(url).searchParams;
  assert.equal(asked.get('code_challenge_method'), 'S256');
  for (const name of ['state', 'nonce', 'code_challenge']) assert.ok((asked.get(name)?.length ?? 0) >= 43, name);
  const search = await walkThrough(url);
  const back = await comeBack(house, search, browser);
  assert.equal(back.location, '/signed-in?to=%2Fpromotions%3Fstate%3Ddraft');
  const session = await house.call('POST', '/auth/refresh', { cookie: back.cookie ?? '' });
  assert.equal(session.body.user.email, kam);
  assert.deepEqual(session.body.user.roles, ['key_account_manager']);
  const replayed = await comeBack(house, search, browser);
  assert.match(replayed.location, refused);
  assert.equal(replayed.cookie, undefined);
  const second = await begin(house, providerId);
  const state = new URLSearchParams(await walkThrough(second.url)).get('state') ?? '';
  const spent = new URLSearchParams(search);
  spent.set('state', state);
  assert.match((await comeBack(house, `?${spent}`, second.browser)).location, refused, 'a code that was used before');
});

test('an answer to another browser, without its cookie, or after ten minutes signs nobody in', async (t) => {
  const { house, provider, providerId } = await through(t);
  provider.account = verified;
  const answers: [string, (browser: string) => string][] = [
    ['without the cookie', () => ''],
    ['another browser', () => 'x'.repeat(43)],
  ];
  for (const [what, cookie] of answers) {
    const { url, browser } = await begin(house, providerId);
    const back = await comeBack(house, provider.approve(url), cookie(browser));
    assert.match(back.location, refused, what);
    assert.equal(back.cookie, undefined, what);
  }
  const late = await begin(house, providerId);
  house.pass(10 * 60_000);
  assert.match((await comeBack(house, provider.approve(late.url), late.browser)).location, refused);
  assert.match((await comeBack(house, '', '')).location, refused);
});

test('a forged, foreign, expired or unsigned identity signs nobody in; the honest one does', async (t) => {
  const { provider, go } = await through(t);
  const past = Math.floor(Date.now() / 1_000) - 3_600;
  const attacks: Record<string, Mischief> = {
    'another issuer': { claims: { iss: 'https://evil.example' } },
    'another audience': { claims: { aud: 'somebody-else' } },
    'another nonce': { claims: { nonce: 'a'.repeat(43) } },
    'no nonce': { claims: { nonce: undefined } },
    expired: { claims: { iat: past - 300, exp: past } },
    'a key that is not published': { foreignKey: true },
  };
  for (const [what, mischief] of Object.entries(attacks)) {
    const back = await go(verified, mischief);
    assert.match(back.location, refused, what);
    assert.equal(back.cookie, undefined, what);
  }
  assert.match((await go(verified)).location, /^\/signed-in/);
  assert.equal(provider.issuer.startsWith('http://127.0.0.1'), true);
});

test('whoever sets up or changes a provider is told of within seconds, as it could let them in as anybody', async (t) => {
  const house = await testSecurity(t);
  const context = house.house.context();
  const parts = { db: context.db, clock: context.clock, log: context.log };
  const loop = new DetectionLoop({ ...parts, tenant: async () => context.tenant });
  const told = async () => {
    while ((await loop.round()) > 0);
    const { items } = await context.db.read(context, (tx) => listIncidents(tx, {}, { limit: 50 }));
    const found = items.filter(({ rule }) => rule === 'provider-changed');
    return found.map(({ about, reasons }) => [about[0], /was ([a-z]+)/.exec(reasons[0]?.because ?? '')?.[1]]).sort();
  };
  assert.deepEqual(await told(), []);
  const about = `person:${house.people.find(({ login }) => login === 'admin')?.id}`;
  const id = await addProvider(house, 'https://accounts.example');
  assert.deepEqual(await told(), [[about, 'set']]);
  // Later than what would be one incident with the first.
  house.pass(3 * 24 * 3_600_000);
  const { token } = await house.signIn('admin');
  const changed = await house.call('PATCH', `/single-sign-on/${id}`, { token, body: { clientId: 'another' } });
  assert.equal(changed.status, 200, JSON.stringify(changed.body));
  assert.deepEqual(await told(), [
    [about, 'changed'],
    [about, 'set'],
  ]);
  await loop.stop();
});

test('a provider whose metadata names another issuer is not asked at all', async (t) => {
  const { house, provider, providerId } = await through(t);
  provider.mischief = { discovered: 'https://evil.example' };
  const asked = await house.call('POST', '/auth/single-sign-on/begin', { body: { providerId } });
  assert.deepEqual([asked.status, asked.headers['set-cookie']], [503, undefined]);
});

test('a provider that is down is asked once, however many knock, and again after half a minute at most', async (t) => {
  const { house, provider, providerId } = await through(t);
  provider.mischief = { down: true };
  const knock = async () => (await house.call('POST', '/auth/single-sign-on/begin', { body: { providerId } })).status;
  assert.deepEqual(await Promise.all(Array.from({ length: 5 }, knock)), Array(5).fill(503));
  provider.mischief = {};
  house.pass(14_000);
  assert.deepEqual([await knock(), provider.discoveries], [503, 1], 'that it failed is remembered');
  house.pass(16_000);
  assert.deepEqual(await Promise.all([knock(), knock()]), [200, 200]);
  assert.equal(provider.discoveries, 2, 'one asks, and the others take what it hears');
});

test('the answer of one provider is not taken as that of another', async (t) => {
  const { house, provider, providerId } = await through(t);
  const other = await looseProvider(t);
  const otherId = await addProvider(house, other.issuer, { name: 'Other' });
  Object.assign(other, { account: verified });
  const asked = await begin(house, providerId);
  const askedOther = await begin(house, otherId);
  const code = new URLSearchParams(other.approve(askedOther.url)).get('code') ?? '';
  const state = new URL(asked.url).searchParams.get('state') ?? '';
  const mixed = await comeBack(house, `?${new URLSearchParams({ code, state })}`, asked.browser);
  assert.match(mixed.location, refused);
  const named = await begin(house, providerId);
  const search = `${provider.approve(named.url)}&iss=${encodeURIComponent(other.issuer)}`;
  assert.match((await comeBack(house, search, named.browser)).location, refused);
});

test('an e-mail counts only where the provider has verified it and speaks for its domain; strangers stay outside', async (t) => {
  const { go } = await through(t, { emailDomains: ['demo.tradeai.example'] });
  for (const account of [
    { email: kam },
    { email: kam, email_verified: false },
    { email: kam, email_verified: 'true' },
    { email: 'kam@elsewhere.example', email_verified: true },
    { email: 'stranger@demo.tradeai.example', email_verified: true },
    { email_verified: true },
  ]) {
    assert.match((await go(account)).location, refused, JSON.stringify(account));
  }
  assert.match((await go(verified)).location, /^\/signed-in/);
  assert.match(
    (await go({ email: 'renamed@elsewhere.example' })).location,
    /^\/signed-in/,
    'the subject is known by now',
  );
});

test('where a provider admits new people, its groups give them roles and take them away again', async (t) => {
  const roleMap = { Finance: 'finance_controller', Admins: 'administrator' };
  const { house, go } = await through(t, { joins: true, joinScope: everything, roleClaim: 'groups', roleMap });
  const nina = { sub: 'nina', email: 'nina@maker.example', email_verified: true, name: 'Nina Roth' };
  assert.match((await go({ ...nina, groups: ['Nobody'] })).location, refused);
  const back = await go({ ...nina, groups: ['Finance', 'Nobody'] });
  const session = await house.call('POST', '/auth/refresh', { cookie: back.cookie ?? '' });
  assert.deepEqual([session.body.user.roles, session.body.user.name], [['finance_controller'], 'Nina Roth']);
  const risen = await go({ ...nina, groups: ['Admins'] });
  assert.ok(risen.cookie);
  const me = await house.call('GET', '/auth/me', { token: session.body.accessToken });
  assert.deepEqual(me.body.roles, ['administrator']);
  assert.match((await go({ ...nina, groups: [] })).location, refused);
});

test('groups never give one person two duties that are kept apart, not even at their first sign-in', async (t) => {
  const roleMap = { Finance: 'finance_controller', Admins: 'administrator' };
  const { house, go } = await through(t, { joins: true, joinScope: everything, roleClaim: 'groups', roleMap });
  const both = await go({
    sub: 'nina',
    email: 'nina@maker.example',
    email_verified: true,
    groups: ['Finance', 'Admins'],
  });
  assert.match(both.location, refused);
  assert.equal(both.cookie, undefined);
  const { token } = await house.signIn('admin');
  const [nina] = (await house.call('GET', '/users?search=nina', { token })).body.items;
  assert.deepEqual(nina.roles, []);
});

test('over TLS the cookie of a round trip is held to this host by its name', async (t) => {
  const house = await testSecurity(t, false, 'https://trade.maker.example');
  const provider = await looseProvider(t);
  const providerId = await addProvider(house, provider.issuer);
  provider.account = verified;
  const goBack = async (name: string) => {
    const begun = await house.call('POST', '/auth/single-sign-on/begin', { body: { providerId } });
    const set = String(begun.headers['set-cookie']);
    assert.match(set, /^__Host-tradeai_round_trip=[\w.-]+; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    const cookie = `${name}=${/=([^;]+)/.exec(set)?.[1]}`;
    const path = `/auth/single-sign-on/callback${provider.approve(begun.body.url)}`;
    return String((await house.call('GET', path, { headers: { cookie } })).headers.location);
  };
  assert.match(
    await goBack('tradeai_round_trip'),
    refused,
    'a cookie that another host could have set is not looked at',
  );
  assert.match(await goBack('__Host-tradeai_round_trip'), /^\/signed-in/);
});

test('whoever joins through a provider sees what its administrator said, and nobody joins where nothing was said', async (t) => {
  const part = { customers: [randomUUID()], products: null };
  const { house, go } = await through(t, { joins: true, joinScope: part });
  const email = 'new@beta.example';
  assert.match((await go({ email, email_verified: true })).location, /^\/signed-in/);
  const { token } = await house.signIn('admin');
  const { items } = (await house.call('GET', '/users', { token })).body;
  const joined = items.find((one: { email: string }) => one.email === email);
  assert.deepEqual(joined?.scope, part);
  const [provider] = (await house.call('GET', '/single-sign-on', { token })).body.items;
  const unsaid = await house.call('PATCH', `/single-sign-on/${provider.id}`, { token, body: { joinScope: null } });
  assert.deepEqual([unsaid.status, unsaid.body.code], [422, 'rule.violated']);
  await house.house.db.transact(house.house.context(), (tx) =>
    tx.run(sql`update identity.single_sign_on set join_scope = null`),
  );
  assert.match((await go({ sub: 'later', email: 'later@beta.example', email_verified: true })).location, refused);
});

test('who has an account in another tenant does not become a member through a provider', async (t) => {
  const { house, go } = await through(t, { joins: true, joinScope: everything });
  const { db, clock } = house.house;
  const email = 'nina@beta.example';
  await db.system((tx) => insertPerson(tx, { id: randomUUID(), email, name: 'Nina', createdAt: clock.now() }));
  assert.match((await go({ email, email_verified: true })).location, refused);
  assert.match((await go({ email: 'new@beta.example', email_verified: true })).location, /^\/signed-in/);
});

test('a session that a provider vouched for does not change what its person holds across tenants', async (t) => {
  const { house, go } = await through(t);
  const back = await go(verified);
  const session = await house.call('POST', '/auth/refresh', { cookie: back.cookie ?? '' });
  const token = session.body.accessToken;
  for (const path of ['/auth/totp', '/auth/passkeys/options']) {
    const refusal = await house.call('POST', path, { token });
    assert.deepEqual([refusal.status, refusal.body.demand], [403, 'own_proof'], path);
  }
  assert.equal(
    (await house.call('POST', '/auth/prove', { token, body: { password: 'correct horse battery' } })).status,
    204,
  );
  assert.equal((await house.call('POST', '/auth/totp', { token })).status, 201);
});

test('after a sign-in people go on to a page of ours and nowhere else', () => {
  const elsewhere = [
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil',
    'javascript:alert(1)',
    '/a\nb',
    '',
    undefined,
  ];
  for (const to of elsewhere) assert.equal(safePath(to), '/', String(to));
  assert.equal(safePath('/promotions?state=draft#x'), '/promotions?state=draft#x');
});
