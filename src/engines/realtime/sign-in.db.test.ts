import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { TestClient } from './test-client.ts';
import { testServer } from './test-server.ts';

const quick = { recheckMs: 50, drainMs: 200 };

test('a browser signs in by a bearer subprotocol in either form, and the token is not echoed where it need not be', async (t) => {
  const { url } = await testServer(t);
  for (const [offered, selected] of [
    [['bearer', 'a'], 'bearer'],
    [['tradeai.v1', 'bearer.a'], 'tradeai.v1'],
    [['bearer.a'], 'bearer.a'],
  ] as const) {
    // Node's own WebSocket follows the browsers' rules.
    const socket = new globalThis.WebSocket(url, [...offered]);
    const { data } = await new Promise<{ data: string }>((resolve, reject) => {
      socket.onmessage = resolve as never;
      socket.onerror = reject as never;
    });
    const frame = JSON.parse(data);
    assert.equal(frame.type, 'connection_established');
    assert.equal(frame.protocol, 'tradeai.v1');
    assert.match(frame.connectionId, /^[\da-f-]{36}$/);
    assert.equal(socket.protocol, selected);
    socket.close();
  }
});

test('frames sent right behind the token are answered after the sign-in, in their order', async (t) => {
  const { url } = await testServer(t);
  const client = new TestClient(url);
  await once(client.socket, 'open');
  client.send({ type: 'auth', token: 'a' });
  client.send({ type: 'subscribe', id: 's', channel: 'counting' });
  client.send({ type: 'ping', id: 'p' });
  await client.frame('initial_data');
  const types = client.frames.map(({ type }) => type);
  assert.deepEqual(
    types.filter((type) => type !== 'pong'),
    ['connection_established', 'subscription_confirmed', 'initial_data'],
  );
  await client.frame('pong', ({ id }) => id === 'p');
});

test('a wrong token gets an error, bye and close 4401, by message and by subprotocol', async (t) => {
  const { url } = await testServer(t, { limits: quick });
  const byMessage = new TestClient(url);
  await once(byMessage.socket, 'open');
  byMessage.send({ type: 'auth', token: 'wrong' });
  for (const client of [byMessage, new TestClient(url, ['bearer', 'wrong'])]) {
    assert.equal(await client.closed, 4401);
    assert.deepEqual(
      client.frames.map(({ type, code }) => [type, code]),
      [
        ['error', 'auth.token_invalid'],
        ['bye', 'auth.token_invalid'],
      ],
    );
  }
});

test('a page of another site opens no socket; ours, named ones and programs do', async (t) => {
  const { url } = await testServer(t, { origins: ['https://partner.example'] });
  const answerTo = async (origin?: string): Promise<number> => {
    const { socket } = new TestClient(url, [], origin === undefined ? {} : { origin });
    const [answered] = await Promise.race([
      once(socket, 'upgrade'),
      once(socket, 'unexpected-response').then(([, response]) => [response]),
    ]);
    socket.terminate();
    return answered.statusCode;
  };
  const { host } = new URL(url);
  for (const origin of [undefined, `http://${host}`, 'https://partner.example'])
    assert.equal(await answerTo(origin), 101);
  for (const origin of ['https://evil.example', 'https://partner.example.evil.example', 'null', 'http://localhost:1'])
    assert.equal(await answerTo(origin), 403, origin);
});

test('a socket that does not sign in in time is closed', async (t) => {
  const { url } = await testServer(t, { limits: { ...quick, signInMs: 150 } });
  const client = new TestClient(url);
  assert.equal(await client.closed, 4401);
  assert.equal(client.frames.at(-1)?.code, 'auth.timeout');
});

test('a stranger who asks for anything but sign-in learns nothing', async (t) => {
  const { url } = await testServer(t, { limits: quick });
  const client = new TestClient(url);
  await once(client.socket, 'open');
  client.send({ type: 'subscribe', id: 's', channel: 'counting' });
  assert.equal(await client.closed, 4401);
  assert.deepEqual(
    client.frames.map(({ type, code }) => [type, code]),
    [
      ['error', 'auth.required'],
      ['bye', 'auth.required'],
    ],
  );
});

