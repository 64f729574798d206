import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret, TOTP } from 'otpauth';
import pg from 'pg';
import { raceBehindLock, type TestSecurity, testSecurity } from '../test-security.ts';

const kam = { email: 'kam@demo.tradeai.example', password: 'correct horse battery' };

/** The code that a generator app shows at the house's time. */
function codeAt(house: TestSecurity, secret: string, steps = 0): string {
  const timestamp = house.house.clock.now().getTime() + steps * 30_000;
  return TOTP.generate({ secret: Secret.fromBase32(secret), algorithm: 'SHA1', digits: 6, period: 30, timestamp });
}

/** A code that is right for no step around now. */
function wrongCode(house: TestSecurity, secret: string): string {
  const right = new Set([-2, -1, 0, 1, 2].map((steps) => codeAt(house, secret, steps)));
  return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !right.has(code)) ?? '666666';
}

async function enrol(house: TestSecurity, login = 'kam') {
  const { token } = await house.signIn(login);
  const begun = await house.call('POST', '/auth/totp', { token });
  assert.equal(begun.status, 201);
  const { secret, uri } = begun.body as { secret: string; uri: string };
  const confirmed = await house.call('POST', '/auth/totp/confirm', { token, body: { code: codeAt(house, secret) } });
  assert.equal(confirmed.status, 200);
  house.pass(30_000);
  return { token, secret, uri, recoveryCodes: confirmed.body.recoveryCodes as string[] };
}

async function begin(house: TestSecurity, address?: string): Promise<string> {
  const asked = await house.call('POST', '/auth/login', { body: kam, ...(address ? { address } : {}) });
  assert.deepEqual([asked.status, asked.body.code], [401, 'auth.second_factor_required']);
  assert.equal(asked.cookie, undefined);
  return asked.body.challenge;
}

const finish = (house: TestSecurity, challenge: string, code: string, address?: string) =>
  house.call('POST', '/auth/login/second-factor', { body: { challenge, code }, ...(address ? { address } : {}) });

test('with a code generator a password alone opens nothing, and the code of the moment finishes the sign-in once', async (t) => {
  const house = await testSecurity(t);
  const { secret, uri, recoveryCodes } = await enrol(house);
  assert.match(uri, /^otpauth:\/\/totp\/TRADEAI:kam%40demo\.tradeai\.example\?/);
  assert.equal(new Set(recoveryCodes).size, 10);
  const challenge = await begin(house);
  const wrong = await finish(house, challenge, wrongCode(house, secret));
  assert.deepEqual([wrong.status, wrong.body.code], [401, 'auth.invalid_credentials']);
  const right = await finish(house, challenge, codeAt(house, secret));
  assert.equal(right.status, 200);
  assert.equal(right.body.user.email, kam.email);
  assert.equal((await house.call('GET', '/auth/me', { token: right.body.accessToken })).status, 200);
  assert.equal((await finish(house, challenge, codeAt(house, secret, 1))).status, 401, 'a challenge is spent once');
  assert.equal((await finish(house, await begin(house), codeAt(house, secret))).status, 401, 'a code is used once');
  assert.equal((await finish(house, await begin(house), codeAt(house, secret, -1))).status, 401, 'an older one too');
  house.pass(30_000);
  assert.equal((await finish(house, await begin(house), codeAt(house, secret))).status, 200);
});

test('of several answers with one code at once, whichever challenge they answer, one signs in', async (t) => {
  const house = await testSecurity(t);
  const { secret } = await enrol(house);
  const challenges = [await begin(house), await begin(house), await begin(house), await begin(house)];
  const code = codeAt(house, secret);
  const answers = await raceBehindLock(
    house.house,
    'select from identity.totp for update',
    challenges.map((challenge, i) => () => finish(house, challenge, code, `198.51.100.${i}`)),
  );
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 401, 401, 401]);
});

