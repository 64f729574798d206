import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Context } from '#context';
import { readCheckbooks } from '#funds';
import { amountOf } from '#money';
import { completeTask } from '#workflow';
import { addPerson } from '../../../../test/people.ts';
import { cancelPromotion } from '../life/cancel-promotion.ts';
import { holdPromotion } from '../life/change-state.ts';
import { submitPromotion } from '../life/submit-promotion.ts';
import { promotionProcesses } from '../module.ts';
import { planPromotion } from '../planning/plan-promotion.ts';
import type { PromotionInput } from '../planning/promotion-terms.ts';
import { findPromotion } from '../promotion-store.ts';
import { nothingSettled, openTask, type Scene, setScene } from '../test-scene.ts';
import { listHistory, listVersions, promotionAsOf } from '../version-store.ts';
import { amendPromotion, previewAmendment } from './amend-promotion.ts';
import { listAmendments } from './amendment-store.ts';
import { withdrawAmendment } from './apply-amendment.ts';
import { setTolerance } from './set-tolerance.ts';

const processes = promotionProcesses(nothingSettled);

interface Approved extends Scene {
  id: string;
  /** Somebody else who plans and approves nothing. */
  colleague: Context;
  amend(change: Partial<PromotionInput>, who?: Context): ReturnType<typeof amendPromotion>;
  /** The tactics with another lump sum, ids kept. */
  lump(amount: string): Promise<Partial<PromotionInput>>;
  decide(amendmentId: string, outcome: 'approved' | 'rejected' | 'returned', who?: Context): Promise<void>;
  money(): Promise<string>;
  state(): Promise<string>;
}

/** A promotion of 400.00 from 6 to 19 July, approved; its fund holds 1000.00. */
async function approved(t: TestContext): Promise<Approved> {
  const scene = await setScene(t);
  const { maker, approver, finance } = scene;
  const colleague = scene.house.context({ userId: await addPerson(scene.house, ['key_account_manager'], '0') });
  const { id } = await planPromotion(maker, scene.input());
  await submitPromotion(maker, id, undefined);
  for (const who of [approver, finance])
    await completeTask(who, processes, await openTask(maker, id), { outcome: 'approved', comment: '' });
  const promotion = () => maker.db.read(maker, (tx) => findPromotion(tx, id));
  return {
    ...scene,
    ...{ id, colleague },
    amend: (change, who = maker) =>
      amendPromotion(who, nothingSettled, id, undefined, { ...change, reason: 'the buyer asked' }),
    lump: async (amount) => {
      const before = await promotion();
      const [tactic] = scene.input().tactics;
      assert.ok(before?.tactics[0] && tactic);
      return { tactics: [{ ...tactic, id: before.tactics[0].id, lumpSum: { amount, currency: 'USD' } }] };
    },
    decide: async (amendmentId, outcome, who) => {
      const people = who ? [who] : outcome === 'approved' ? [approver, finance] : [approver];
      for (const one of people)
        await completeTask(one, processes, await openTask(maker, amendmentId), { outcome, comment: 'decided' });
    },
    money: async () => {
      const book = (await maker.db.read(maker, (tx) => readCheckbooks(tx, [scene.fundId]))).get(scene.fundId);
      assert.ok(book);
      return `${amountOf(book.reserved)} reserved, ${amountOf(book.committed)} committed, ${amountOf(book.available)} available`;
    },
    state: async () => {
      const now = await promotion();
      return `${now?.state} ${now?.version} until ${now?.endsOn}`;
    },
  };
}

