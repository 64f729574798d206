import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#db';
import { adoptScenario } from './adopt-scenario.ts';
import { calculatePlan } from './calculate-plan.ts';
import { createPlan } from './change-plan.ts';
import { changeScenario, createScenario, readScenario } from './change-scenario.ts';
import { readNumbered } from './loaded-plan.ts';
import { findPlan } from './plan-store.ts';
import { type PlanScene, setPlanScene } from './test-plan-scene.ts';

async function planned(scene: PlanScene): Promise<string> {
  const { kam, ports, banner } = scene;
  const plan = await createPlan(kam, { name: 'FY26', customerId: banner, fiscalYear: 2026 });
  await calculatePlan(kam, ports, plan.id);
  return plan.id;
}

const promotionsIn = ({ kam }: PlanScene) =>
  kam.db.read(kam, (tx) =>
    tx.many<{ id: string; code: string; state: string; startsOn: string }>(
      sql`select id, code, state, starts_on as "startsOn" from promotions.promotion order by code`,
    ),
  );

test('a scenario is counted apart: the promotions, the plan and its grid stay as they are', async (t) => {
  const scene = await setPlanScene(t);
  const { kam, accounts, product } = scene;
  const draftId = await scene.draft();
  const liveId = await scene.draft({ name: 'Live', startsOn: '2026-07-06', endsOn: '2026-07-19' });
  await approve(scene, liveId);
  const planId = await planned(scene);
  const before = (await readNumbered(kam, planId, 1)).grid.totals();
  const scenario = await createScenario(kam, {
    planId,
    name: 'Bold',
    edits: [
      { kind: 'include', promotionId: draftId },
      { kind: 'drop', promotionId: liveId },
      { kind: 'add', promotion: scene.input({ name: 'More', startsOn: '2026-10-05', endsOn: '2026-10-11' }) },
      { kind: 'baseline', accountId: accounts[0], productId: product, percent: '10' },
      { kind: 'target', period: 12, line: 'contribution', amount: '10000.00' },
    ],
  });
  const { year, periods } = scenario.figures;
  assert.equal(year.plan.tacticSpend, 180_000n);
  assert.equal(year.plan.volume, 52n * 160_000n + 182_000n);
  assert.equal(periods.at(-1)?.target.contribution, 1_000_000n);
  assert.deepEqual(
    (await promotionsIn(scene)).map(({ id, state }) => [id, state]),
    [
      [draftId, 'draft'],
      [liveId, 'approved'],
    ],
  );
  assert.deepEqual((await readNumbered(kam, planId, 1)).grid.totals(), before);
  const moved = await changeScenario(kam, scenario.id, 1, {
    edits: [
      { kind: 'move', promotionId: draftId, startsOn: '2026-11-02' },
      { kind: 'change', promotionId: draftId, tacticId: await tacticOf(scene, draftId), lumpSum: '1000.00' },
      { kind: 'move', promotionId: liveId, startsOn: '2026-12-07' },
    ],
  });
  assert.equal(moved.figures.year.plan.tacticSpend, 190_000n);
  const { periods: of } = (await readNumbered(kam, planId, 1)).head.inputs;
  assert.deepEqual(
    moved.figures.periods.flatMap(({ plan }, i) =>
      plan.tacticSpend === 0n ? [] : [[of[i]?.startsOn, plan.tacticSpend]],
    ),
    [
      ['2026-10-26', 100_000n],
      ['2026-11-23', 90_000n],
    ],
  );
  assert.deepEqual((await readNumbered(kam, planId, 1)).grid.totals(), before);
});

/** As it is after its approval, as far as a plan asks. */
async function approve({ kam }: PlanScene, promotionId: string): Promise<void> {
  await kam.db.transact(kam, (tx) =>
    tx.run(sql`update promotions.promotion set state = 'approved', submitted_at = ${kam.clock.now()}, submitted_by = ${kam.actor.id}
      where id = ${promotionId}`),
  );
}

async function tacticOf({ kam }: PlanScene, promotionId: string): Promise<string> {
  const { id } = await kam.db.read(kam, (tx) =>
    tx.one<{ id: string }>(sql`select id from promotions.tactic where promotion_id = ${promotionId}`),
  );
  return id;
}

