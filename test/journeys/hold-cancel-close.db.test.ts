import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { TimerLoop } from '#events';
import { readCheckbooks } from '#funds';
import type { JobContext } from '#jobs';
import { amountOf } from '#money';
import { planPromotion, promotionProcesses, promotionsModule, submitPromotion } from '#promotions';
import { makeLogger } from '#telemetry';
import { completeTask } from '#workflow';
import { modules } from '../../src/apps/modules.ts';
import { promotionPorts } from '../../src/apps/promotion-ports.ts';
import { settlementPorts } from '../../src/apps/settlement-ports.ts';
import { openTask, setScene } from '../../src/trade/promotions/test-scene.ts';
import { testTenants } from '../house.ts';
import { addPerson } from '../people.ts';

const limit = { timeout: 360_000 };

/** An event of 6 to 19 July 2026 with lump sums of 400.00 and 100.00, approved, on the house's own routes; begun by default. */
async function running(t: TestContext, now = '2026-07-06T12:00:00Z') {
  const scene = await setScene(t);
  const { house, maker } = scene;
  const [tactic] = scene.input().tactics;
  assert.ok(tactic);
  const straight = { recognition: 'straight_line' as const };
  const display = {
    ...tactic,
    mechanic: 'display' as const,
    lumpSum: { amount: '100.00', currency: 'USD' },
    ...straight,
  };
  const feature = { ...tactic, mechanic: 'feature' as const, ...straight };
  const { id, tactics } = await planPromotion(maker, scene.input({ tactics: [feature, display] }));
  await submitPromotion(maker, id, undefined);
  for (const who of [scene.approver, scene.finance]) {
    const yes = { outcome: 'approved' as const, comment: '' };
    await completeTask(who, promotionProcesses(promotionPorts), await openTask(maker, id), yes);
  }
  const server = await house.server(modules.flatMap((module) => module.routes ?? []));
  const call = async (method: 'GET' | 'POST', path: string, payload?: object) => {
    const headers = { authorization: 'Bearer a' };
    const answer = await server.inject({ method, url: `/api/v1${path}`, headers, ...(payload ? { payload } : {}) });
    return { status: answer.statusCode, body: answer.body ? answer.json() : null };
  };
  const promotions = promotionsModule(promotionPorts);
  const loop = new TimerLoop({
    ...{ db: house.db, clock: house.clock, log: makeLogger('silent'), tenant: async () => testTenants.a },
    handlers: { ...promotions.timers, 'workflow.task-due': async () => undefined },
  });
  const at = async (instant: string) => {
    house.clock.set(instant);
    await loop.fireDue();
  };
  await at(now);
  const periodId: string = (await call('POST', '/periods', { on: '2026-07-12' })).body.id;
  return {
    ...{ scene, id, tactics, call, at },
    /** Prepares the accruals of the period that the event lies in; answers what each tactic has earned. */
    accrue: async (): Promise<string[]> => {
      const prepared = await call('POST', '/accruals', { periodId });
      assert.ok(prepared.status < 300, JSON.stringify(prepared.body));
      const { items } = (await call('GET', `/accruals?promotionId=${id}`)).body;
      return items.map((one: { earned: { amount: string } }) => one.earned.amount).sort();
    },
    state: async (): Promise<string> => (await call('GET', `/promotions/${id}`)).body.state,
    fund: async () => {
      const book = (await maker.db.read(maker, (tx) => readCheckbooks(tx, [scene.fundId]))).get(scene.fundId);
      assert.ok(book);
      return `${amountOf(book.committed)} committed, ${amountOf(book.earned)} earned, ${amountOf(book.available)} available`;
    },
    beginSettlement: async () => {
      const job = promotions.jobs?.find(({ name }) => name === 'promotions.begin-settlement');
      assert.ok(job);
      await job.handle({ ...maker, signal: new AbortController().signal } as JobContext, {} as never);
    },
  };
}

test(
  'a hold keeps the commitment and earns nothing more; resuming catches up with what was sold meanwhile',
  limit,
  async (t) => {
    const event = await running(t);
    await event.at('2026-07-12T12:00:00Z');
    assert.equal((await event.call('POST', `/promotions/${event.id}/hold`, { reason: 'wait' })).body.state, 'on_hold');
    assert.deepEqual(await event.accrue(), ['200.00', '50.00']);
    assert.equal(await event.fund(), '500.00 committed, 250.00 earned, 500.00 available');
    await event.at('2026-07-14T12:00:00Z');
    assert.deepEqual(await event.accrue(), ['200.00', '50.00'], 'days on hold earn nothing');
    assert.equal((await event.call('POST', `/promotions/${event.id}/resume`)).body.state, 'active');
    assert.deepEqual(await event.accrue(), ['100.00', '400.00']);
  },
);