test('an amendment beyond the tolerance reserves only its difference; the old terms stay in force until it is approved', async (t) => {
  const scene = await approved(t);
  assert.equal(await scene.money(), '0.00 reserved, 400.00 committed, 600.00 available');
  const { amendment } = await scene.amend({ ...(await scene.lump('550.00')), endsOn: '2026-07-26' });
  assert.deepEqual([amendment.state, amendment.number], ['proposed', 1]);
  assert.deepEqual(amendment.beyond, [
    'planned spend goes from 400.00 to 550.00 USD (37.5 %, tolerance 5 %)',
    'the last day moves by 7 days (tolerance 2)',
  ]);
  assert.equal(await scene.money(), '150.00 reserved, 400.00 committed, 450.00 available');
  assert.equal(await scene.state(), 'approved 3 until 2026-07-19');

  await scene.decide(amendment.id, 'approved');
  assert.equal(await scene.money(), '0.00 reserved, 550.00 committed, 450.00 available');
  assert.equal(await scene.state(), 'approved 4 until 2026-07-26');
  const [stored] = await scene.maker.db.read(scene.maker, (tx) => listAmendments(tx, scene.id));
  assert.deepEqual([stored?.state, stored?.appliedVersion, stored?.comment], ['applied', 4, 'decided']);
});

test('an amendment within the tolerance applies at once, as a version, with the difference committed', async (t) => {
  const scene = await approved(t);
  const { amendment, promotion } = await scene.amend({ ...(await scene.lump('420.00')), endsOn: '2026-07-21' });
  assert.deepEqual([amendment.state, amendment.beyond, promotion.version], ['applied', [], 4]);
  assert.equal(await scene.money(), '0.00 reserved, 420.00 committed, 580.00 available');
  const versions = await scene.maker.db.read(scene.maker, (tx) => listVersions(tx, scene.id));
  assert.deepEqual(
    versions.map(({ version, body }) => [version, body.endsOn]),
    [
      [1, '2026-07-19'],
      [2, '2026-07-19'],
      [3, '2026-07-19'],
      [4, '2026-07-21'],
    ],
  );
});

test('small steps do not add up past the tolerance: each is held against what people approved last', async (t) => {
  const scene = await approved(t);
  assert.equal((await scene.amend(await scene.lump('415.00'))).amendment.state, 'applied');
  const second = await scene.amend(await scene.lump('430.00'));
  assert.equal(second.amendment.state, 'proposed');
  await scene.decide(second.amendment.id, 'approved');
  // From here 430.00 counts as approved.
  assert.equal((await scene.amend(await scene.lump('450.00'))).amendment.state, 'applied');
});

test('a smaller promotion gives back the difference when it is approved, and not before', async (t) => {
  const scene = await approved(t);
  const { amendment } = await scene.amend(await scene.lump('100.00'));
  assert.equal(await scene.money(), '0.00 reserved, 400.00 committed, 600.00 available');
  await scene.decide(amendment.id, 'approved');
  assert.equal(await scene.money(), '0.00 reserved, 100.00 committed, 900.00 available');
});

test('a rejected, a returned and a withdrawn amendment give back what they reserved and change nothing', async (t) => {
  const scene = await approved(t);
  for (const outcome of ['rejected', 'returned'] as const) {
    const { amendment } = await scene.amend(await scene.lump('700.00'));
    assert.equal(await scene.money(), '300.00 reserved, 400.00 committed, 300.00 available');
    await scene.decide(amendment.id, outcome);
    assert.equal(await scene.money(), '0.00 reserved, 400.00 committed, 600.00 available');
  }
  const { amendment } = await scene.amend(await scene.lump('700.00'));
  await assert.rejects(withdrawAmendment(scene.colleague, scene.id, amendment.id, ''), { code: 'auth.forbidden' });
  scene.house.clock.set('2026-06-16T12:00:00Z');
  await withdrawAmendment(scene.maker, scene.id, amendment.id, 'not now');
  assert.equal(await scene.money(), '0.00 reserved, 400.00 committed, 600.00 available');
  assert.equal(await scene.state(), 'approved 3 until 2026-07-19');
  await assert.rejects(openTask(scene.maker, amendment.id), /expected one row/);
  const history = await scene.maker.db.read(scene.maker, (tx) => listHistory(tx, scene.id));
  assert.equal(history.at(-1)?.detail, 'amendment 3: not now');
});

