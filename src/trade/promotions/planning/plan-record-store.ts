import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import type { Plan } from './build-plan.ts';

type Tx = TenantTx<Context>;

/** Keeps a plan that was stored with a version of a promotion; nothing is ever changed. */
export async function keepPlan(tx: Tx, promotionId: string, version: number, plan: Plan): Promise<void> {
  const { context } = tx;
  await tx.run(sql`insert into promotions.plan_record (tenant_id, id, promotion_id, version, plan, recorded_at)
    values (${context.tenant.id}, ${context.newId()}, ${promotionId}, ${version}, ${JSON.stringify(plan)}, ${context.clock.now()})`);
}

/** The plan that was believed at an instant; undefined where there was none yet. */
export async function planAsOf(tx: Tx, promotionId: string, asOf: string): Promise<Plan | undefined> {
  const row = await tx.maybe<{ plan: Plan }>(sql`select plan from promotions.plan_record
    where promotion_id = ${promotionId} and recorded_at <= ${asOf} order by recorded_at desc, id desc limit 1`);
  return row?.plan;
}
