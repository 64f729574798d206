import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { TimerLoop } from '#events';
import { makeLogger } from '#telemetry';
import { completeTask } from '#workflow';
import { testTenants } from '../../../../test/house.ts';
import { promotionsModule } from '../module.ts';
import { readPlanData } from '../planning/build-plan.ts';
import { planPromotion } from '../planning/plan-promotion.ts';
import { resolveTerms } from '../planning/promotion-terms.ts';
import { findPromotion } from '../promotion-store.ts';
import { nothingSettled, openTask, type Scene, setScene } from '../test-scene.ts';
import { listHistory } from '../version-store.ts';
import { cancelPromotion } from './cancel-promotion.ts';
import { holdPromotion, promotionApproval, resumePromotion } from './change-state.ts';
import { submitPromotion } from './submit-promotion.ts';

interface Approved extends Scene {
  id: string;
  /** Moves the clock to an instant and fires what is due; answers the state then. */
  at(instant: string): Promise<string>;
  history(): Promise<string[]>;
}

/** A promotion from 6 to 19 July 2026, approved in June by both steps; the tenant's days are those of New York. */
async function approved(t: TestContext): Promise<Approved> {
  const scene = await setScene(t);
  const { maker, house } = scene;
  const { id } = await planPromotion(maker, scene.input());
  // The history is in the order of its instants.
  house.clock.set('2026-06-16T12:00:00Z');
  await submitPromotion(maker, id, undefined);
  house.clock.set('2026-06-17T12:00:00Z');
  for (const who of [scene.approver, scene.finance]) {
    const yes = { outcome: 'approved' as const, comment: '' };
    await completeTask(who, [promotionApproval], await openTask(maker, id), yes);
  }
  const loop = new TimerLoop({
    db: house.db,
    clock: house.clock,
    log: makeLogger('silent'),
    tenant: async () => testTenants.a,
    handlers: { ...promotionsModule(nothingSettled).timers, 'workflow.task-due': async () => undefined },
  });
  return {
    ...scene,
    id,
    at: async (instant) => {
      house.clock.set(instant);
      await loop.fireDue();
      const promotion = await maker.db.read(maker, (tx) => findPromotion(tx, id));
      return promotion?.state ?? 'gone';
    },
    history: async () => (await maker.db.read(maker, (tx) => listHistory(tx, id))).map((entry) => entry.action),
  };
}

test('an approved promotion starts and ends at midnight of the tenant’s time zone, each once', async (t) => {
  const scene = await approved(t);
  assert.equal(await scene.at('2026-07-06T03:59:59Z'), 'approved');
  assert.equal(await scene.at('2026-07-06T04:00:00Z'), 'active');
  assert.equal(await scene.at('2026-07-20T03:59:59Z'), 'active');
  assert.equal(await scene.at('2026-07-20T04:00:00Z'), 'ended');
  assert.equal(await scene.at('2026-08-20T04:00:00Z'), 'ended');
  assert.deepEqual((await scene.history()).slice(-3), ['approved', 'activated', 'ended']);
});

test('a server that slept through an event ends it without having started it', async (t) => {
  const scene = await approved(t);
  assert.equal(await scene.at('2026-09-01T00:00:00Z'), 'ended');
  assert.deepEqual((await scene.history()).slice(-2), ['approved', 'ended']);
});

test('a promotion put on hold before its start waits, starts when it is resumed and ends on its day', async (t) => {
  const scene = await approved(t);
  const held = await holdPromotion(scene.maker, scene.id, undefined, 'the retailer asks for time');
  assert.deepEqual([held.state, held.heldFrom], ['on_hold', 'approved']);
  assert.equal(await scene.at('2026-07-08T12:00:00Z'), 'on_hold');
  const resumed = await resumePromotion(scene.maker, scene.id, undefined);
  assert.deepEqual([resumed.state, resumed.heldFrom], ['active', null]);
  assert.equal(await scene.at('2026-07-20T04:00:00Z'), 'ended');
});

test('a promotion resumed before its first day is approved again and starts by itself', async (t) => {
  const scene = await approved(t);
  await holdPromotion(scene.maker, scene.id, undefined, 'wait');
  assert.equal((await resumePromotion(scene.maker, scene.id, undefined)).state, 'approved');
  assert.equal(await scene.at('2026-07-06T04:00:00Z'), 'active');
});

test('a promotion held while it ran is over at once where it is resumed after its end', async (t) => {
  const scene = await approved(t);
  assert.equal(await scene.at('2026-07-06T04:00:00Z'), 'active');
  scene.house.clock.set('2026-07-10T12:00:00Z');
  const held = await holdPromotion(scene.maker, scene.id, undefined, 'out of stock');
  assert.equal(held.heldFrom, 'active');
  assert.equal(await scene.at('2026-07-25T12:00:00Z'), 'on_hold');
  assert.equal((await resumePromotion(scene.maker, scene.id, undefined)).state, 'ended');
  const history = await scene.history();
  assert.deepEqual(history.slice(-4, -2), ['activated', 'held']);
  // Two entries of one instant.
  assert.deepEqual(history.slice(-2), ['resumed', 'ended']);
});

test('only what is on hold can be resumed, and what is cancelled no clock wakes', async (t) => {
  const scene = await approved(t);
  await assert.rejects(resumePromotion(scene.maker, scene.id, undefined), { code: 'state.conflict' });
  const held = await holdPromotion(scene.maker, scene.id, undefined, 'wait');
  await assert.rejects(resumePromotion(scene.maker, scene.id, held.version - 1), { code: 'version.conflict' });
  await assert.rejects(holdPromotion(scene.maker, scene.id, undefined, 'again'), { code: 'state.conflict' });
  await cancelPromotion(scene.maker, scene.id, undefined, 'never mind');
  assert.equal(await scene.at('2026-07-07T00:00:00Z'), 'cancelled');
});

test('an event that was cancelled while it ran stands in the calendar of others up to that day, and no further', async (t) => {
  const scene = await approved(t);
  const { maker } = scene;
  const calendar = () =>
    maker.db.read(maker, async (tx) => {
      const resolved = await resolveTerms(tx, scene.input({ startsOn: '2026-07-20', endsOn: '2026-07-26' }));
      return (await readPlanData(tx, resolved, null)).calendar.map(({ startsOn, endsOn }) => [startsOn, endsOn]);
    });
  assert.deepEqual(await calendar(), [['2026-07-06', '2026-07-19']]);
  await scene.at('2026-07-06T04:00:00Z');
  await scene.at('2026-07-09T12:00:00Z');
  await cancelPromotion(maker, scene.id, undefined, 'out of stock');
  assert.deepEqual(await calendar(), [['2026-07-06', '2026-07-09']]);
  const second = await approved(t);
  await cancelPromotion(second.maker, second.id, undefined, 'before it began');
  const { maker: other } = second;
  const left = await other.db.read(other, async (tx) => {
    const resolved = await resolveTerms(tx, second.input({ startsOn: '2026-07-20', endsOn: '2026-07-26' }));
    return (await readPlanData(tx, resolved, null)).calendar;
  });
  assert.deepEqual(left, []);
});
