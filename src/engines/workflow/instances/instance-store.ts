import { type Context, systemActor } from '#context';
import {
  type Database,
  type Gathered,
  keysetPage,
  type ListRequest,
  type Page,
  type RawBuilder,
  sql,
  type TenantTx,
  tableOf,
} from '#db';
import { type ScopeColumns, scopeFilter } from '#scope';
import type { ProcessModel } from '../definitions/process-model.ts';
import type { InstanceState, Values } from './instance-state.ts';
import { hashOf, type Runnable } from './running-model.ts';

type Tx = TenantTx<Context>;

/** A running or ended process as its row holds it. */
export interface InstanceRow {
  id: string;
  definition: string;
  hash: string;
  subjectType: string;
  subjectId: string;
  state: 'running' | 'completed' | 'cancelled' | 'failed';
  outcome: string | null;
  step: string | null;
  /** What it was started with; what they are now stands in the position. */
  variables: Values;
  makers: string[];
  title: string;
  summary: Record<string, unknown>;
  startedAt: Date;
  endedAt: Date | null;
  /** Null: it began before positions were kept. */
  position: InstanceState | null;
  revision: number;
  parentInstanceId: string | null;
  parentToken: number | null;
  rootInstanceId: string | null;
  /** How many instances called each other down to this one. */
  depth: number;
}

const columns = sql`instance.id, instance.definition, instance.definition_hash as hash, instance.subject_type as "subjectType",
  instance.subject_id as "subjectId", instance.state, instance.outcome, instance.step, instance.variables, instance.makers,
  instance.title, instance.summary, instance.started_at as "startedAt", instance.ended_at as "endedAt", instance.position,
  instance.revision, instance.parent_instance_id as "parentInstanceId", instance.parent_token as "parentToken",
  instance.root_instance_id as "rootInstanceId", instance.depth`;

export async function findInstance(tx: Tx, id: string): Promise<InstanceRow | undefined> {
  return tx.maybe<InstanceRow>(sql`select ${columns} from workflow.instance where id = ${id}`);
}

/** Whether a person has decided a task of an instance, or of one that it called. */
export async function isDecidedByPerson(tx: Tx, rootId: string): Promise<boolean> {
  const { decided } = await tx.one<{ decided: boolean }>(sql`
    with recursive called as (select tenant_id, id from workflow.instance where id = ${rootId}
      union all select inner_one.tenant_id, inner_one.id from called join workflow.instance inner_one
        on inner_one.tenant_id = called.tenant_id and inner_one.parent_instance_id = called.id)
    select exists (select from called join workflow.task on task.tenant_id = called.tenant_id and task.instance_id = called.id
      where task.state = 'completed' and task.completed_by <> ${systemActor.id}) as decided`);
  return decided;
}

/** Locks an instance by the lock of its root: those that call each other have one lock, so that nobody waits in a circle. */
export const lockInstance = (tx: Tx, id: string): Promise<InstanceRow | undefined> =>
  lockBy(tx, sql`${id}::uuid`, 'lock instance');

/** The same for the instance of a task. */
export const lockInstanceOfTask = (tx: Tx, taskId: string): Promise<InstanceRow | undefined> =>
  lockBy(tx, sql`(select instance_id from workflow.task where id = ${taskId})`, 'lock instance of task');

async function lockBy(tx: Tx, id: RawBuilder<unknown>, name: string): Promise<InstanceRow | undefined> {
  const own = await tx.maybe<InstanceRow>(
    sql`select ${columns} from workflow.instance where id = ${id} and root_instance_id is null for update`,
    name,
  );
  if (own) return own;
  await tx.run(sql`select from workflow.instance
    where id = (select root_instance_id from workflow.instance where id = ${id}) for update`);
  return tx.maybe<InstanceRow>(sql`select ${columns} from workflow.instance where id = ${id}`);
}

/** Locks the running instance of a subject, not those that it called. */
export async function lockRunningInstance(
  tx: Tx,
  subjectType: string,
  subjectId: string,
): Promise<InstanceRow | undefined> {
  return tx.maybe<InstanceRow>(sql`select ${columns} from workflow.instance
    where subject_type = ${subjectType} and subject_id = ${subjectId} and state = 'running' and parent_instance_id is null
    for update`);
}

/** Definitions that this process has committed to a database, by tenant and hash; they are never deleted. */
const keptIn = new WeakMap<Database, Set<string>>();

