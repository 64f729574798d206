import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#db';
import type { Job } from '#jobs';
import { calculatePlan, calculationJobs, jobNames } from './calculate-plan.ts';
import { changePlan, createPlan } from './change-plan.ts';
import { findSnapshot } from './plan-store.ts';
import { readGapClosers } from './read-gap-closers.ts';
import { setPlanScene } from './test-plan-scene.ts';

test('a plan counts target, plan, latest estimate and actual by fiscal period, to the cent', async (t) => {
  const { kam, ports, banner, house } = await setPlanScene(t);
  const targets = Array.from({ length: 12 }, (_, i) => ({ period: i + 1, contribution: '9500.00', volume: '700' }));
  const plan = await createPlan(kam, { name: 'FY26', customerId: banner, fiscalYear: 2026, targets });
  const calculated = await calculatePlan(kam, ports, plan.id);
  assert.equal(calculated.snapshot, 1);
  const head = await kam.db.read(kam, (tx) => findSnapshot(tx, plan.id, 'latest'));
  assert.ok(head);
  const { figures, inputs } = head;
  assert.equal(figures.periods.length, 12);
  assert.equal(inputs.closedThrough, '2026-06-14');
  assert.deepEqual(inputs.baselines, { predicted: 0, lastYear: 2 });
  assert.match(inputs.notes.join(' '), /last year’s shipments/);
  const [first] = figures.periods;
  assert.ok(first);
  // Four weeks of 150 cases a week at 30.00 less 16.00; 170 were shipped.
  assert.equal(first.plan.volume, 600_000n);
  assert.equal(first.plan.grossSales, 1_800_000n);
  assert.equal(first.plan.contribution, 840_000n);
  assert.equal(first.actual.volume, 680_000n);
  assert.equal(first.actual.contribution, 952_000n);
  assert.equal(first.latestEstimate.contribution, 952_000n);
  assert.equal(first.gap.contribution, 2_000n);
  // Period 6 runs from 25 May to 28 June: three of its five weeks are closed.
  const running = inputs.periods.findIndex(({ state }) => state === 'running');
  assert.equal(inputs.periods[running]?.startsOn, '2026-05-25');
  assert.equal(figures.periods[running]?.actual.volume, 3n * 170_000n);
  assert.equal(figures.periods[running]?.latestEstimate.volume, 3n * 170_000n + 2n * 150_000n);
  const last = figures.periods.at(-1);
  assert.equal(last?.actual.volume, null);
  assert.equal(last?.latestEstimate.volume, last?.plan.volume);
  assert.equal(figures.year.actual.volume, 24n * 170_000n);
  // The 53rd week has this year's first one as the week 52 weeks before it.
  assert.equal(figures.year.latestEstimate.volume, 24n * 170_000n + 28n * 150_000n + 170_000n);
  assert.equal(figures.year.target.contribution, 12n * 950_000n);
  const audited = await house.db.read(kam, (tx) =>
    tx.many<{ action: string }>(sql`select action from audit.entry where entity_id = ${plan.id} order by at, id`),
  );
  assert.deepEqual(
    audited.map(({ action }) => action),
    ['account_plan.created', 'account_plan.calculated'],
  );
});

test('calculating again changes nothing; a target or a baseline makes the next snapshot, and the old one stays readable', async (t) => {
  const { kam, ports, banner, accounts, house } = await setPlanScene(t);
  const plan = await createPlan(kam, { name: 'FY26', customerId: banner, fiscalYear: 2026 });
  await calculatePlan(kam, ports, plan.id);
  assert.equal((await calculatePlan(kam, ports, plan.id)).snapshot, 1);
  const between = house.clock.now().toISOString();
  house.clock.set('2026-06-15T13:00:00Z');
  const changed = await changePlan(kam, plan.id, 1, {
    baselineChanges: [{ accountId: accounts[1], productId: null, percent: '-10' }],
  });
  assert.deepEqual([changed.version, changed.snapshot], [2, 2]);
  const [now, then] = await kam.db.read(kam, async (tx) => [
    await findSnapshot(tx, plan.id, 'latest'),
    await findSnapshot(tx, plan.id, { asOf: between }),
  ]);
  assert.equal(then?.figures.year.plan.volume, 52n * 150_000n + 170_000n);
  assert.equal(now?.figures.year.plan.volume, 52n * 145_000n + 165_000n);
  await assert.rejects(changePlan(kam, plan.id, 1, { name: 'Late' }), { code: 'version.conflict' });
  await assert.rejects(changePlan(kam, plan.id, 2, { targets: [{ period: 13, volume: '1' }] }), {
    code: 'rule.violated',
  });
  await assert.rejects(changePlan(kam, plan.id, 2, { targets: [{ period: 1, contribution: '1.005' }] }), {
    code: 'rule.violated',
  });
});

test('a customer has one plan a year', async (t) => {
  const { kam, banner } = await setPlanScene(t);
  await createPlan(kam, { name: 'FY26', customerId: banner, fiscalYear: 2026 });
  await assert.rejects(createPlan(kam, { name: 'Again', customerId: banner, fiscalYear: 2026 }), {
    code: 'code.taken',
  });
});