test('a revoked session ends the socket, and nothing is sent after', async (t) => {
  const { url, revoked, count } = await testServer(t, { limits: quick });
  const client = await TestClient.signedIn(url, 'a');
  client.send({ type: 'subscribe', id: 's', channel: 'counting' });
  await client.frame('initial_data');
  revoked.add('a');
  assert.equal(await client.closed, 4401);
  await count('a');
  assert.deepEqual(client.frames.at(-1), { type: 'bye', code: 'auth.token_invalid', retryAfterMs: 1_000 });
});

test('a new token keeps the socket open when the old one ends; the token of another person closes it', async (t) => {
  const { url, revoked, count } = await testServer(t, { limits: quick });
  const client = await TestClient.signedIn(url, 'a#1');
  client.send({ type: 'subscribe', id: 's', channel: 'counting' });
  client.send({ type: 'auth', token: 'a' });
  await client.until(
    'two confirmations',
    () => client.frames.filter((f) => f.type === 'connection_established').length === 2,
  );
  revoked.add('a#1');
  await new Promise((resolve) => setTimeout(resolve, 4 * quick.recheckMs));
  await count('a');
  await client.frame('data_change');
  client.send({ type: 'auth', token: 'a#2' });
  assert.equal(await client.closed, 4401);
  assert.equal(client.frames.at(-1)?.code, 'auth.forbidden');
});

test('a channel, a measure and an event each need their permission', async (t) => {
  const { url, count } = await testServer(t);
  const outsider = await TestClient.signedIn(url, 'a:promotions:read');
  outsider.send({ type: 'subscribe', id: 's', channel: 'counting' });
  assert.equal((await outsider.frame('error')).code, 'auth.forbidden');
  const analyst = await TestClient.signedIn(url, 'a#2:analytics:read');
  analyst.send({ type: 'subscribe', id: 's', channel: 'counting' });
  const { data } = await analyst.frame('initial_data');
  assert.deepEqual(data, { total: 0, recentEvents: [] });
  await count('a', { n: 1 }, 'counting.fund.moved');
  await count('a', { n: 2 });
  assert.equal((await analyst.frame('data_change')).fields.n, 2);
  analyst.send({ type: 'get_metrics', id: 'm', metricsType: 'counting', timeRange: '1h' });
  assert.deepEqual((await analyst.frame('metrics_response')).data.totals, { 'counting.counter.counted': 1 });
});

test('people who are kept to a part of the tenant hear of what lies inside it, and get no sum or count of more', async (t) => {
  const { url, count, eventLog } = await testServer(t);
  const before = eventLog.position.offset;
  await count('a', { n: 1, customerId: 'inside' });
  await count('a', { n: 2, customerId: 'outside' });
  const kept = await TestClient.signedIn(url, 'a:kept');
  // Events get their position after their commit; only then are they recent to whoever comes.
  await kept.until('both have a position', () => eventLog.position.offset >= before + 2);
  kept.send({ type: 'subscribe', id: 's', channel: 'counting' });
  const { data } = await kept.frame('initial_data');
  assert.deepEqual(
    [Object.keys(data), data.recentEvents.map(({ fields }: { fields: { n: number } }) => fields.n)],
    [['recentEvents'], [1]],
  );
  await count('a', { n: 3, customerId: 'outside' });
  await count('a', { n: 4 });
  await count('a', { n: 5, customerId: 'inside' });
  await kept.frame('data_change', ({ fields }) => fields.n === 5);
  const told = kept.frames.filter(({ type }) => type === 'data_change' || type === 'metrics_update');
  assert.deepEqual(
    told.map(({ type, fields }) => [type, fields?.n]),
    [['data_change', 5]],
  );
  kept.send({ type: 'get_metrics', id: 'm', metricsType: 'counting', timeRange: '1h' });
  assert.equal((await kept.frame('error')).code, 'auth.forbidden');
});

test('sockets of one person are limited', async (t) => {
  const { url } = await testServer(t, { limits: { ...quick, socketsPerActor: 2 } });
  await TestClient.signedIn(url, 'a');
  await TestClient.signedIn(url, 'a');
  const third = new TestClient(url, ['bearer', 'a']);
  assert.equal(await third.closed, 4429);
  assert.equal(third.frames.at(-1)?.code, 'rate.limited');
  await TestClient.signedIn(url, 'a#2');
});
