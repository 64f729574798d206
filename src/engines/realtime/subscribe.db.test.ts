import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import type { AnyChannel, Measure } from './channel.ts';
import { type Frame, TestClient } from './test-client.ts';
import { counting, type TestServer, testServer } from './test-server.ts';

/** The numbers of all events a subscription was told of, snapshot first, in the order of the frames. */
function numbersIn(frames: readonly Frame[]): number[] {
  return frames.flatMap((frame) => {
    if (frame.type === 'initial_data') {
      return frame.data.recentEvents.map((change: Frame) => change.fields.n as number).reverse();
    }
    return frame.type === 'data_change' ? [frame.fields.n as number] : [];
  });
}

const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);

/** Counts one up `times` times from four writers at once. */
async function countMany(server: TestServer, from: number, times: number): Promise<void> {
  let next = from;
  const write = async () => {
    while (next < from + times) await server.count('a', { n: next++ });
  };
  await Promise.all([write(), write(), write(), write()]);
}

const inOrder = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b);

const offsetsOf = (frames: readonly Frame[]): number[] => frames.flatMap(({ position }) => position?.offset ?? []);

test('snapshot, then every change exactly once, for each of ten clients that join while four writers commit', async (t) => {
  const server = await testServer(t);
  const writing = countMany(server, 1, 200);
  const clients: TestClient[] = [];
  for (let joined = 0; joined < 10; joined++) {
    const client = await TestClient.signedIn(server.url, 'a');
    // Twice: the second begins while the measures are being read for the first.
    client.send({ type: 'subscribe', id: 'first', channel: 'counting' });
    client.send({ type: 'subscribe', id: 'second', channel: 'counting' });
    clients.push(client);
  }
  await writing;
  for (const client of clients) {
    for (const subscription of ['first', 'second']) {
      const frames = () => client.frames.filter(({ id }) => id === subscription);
      await client.until('all changes', () => numbersIn(frames()).length >= 200);
      await client.until('the last measure', () => frames().findLast(({ data }) => data?.total)?.data.total === 200);
      const seen = frames();
      assert.deepEqual(inOrder(numbersIn(seen)), upTo(200));
      assert.deepEqual(
        seen.slice(0, 2).map(({ type }) => type),
        ['subscription_confirmed', 'initial_data'],
      );
      assert.equal(seen[0]?.complete, true);
      assert.deepEqual(seen[0]?.position, seen[1]?.position);
      assert.deepEqual(offsetsOf(seen), inOrder(offsetsOf(seen)), 'positions never go back');
    }
  }
  assert.ok(
    clients.some(({ frames }) => frames.some(({ type }) => type === 'data_change')),
    'some came live',
  );
});

test('a change carries the entity, the operation, its fields and its position; measures follow it', async (t) => {
  const server = await testServer(t);
  const client = await TestClient.signedIn(server.url, 'a');
  client.send({ type: 'subscribe', id: 's', channel: 'counting' });
  const { position } = await client.frame('initial_data');
  await server.count('a', { n: 7 });
  const change = await client.frame('data_change');
  const { fields, ...rest } = change;
  assert.deepEqual(rest, {
    type: 'data_change',
    id: 's',
    entity: 'counter',
    operation: 'counted',
    entityId: server.house.context().tenant.id,
    position: { epoch: position?.epoch, offset: (position?.offset ?? 0) + 1 },
  });
  assert.equal(fields.n, 7);
  assert.equal(fields.occurredAt, '2026-06-15T12:00:00.000Z');
  const update = await client.frame('metrics_update');
  assert.deepEqual(update.data, { total: 1 }, 'only what changed');
  assert.equal(update.channel, 'counting');
});

test('a client whose socket was cut resumes and misses nothing, nor gets anything twice', async (t) => {
  const server = await testServer(t);
  const first = await TestClient.signedIn(server.url, 'a');
  first.send({ type: 'subscribe', id: 's', channel: 'counting' });
  await first.frame('initial_data');
  const writing = countMany(server, 1, 150);
  await first.until('some changes', () => numbersIn(first.frames).length >= 20);
  first.socket.terminate();
  const kept = [...first.frames];
  const resume = kept.findLast(({ position }) => position)?.position;
  const second = await TestClient.signedIn(server.url, 'a');
  second.send({ type: 'subscribe', id: 's', channel: 'counting', resume });
  const confirmed = await second.frame('subscription_confirmed');
  assert.equal(confirmed.complete, true);
  assert.deepEqual(confirmed.position, resume);
  await writing;
  const all = () => [...numbersIn(kept), ...numbersIn(second.frames)];
  await second.until('all changes', () => all().length >= 150);
  assert.deepEqual(
    all().sort((a, b) => a - b),
    upTo(150),
  );
  assert.ok(!second.frames.some(({ type }) => type === 'initial_data' || type === 'gap'));
  const total = () => second.frames.findLast(({ type }) => type === 'metrics_update')?.data.total;
  await second.until('the measures as they stand', () => total() === 150);
});