test('of two people who amend at once one is told to wait, and money is reserved once', async (t) => {
  const scene = await approved(t);
  const change = await scene.lump('700.00');
  const results = await Promise.allSettled([scene.amend(change), scene.amend(change, scene.colleague)]);
  assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  const refused = results.find((one) => one.status === 'rejected');
  assert.equal(refused?.reason.code, 'state.conflict');
  assert.equal(await scene.money(), '300.00 reserved, 400.00 committed, 300.00 available');
});

test('neither the makers of the promotion nor the one who amended it may approve the amendment', async (t) => {
  const scene = await approved(t);
  const { amendment } = await scene.amend(await scene.lump('700.00'), scene.colleague);
  const yes = { outcome: 'approved' as const, comment: '' };
  const task = await openTask(scene.maker, amendment.id);
  for (const who of [scene.maker, scene.colleague])
    await assert.rejects(completeTask(who, processes, task, yes), { code: 'approval.own_work' });
});

test('an amendment that the fund cannot hold is refused with the shortfall, and nothing is proposed', async (t) => {
  const scene = await approved(t);
  await assert.rejects(
    async () => scene.amend(await scene.lump('1100.00')),
    (problem: { code: string; detail: string }) => {
      assert.equal(problem.code, 'fund.exceeded');
      assert.match(problem.detail, /lacks 100\.00 USD/);
      return true;
    },
  );
  assert.deepEqual(await scene.maker.db.read(scene.maker, (tx) => listAmendments(tx, scene.id)), []);
});

test('what was planned beside it meanwhile keeps an amendment from being approved', async (t) => {
  const scene = await approved(t);
  const { amendment } = await scene.amend({ endsOn: '2026-08-02' });
  const beside = await planPromotion(
    scene.maker,
    scene.input({ startsOn: '2026-07-27', endsOn: '2026-07-31', name: 'Beside' }),
  );
  await submitPromotion(scene.maker, beside.id, undefined);
  await scene.decide(amendment.id, 'approved', scene.approver);
  await assert.rejects(scene.decide(amendment.id, 'approved', scene.finance), { code: 'promotion.conflict' });
  assert.equal(await scene.state(), 'approved 3 until 2026-07-19');
  await scene.decide(amendment.id, 'rejected', scene.finance);
});

test('the customer of a promotion is never amended, and one on hold can be', async (t) => {
  const scene = await approved(t);
  await assert.rejects(scene.amend({ customerId: scene.banner }), { code: 'rule.violated' });
  await holdPromotion(scene.maker, scene.id, undefined, 'wait');
  assert.equal((await scene.amend({ startsOn: '2026-07-07' })).promotion.state, 'on_hold');
});

test('a draft is changed and a cancelled promotion is over: neither is amended', async (t) => {
  const scene = await approved(t);
  const draft = await planPromotion(scene.maker, scene.input({ startsOn: '2026-09-07', endsOn: '2026-09-13' }));
  const amendDraft = amendPromotion(scene.maker, nothingSettled, draft.id, undefined, { name: 'X', reason: 'why' });
  await assert.rejects(amendDraft, { code: 'state.conflict' });
  const { amendment } = await scene.amend(await scene.lump('700.00'));
  await cancelPromotion(scene.maker, scene.id, undefined, 'no more');
  assert.equal(await scene.money(), '0.00 reserved, 0.00 committed, 1000.00 available');
  const [dropped] = await scene.maker.db.read(scene.maker, (tx) => listAmendments(tx, scene.id));
  assert.deepEqual([dropped?.id, dropped?.state], [amendment.id, 'withdrawn']);
  await assert.rejects(scene.amend({ name: 'X' }), { code: 'state.conflict' });
});