test('a recovery code works once in place of the generator, and new ones replace the old', async (t) => {
  const house = await testSecurity(t);
  const { recoveryCodes } = await enrol(house);
  const [first = '', second = ''] = recoveryCodes;
  const entered = await finish(house, await begin(house), first.toUpperCase());
  assert.equal(entered.status, 200);
  assert.equal((await finish(house, await begin(house), first)).status, 401);
  const { accessToken: token } = entered.body;
  assert.equal((await house.call('GET', '/auth/factors', { token })).body.recoveryCodesLeft, 9);
  const renewed = await house.call('POST', '/auth/recovery-codes', { token });
  assert.equal(renewed.status, 201);
  assert.equal((await finish(house, await begin(house), second)).status, 401);
  assert.equal((await finish(house, await begin(house), renewed.body.recoveryCodes[0])).status, 200);
});

test('guessing codes stops, per challenge and per person from one place, while the owner elsewhere signs in', async (t) => {
  const house = await testSecurity(t);
  const { secret } = await enrol(house);
  const thief = '203.0.113.9';
  const challenge = await begin(house, thief);
  const wrong = wrongCode(house, secret);
  const guesses = await Promise.all(Array.from({ length: 9 }, () => finish(house, challenge, wrong, thief)));
  assert.equal(guesses.filter(({ status, body }) => status === 401 && /code is wrong/.test(body.detail)).length, 5);
  const dead = await finish(house, challenge, codeAt(house, secret), thief);
  assert.match(dead.body.detail, /too many tries/);
  const again = await finish(house, await begin(house, thief), codeAt(house, secret), thief);
  assert.deepEqual([again.status, again.headers['retry-after']], [429, '2']);
  const owner = '198.51.100.7';
  assert.equal((await finish(house, await begin(house, owner), codeAt(house, secret), owner)).status, 200);
});

test('a challenge expires after five minutes, and one of nobody is no different', async (t) => {
  const house = await testSecurity(t);
  const { secret } = await enrol(house);
  const challenge = await begin(house);
  house.pass(300_000);
  const late = await finish(house, challenge, codeAt(house, secret));
  const forged = await finish(house, 'x'.repeat(43), codeAt(house, secret));
  assert.deepEqual([late.status, late.body.code], [401, 'auth.token_invalid']);
  assert.deepEqual([forged.status, forged.body.detail], [late.status, late.body.detail]);
});

test('the database holds neither the secret of a generator nor a recovery code', async (t) => {
  const house = await testSecurity(t);
  const { secret, recoveryCodes } = await enrol(house);
  const client = new pg.Client({ connectionString: house.house.url });
  await client.connect();
  const { rows } = await client.query(`select encode(secret, 'escape') as text from identity.totp
    union all select encode(mac, 'escape') from identity.recovery_code`);
  await client.end();
  assert.equal(rows.length, 11);
  const all = rows.map(({ text }) => text).join('\n');
  for (const word of [secret, ...recoveryCodes.flatMap((code) => [code, code.replaceAll('-', '')])]) {
    assert.ok(!all.includes(word), 'a secret lies in the database');
  }
});

test('factors are changed only after a proof of the last ten minutes, and a generator is proof where there is one', async (t) => {
  const house = await testSecurity(t);
  const { token, secret } = await enrol(house);
  house.pass(10 * 60_000);
  const { body: renewed } = await house.call('POST', '/auth/login', { body: kam });
  const fresh = await finish(house, renewed.challenge, codeAt(house, secret));
  assert.equal(
    (await house.call('DELETE', '/auth/totp', { token })).status,
    401,
    'the token itself has expired by now',
  );
  const { accessToken } = fresh.body;
  house.pass(9 * 60_000);
  const refreshed = await house.call('POST', '/auth/refresh', { cookie: fresh.cookie ?? '' });
  house.pass(2 * 60_000);
  const stale = { token: refreshed.body.accessToken };
  assert.ok(accessToken);
  const refused = await house.call('DELETE', '/auth/totp', stale);
  assert.deepEqual([refused.status, refused.body.code], [403, 'auth.proof_required']);
  const prove = (body: unknown) => house.call('POST', '/auth/prove', { ...stale, body });
  assert.equal((await prove({ password: kam.password })).body.code, 'auth.second_factor_required');
  assert.equal((await prove({ code: wrongCode(house, secret) })).status, 401);
  assert.equal((await prove({ code: codeAt(house, secret) })).status, 204);
  assert.equal((await house.call('DELETE', '/auth/totp', stale)).status, 204);
  assert.equal((await house.call('POST', '/auth/login', { body: kam })).status, 200);
  assert.equal((await house.call('GET', '/auth/factors', stale)).body.recoveryCodesLeft, 0);
});