/** Keeps what is run by its content hash and answers the hash. */
export async function keepDefinition(tx: Tx, body: Runnable): Promise<string> {
  const hash = hashOf(body);
  const { tenant, clock, db } = tx.context;
  const kept = keptIn.get(db) ?? new Set<string>();
  keptIn.set(db, kept);
  const key = `${tenant.id} ${hash}`;
  if (kept.has(key)) return hash;
  const { diagram: _drawn, source: _file, unsupported: _list, ...content } = { ...body } as ProcessModel;
  await tx.run(sql`insert into workflow.definition (tenant_id, code, hash, body, first_used_at)
    values (${tenant.id}, ${body.code}, ${hash}, ${JSON.stringify(content)}, ${clock.now()}) on conflict do nothing`);
  tx.afterCommit(() => kept.add(key));
  return hash;
}

export async function readDefinition(tx: Tx, code: string, hash: string): Promise<Runnable> {
  const { body } = await tx.one<{ body: Runnable }>(
    sql`select body from workflow.definition where code = ${code} and hash = ${hash}`,
  );
  return body;
}

const insertOf = (row: InstanceRow & { tenantId: string }) => sql`
    insert into workflow.instance (tenant_id, id, definition, definition_hash, subject_type, subject_id, state, outcome, step,
      variables, makers, title, summary, started_at, ended_at, position, revision, parent_instance_id, parent_token,
      root_instance_id, depth)
    values (${row.tenantId}, ${row.id}, ${row.definition}, ${row.hash}, ${row.subjectType}, ${row.subjectId},
      ${row.state}, ${row.outcome}, ${row.step}, ${JSON.stringify(row.variables)}, ${row.makers}::uuid[], ${row.title},
      ${JSON.stringify(row.summary)}, ${row.startedAt}, ${row.endedAt}, ${JSON.stringify(row.position)}, ${row.revision},
      ${row.parentInstanceId}, ${row.parentToken}, ${row.rootInstanceId}, ${row.depth})`;

const begun: Gathered<InstanceRow & { tenantId: string }> = {
  seenBy: 'workflow.',
  parts: (rows) => Object.fromEntries(rows.map((row, number) => [`begun${number}`, insertOf(row)])),
};

export async function insertInstance(tx: Tx, row: InstanceRow): Promise<void> {
  // As it stands now: the row goes on with what happens to it.
  await tx.gather(begun, { ...row, tenantId: tx.context.tenant.id });
}

const moved: Gathered<InstanceRow> = {
  seenBy: 'workflow.',
  parts: (rows) =>
    Object.fromEntries(
      rows.map((row, number) => [
        `moved${number}`,
        sql`update workflow.instance set position = ${JSON.stringify(row.position)},
          revision = revision + 1, step = ${row.step}, state = ${row.state}, outcome = ${row.outcome}, ended_at = ${row.endedAt}
          where id = ${row.id} and revision = ${row.revision} and state = 'running' returning 1`,
      ]),
    ),
  touchesOne: true,
  follows: [begun],
};

/** Stores where an instance stands; throws where somebody stored it since it was read. */
export async function storePosition(tx: Tx, row: InstanceRow): Promise<void> {
  await tx.gather(moved, { ...row });
}

/** Ends instances and all that they called without an outcome; answers the ids of those that were running. */
export async function cancelRunning(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const rows = await tx.many<{ id: string }>(sql`
    with recursive below as (
      select id from workflow.instance where id = any(${[...ids]}::uuid[])
      union all select called.id from workflow.instance called join below on called.parent_instance_id = below.id)
    update workflow.instance set state = 'cancelled', step = null, revision = revision + 1, ended_at = ${tx.context.clock.now()}
    where id in (select id from below) and state = 'running' returning id`);
  return rows.map(({ id }) => id);
}

/** Instances that tokens of another called and wait for. */
export async function calledBy(tx: Tx, id: string, tokens: readonly number[]): Promise<string[]> {
  const rows = await tx.many<{ id: string }>(sql`select id from workflow.instance
    where parent_instance_id = ${id} and parent_token = any(${[...tokens]}::integer[]) and state = 'running'`);
  return rows.map(({ id: called }) => called);
}

/** Something that an instance waits for outside of people. */
export interface Wait {
  id: string;
  instanceId: string;
  token: number;
  /** The catching node; of a retry the node that is tried again. */
  event: string;
  kind: 'timer' | 'message' | 'signal' | 'retry';
  name: string | null;
  correlation: string | null;
}

const waitColumns = sql`id, instance_id as "instanceId", token, event, kind, name, correlation`;

