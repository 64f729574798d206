import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { makeLogger } from '#telemetry';
import { testHouse } from '../../../test/house.ts';
import { makeHttpServer, route } from './index.ts';

const hello = route({
  method: 'GET',
  path: '/hello',
  summary: 'Says hello',
  access: 'public',
  answers: { 200: z.object({ text: z.string() }) },
  handle: async () => ({ body: { text: 'hello', secret: 'inside' } }),
});

test('every answer tells a browser to sniff, frame, share and keep nothing; over TLS to stay there', async (t) => {
  const house = await testHouse(t);
  const app = await makeHttpServer({
    ...{ db: house.db, clock: house.clock, log: makeLogger('silent'), routes: [hello], trustProxy: true },
    corsOrigins: ['https://partner.example'],
    authenticate: async () => {
      throw new Error('nobody signs in here');
    },
  });
  const ask = (url: string, headers: Record<string, string> = {}) => app.inject({ method: 'GET', url, headers });
  for (const url of ['/api/v1/hello', '/api/v1/absent', '/api/v1/%ff', '/absent']) {
    const { headers } = await ask(url);
    assert.equal(headers['x-content-type-options'], 'nosniff', url);
    assert.equal(headers['referrer-policy'], 'no-referrer', url);
    assert.match(String(headers['content-security-policy']), /default-src 'none'.*frame-ancestors 'none'/, url);
    assert.match(String(headers['content-type']), /; charset=utf-8$/, url);
    assert.equal(headers['strict-transport-security'], undefined, url);
  }
  const plain = await ask('/api/v1/hello');
  assert.equal(plain.headers['cache-control'], 'no-store');
  assert.deepEqual(plain.json(), { text: 'hello' }, 'only what the schema names');
  const overTls = await ask('/api/v1/hello', { 'x-forwarded-proto': 'https' });
  assert.match(String(overTls.headers['strict-transport-security']), /^max-age=63072000; includeSubDomains$/);

  const preflight = (origin: string) =>
    app.inject({
      ...{ method: 'OPTIONS', url: '/api/v1/hello' },
      headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
    });
  const known = await preflight('https://partner.example');
  assert.equal(known.headers['access-control-allow-origin'], 'https://partner.example');
  assert.equal(known.headers['access-control-allow-credentials'], undefined, 'cookies are for our own page');
  for (const origin of ['https://evil.example', 'https://partner.example.evil.example', 'null']) {
    assert.equal((await preflight(origin)).headers['access-control-allow-origin'], undefined, origin);
    assert.equal((await ask('/api/v1/hello', { origin })).headers['access-control-allow-origin'], undefined, origin);
  }
  await app.close();
});

test('behind a proxy an address is what the proxy saw, whatever a client says of itself; without one nothing is believed', async (t) => {
  const house = await testHouse(t);
  const asked = route({
    ...{ method: 'GET', path: '/address', summary: 'Says who asks', access: 'public' },
    answers: { 200: z.object({ address: z.string() }) },
    handle: async (_context, { request }) => ({ body: { address: request.ip } }),
  });
  const addressSeen = async (trustProxy: boolean) => {
    const app = await makeHttpServer({
      ...{ db: house.db, clock: house.clock, log: makeLogger('silent'), routes: [asked], trustProxy },
      authenticate: async () => {
        throw new Error('nobody signs in here');
      },
    });
    const headers = { 'x-forwarded-for': '198.51.100.7, 203.0.113.9', 'x-real-ip': '198.51.100.8' };
    const answer = await app.inject({ method: 'GET', url: '/api/v1/address', headers });
    await app.close();
    return answer.json().address;
  };
  assert.equal(await addressSeen(true), '203.0.113.9', 'a proxy adds at the end what it saw');
  assert.equal(await addressSeen(false), '127.0.0.1');
});
