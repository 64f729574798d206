import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx } from '#db';
import { scopeFilter } from '#scope';
import type { PlanFigures } from './domain/plan-result.ts';
import type { AdoptedEdit, Scenario } from './domain/scenario.ts';
import { planScope, scenarioFrom } from './plan-scope.ts';
import { figuresOf, figuresText } from './plan-store.ts';

type Tx = TenantTx<Context>;

/** A scenario with the figures that its edits come to. */
export interface CountedScenario extends Scenario {
  figures: PlanFigures;
}

const columns = sql`scenario.id, scenario.plan_id as "planId", scenario.snapshot, scenario.name, scenario.state,
  scenario.version, scenario.edits, scenario.figures, scenario.created_by as "createdBy",
  scenario.created_at as "createdAt", scenario.updated_at as "updatedAt", scenario.adopted_by as "adoptedBy",
  scenario.adopted_at as "adoptedAt"`;

const counted = (row: CountedScenario): CountedScenario => ({ ...row, figures: figuresOf(row.figures) });

export async function findScenario(tx: Tx, id: string): Promise<CountedScenario | undefined> {
  const row = await tx.maybe<CountedScenario>(
    sql`select ${columns} from account_plans.scenario where scenario.id = ${id}`,
  );
  return row && counted(row);
}

/** Locks a scenario: whoever changes it second waits here. */
export async function lockScenario(tx: Tx, id: string): Promise<CountedScenario | undefined> {
  await tx.run(sql`select 1 from account_plans.scenario where id = ${id} for update`);
  return findScenario(tx, id);
}

/** A page of scenarios, the latest first. */
export async function listScenarios(
  tx: Tx,
  request: ListRequest,
  where: RawBuilder<unknown>[],
): Promise<Page<CountedScenario>> {
  const list = {
    columns,
    from: scenarioFrom,
    where: [...where, scopeFilter(tx.context, planScope)],
    sortable: { createdAt: sql`scenario.created_at`, name: sql`scenario.name collate "C"` },
    id: sql`scenario.id`,
    defaultSort: '-createdAt',
  };
  const page = await keysetPage<CountedScenario>(tx, list, request);
  return { ...page, items: page.items.map(counted) };
}

/** A plan's open scenarios that stand on an earlier snapshot than a number. */
export function scenariosBehind(tx: Tx, planId: string, snapshot: number): Promise<{ id: string; version: number }[]> {
  return tx.many(sql`select id, version from account_plans.scenario
    where plan_id = ${planId} and state = 'open' and snapshot < ${snapshot} order by id`);
}

/** Stores a new scenario, or overwrites one that the caller has locked; `events` are its packed predictions. */
export async function saveScenario(tx: Tx, scenario: CountedScenario, events: Buffer): Promise<void> {
  const s = scenario;
  await tx.run(sql`insert into account_plans.scenario (tenant_id, id, plan_id, snapshot, name, state, version, edits,
      events, figures, created_by, created_at, updated_at)
    values (${tx.context.tenant.id}, ${s.id}, ${s.planId}, ${s.snapshot}, ${s.name}, ${s.state}, ${s.version},
      ${JSON.stringify(s.edits)}, ${events}, ${figuresText(s.figures)}, ${s.createdBy}, ${s.createdAt}, ${s.updatedAt})
    on conflict (tenant_id, id) do update set snapshot = excluded.snapshot, name = excluded.name,
      version = excluded.version, edits = excluded.edits, events = excluded.events, figures = excluded.figures,
      updated_at = excluded.updated_at`);
}

/** The packed predictions of a scenario. */
export async function scenarioEvents(tx: Tx, id: string): Promise<Buffer | undefined> {
  const row = await tx.maybe<{ events: Buffer }>(sql`select events from account_plans.scenario where id = ${id}`);
  return row?.events;
}

/** Marks a scenario adopted, and the plan's other open ones not adopted; the plan must be locked. */
export async function markAdopted(tx: Tx, scenario: Scenario): Promise<string[]> {
  const { actor, clock } = tx.context;
  const now = clock.now();
  await tx.run(sql`update account_plans.scenario set state = 'adopted', version = version + 1, adopted_by = ${actor.id},
    adopted_at = ${now}, updated_at = ${now} where id = ${scenario.id}`);
  const others = await tx.many<{ id: string }>(sql`update account_plans.scenario set state = 'not_adopted',
      version = version + 1, updated_at = ${now}
    where plan_id = ${scenario.planId} and state = 'open' and id <> ${scenario.id} returning id`);
  return others.map(({ id }) => id).sort();
}

/** Keeps what becomes of the edits of an adopted scenario. */
export async function saveAdoption(tx: Tx, scenarioId: string, edits: readonly AdoptedEdit[]): Promise<void> {
  await tx.run(sql`insert into account_plans.adoption (tenant_id, scenario_id, position, state, promotion_id, detail)
    select ${tx.context.tenant.id}, ${scenarioId}, e.position, e.state, e."promotionId", e.detail
    from jsonb_to_recordset(${JSON.stringify(edits)}::jsonb)
      as e (position integer, state text, "promotionId" uuid, detail text)
    on conflict (tenant_id, scenario_id, position) do update set state = excluded.state,
      promotion_id = excluded.promotion_id, detail = excluded.detail`);
}

/** What became of the edits of a scenario, in their order; empty until it is adopted. */
export function readAdoption(tx: Tx, scenarioId: string): Promise<AdoptedEdit[]> {
  return tx.many<AdoptedEdit>(sql`select position, state, promotion_id as "promotionId", detail
    from account_plans.adoption where scenario_id = ${scenarioId} order by position`);
}
