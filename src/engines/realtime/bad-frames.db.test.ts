import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestClient } from './test-client.ts';
import { testServer } from './test-server.ts';

const malformed: [name: string, frame: unknown, code: string][] = [
  ['no JSON', '{"type":', 'request.malformed'],
  ['no object', '[]', 'request.malformed'],
  ['null', 'null', 'request.malformed'],
  ['no type', {}, 'request.malformed'],
  ['an unknown type', { type: 'drop_table' }, 'request.malformed'],
  ['an inherited type', { type: '__proto__' }, 'request.malformed'],
  ['an unknown member', { type: 'unsubscribe', id: 's', also: 1 }, 'request.malformed'],
  ['an id that is no text', { type: 'subscribe', id: 7, channel: 'counting' }, 'request.malformed'],
  ['an overlong id', { type: 'subscribe', id: 'x'.repeat(65), channel: 'counting' }, 'request.malformed'],
  ['an unknown mode', { type: 'subscribe', id: 's', channel: 'counting', mode: 'fast' }, 'request.malformed'],
  ['an unknown channel', { type: 'subscribe', id: 's', channel: 'constructor' }, 'not_found'],
  ['an unknown filter', { type: 'subscribe', id: 's', channel: 'counting', filters: { a: 1 } }, 'request.malformed'],
  ['filters of a wrong type', { type: 'subscribe', id: 's', channel: 'counting', filters: [] }, 'request.malformed'],
  [
    'a negative offset',
    { type: 'subscribe', id: 's', channel: 'counting', resume: { epoch: '', offset: -1 } },
    'request.malformed',
  ],
  ['an unknown subscription', { type: 'unsubscribe', id: 'none' }, 'not_found'],
  ['an unknown range', { type: 'get_metrics', id: 'm', metricsType: 'counting', timeRange: '1y' }, 'request.malformed'],
  [
    'half a character',
    '{"type":"get_metrics","id":"m","metricsType":"counting","timeRange":"1h","filters":{"kind":"\\ud800"}}',
    'request.malformed',
  ],
  ['an unknown metric', { type: 'get_metrics', id: 'm', metricsType: 'none', timeRange: '1h' }, 'not_found'],
  [
    'a metric without history',
    { type: 'get_metrics', id: 'm', metricsType: 'performance', timeRange: '1h' },
    'request.malformed',
  ],
  [
    'NUL in a filter',
    { type: 'get_metrics', id: 'm', metricsType: 'counting', timeRange: '1h', filters: { kind: '\0' } },
    'request.malformed',
  ],
];

test('every malformed frame gets an error with its id, and the socket stays usable', async (t) => {
  const { url } = await testServer(t);
  const client = await TestClient.signedIn(url, 'a');
  for (const [name, frame, code] of malformed) {
    const before = client.frames.length;
    client.send(frame);
    await client.until(name, () => client.frames.length > before);
    const answer = client.frames[before];
    assert.deepEqual([answer?.type, answer?.code], ['error', code], name);
    const { id } = (typeof frame === 'string' && frame.endsWith('}') ? JSON.parse(frame) : frame) as { id?: unknown };
    assert.equal(answer?.id, typeof id === 'string' && id.length <= 64 ? id : undefined, name);
  }
  client.socket.send(Buffer.from([1, 2, 3]));
  await client.frame('error', ({ message }) => message === 'Frames are JSON text.');
  client.send({ type: 'subscribe', id: 's', channel: 'counting' });
  await client.frame('initial_data');
  client.send({ type: 'subscribe', id: 's', channel: 'counting' });
  await client.frame('error', ({ code }) => code === 'state.conflict');
});

test('an unsubscribed client hears nothing more', async (t) => {
  const { url, count } = await testServer(t);
  const client = await TestClient.signedIn(url, 'a');
  client.send({ type: 'subscribe', id: 's', channel: 'counting' });
  client.send({ type: 'subscribe', id: 'other', channel: 'counting' });
  await client.frame('initial_data', ({ id }) => id === 'other');
  client.send({ type: 'unsubscribe', id: 's' });
  client.send({ type: 'ping', id: 'p' });
  await client.frame('pong');
  await count('a', { n: 1 });
  await client.frame('metrics_update', ({ id }) => id === 'other');
  assert.ok(!client.frames.some(({ type, id }) => id === 's' && type === 'data_change'));
});

test('a frame above 64 KiB closes the socket with 1009', async (t) => {
  const { url } = await testServer(t);
  const client = await TestClient.signedIn(url, 'a');
  client.send({ type: 'ping', id: 'x'.repeat(70_000) });
  assert.equal(await client.closed, 1009);
});

test('a client that floods is closed with 4429', async (t) => {
  const { url } = await testServer(t, { limits: { framesPerSecond: 20, drainMs: 200 } });
  const client = await TestClient.signedIn(url, 'a');
  for (let sent = 0; sent < 50; sent++) client.send({ type: 'ping' });
  assert.equal(await client.closed, 4429);
});

test('a socket holds a limited number of subscriptions', async (t) => {
  const { url } = await testServer(t, { limits: { subscriptionsPerSocket: 2 } });
  const client = await TestClient.signedIn(url, 'a');
  for (const id of ['1', '2', '3']) client.send({ type: 'subscribe', id, channel: 'counting' });
  const error = await client.frame('error');
  assert.deepEqual([error.id, error.code], ['3', 'rate.limited']);
});
