import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx } from '#db';
import { scopeFilter } from '#scope';
import type { AccountPlan, PlanTerms } from './domain/account-plan.ts';
import type { PlanBasis } from './domain/plan-basis.ts';
import type { PlanFigures } from './domain/plan-result.ts';
import type { PlanInputs, PlanPromotions } from './domain/plan-snapshot.ts';
import { planScope } from './plan-scope.ts';

type Tx = TenantTx<Context>;

const zip = promisify(gzip);
const unzip = promisify(gunzip);

const columns = sql`plan.id, plan.name, plan.customer_id as "customerId", plan.fiscal_year as "fiscalYear", plan.currency,
  plan.targets, plan.baseline_changes as "baselineChanges", plan.version, plan.refusal, plan.created_by as "createdBy",
  plan.created_at as "createdAt", plan.updated_at as "updatedAt",
  (select max(number) from account_plans.snapshot where snapshot.tenant_id = plan.tenant_id
    and snapshot.plan_id = plan.id) as snapshot`;

/** The kinds of columns, by the name under which they travel. */
const columnKinds = { int32: Int32Array, float64: Float64Array } as const;

/** Packs columns of numbers beside plain JSON: what `unpack` gives back. */
export async function pack(value: unknown): Promise<Buffer> {
  const text = JSON.stringify(value, (_, member: unknown) => {
    if (!(member instanceof Int32Array || member instanceof Float64Array)) return member;
    const bytes = Buffer.from(member.buffer, member.byteOffset, member.byteLength).toString('base64');
    return { [member instanceof Int32Array ? 'int32' : 'float64']: bytes };
  });
  return zip(text);
}