const awaited: Gathered<Wait & { tenantId: string }> = {
  seenBy: 'workflow.',
  parts: (rows) => ({
    awaited: sql`insert into workflow.wait (tenant_id, id, instance_id, token, event, kind, name, correlation)
      ${tableOf(rows, {
        ...{ tenantId: 'uuid', id: 'uuid', instanceId: 'uuid', token: 'integer', event: 'text', kind: 'text' },
        ...{ name: 'text', correlation: 'text' },
      })}`,
  }),
};

export async function insertWaits(tx: Tx, waits: readonly Wait[]): Promise<void> {
  const tenantId = tx.context.tenant.id;
  for (const wait of waits) await tx.gather(awaited, { ...wait, tenantId });
}

export async function findWait(tx: Tx, id: string): Promise<Wait | undefined> {
  return tx.maybe<Wait>(sql`select ${waitColumns} from workflow.wait where id = ${id}`);
}

/** What an instance waits for. */
export async function waitsOf(tx: Tx, instanceId: string): Promise<Wait[]> {
  return tx.many<Wait>(sql`select ${waitColumns} from workflow.wait where instance_id = ${instanceId} order by id`);
}

/** Most instances that one signal reaches; more are a design that nobody meant. */
export const mostReached = 10_000;

/** The waits that a message or signal reaches: a message the one that has waited longest, a signal all. */
export async function waitsFor(
  tx: Tx,
  { kind, name, correlation }: { kind: 'message' | 'signal'; name: string; correlation: string | null },
): Promise<Wait[]> {
  return tx.many<Wait>(sql`select ${waitColumns} from workflow.wait
    where kind = ${kind} and name = ${name} and correlation is not distinct from ${correlation}
    order by id limit ${kind === 'message' ? 1 : mostReached}`);
}

/** Takes waits of some tokens away, or all of an instance's; answers those that have timers. */
export async function deleteWaits(tx: Tx, instanceId: string, tokens?: readonly number[]): Promise<Wait[]> {
  const which = tokens ? sql`and token = any(${[...tokens]}::integer[])` : sql``;
  return tx.many<Wait>(
    sql`delete from workflow.wait where instance_id = ${instanceId} ${which} returning ${waitColumns}`,
  );
}

export async function deleteWait(tx: Tx, id: string): Promise<void> {
  await tx.run(sql`delete from workflow.wait where id = ${id}`);
}

/** Notes a message that an instance was told of; answers false where it was told before. */
export async function noteMessage(tx: Tx, instanceId: string, messageId: string): Promise<boolean> {
  const { tenant, clock } = tx.context;
  const noted = await tx.run(sql`insert into workflow.received (tenant_id, instance_id, message_id, at)
    values (${tenant.id}, ${instanceId}, ${messageId}, ${clock.now()}) on conflict do nothing`);
  return noted === 1;
}

/** An effect's own part of the transaction: what it wrote goes where it fails, and nothing else. */
export async function tryEffect<T>(tx: Tx, work: () => Promise<T>): Promise<{ value: T } | { error: unknown }> {
  await tx.run(sql`savepoint effect`);
  try {
    const value = await work();
    await tx.run(sql`release savepoint effect`);
    return { value };
  } catch (error) {
    await tx.run(sql`rollback to savepoint effect`);
    // One effect may be tried within another: the next undoes to its own.
    await tx.run(sql`release savepoint effect`);
    // A definition that was kept within is not.
    tx.afterCommit(() => keptIn.delete(tx.context.db));
    return { error };
  }
}

/** An instance lies where its subject lies. */
export const instanceScope: ScopeColumns = {
  subject: { type: sql`instance.subject_type`, id: sql`instance.subject_id` },
};

/** Incidents with the instances that they stopped. */
export const incidentFrom = sql`workflow.incident join workflow.instance
  on instance.tenant_id = incident.tenant_id and instance.id = incident.instance_id`;

const openIncidents = sql`from workflow.incident where incident.tenant_id = instance.tenant_id
  and incident.instance_id = instance.id and incident.resolved_at is null`;

/** What holds of an instance that stopped for an administrator. */
export const hasIncident = sql`exists (select ${openIncidents})`;

export async function listInstances(
  tx: Tx,
  request: ListRequest,
  where: RawBuilder<unknown>[],
): Promise<Page<InstanceRow & { incidents: number }>> {
  return keysetPage<InstanceRow & { incidents: number }>(
    tx,
    {
      columns: sql`${columns}, (select count(*)::int ${openIncidents}) as incidents`,
      from: sql`workflow.instance`,
      where: [...where, scopeFilter(tx.context, instanceScope)],
      sortable: { startedAt: sql`instance.started_at` },
      id: sql`instance.id`,
      defaultSort: '-startedAt',
    },
    request,
  );
}
