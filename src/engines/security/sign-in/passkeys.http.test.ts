import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#db';
import { raceBehindLock, type TestSecurity, testSecurity } from '../test-security.ts';
import { makeAuthenticator, type Trick } from './test-authenticator.ts';

type Authenticator = ReturnType<typeof makeAuthenticator>;

async function register(house: TestSecurity, login = 'kam', authenticator = makeAuthenticator(), trick: Trick = {}) {
  const { token, user } = await house.signIn(login);
  const { challenge, options } = (await house.call('POST', '/auth/passkeys/options', { token })).body;
  const body = { challenge, name: 'Laptop', response: authenticator.create(options, trick) };
  const added = await house.call('POST', '/auth/passkeys', { token, body });
  return { token, user, authenticator, added, body };
}

async function show(house: TestSecurity, authenticator: Authenticator, trick: Trick = {}) {
  const { challenge, options } = (await house.call('POST', '/auth/login/passkey/options')).body;
  assert.deepEqual(options.allowCredentials ?? [], []);
  const body = { challenge, response: authenticator.get(options, trick) };
  return { body, answer: await house.call('POST', '/auth/login/passkey', { body }) };
}

test('a passkey signs its person in without a password, and each answer counts once', async (t) => {
  const house = await testSecurity(t);
  const { authenticator, added, user } = await register(house);
  assert.equal(added.status, 200, JSON.stringify(added.body));
  assert.equal(added.body.recoveryCodes.length, 10);
  const { body, answer } = await show(house, authenticator);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  assert.equal(answer.body.user.id, user.id);
  assert.ok(answer.cookie);
  assert.equal((await house.call('POST', '/auth/login/passkey', { body })).status, 401);
  const factors = await house.call('GET', '/auth/factors', { token: answer.body.accessToken });
  assert.deepEqual(
    factors.body.passkeys.map(({ name }: { name: string }) => name),
    ['Laptop'],
  );
});

test('strangers who ask over and over leave nothing behind, and what they make up opens nothing', async (t) => {
  const house = await testSecurity(t);
  const { authenticator } = await register(house);
  const kept = () =>
    house.house.db.system((tx) =>
      tx.one<{ rows: number }>(sql`select count(*)::integer as rows
    from identity.challenge`),
    );
  const before = await kept();
  for (let i = 0; i < 20; i++) await house.call('POST', '/auth/login/passkey/options');
  const { challenge, options } = (await house.call('POST', '/auth/login/passkey/options')).body;
  assert.deepEqual(await kept(), before);
  const [body = '', mac] = challenge.split('.');
  const longer = JSON.parse(Buffer.from(body, 'base64url').toString());
  longer.expiresAtMs += 3_600_000;
  const forged = `${Buffer.from(JSON.stringify(longer)).toString('base64url')}.${mac}`;
  const answer = (token: string) =>
    house.call('POST', '/auth/login/passkey', { body: { challenge: token, response: authenticator.get(options) } });
  for (const token of [forged, body, `${challenge}.x`]) assert.equal((await answer(token)).status, 401, token);
  house.pass(5 * 60_000);
  assert.equal((await answer(challenge)).status, 401, 'too old');
  assert.deepEqual(await kept(), before);
  // Many authenticators count nothing: only the spent challenge tells a replay.
  const counted = await show(house, authenticator, { counter: 0 });
  assert.equal(counted.answer.status, 200);
  const token: string = counted.body.challenge;
  // The last character of a MAC holds two bits that no decoder looks at.
  const respelt = `${token.slice(0, -1)}${String.fromCharCode(token.charCodeAt(token.length - 1) + 1)}`;
  for (const spelling of [token, respelt]) {
    const again = { ...counted.body, challenge: spelling };
    assert.equal((await house.call('POST', '/auth/login/passkey', { body: again })).status, 401, spelling);
  }
  assert.equal((await kept()).rows, before.rows + 1);
});