test('a resume that cannot be complete says so: a gap with its reason and a new snapshot', async (t) => {
  const server = await testServer(t, { limits: { replayEvents: 5, reachMs: 50 } });
  for (let n = 1; n <= 10; n++) await server.count('a', { n });
  const client = await TestClient.signedIn(server.url, 'a');
  await client.until('the log is read', () => server.eventLog.position.offset === 10);
  const { epoch } = server.eventLog.position;
  const resumes = {
    too_far_behind: { epoch, offset: 1 },
    position_unknown: { epoch, offset: 1_000 },
    epoch_changed: { epoch: '0190a000-0000-7000-8000-000000000000', offset: 10 },
  };
  for (const [reason, resume] of Object.entries(resumes)) {
    client.send({ type: 'subscribe', id: reason, channel: 'counting', resume });
    const snapshot = await client.frame('initial_data', ({ id }) => id === reason);
    const frames = client.frames.filter(({ id }) => id === reason);
    assert.deepEqual(
      frames.map(({ type }) => type),
      ['subscription_confirmed', 'gap', 'initial_data'],
    );
    assert.equal(frames[0]?.complete, false);
    assert.equal(frames[1]?.reason, reason);
    assert.equal(snapshot.data.total, 10);
  }
});

test("another tenant's events never appear: not live, not in a snapshot, not in a resume, not in the counts", async (t) => {
  const server = await testServer(t);
  await server.count('b', { n: 100 });
  await server.count('a', { n: 1 });
  const [ours, theirs] = await Promise.all([
    TestClient.signedIn(server.url, 'a'),
    TestClient.signedIn(server.url, 'b'),
  ]);
  for (const client of [ours, theirs]) client.send({ type: 'subscribe', id: 's', channel: 'counting' });
  await Promise.all([ours.frame('initial_data'), theirs.frame('initial_data')]);
  for (let n = 2; n <= 10; n++) await Promise.all([server.count('a', { n }), server.count('b', { n: n + 99 })]);
  await ours.until('our ten', () => numbersIn(ours.frames).length >= 10);
  await theirs.until('their ten', () => numbersIn(theirs.frames).length >= 10);
  const start = { epoch: server.eventLog.position.epoch, offset: 0 };
  ours.send({ type: 'subscribe', id: 'again', channel: 'counting', resume: start });
  ours.send({ type: 'get_metrics', id: 'm', metricsType: 'counting', timeRange: '24h' });
  const counted = await ours.frame('metrics_response');
  await ours.frame('metrics_update', ({ id }) => id === 'again');
  await ours.until('the replay', () => numbersIn(ours.frames).length >= 20);
  assert.deepEqual(
    [...new Set(numbersIn(ours.frames))].sort((a, b) => a - b),
    upTo(10),
  );
  assert.equal(counted.data.totals['counting.counter.counted'], 10);
  assert.ok(!JSON.stringify(ours.frames).includes(server.house.context({ tenant: 'b' }).tenant.id));
  assert.deepEqual(
    numbersIn(theirs.frames)
      .map((n) => n - 99)
      .sort((a, b) => a - b),
    upTo(10),
  );
});

test('filters limit the events of a subscription, live and in its snapshot', async (t) => {
  const server = await testServer(t);
  await server.count('a', { n: 1, kind: 'x' });
  await server.count('a', { n: 2, kind: 'y' });
  const client = await TestClient.signedIn(server.url, 'a');
  client.send({ type: 'subscribe', id: 's', channel: 'counting', filters: { kind: 'x' } });
  await client.frame('initial_data');
  await server.count('a', { n: 3, kind: 'y' });
  await server.count('a', { n: 4, kind: 'x' });
  await client.until('the fourth', () => numbersIn(client.frames).includes(4));
  assert.deepEqual(numbersIn(client.frames), [1, 4]);
});

const big = 'x'.repeat(40_000);
const small = { highWaterBytes: 20_000, waitingPerSubscription: 10 };