test('where a tenant requires a second factor, a session without one can set it up and do nothing else', async (t) => {
  const house = await testSecurity(t);
  const [admin, open] = [await house.signIn('admin'), await house.signIn('kam')];
  const set = await house.call('PUT', '/sign-in-policy', { token: admin.token, body: { secondFactor: 'required' } });
  assert.equal(set.status, 200);
  for (const { token } of [open, await house.signIn('kam')]) {
    const me = await house.call('GET', '/auth/me', { token });
    assert.equal(me.body.demand, 'second_factor');
    const refused = await house.call('GET', '/people', { token });
    assert.deepEqual(
      [refused.status, refused.body.code, refused.body.demand],
      [403, 'auth.proof_required', 'second_factor'],
    );
    await assert.rejects(house.security.admit(token), { code: 'auth.proof_required' });
  }
  const { token } = await enrol(house);
  assert.equal((await house.call('GET', '/auth/me', { token })).body.demand, null);
  assert.equal((await house.call('GET', '/people', { token })).status, 200);
});

test('who takes an invitation to another tenant by their password still owes their second factor', async (t) => {
  const house = await testSecurity(t);
  const { secret } = await enrol(house);
  const { db, clock } = house.house;
  const { createTenant } = await import('../people/create-tenant.ts');
  const made = await createTenant(db, clock, { slug: 'evil', adminEmail: kam.email, publicUrl: 'http://localhost' });
  const link = new URLSearchParams(new URL(made.link ?? '').hash.slice(1)).get('token');
  const taken = await house.call('POST', '/auth/accept', { body: { token: link, password: kam.password } });
  assert.deepEqual([taken.status, taken.body.code, taken.cookie], [401, 'auth.second_factor_required', undefined]);
  const entered = await finish(house, taken.body.challenge, codeAt(house, secret));
  assert.equal(entered.body.user.tenantId, made.tenantId);
});

test('an administrator sees who has which factor and takes lost ones away, but not from people of other tenants', async (t) => {
  const house = await testSecurity(t);
  const { token: lost } = await enrol(house);
  const admin = await house.signIn('admin');
  const id = house.people.find(({ login }) => login === 'kam')?.id ?? '';
  const seen = await house.call('GET', '/users/factors', { token: admin.token });
  const row = seen.body.items.find(({ personId }: { personId: string }) => personId === id);
  assert.deepEqual([row.totp, row.passkeys, row.password], [true, 0, true]);
  const reset = await house.call('POST', `/users/${id}/reset-factors`, { token: admin.token });
  assert.equal(reset.status, 204);
  assert.equal((await house.call('GET', '/auth/me', { token: lost })).status, 401);
  assert.equal((await house.call('POST', '/auth/login', { body: kam })).status, 200);
  const client = new pg.Client({ connectionString: house.house.url });
  await client.connect();
  await client.query(`insert into identity.membership (tenant_id, person_id, roles, approval_currency, created_at)
    select t.id, '${id}', '{}', 'USD', now() from identity.tenant t where slug = 'beta'`);
  await client.end();
  const shared = await house.call('POST', `/users/${id}/reset-factors`, { token: admin.token });
  assert.deepEqual([shared.status, shared.body.code], [422, 'rule.violated']);
});
