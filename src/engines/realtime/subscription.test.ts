import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import type { StoredEvent } from '#events';
import type { AnyChannel } from './channel.ts';
import { defaultLimits } from './limits.ts';
import { restartSubscription } from './start-subscription.ts';
import { SharedEvent, Subscription } from './subscription.ts';
import type { Snapshot, View } from './view.ts';

const channel: AnyChannel = {
  name: 'things',
  permission: 'analytics:read',
  filters: z.strictObject({}),
  measures: {},
  events: [{ type: 'test.thing' }],
};

const event = (position: number) =>
  new SharedEvent(
    { position, type: 'test.thing.happened', subjectType: 'thing', subjectId: `${position}`, data: {} } as StoredEvent,
    'e',
  );
const snapshotAt = (offset: number): Snapshot => ({ values: {}, recentEvents: [], position: { epoch: 'e', offset } });

test('a new snapshot is not begun while one is under way, so positions never go back', async () => {
  const reads: ((snapshot: Snapshot) => void)[] = [];
  const view = { read: () => new Promise<Snapshot>((resolve) => reads.push(resolve)) } as unknown as View;
  const subscription = new Subscription({
    ...{ id: 's', channel, filters: {}, mode: 'events', view, from: { epoch: 'e', offset: 0 } },
    onlooker: { permissions: new Set(), scope: undefined, wake: () => undefined },
    limits: { ...defaultLimits, waitingPerSubscription: 2 },
  });
  const drained = () => {
    const offsets: number[] = [];
    for (let text = subscription.take(); text; text = subscription.take()) {
      offsets.push((JSON.parse(text) as { position?: { offset: number } }).position?.offset ?? -1);
    }
    return offsets;
  };
  subscription.startWith(snapshotAt(0));
  for (const position of [1, 2, 3, 4]) subscription.offer(event(position));
  assert.equal(subscription.lagging, true, 'more came than may wait');
  assert.deepEqual(drained(), [0]);
  const restarted = restartSubscription(subscription);
  for (const position of [5, 6, 7, 8]) subscription.offer(event(position));
  assert.equal(subscription.lagging, false, 'the snapshot under way comes first');
  reads[0]?.(snapshotAt(4));
  await restarted;
  assert.equal(subscription.lagging, true, 'what came meanwhile was too much: only now another');
  subscription.offer(event(9));
  assert.deepEqual(drained(), [-1, 4], 'the gap and its snapshot; nothing from beyond it');
  const again = restartSubscription(subscription);
  reads[1]?.(snapshotAt(9));
  await again;
  subscription.offer(event(10));
  assert.deepEqual(drained(), [-1, 9, 10]);
});
