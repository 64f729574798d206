import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { socketPath } from './realtime.ts';
import { TestClient } from './test-client.ts';
import { testServer } from './test-server.ts';

test('draining says bye to every socket, tells each when to come back, and takes no new ones', async (t) => {
  const { url, realtime } = await testServer(t, { limits: { drainMs: 200 } });
  const clients = await Promise.all(['a', 'a#2', 'b'].map((token) => TestClient.signedIn(url, token)));
  for (const client of clients) client.send({ type: 'subscribe', id: 's', channel: 'counting' });
  await Promise.all(clients.map((client) => client.frame('initial_data')));
  // One that does not answer the closing handshake is cut off.
  clients[2]?.socket.pause();
  await realtime.close();
  clients[2]?.socket.resume();
  assert.deepEqual(await Promise.all(clients.slice(0, 2).map(({ closed }) => closed)), [1012, 1012]);
  const farewells = clients.slice(0, 2).map(({ frames }) => frames.at(-1));
  assert.deepEqual(
    farewells.map((frame) => [frame?.type, frame?.code]),
    [
      ['bye', 'server.draining'],
      ['bye', 'server.draining'],
    ],
  );
  assert.equal(new Set(farewells.map((frame) => frame?.retryAfterMs)).size, 2);
  const late = new WebSocket(url);
  const [, response] = await once(late, 'unexpected-response');
  assert.equal(response.statusCode, 503);
});

test('other paths are refused with 404', async (t) => {
  const { url } = await testServer(t);
  const socket = new WebSocket(url.replace(socketPath, '/ws/other'));
  const [, response] = await once(socket, 'unexpected-response');
  assert.equal(response.statusCode, 404);
});

test('a socket that shows no life is cut, one that answers pings stays', async (t) => {
  const { url } = await testServer(t, { limits: { heartbeatMs: 1_000, drainMs: 200 } });
  const alive = await TestClient.signedIn(url, 'a');
  const dead = await TestClient.signedIn(url, 'a', { autoPong: false });
  assert.equal(await dead.closed, 1006);
  alive.send({ type: 'ping' });
  await alive.frame('pong');
});