test('adopting makes drafts one by one, takes targets into the plan, and leaves the other scenarios not adopted', async (t) => {
  const scene = await setPlanScene(t);
  const { kam } = scene;
  const draftId = await scene.draft();
  const planId = await planned(scene);
  const other = await createScenario(kam, { planId, name: 'Calm' });
  const bold = await createScenario(kam, {
    planId,
    name: 'Bold',
    edits: [
      { kind: 'move', promotionId: draftId, startsOn: '2026-11-02' },
      { kind: 'add', promotion: scene.input({ name: 'More', startsOn: '2026-10-05', endsOn: '2026-10-11' }) },
      { kind: 'target', period: 12, line: 'contribution', amount: '10000.00' },
    ],
  });
  const { scenario, edits } = await adoptScenario(kam, bold.id, 1);
  assert.equal(scenario.state, 'adopted');
  assert.deepEqual(
    edits.map(({ state }) => state),
    ['done', 'done', 'done'],
  );
  const promotions = await promotionsIn(scene);
  assert.deepEqual(promotions.map(({ state, startsOn }) => [state, startsOn]).sort(), [
    ['draft', '2026-10-05'],
    ['draft', '2026-11-02'],
  ]);
  assert.equal((await readScenario(kam, other.id)).state, 'not_adopted');
  const plan = await kam.db.read(kam, (tx) => findPlan(tx, planId));
  assert.deepEqual(plan?.targets, [{ period: 12, contribution: '10000.00' }]);
  await assert.rejects(adoptScenario(kam, bold.id, undefined), { code: 'state.conflict' });
  await assert.rejects(adoptScenario(kam, other.id, undefined), { code: 'state.conflict' });
  assert.equal((await promotionsIn(scene)).length, 2);
});

test('of two scenarios adopted at once one is, and an edit that cannot be carried out is named, not lost', async (t) => {
  const scene = await setPlanScene(t);
  const { kam } = scene;
  const draftId = await scene.draft();
  const planId = await planned(scene);
  const add = (name: string) => ({ kind: 'add' as const, promotion: scene.input({ name }) });
  const ids = await Promise.all(
    ['One', 'Two'].map(async (name) => {
      const scenario = await createScenario(kam, {
        planId,
        name,
        edits: [add(name), { kind: 'drop', promotionId: draftId }],
      });
      return scenario.id;
    }),
  );
  await assert.rejects(adoptScenario(kam, ids[0] ?? '', 7), { code: 'version.conflict' });
  await approve(scene, draftId);
  const outcomes = await Promise.allSettled(ids.map((id) => adoptScenario(kam, id, undefined)));
  const adopted = outcomes.filter(({ status }) => status === 'fulfilled');
  assert.equal(adopted.length, 1);
  const [won] = adopted as PromiseFulfilledResult<Awaited<ReturnType<typeof adoptScenario>>>[];
  assert.deepEqual(
    won?.value.edits.map(({ state }) => state),
    ['done', 'refused'],
  );
  assert.match(won?.value.edits[1]?.detail ?? '', /is approved: cancel it where it stands/);
  assert.equal((await promotionsIn(scene)).length, 2);
});

test('an adoption that was interrupted carries on where it stopped, and makes no draft twice', async (t) => {
  const scene = await setPlanScene(t);
  const { kam } = scene;
  const planId = await planned(scene);
  const scenario = await createScenario(kam, {
    planId,
    name: 'Bold',
    edits: [{ kind: 'add', promotion: scene.input() }],
  });
  await adoptScenario(kam, scenario.id, 1);
  // As after a kill between the draft and its note.
  await kam.db.transact(kam, (tx) =>
    tx.run(sql`update account_plans.adoption set state = 'waiting', promotion_id = null`),
  );
  const { edits } = await adoptScenario(kam, scenario.id, undefined);
  assert.deepEqual(
    edits.map(({ state }) => state),
    ['done'],
  );
  assert.equal((await promotionsIn(scene)).length, 1);
});
