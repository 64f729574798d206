import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Context } from '#context';
import { sql } from '#db';
import { createCustomer, customerOnboarding, onboardCustomer } from '#master-data';
import { completeTask, startWorkflow, workflowModule } from '#workflow';
import { testHouse } from '../../../../test/house.ts';
import { addPerson, addRole, openTasksOn } from '../../../../test/people.ts';
import { promotionDecisions, promotionProcesses } from '../module.ts';
import { planPromotion, previewPromotion } from '../planning/plan-promotion.ts';
import { nothingSettled, setScene } from '../test-scene.ts';
import { promotionApprovalDefinition } from './approvals.ts';
import { submitPromotion } from './submit-promotion.ts';

interface Opened {
  id: string;
  step: string;
  routing: { because: { decision: string; version: number; row: number; rowId: string; why: string }[] };
  candidates: string[];
}

/** A house with people of the roles that the matrix names; `process` starts an approval about nothing. */
async function setDesk(t: TestContext, roles: Readonly<Record<string, readonly [role: string, limit: string | null]>>) {
  const house = await testHouse(t);
  // Who wins is not of interest here.
  const processes = promotionProcesses(nothingSettled).map((one) => ({ ...one, settle: async () => undefined }));
  workflowModule(processes, { decisions: promotionDecisions });
  const maker = house.context();
  const reads = ['promotions:read', 'workflows:act'];
  await addRole(house, 'legal', reads);
  for (const role of ['director', 'executive']) await addRole(house, role, [...reads, 'promotions:approve']);
  const people: Record<string, Context> = {};
  const add = async (name: string, [role, limit]: readonly [role: string, limit: string | null]) => {
    people[name] = house.context({ userId: await addPerson(house, [role], limit) });
  };
  for (const [name, who] of Object.entries(roles)) await add(name, who);
  const nameOf = (id: string) => Object.entries(people).find(([, { actor }]) => actor.id === id)?.[0] ?? id;
  const openOf = async (instanceId: string): Promise<Opened | undefined> => {
    const task = await maker.db.read(maker, (tx) =>
      tx.maybe<Opened>(sql`select id, step, routing, array(select person_id from workflow.candidate
          where candidate.tenant_id = task.tenant_id and task_id = task.id) as candidates
        from workflow.task where instance_id = ${instanceId} and state = 'open'`),
    );
    return task && { ...task, candidates: task.candidates.map(nameOf).sort() };
  };
  const start = (variables: Record<string, string | string[] | null>) =>
    maker.db.transact(maker, (tx) =>
      startWorkflow(tx, {
        ...{ definition: promotionApprovalDefinition, subjectType: 'promotion', subjectId: maker.newId() },
        variables: { ...healthy, ...variables, amount: variables.amount ?? variables.spend ?? healthy.spend },
        ...{ currency: 'USD', makers: [maker.actor.id], title: 'P', summary: {} },
      }),
    );
  /** The steps that are taken if all approve, each with who is asked and the rows that ask. */
  const walk = async (variables: Record<string, string | string[] | null>) => {
    const id = await start(variables);
    const steps: [string, string[], string[]][] = [];
    for (let task = await openOf(id); task; task = await openOf(id)) {
      steps.push([task.step, task.candidates, task.routing.because.map(({ rowId }) => rowId)]);
      const who = people[task.candidates[0] ?? ''];
      assert.ok(who);
      await completeTask(who, processes, task.id, { outcome: 'approved', comment: '' });
    }
    return steps;
  };
  return { maker, add, start, openOf, walk };
}

const healthy = {
  ...{ spend: '5000', netRoi: '0.2', margin: '0.3', discount: '0.1' },
  ...{ mechanics: ['scan_back'], findings: [] },
};

const everyRole = {
  peer: ['key_account_manager', '10000'],
  dora: ['director', '50000'],
  milo: ['trade_marketing_manager', '100000'],
  fiona: ['finance_controller', '200000'],
  leon: ['legal', '0'],
} as const;