test('a client in mode events that does not read is told of the gap, gets a new snapshot and goes on', async (t) => {
  const server = await testServer(t, { limits: small, channels: [bigEvents] });
  const client = await TestClient.signedIn(server.url, 'a');
  client.send({ type: 'subscribe', id: 's', channel: 'big' });
  await client.frame('initial_data');
  client.socket.pause();
  await countBig(server, client);
  client.socket.resume();
  const gap = await client.frame('gap');
  assert.equal(gap.reason, 'slow_consumer');
  await client.until('a second snapshot', () => client.frames.filter((f) => f.type === 'initial_data').length >= 2);
  await server.count('a', { n: 401 });
  await client.until(
    'the present',
    () => numbersOf(client).includes(401) || lastSnapshot(client) >= server.eventLog.position.offset,
  );
  const offsets = offsetsOf(client.frames);
  assert.deepEqual(
    offsets,
    [...offsets].sort((a, b) => a - b),
    'positions never go back',
  );
});

test('a client in mode latest that does not read gets the last state of each entity, without a gap', async (t) => {
  const server = await testServer(t, { limits: small, channels: [bigEvents] });
  const client = await TestClient.signedIn(server.url, 'a');
  client.send({ type: 'subscribe', id: 's', channel: 'big', mode: 'latest' });
  await client.frame('initial_data');
  client.socket.pause();
  await countBig(server, client);
  client.socket.resume();
  await client.until('the last state', () => numbersOf(client).includes(400));
  assert.ok(numbersOf(client).length < 400, 'conflated');
  assert.ok(!client.frames.some(({ type }) => type === 'gap'));
});

/** Four hundred big events, all of them on their way to the client: without a position they would come when it reads again. */
async function countBig(server: TestServer, client: TestClient): Promise<void> {
  const before = server.eventLog.position.offset;
  for (let n = 1; n <= 400; n++) await server.count('a', { n, big });
  await client.until('all have a position', () => server.eventLog.position.offset >= before + 400);
}

const bigEvents: AnyChannel = {
  name: 'big',
  permission: 'analytics:read',
  filters: z.strictObject({}),
  measures: {},
  events: [{ type: 'counting.counter' }],
};
const numbersOf = (client: TestClient): number[] => client.frames.flatMap(({ fields }) => fields?.n ?? []);
const lastSnapshot = (client: TestClient): number =>
  client.frames.findLast(({ type }) => type === 'initial_data')?.position?.offset ?? 0;

test('alerts come as alerts_update; the performance channel tells how the process does', async (t) => {
  const server = await testServer(t);
  const client = await TestClient.signedIn(server.url, 'a');
  client.send({ type: 'subscribe', id: 'al', channel: 'alerts' });
  client.send({ type: 'subscribe', id: 'pe', channel: 'performance' });
  await client.frame('initial_data', ({ id }) => id === 'al');
  await server.count('a', { n: 1 }, 'counting.alert.raised');
  const alert = await client.frame('alerts_update');
  assert.equal(alert.channel, 'alerts');
  assert.equal(alert.data.operation, 'raised');
  assert.ok(alert.position);
  const { data } = await client.frame('initial_data', ({ id }) => id === 'pe');
  assert.equal(data.process.sockets, 1);
  assert.equal(data.process.subscriptions, 2);
  assert.ok(data.process.rssBytes > 1e7);
});

test('what cannot be read is an error of that subscription only', async (t) => {
  const failing: AnyChannel = {
    ...bigEvents,
    name: 'failing',
    measures: { broken: { changedBy: [], read: () => Promise.reject(new Error('planted')) } },
  };
  const server = await testServer(t, { channels: [bigEvents, failing] });
  const client = await TestClient.signedIn(server.url, 'a');
  client.send({ type: 'subscribe', id: 'f', channel: 'failing' });
  client.send({ type: 'subscribe', id: 's', channel: 'big' });
  const error = await client.frame('error');
  assert.deepEqual([error.id, error.code], ['f', 'internal']);
  assert.ok(!JSON.stringify(error).includes('planted'));
  await server.count('a', { n: 1 });
  await client.frame('data_change', ({ id }) => id === 's');
});

test('a measure that could not be read after a change is read again until the client has it', async (t) => {
  let failures = 0;
  const total = counting.measures.total as Measure<unknown>;
  const shaky: AnyChannel = {
    ...counting,
    measures: {
      total: {
        ...total,
        read: async (tx, filters) => {
          const value = await total.read(tx, filters);
          if (value === 1 && failures++ < 2) throw new Error('planted');
          return value;
        },
      },
    },
  };
  const server = await testServer(t, { channels: [shaky], limits: { measureRetryMs: 30 } });
  const client = await TestClient.signedIn(server.url, 'a');
  client.send({ type: 'subscribe', id: 's', channel: 'counting' });
  await client.frame('initial_data');
  await server.count('a', { n: 1 });
  assert.deepEqual((await client.frame('metrics_update')).data, { total: 1 });
  assert.equal(failures, 3);
});
