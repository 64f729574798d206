import { setTimeout as sleep } from 'node:timers/promises';
import type { AccountPlanPorts } from '#account-plans';
import type { TenantFacts } from '#context';
import { sql } from '#db';
import { Problem } from '#problem';
import { type PromotionPorts, planDrafts, promotionApproval, submitPromotion } from '#promotions';
import { completeTask } from '#workflow';
import { playAccountPlans } from './account-plans.ts';
import { amendEvent } from './amend-event.ts';
import { contextOf, type DemoHouse, demoPeople, type Say } from './load-demo.ts';
import type { DemoMaker } from './maker.ts';
import { playProcesses } from './play-processes.ts';
import { makeProgrammes } from './programmes.ts';

/** So long a first start waits for the model; what takes longer goes on in the background. */
const modelWaitMs = 60_000;
const pollMs = 100;
/** The last so many submissions are left for the visitor to decide. */
const leftToDecide = 2;

/** The state of the last model; one that is fitted counts before another that is being fitted beside it. */
async function waitForModel(house: DemoHouse, tenant: TenantFacts): Promise<string> {
  for (let waitedMs = 0; waitedMs < modelWaitMs; waitedMs += pollMs) {
    const { status } = await house.db.read({ tenant }, (tx) =>
      tx.one<{ status: string }>(sql`select status from performance.model_version
        order by status = 'fitted' desc, number desc limit 1`),
    );
    if (status !== 'fitting') return status;
    await sleep(pollMs);
  }
  return 'fitting';
}

interface OpenTask {
  id: string;
  subjectId: string;
}

async function openTasks(house: DemoHouse, tenant: TenantFacts): Promise<OpenTask[]> {
  return house.db.read({ tenant }, (tx) =>
    tx.many<OpenTask>(sql`select task.id, instance.subject_id as "subjectId" from workflow.task
      join workflow.instance on instance.tenant_id = task.tenant_id and instance.id = task.instance_id
      where task.state in ('open', 'claimed')`),
  );
}

/** Decides every open task on a promotion by whoever of the demo's people may; leaves it where nobody may. */
async function approve(house: DemoHouse, tenant: TenantFacts, promotionId: string): Promise<void> {
  const people = await demoPeople(house, tenant);
  for (let step = 0; step < 5; step++) {
    const task = (await openTasks(house, tenant)).find((open) => open.subjectId === promotionId);
    if (!task) return;
    for (const login of ['director', 'marketing', 'finance', 'executive', 'legal']) {
      const person = people.get(login);
      if (!person) continue;
      try {
        await completeTask(contextOf(house, tenant, person), [promotionApproval], task.id, {
          outcome: 'approved',
          comment: '',
        });
        break;
      } catch (error) {
        // Not this person's task: the next one is asked.
        if (!(error instanceof Problem) || error.status !== 403) throw error;
      }
    }
  }
}

/**
 * What happens in the demo after the load: budgets are asked for and customers onboarded; once a model has been fitted on its
 * sales, the promotions that stand as approved or active are submitted by the account manager and approved by those who may, as
 * anybody would do by hand; one is amended.
 */
export async function playDemo(
  house: DemoHouse,
  tenant: TenantFacts,
  maker: DemoMaker,
  say: Say,
  ports: PromotionPorts,
  planPorts: AccountPlanPorts,
): Promise<void> {
  const people = await demoPeople(house, tenant);
  const kam = people.get('kam');
  if (!kam) throw new Error('the demo has no kam');
  // The model is being fitted in a thread of its own meanwhile.
  await playProcesses(house, tenant, say);
  const status = await waitForModel(house, tenant);
  say(`demo: the promotion model is ${status === 'fitting' ? 'still being fitted' : status}`);
  if (status !== 'fitted') return;
  const context = contextOf(house, tenant, kam);
  await planDrafts(context);
  const live = maker.promotions.filter((promotion) => promotion.state === 'approved' || promotion.state === 'active');
  const waiting = new Set(live.slice(-leftToDecide).map(({ code }) => code));
  for (const { code } of [...makeProgrammes(maker), ...live]) {
    const found = await house.db.read({ tenant }, (tx) =>
      tx.maybe<{ id: string }>(sql`select id from promotions.promotion where code = ${code} and state = 'draft'`),
    );
    if (!found) continue;
    try {
      await submitPromotion(context, found.id, undefined);
      if (!waiting.has(code)) await approve(house, tenant, found.id);
    } catch (error) {
      if (!(error instanceof Problem) || error.status >= 500) throw error;
      house.log.warn({ code, problem: error.code }, 'demo: a promotion stays a draft');
    }
  }
  const amended = await amendEvent(context, ports);
  if (amended) say(`demo: an amendment of ${amended} waits for approval`);
  await playAccountPlans(context, planPorts, maker, say);
}