test('the matrix sends a promotion to peer, director, finance and legal, and every task names the rows that ask', async (t) => {
  const { walk, maker, add, start, openOf } = await setDesk(t, everyRole);
  assert.deepEqual(await walk({}), [['peer', ['peer'], ['peer']]]);
  assert.deepEqual(await walk({ spend: '10000.01' }), [['director', ['dora'], ['director-spend']]]);
  // Above the director's limit another who may approve decides in that place.
  assert.deepEqual(await walk({ spend: '60000' }), [['director', ['fiona', 'milo'], ['director-spend']]]);
  assert.deepEqual(await walk({ netRoi: '-0.01' }), [
    ['director', ['dora'], ['director-loss']],
    ['finance', ['fiona'], ['finance-loss']],
  ]);
  assert.deepEqual(await walk({ discount: '0.4' }), [['peer', ['peer'], ['peer']]]);
  assert.deepEqual(await walk({ discount: '0.401', margin: '0.0999' }), [
    ['peer', ['peer'], ['peer']],
    ['director', ['dora'], ['director-margin', 'director-depth']],
  ]);
  assert.deepEqual(await walk({ mechanics: ['display', 'slotting'] }), [
    ['peer', ['peer'], ['peer']],
    ['legal', ['leon'], ['legal']],
  ]);
  // Only finance may approve so much, and the director's step takes somebody of its own.
  await assert.rejects(start({ spend: '100000.01' }), { code: 'rule.violated' });
  await add('esme', ['executive', null]);
  assert.deepEqual(await walk({ spend: '100000.01' }), [
    ['director', ['esme', 'fiona'], ['director-spend']],
    ['finance', ['fiona'], ['finance-spend']],
  ]);
  const id = await start({ spend: '20000' });
  const [because] = (await openOf(id))?.routing.because ?? [];
  assert.deepEqual(because, {
    ...{ decision: 'promotion-approval-matrix', version: 0, row: 2, rowId: 'director-spend' },
    ...{ step: 'director', why: 'Spend above 10,000.' },
  });
  const kept = await maker.db.read(maker, (tx) =>
    tx.one<{ after: { decision: string; tables: { matched: unknown[] }[] } }>(sql`select after from audit.entry
      where action = 'decision.taken' and after ->> 'instance' = ${id}`),
  );
  assert.deepEqual(
    [kept.after.decision, kept.after.tables[0]?.matched],
    ['promotion-approval-matrix', [{ id: 'director-spend', row: 2 }]],
  );
});

test('business rules block a customer whose onboarding is not over and the same promotion twice, and ask for finance above the credit limit', async (t) => {
  const scene = await setScene(t);
  const { maker, house, finance } = scene;
  const client = await createCustomer(maker, { code: 'N', name: 'New', type: 'banner', currency: 'USD' });
  const input = scene.input({ customerId: client.id });
  await onboardCustomer(maker, client.id, { creditLimit: { amount: '500.00', currency: 'USD' }, note: '' });
  const draft = await planPromotion(maker, input);
  await assert.rejects(submitPromotion(maker, draft.id, undefined), {
    ...{ code: 'rule.violated', detail: 'The customer is not active: their onboarding is not over.' },
  });
  // Credit and set-up.
  for (let [task] = await openTasksOn(maker, client.id); task; [task] = await openTasksOn(maker, client.id)) {
    const who = house.context({ userId: task.candidates[0] ?? '' });
    const set: Record<string, string> = task.step === 'credit' ? { creditGranted: '500' } : {};
    await completeTask(who, [customerOnboarding], task.id, { outcome: 'approved', comment: '', set });
  }
  await submitPromotion(maker, draft.id, undefined);
  // The same again, and then the same on other days: 400 and 400 are above 500.
  const twice = (await previewPromotion(maker, input)).guardrails.find(({ rule }) => rule === 'duplicate');
  assert.deepEqual([twice?.severity, twice?.message], ['block', `The same is planned already: ${draft.code}.`]);
  const onOtherDays = { ...input, startsOn: '2026-09-07', endsOn: '2026-09-20' };
  const { guardrails } = await previewPromotion(maker, onOtherDays);
  assert.deepEqual(
    guardrails.filter(({ rule }) => rule === 'credit').map(({ message, by }) => [message, by?.rowId, by?.version]),
    [['Spend open at this customer would be 300 above the credit limit. finance decides too.', 'customer-credit', 0]],
  );
  const later = await planPromotion(maker, onOtherDays);
  await submitPromotion(maker, later.id, undefined);
  const [task] = await openTasksOn(maker, later.id);
  assert.equal(task?.step, 'director');
  await completeTask(scene.approver, promotionProcesses(nothingSettled), task?.id ?? '', {
    ...{ outcome: 'approved', comment: '' },
  });
  const [second] = await openTasksOn(maker, later.id);
  assert.deepEqual([second?.step, second?.candidates], ['finance', [finance.actor.id]]);
  const because = (second?.routing.because ?? []) as { rowId: string }[];
  const rows = because.map(({ rowId }) => rowId).sort();
  assert.deepEqual(rows, ['customer-credit', 'finance-unknown']);
});