/** Reads what `pack` wrote. */
export async function unpack<Value>(packed: Buffer): Promise<Value> {
  const text = (await unzip(packed)).toString('utf8');
  return JSON.parse(text, (_, member: unknown) => {
    if (typeof member !== 'object' || member === null) return member;
    for (const [name, Column] of Object.entries(columnKinds)) {
      if (!(name in member)) continue;
      const bytes = Buffer.from(String((member as Record<string, unknown>)[name]), 'base64');
      return new Column(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    }
    return member;
  }) as Value;
}

/** Whole numbers travel as text. */
export function figuresText(figures: PlanFigures): string {
  return JSON.stringify(figures, (_, member: unknown) => (typeof member === 'bigint' ? member.toString() : member));
}

/** Figures, or a part of them, as they were stored: every text in them is a whole number. */
export function figuresOf<Part = PlanFigures>(stored: unknown): Part {
  return JSON.parse(JSON.stringify(stored), (_, member: unknown) =>
    typeof member === 'string' ? BigInt(member) : member,
  ) as Part;
}

/** Stores a new plan as version 1; false where the customer has one for the year. */
export async function insertPlan(tx: Tx, plan: AccountPlan): Promise<boolean> {
  const rows = await tx.run(sql`
    insert into account_plans.plan (tenant_id, id, name, customer_id, fiscal_year, currency, targets, baseline_changes,
      version, created_by, created_at, updated_at)
    values (${tx.context.tenant.id}, ${plan.id}, ${plan.name}, ${plan.customerId}, ${plan.fiscalYear}, ${plan.currency},
      ${JSON.stringify(plan.targets)}, ${JSON.stringify(plan.baselineChanges)}, ${plan.version}, ${plan.createdBy},
      ${plan.createdAt}, ${plan.updatedAt})
    on conflict (tenant_id, customer_id, fiscal_year) do nothing`);
  return rows === 1;
}

export async function findPlan(tx: Tx, id: string): Promise<AccountPlan | undefined> {
  return tx.maybe<AccountPlan>(sql`select ${columns} from account_plans.plan where id = ${id}`);
}

/** The plan of a fiscal year at the first of some customers that has one. */
export async function findPlanAt(
  tx: Tx,
  customerIds: readonly string[],
  fiscalYear: number,
): Promise<AccountPlan | undefined> {
  return tx.maybe<AccountPlan>(sql`select ${columns} from account_plans.plan
    where plan.fiscal_year = ${fiscalYear} and plan.customer_id = any(${customerIds}::uuid[])
    order by array_position(${customerIds}::uuid[], plan.customer_id) limit 1`);
}

/** Locks a plan: whoever changes it second waits here. */
export async function lockPlan(tx: Tx, id: string): Promise<AccountPlan | undefined> {
  await tx.run(sql`select 1 from account_plans.plan where id = ${id} for update`);
  return findPlan(tx, id);
}

/** Every plan's id and fiscal year. */
export function planYears(tx: Tx): Promise<{ id: string; fiscalYear: number }[]> {
  return tx.many(sql`select id, fiscal_year as "fiscalYear" from account_plans.plan order by id`);
}

/** A page of plans, the latest year first. */
export function listPlans(
  tx: Tx,
  request: ListRequest,
  where: RawBuilder<unknown>[],
): Promise<Page<AccountPlan & { year: unknown }>> {
  const list = {
    columns: sql`${columns}, (select figures -> 'year' from account_plans.snapshot where snapshot.tenant_id = plan.tenant_id
      and snapshot.plan_id = plan.id order by number desc limit 1) as year`,
    from: sql`account_plans.plan`,
    where: [...where, scopeFilter(tx.context, planScope)],
    sortable: {
      fiscalYear: sql`plan.fiscal_year`,
      name: sql`plan.name collate "C"`,
      updatedAt: sql`plan.updated_at`,
    },
    id: sql`plan.id`,
    defaultSort: '-fiscalYear',
  };
  return keysetPage(tx, list, request);
}

/** Overwrites what people state of a plan that the caller has locked. */
export async function updatePlan(tx: Tx, plan: AccountPlan): Promise<void> {
  await tx.run(sql`update account_plans.plan set name = ${plan.name}, targets = ${JSON.stringify(plan.targets)},
    baseline_changes = ${JSON.stringify(plan.baselineChanges)}, version = ${plan.version}, updated_at = ${plan.updatedAt}
    where id = ${plan.id}`);
}

/** Keeps why the latest calculation was refused; null where it was not. */
export async function setRefusal(tx: Tx, id: string, refusal: string | null): Promise<void> {
  await tx.run(
    sql`update account_plans.plan set refusal = ${refusal} where id = ${id} and refusal is distinct from ${refusal}`,
  );
}

/** Keeps a basis once, by what is in it; answers its id. */
export async function keepBasis(tx: Tx, planId: string, hash: string, body: Buffer): Promise<string> {
  const { tenant, newId, clock } = tx.context;
  await tx.run(sql`insert into account_plans.basis (tenant_id, id, plan_id, hash, body, recorded_at)
    values (${tenant.id}, ${newId()}, ${planId}, ${hash}, ${body}, ${clock.now()})
    on conflict (tenant_id, plan_id, hash) do nothing`);
  const row = await tx.one<{ id: string }>(
    sql`select id from account_plans.basis where plan_id = ${planId} and hash = ${hash}`,
  );
  return row.id;
}

/** A snapshot as lists show it: everything but its columns. */
export interface SnapshotHead extends PlanTerms {
  planId: string;
  number: number;
  planVersion: number;
  basisId: string;
  hash: string;
  inputs: PlanInputs;
  figures: PlanFigures;
  recordedBy: string;
  recordedAt: Date;
}

const snapshotColumns = sql`plan_id as "planId", number, plan_version as "planVersion", basis_id as "basisId", hash, targets,
  baseline_changes as "baselineChanges", inputs, figures, recorded_by as "recordedBy", recorded_at as "recordedAt"`;

const toHead = (row: SnapshotHead): SnapshotHead => ({ ...row, figures: figuresOf(row.figures) });

/** Adds a snapshot; the plan must be locked. */
export async function insertSnapshot(
  tx: Tx,
  snapshot: Omit<SnapshotHead, 'recordedBy' | 'recordedAt'> & { events: Buffer },
): Promise<void> {
  const { tenant, actor, clock } = tx.context;
  const s = snapshot;
  await tx.run(sql`insert into account_plans.snapshot (tenant_id, plan_id, number, plan_version, basis_id, events, hash,
      targets, baseline_changes, inputs, figures, recorded_by, recorded_at)
    values (${tenant.id}, ${s.planId}, ${s.number}, ${s.planVersion}, ${s.basisId}, ${s.events}, ${s.hash},
      ${JSON.stringify(s.targets)}, ${JSON.stringify(s.baselineChanges)}, ${JSON.stringify(s.inputs)},
      ${figuresText(s.figures)}, ${actor.id}, ${clock.now()})`);
}

/** A snapshot by number, the latest one, or the latest one that stood at an instant. */
export async function findSnapshot(
  tx: Tx,
  planId: string,
  which: { number: number } | { asOf: string } | 'latest',
): Promise<SnapshotHead | undefined> {
  const match =
    which === 'latest'
      ? sql`true`
      : 'number' in which
        ? sql`number = ${which.number}`
        : sql`recorded_at <= ${which.asOf}::timestamptz`;
  const row = await tx.maybe<SnapshotHead>(sql`select ${snapshotColumns} from account_plans.snapshot
    where plan_id = ${planId} and ${match} order by number desc limit 1`);
  return row && toHead(row);
}

/** A page of a plan's snapshots, the latest first. */
export async function listSnapshots(tx: Tx, planId: string, request: ListRequest): Promise<Page<SnapshotHead>> {
  const list = {
    columns: sql`${snapshotColumns}, basis_id as id`,
    from: sql`account_plans.snapshot`,
    where: [sql`plan_id = ${planId}`],
    sortable: { number: sql`number` },
    id: sql`basis_id`,
    defaultSort: '-number',
  };
  const page = await keysetPage<SnapshotHead & { id: string }>(tx, list, request);
  return { ...page, items: page.items.map(toHead) };
}

/** The columns and promotions of a snapshot; throws where there is no such snapshot. */
export async function readSnapshotBody(
  tx: Tx,
  { planId, number }: { planId: string; number: number },
): Promise<{ basis: PlanBasis; promotions: PlanPromotions }> {
  const row = await tx.one<{ body: Buffer; events: Buffer }>(sql`select basis.body, snapshot.events
    from account_plans.snapshot join account_plans.basis on basis.tenant_id = snapshot.tenant_id
      and basis.id = snapshot.basis_id
    where snapshot.plan_id = ${planId} and snapshot.number = ${number}`);
  return { basis: await unpack(row.body), promotions: await unpack(row.events) };
}