test('a draft stands beside the plan and enters no figure, and one that loses money closes no gap', async (t) => {
  const { kam, ports, banner, draft } = await setPlanScene(t);
  const targets = Array.from({ length: 12 }, (_, i) => ({ period: i + 1, contribution: '9500.00' }));
  const plan = await createPlan(kam, { name: 'FY26', customerId: banner, fiscalYear: 2026, targets });
  await draft();
  await calculatePlan(kam, ports, plan.id);
  const head = await kam.db.read(kam, (tx) => findSnapshot(tx, plan.id, 'latest'));
  assert.equal(head?.figures.year.plan.tacticSpend, 0n);
  // For a lump sum and nothing else it loses 900.00: it is left out of what closes the gap, and said to be.
  const closers = await readGapClosers(kam, plan.id);
  assert.deepEqual([closers?.items, closers?.leftOut, closers?.refused], [[], 1, []]);
});

test('terms count from the day they hold, and a tiered rebate at what the year is expected to reach', async (t) => {
  const { kam, ports, banner, agree } = await setPlanScene(t);
  await agree('2025-12-29', [
    { code: 'ON', kind: 'on_invoice', basis: 'percent_of_list', rate: '5' },
    { code: 'STANDING', kind: 'off_invoice', basis: 'per_case', rate: '0.60' },
    {
      ...{ code: 'VOLUME', kind: 'volume_rebate', basis: 'per_case' },
      tiers: [
        { from: '8000', rate: '0.50' },
        { from: '8400', rate: '1.00' },
        { from: '9000', rate: '1.50' },
      ],
    },
    { code: 'LISTING', kind: 'off_invoice', basis: 'lump_sum', rate: '1000.00' },
  ]);
  await agree('2026-11-30', [{ code: 'DECEMBER', kind: 'off_invoice', basis: 'per_case', rate: '0.10' }]);
  const plan = await createPlan(kam, { name: 'FY26', customerId: banner, fiscalYear: 2026 });
  await calculatePlan(kam, ports, plan.id);
  const head = await kam.db.read(kam, (tx) => findSnapshot(tx, plan.id, 'latest'));
  assert.ok(head);
  const { year, periods } = head.figures;
  // 7 970 cases planned at 30.00 less 5 %; 4 080 shipped + 4 370 planned = 8 450 reach 1.00 a case.
  assert.equal(year.plan.onInvoiceTerms, 7_970n * 150n);
  assert.equal(year.latestEstimate.volume, 8_450_000n);
  // 1 000.00 a period on what is sold in it: of the first four weeks 600 of 680 cases are in the plan.
  assert.equal(periods[0]?.actual.offInvoiceTerms, 680n * 160n + 100_000n);
  // Rounded by account and week: 147.06 for 100 cases, 73.53 for 50.
  assert.equal(periods[0]?.plan.offInvoiceTerms, 600n * 160n + 4n * (14_706n + 7_353n));
  // The last period begins a week before the second agreement.
  assert.equal(head.inputs.periods.at(-1)?.startsOn, '2026-11-23');
  // 108.70 for 100 cases and 54.35 for 50 in five weeks, 130.43 and 54.35 in the 53rd: three cents over by rounding.
  assert.equal(periods.at(-1)?.plan.offInvoiceTerms, 920n * 160n + 770n * 10n + 100_003n);
  assert.equal(head.inputs.termVersions.length, 2);
  assert.equal(year.plan.tradeSpend, (year.plan.onInvoiceTerms ?? 0n) + (year.plan.offInvoiceTerms ?? 0n));
});

test('spend that nobody knows is named and not zero: a promotion that ran and was neither accrued nor measured', async (t) => {
  const { kam, ports, banner, draft } = await setPlanScene(t);
  const id = await draft({ startsOn: '2026-02-02', endsOn: '2026-02-15' });
  await kam.db.transact(kam, (tx) =>
    tx.run(sql`update promotions.promotion set state = 'ended', submitted_at = ${kam.clock.now()} where id = ${id}`),
  );
  const plan = await createPlan(kam, { name: 'FY26', customerId: banner, fiscalYear: 2026 });
  await calculatePlan(kam, ports, plan.id);
  const head = await kam.db.read(kam, (tx) => findSnapshot(tx, plan.id, 'latest'));
  const [january, february] = head?.figures.periods ?? [];
  assert.equal(head?.inputs.spendUnknown.length, 1);
  assert.equal(february?.plan.tacticSpend, 90_000n);
  assert.deepEqual([january?.actual.tacticSpend, february?.actual.tacticSpend], [0n, null]);
});

test('a plan follows a promotion of its customer and year once, and no other', async (t) => {
  const { kam, ports, banner, accounts, draft, input } = await setPlanScene(t);
  const plan = await createPlan(kam, { name: 'FY26', customerId: accounts[0], fiscalYear: 2026 });
  await calculatePlan(kam, ports, plan.id);
  const follow = calculationJobs(ports).find(({ name }) => name === jobNames.followPromotion) as
    | Job<object>
    | undefined;
  const happened = async (promotionId: string, customerId: string) => {
    const { startsOn, endsOn } = input();
    const context = { ...kam, signal: new AbortController().signal };
    await follow?.handle(context, { promotionId, customerId, startsOn, endsOn, version: 1 });
    return (await kam.db.read(kam, (tx) => findSnapshot(tx, plan.id, 'latest')))?.number;
  };
  const [own, above] = [await draft({ customerId: accounts[0] }), await draft({ customerId: banner })];
  assert.equal(await happened(above, banner), 1);
  assert.equal(await happened(own, accounts[0]), 2);
  assert.equal(await happened(own, accounts[0]), 2);
});
