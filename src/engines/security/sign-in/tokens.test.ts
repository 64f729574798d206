import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SignJWT, UnsecuredJWT } from 'jose';
import { fixedClock } from '#clock';
import { deriveKey } from '../keys/derive-key.ts';
import { accessTokenLifeS, makeAccessTokens } from './access-token.ts';
import { graceMs, judgeRefresh, makeRefreshTokens } from './refresh-token.ts';

const secret = 'a-secret-key-for-tests-only-32-characters';
const claims = {
  personId: '0190a000-0000-7000-8000-000000000001',
  tenantId: '0190a000-0000-7000-8000-000000000002',
  sessionId: '0190a000-0000-7000-8000-000000000003',
};
const refused = { code: 'auth.token_invalid' };

test('an access token speaks for who got it until it expires', async () => {
  const clock = fixedClock('2026-06-15T12:00:00Z');
  const tokens = makeAccessTokens(clock, secret);
  const token = await tokens.issue(claims);
  assert.deepEqual(await tokens.read(token), claims);
  clock.set(new Date(Date.parse('2026-06-15T12:00:00Z') + accessTokenLifeS * 1_000).toISOString());
  await assert.rejects(tokens.read(token), refused);
});

test('an access token that was altered, unsigned, signed by another key or for another use is refused', async () => {
  const clock = fixedClock('2026-06-15T12:00:00Z');
  const tokens = makeAccessTokens(clock, secret);
  const token = await tokens.issue(claims);
  const [head, body, signature] = token.split('.') as [string, string, string];
  const other = Buffer.from(Buffer.from(body, 'base64url').toString().replace('0001', '0009')).toString('base64url');
  const nowS = clock.now().getTime() / 1_000;
  const payload = { tid: claims.tenantId, sid: claims.sessionId, ver: 1 };
  const unsigned = new UnsecuredJWT(payload)
    .setSubject(claims.personId)
    .setIssuer('tradeai')
    .setAudience('tradeai-api')
    .setExpirationTime(nowS + 60)
    .encode();
  const signedFor = (audience: string, typ: string) =>
    new SignJWT(payload)
      .setProtectedHeader({ alg: 'HS256', typ })
      .setSubject(claims.personId)
      .setIssuer('tradeai')
      .setAudience(audience)
      .setExpirationTime(nowS + 60)
      .sign(deriveKey(secret, 'access-token'));
  assert.deepEqual(await tokens.read(await signedFor('tradeai-api', 'at+jwt')), claims);
  const bad = [
    `${head}.${other}.${signature}`,
    unsigned,
    await makeAccessTokens(clock, `${secret}!`).issue(claims),
    await signedFor('elsewhere', 'at+jwt'),
    await signedFor('tradeai-api', 'JWT'),
    'a.b.c',
    '',
  ];
  for (const forged of bad) await assert.rejects(tokens.read(forged), refused, forged);
});

test('a refresh token is recognised only as it was issued', () => {
  const tokens = makeRefreshTokens(secret);
  const issued = { sessionId: claims.sessionId, generation: 3 };
  const text = tokens.issue(issued);
  assert.deepEqual(tokens.read(text), issued);
  assert.equal(tokens.read(text.replace('.3.', '.4.')), undefined);
  assert.equal(tokens.read(text.replace('0003.', '0004.')), undefined);
  assert.equal(makeRefreshTokens(`${secret}!`).read(text), undefined);
  assert.equal(tokens.read(`${text}x`), undefined);
  assert.equal(tokens.read(''), undefined);
});

test('only the token just replaced is forgiven, and only for a moment', () => {
  const rotatedAt = new Date('2026-06-15T12:00:00Z');
  const session = { generation: 5, rotatedAt };
  const at = (ms: number) => new Date(rotatedAt.getTime() + ms);
  assert.equal(judgeRefresh(5, session, at(99_000)), 'rotate');
  assert.equal(judgeRefresh(4, session, at(graceMs)), 'repeat');
  assert.equal(judgeRefresh(4, session, at(graceMs + 1)), 'reused');
  assert.equal(judgeRefresh(3, session, at(0)), 'reused');
  assert.equal(judgeRefresh(6, session, at(0)), 'unknown');
});