test('a tolerance is versioned, and an amendment keeps the one it was held against', async (t) => {
  const scene = await approved(t);
  const strict = { spendRatio: '0', dateDays: 0, productCount: 0 };
  assert.equal((await setTolerance(scene.maker, 0, strict)).version, 1);
  await assert.rejects(setTolerance(scene.maker, 0, strict), { code: 'version.conflict' });
  const { amendment } = await scene.amend(await scene.lump('401.00'));
  assert.deepEqual([amendment.state, amendment.toleranceVersion], ['proposed', 1]);
});

test('a preview says what would change and whether it needs approval, and stores nothing', async (t) => {
  const scene = await approved(t);
  const preview = await previewAmendment(scene.maker, nothingSettled, scene.id, await scene.lump('550.00'));
  assert.deepEqual(
    preview.changes.map(({ field, before, after }) => [field, Number(before), Number(after)]),
    [['lumpSum', 400, 550]],
  );
  assert.deepEqual([preview.before.spend?.amount, preview.after.spend?.amount], ['400.00', '550.00']);
  assert.equal(preview.beyond.length, 1);
  assert.equal(await scene.money(), '0.00 reserved, 400.00 committed, 600.00 available');
});

test('what was believed the day before an amendment stays readable', async (t) => {
  const scene = await approved(t);
  scene.house.clock.set('2026-06-20T12:00:00Z');
  const { amendment } = await scene.amend({ ...(await scene.lump('550.00')), endsOn: '2026-07-26' });
  await scene.decide(amendment.id, 'approved');
  const at = (asOf: string) => scene.maker.db.read(scene.maker, (tx) => promotionAsOf(tx, scene.id, asOf));
  const before = await at('2026-06-19T12:00:00Z');
  const after = await at('2026-06-20T12:00:00Z');
  assert.deepEqual([before?.endsOn, Number(before?.plannedSpend), before?.state], ['2026-07-19', 400, 'approved']);
  assert.deepEqual([after?.endsOn, Number(after?.plannedSpend), after?.state], ['2026-07-26', 550, 'approved']);
  assert.equal(await at('2026-06-01T00:00:00Z'), undefined);
});

test('a cancellation and the approval of an amendment at the same moment never block each other or lose money', async (t) => {
  const scene = await approved(t);
  const { amendment } = await scene.amend(await scene.lump('700.00'));
  await scene.decide(amendment.id, 'approved', scene.approver);
  const last = await openTask(scene.maker, amendment.id);
  const yes = { outcome: 'approved' as const, comment: '' };
  const results = await Promise.allSettled([
    completeTask(scene.finance, processes, last, yes),
    cancelPromotion(scene.maker, scene.id, undefined, 'no more'),
  ]);
  for (const one of results)
    if (one.status === 'rejected')
      assert.ok(['state.conflict', 'version.conflict'].includes(one.reason.code), one.reason);
  const cancelled = results[1].status === 'fulfilled';
  assert.equal(
    await scene.money(),
    cancelled
      ? '0.00 reserved, 0.00 committed, 1000.00 available'
      : '0.00 reserved, 700.00 committed, 300.00 available',
  );
  assert.match(await scene.state(), cancelled ? /^cancelled/ : /^approved/);
});

test('of a withdrawal and an approval at the same moment one happens whole', async (t) => {
  const scene = await approved(t);
  const { amendment } = await scene.amend(await scene.lump('700.00'));
  await scene.decide(amendment.id, 'approved', scene.approver);
  const last = await openTask(scene.maker, amendment.id);
  const yes = { outcome: 'approved' as const, comment: '' };
  const results = await Promise.allSettled([
    completeTask(scene.finance, processes, last, yes),
    withdrawAmendment(scene.maker, scene.id, amendment.id, ''),
  ]);
  assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  const refused = results.find((one) => one.status === 'rejected');
  assert.equal(refused?.reason.code, 'state.conflict');
  const applied = results[0].status === 'fulfilled';
  assert.equal(
    await scene.money(),
    applied ? '0.00 reserved, 700.00 committed, 300.00 available' : '0.00 reserved, 400.00 committed, 600.00 available',
  );
});