test('cancelling a running event ends its earning that day and releases what was not earned', limit, async (t) => {
  const event = await running(t);
  await event.at('2026-07-12T12:00:00Z');
  await event.call('POST', `/promotions/${event.id}/hold`, { reason: 'wait' });
  await event.accrue();
  await event.at('2026-07-15T12:00:00Z');
  const cancelled = await event.call('POST', `/promotions/${event.id}/cancel`, { reason: 'the retailer is out' });
  assert.equal(cancelled.body.state, 'cancelled');
  assert.equal(await event.fund(), '250.00 committed, 250.00 earned, 750.00 available');
  assert.deepEqual(await event.accrue(), ['200.00', '50.00'], 'what was earned until the hold is owed, and no more');
});

test('a tactic that has earned cannot be amended away; its lump sum can be lowered', limit, async (t) => {
  // The day before it begins: the period's end lies after it.
  const event = await running(t, '2026-07-05T12:00:00Z');
  await event.accrue();
  const [feature] = (await event.call('GET', `/promotions/${event.id}`)).body.tactics;
  const { feature: _feature, display: _display, ...kept } = feature;
  const amend = (tactics: object[]) => event.call('POST', `/promotions/${event.id}/amend`, { tactics, reason: 'less' });
  const without = await amend([kept]);
  assert.deepEqual([without.status, without.body.code], [422, 'rule.violated']);
  assert.match(without.body.detail, /The display has earned 100\.00 and is claimed for 0\.00 USD/);
  const { tactics } = (await event.call('GET', `/promotions/${event.id}`)).body;
  const lowered = await amend(
    tactics.map(({ feature: _f, display: _d, ...tactic }: Record<string, unknown>) =>
      tactic.mechanic === 'display' ? { ...tactic, lumpSum: { amount: '90.00', currency: 'USD' } } : tactic,
    ),
  );
  assert.deepEqual([lowered.status, lowered.body.state], [200, 'applied'], JSON.stringify(lowered.body));
  const after = (await event.call('GET', `/promotions/${event.id}`)).body.tactics;
  assert.deepEqual(
    after.map(({ id }: { id: string }) => id),
    event.tactics.map(({ id }) => id),
    'tactics keep their ids, and with them what they earned',
  );
  assert.deepEqual(await event.accrue(), ['400.00', '90.00']);
});

test(
  'an ended event goes into settlement once it is accrued, and closes only when nothing is open',
  limit,
  async (t) => {
    const event = await running(t);
    await event.at('2026-07-20T12:00:00Z');
    await event.beginSettlement();
    assert.equal(await event.state(), 'ended', 'nothing is in the books yet');
    await event.accrue();
    await event.beginSettlement();
    assert.equal(await event.state(), 'in_settlement');
    const refused = await event.call('POST', `/promotions/${event.id}/close`);
    assert.deepEqual([refused.status, refused.body.code], [422, 'promotion.unsettled']);
    assert.match(refused.body.detail, /feature: 400\.00 USD open; display: 100\.00 USD open/);
    assert.deepEqual(refused.body.tacticIds.toSorted(), event.tactics.map(({ id }) => id).toSorted());
    // Nobody claims it: it is released after its claim-by date.
    await event.at('2026-10-20T12:00:00Z');
    const late: string = (await event.call('POST', '/periods', { on: '2026-10-20' })).body.id;
    assert.ok((await event.call('POST', '/accruals', { periodId: late })).status < 300);
    const closed = await event.call('POST', `/promotions/${event.id}/close`);
    assert.deepEqual([closed.status, closed.body.state], [200, 'closed'], JSON.stringify(closed.body));
    assert.match(await event.fund(), /1000\.00 available$/);
  },
);

test(
  'who approved an amendment approved the promotion: none of them may settle what is claimed for it',
  limit,
  async (t) => {
    const event = await running(t);
    const { house, maker } = event.scene;
    const others = [];
    for (const role of ['trade_marketing_manager', 'finance_controller'])
      others.push(house.context({ userId: await addPerson(house, [role], '100000') }));
    const longer = { endsOn: '2026-07-26', reason: 'a week more' };
    const { body } = await event.call('POST', `/promotions/${event.id}/amend`, longer);
    assert.equal(body.state, 'proposed', JSON.stringify(body));
    for (const who of others) {
      const yes = { outcome: 'approved' as const, comment: '' };
      await completeTask(who, promotionProcesses(promotionPorts), await openTask(maker, body.id), yes);
    }
    const approvers = await maker.db.read(maker, (tx) => settlementPorts.approversOf(tx, [event.id]));
    const expected = [event.scene.approver, event.scene.finance, ...others].map(({ actor }) => actor.id);
    assert.deepEqual([...approvers].sort(), expected.sort());
  },
);