test('an answer for another site, another host, without its user, or to another question opens nothing', async (t) => {
  const house = await testSecurity(t);
  const { authenticator } = await register(house);
  const tricks: Trick[] = [
    { origin: 'https://evil.example' },
    { origin: 'https://localhost.evil.example' },
    { rpId: 'evil.example' },
    { unverified: true },
    { challenge: Buffer.alloc(32).toString('base64url') },
  ];
  for (const trick of tricks) {
    const { answer } = await show(house, authenticator, trick);
    assert.deepEqual([answer.status, answer.body.code], [401, 'auth.invalid_credentials'], JSON.stringify(trick));
    assert.equal(answer.cookie, undefined);
    const made = await register(house, 'finance', makeAuthenticator(), trick);
    assert.equal(made.added.status, 401, `made with ${JSON.stringify(trick)}`);
  }
  assert.equal((await show(house, makeAuthenticator())).answer.status, 401, 'a passkey that nobody has');
  assert.equal((await show(house, authenticator)).answer.status, 200);
});

test('a counter that does not go on says that a passkey was copied, and of two at once one signs in', async (t) => {
  const house = await testSecurity(t);
  const { authenticator } = await register(house);
  assert.equal((await show(house, authenticator, { counter: 7 })).answer.status, 200);
  for (const counter of [7, 3]) assert.equal((await show(house, authenticator, { counter })).answer.status, 401);
  const questions = await Promise.all([0, 1].map(() => house.call('POST', '/auth/login/passkey/options')));
  const answers = await raceBehindLock(
    house.house,
    'select from identity.passkey for update',
    questions.map(({ body: { challenge, options } }) => () => {
      const body = { challenge, response: authenticator.get(options, { counter: 8 }) };
      return house.call('POST', '/auth/login/passkey', { body });
    }),
  );
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 401]);
});

test('a passkey is made in the session that asked, named, renamed and removed by its person only', async (t) => {
  const house = await testSecurity(t);
  const { token, added, body, authenticator } = await register(house);
  const thief = await house.signIn('finance');
  assert.equal((await house.call('POST', '/auth/passkeys', { token, body })).status, 401, 'the question is spent');
  const { challenge, options } = (await house.call('POST', '/auth/passkeys/options', { token })).body;
  const stolen = { challenge, name: 'X', response: makeAuthenticator().create(options) };
  assert.equal((await house.call('POST', '/auth/passkeys', { token: thief.token, body: stolen })).status, 401);
  const path = `/auth/passkeys/${added.body.passkey.id}`;
  for (const method of ['PUT', 'DELETE'] as const) {
    const [at, sent] = method === 'PUT' ? [`${path}/name`, { body: { name: 'Mine' } }] : [path, {}];
    assert.equal((await house.call(method, at, { token: thief.token, ...sent })).status, 404, method);
  }
  assert.equal((await house.call('PUT', `${path}/name`, { token, body: { name: 'Phone' } })).status, 204);
  assert.equal((await house.call('DELETE', path, { token })).status, 204);
  assert.equal((await show(house, authenticator)).answer.status, 401);
});

test('where a second factor is required, a person with a passkey shows it, and a password alone opens nothing', async (t) => {
  const house = await testSecurity(t);
  const { authenticator } = await register(house);
  const admin = await house.signIn('admin');
  await house.call('PUT', '/sign-in-policy', { token: admin.token, body: { secondFactor: 'required' } });
  const body = { email: 'kam@demo.tradeai.example', password: 'correct horse battery' };
  const asked = await house.call('POST', '/auth/login', { body });
  assert.deepEqual([asked.status, asked.body.methods], [401, ['passkey', 'recovery_code']]);
  const { answer } = await show(house, authenticator);
  assert.equal(answer.body.user.demand, null);
  const proof = { token: answer.body.accessToken, body: { password: body.password } };
  assert.equal((await house.call('POST', '/auth/prove', proof)).body.code, 'auth.second_factor_required');
});

test('a passkey proves a session again, its own and not another’s', async (t) => {
  const house = await testSecurity(t);
  const { authenticator, token } = await register(house);
  house.pass(9 * 60_000);
  const thief = await house.signIn('finance');
  house.pass(61_000);
  const fresh = await show(house, authenticator);
  const prove = async (bearer: string) => {
    const { challenge, options } = (await house.call('POST', '/auth/prove/passkey-options', { token: bearer })).body;
    const passkey = { challenge, response: authenticator.get(options) };
    return house.call('POST', '/auth/prove', { token: bearer, body: { passkey } });
  };
  assert.equal((await house.call('GET', '/auth/me', { token })).status, 401, 'ten minutes are over');
  assert.equal((await prove(thief.token)).status, 401);
  assert.equal((await prove(fresh.answer.body.accessToken)).status, 204);
});
