import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testSecurity } from '../test-security.ts';

const id = '00000000-0000-7000-8000-000000000000';
const bodies = [
  '{',
  '[]',
  'null',
  '"x"',
  '{"x":1}',
  JSON.stringify({ name: 'x'.repeat(200_000) }),
  JSON.stringify({ email: 'a\u0000@b.example', password: '\u0000', token: '\u0000'.repeat(30), roles: ['\u0000'] }),
  JSON.stringify({
    email: `${'a'.repeat(300)}@b.example`,
    password: 'p'.repeat(5_000),
    roles: Array(100).fill('auditor'),
  }),
  JSON.stringify({ email: { $ne: null }, password: { $ne: null }, token: ['x'], roles: 'auditor', code: 7 }),
  JSON.stringify({ roles: [], approvalLimit: { amount: 'NaN', currency: 'USD' }, disabled: 'yes' }),
  JSON.stringify({ approvalLimit: { amount: '-1', currency: 'USD' } }),
  JSON.stringify({ approvalLimit: { amount: '1.23456', currency: 'XXX' } }),
  JSON.stringify({ approvalLimit: { amount: '10.001', currency: 'USD' } }),
  JSON.stringify({ approvalLimit: { amount: '1.5', currency: 'JPY' } }),
  JSON.stringify({ code: 'Reader!', name: '\u0007', permissions: ['everything:do'] }),
  JSON.stringify({ token: 'x'.repeat(43), password: '\ud800 lone surrogate' }),
];
const queries = [
  '?limit=-1',
  '?limit=999999',
  '?cursor=%00',
  '?cursor=WyJ4IiwiMDAwMDAwMDAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAwIl0',
  '?sort=;drop',
  '?sort=__proto__',
  '?from=yesterday',
  '?from=2026-02-31',
  '?to=0000-01-01',
  '?search=%00',
  '?search=%25',
  '?actorId=me',
  '?permission=all',
  '?unknown=1',
];

test('no route of sign-in, people, roles or audit answers a hostile request with a 500 or takes broken input', async (t) => {
  const house = await testSecurity(t);
  const { token: good } = await house.signIn('admin');
  const wrong: string[] = [];
  let calls = 0;
  const attempt = async (name: string, request: ReturnType<typeof house.call>, refuse: boolean) => {
    const { status, headers } = await request;
    calls += 1;
    const problem = /problem\+json/.test(String(headers['content-type']));
    if (status >= 500 || (status >= 400 && !problem) || (refuse && status < 400)) wrong.push(`${name}: ${status}`);
  };
  for (const { method, path, access, body: schema } of house.security.routes) {
    const url = path.replace(/:id|:keyId/g, id).replace(':code', 'nothing');
    const verb = method as 'GET' | 'POST' | 'PATCH' | 'DELETE';
    // Signing out would take the good token away from all that follows.
    const token = path === '/auth/logout' ? '' : good;
    if (access !== 'public') await attempt(`${verb} ${path} without a token`, house.call(verb, url), true);
    if (verb === 'GET') {
      for (const query of queries)
        await attempt(`${verb} ${path}${query}`, house.call(verb, url + query, { token }), false);
      continue;
    }
    const takesBody = schema !== undefined && !schema.safeParse(undefined).success;
    for (const body of bodies) {
      await attempt(
        `${verb} ${path} ${body.slice(0, 60)}`,
        house.call(verb, url, { token, body }),
        takesBody || body === '{',
      );
    }
    for (const match of ['3', '"x"', '"99999999999"']) {
      const headers = { 'if-match': match };
      await attempt(
        `${verb} ${path} If-Match ${match}`,
        house.call(verb, url, { token, headers, body: '{}' }),
        takesBody,
      );
    }
    for (const bad of ['', 'Bearer', 'Bearer a.b.c', 'Basic YTpi', `Bearer ${'x'.repeat(4_000)}`]) {
      if (access === 'public') break;
      await attempt(
        `${verb} ${path} ${bad.slice(0, 9)}`,
        house.call(verb, url, { headers: { authorization: bad } }),
        true,
      );
    }
  }
  await attempt('forged cookie', house.call('POST', '/auth/refresh', { cookie: `${id}.1.${'A'.repeat(43)}` }), true);
  await attempt('garbage cookie', house.call('POST', '/auth/refresh', { cookie: '%00%ff' }), true);
  assert.ok(calls > 200, `only ${calls} calls`);
  assert.deepEqual(wrong, []);
  assert.equal((await house.call('GET', '/auth/me', { token: good })).status, 200);
});

test('a role without a permission is refused by every route that needs it', async (t) => {
  const house = await testSecurity(t);
  const { token } = await house.signIn('legal');
  for (const { method, path, access } of house.security.routes) {
    if (access === 'public' || access === 'authenticated') continue;
    const url = path.replace(':id', id).replace(':code', 'nothing');
    const answer = await house.call(method as 'GET', url, { token });
    assert.equal(answer.status, 403, `${method} ${path}`);
  }
});
