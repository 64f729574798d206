import { createHash } from 'node:crypto';
import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx } from '#db';
import { type ScopeColumns, scopeFilter } from '#scope';
import type { Definition, Outcome, Variables } from './domain/definition.ts';

type Tx = TenantTx<Context>;

/** A running or ended process. */
export interface Instance {
  id: string;
  definition: string;
  body: Definition;
  subjectType: string;
  subjectId: string;
  state: 'running' | 'completed' | 'cancelled';
  outcome: Outcome | null;
  step: string | null;
  variables: Variables;
  makers: string[];
  title: string;
  summary: Record<string, unknown>;
  startedAt: Date;
  endedAt: Date | null;
}

/** A task with what its list shows of the instance. */
export interface Task {
  id: string;
  instanceId: string;
  definition: string;
  step: string;
  state: 'open' | 'claimed' | 'completed' | 'cancelled';
  assigneeId: string | null;
  dueAt: Date;
  createdAt: Date;
  routing: Record<string, unknown>;
  outcome: Outcome | null;
  comment: string | null;
  completedBy: string | null;
  completedAt: Date | null;
  version: number;
  subjectType: string;
  subjectId: string;
  title: string;
  summary: Record<string, unknown>;
  makers: string[];
}

const taskColumns = sql`task.id, task.instance_id as "instanceId", instance.definition, task.step, task.state,
  task.assignee_id as "assigneeId", task.due_at as "dueAt", task.created_at as "createdAt", task.routing, task.outcome,
  task.comment, task.completed_by as "completedBy", task.completed_at as "completedAt", task.version,
  instance.subject_type as "subjectType", instance.subject_id as "subjectId", instance.title, instance.summary, instance.makers`;
/** Tasks with the instances that they belong to. */
export const taskFrom = sql`workflow.task join workflow.instance on instance.tenant_id = task.tenant_id and instance.id = task.instance_id`;
const instanceColumns = sql`instance.id, instance.definition, definition.body, instance.subject_type as "subjectType",
  instance.subject_id as "subjectId", instance.state, instance.outcome, instance.step, instance.variables,
  instance.makers, instance.title, instance.summary, instance.started_at as "startedAt", instance.ended_at as "endedAt"`;
const instanceFrom = sql`workflow.instance join workflow.definition on definition.tenant_id = instance.tenant_id
  and definition.code = instance.definition and definition.hash = instance.definition_hash`;

/** Keeps the definition by its content hash and answers the hash. */
async function keepDefinition(tx: Tx, definition: Definition): Promise<string> {
  const body = JSON.stringify(definition);
  const hash = createHash('sha256').update(body).digest('hex');
  await tx.run(sql`insert into workflow.definition (tenant_id, code, hash, body, first_used_at)
    values (${tx.context.tenant.id}, ${definition.code}, ${hash}, ${body}, ${tx.context.clock.now()}) on conflict do nothing`);
  return hash;
}

export async function insertInstance(
  tx: Tx,
  definition: Definition,
  instance: Pick<Instance, 'id' | 'subjectType' | 'subjectId' | 'variables' | 'makers' | 'title' | 'summary'>,
): Promise<void> {
  const hash = await keepDefinition(tx, definition);
  await tx.run(sql`
    insert into workflow.instance (tenant_id, id, definition, definition_hash, subject_type, subject_id, state, variables,
      makers, title, summary, started_at)
    values (${tx.context.tenant.id}, ${instance.id}, ${definition.code}, ${hash}, ${instance.subjectType},
      ${instance.subjectId}, 'running', ${JSON.stringify(instance.variables)}, ${instance.makers}::uuid[],
      ${instance.title}, ${JSON.stringify(instance.summary)}, ${tx.context.clock.now()})`);
}

export async function lockInstance(tx: Tx, id: string): Promise<Instance> {
  return tx.one<Instance>(
    sql`select ${instanceColumns} from ${instanceFrom} where instance.id = ${id} for update of instance`,
  );
}

export async function lockRunningInstance(
  tx: Tx,
  subjectType: string,
  subjectId: string,
): Promise<Instance | undefined> {
  return tx.maybe<Instance>(sql`select ${instanceColumns} from ${instanceFrom}
    where instance.subject_type = ${subjectType} and instance.subject_id = ${subjectId} and instance.state = 'running'
    for update of instance`);
}

export async function setStep(tx: Tx, id: string, step: string): Promise<void> {
  await tx.run(sql`update workflow.instance set step = ${step} where id = ${id}`);
}

export async function endInstance(
  tx: Tx,
  id: string,
  state: 'completed' | 'cancelled',
  outcome: Outcome | null,
): Promise<void> {
  await tx.run(sql`update workflow.instance set state = ${state}, outcome = ${outcome}, step = null,
    ended_at = ${tx.context.clock.now()} where id = ${id}`);
}

export async function insertTask(
  tx: Tx,
  task: { id: string; instanceId: string; step: string; dueAt: Date; routing: Record<string, unknown> },
  candidates: readonly string[],
): Promise<void> {
  const { tenant, clock } = tx.context;
  await tx.run(sql`
    insert into workflow.task (tenant_id, id, instance_id, step, state, due_at, created_at, routing)
    values (${tenant.id}, ${task.id}, ${task.instanceId}, ${task.step}, 'open', ${task.dueAt}, ${clock.now()}, ${JSON.stringify(task.routing)})`);
  await tx.run(sql`insert into workflow.candidate (tenant_id, task_id, person_id)
    select ${tenant.id}, ${task.id}, unnest(${candidates as string[]}::uuid[])`);
}

export async function findTask(tx: Tx, id: string): Promise<Task | undefined> {
  return tx.maybe<Task>(sql`select ${taskColumns} from ${taskFrom} where task.id = ${id}`);
}

/** Locks a task; whoever decides it second waits here and then sees it decided. */
export async function lockTask(tx: Tx, id: string): Promise<Task | undefined> {
  return tx.maybe<Task>(sql`select ${taskColumns} from ${taskFrom} where task.id = ${id} for update of task`);
}

export async function isCandidate(tx: Tx, taskId: string, personId: string): Promise<boolean> {
  const { found } = await tx.one<{ found: boolean }>(
    sql`select exists (select 1 from workflow.candidate where task_id = ${taskId} and person_id = ${personId}) as found`,
  );
  return found;
}

export async function addCandidate(tx: Tx, taskId: string, personId: string): Promise<void> {
  await tx.run(sql`insert into workflow.candidate (tenant_id, task_id, person_id, given_by)
    values (${tx.context.tenant.id}, ${taskId}, ${personId}, ${tx.context.actor.id}) on conflict do nothing`);
}

export async function assignTask(tx: Tx, id: string, assigneeId: string): Promise<void> {
  await tx.run(
    sql`update workflow.task set state = 'claimed', assignee_id = ${assigneeId}, version = version + 1 where id = ${id}`,
  );
}

export async function completeTaskRow(tx: Tx, id: string, outcome: Outcome, comment: string): Promise<void> {
  const { actor, clock } = tx.context;
  await tx.run(sql`update workflow.task set state = 'completed', outcome = ${outcome}, comment = ${comment},
    completed_by = ${actor.id}, completed_at = ${clock.now()}, version = version + 1 where id = ${id}`);
}

/** Cancels the open tasks of an instance and answers their ids. */
export async function cancelTasks(tx: Tx, instanceId: string): Promise<string[]> {
  const rows = await tx.many<{ id: string }>(sql`update workflow.task set state = 'cancelled', version = version + 1
    where instance_id = ${instanceId} and state in ('open', 'claimed') returning id`);
  return rows.map((row) => row.id);
}

/** Who has decided earlier steps of an instance. */
export async function earlierDeciders(tx: Tx, instanceId: string): Promise<string[]> {
  const rows = await tx.many<{ id: string }>(sql`select completed_by as id from workflow.task
    where instance_id = ${instanceId} and state = 'completed' and completed_by is not null`);
  return rows.map((row) => row.id);
}

/** A task lies where the thing lies that it decides. */
export const taskScope: ScopeColumns = { subject: { type: sql`instance.subject_type`, id: sql`instance.subject_id` } };

export async function listTasks(tx: Tx, request: ListRequest, where: RawBuilder<unknown>[]): Promise<Page<Task>> {
  return keysetPage<Task>(
    tx,
    {
      columns: taskColumns,
      from: taskFrom,
      where: [...where, scopeFilter(tx.context, taskScope)],
      sortable: { dueAt: sql`task.due_at`, createdAt: sql`task.created_at` },
      id: sql`task.id`,
      defaultSort: 'dueAt',
    },
    request,
  );
}

/** Every decision on a subject, oldest first. */
export async function decisionsOn(tx: Tx, subjectId: string): Promise<Task[]> {
  return tx.many<Task>(sql`select ${taskColumns} from ${taskFrom}
    where instance.subject_id = ${subjectId} order by task.created_at, task.id`);
}

export async function countOpenTasks(tx: Tx): Promise<number> {
  const { open } = await tx.one<{ open: number }>(
    sql`select count(*)::int as open from workflow.task where state in ('open', 'claimed')`,
  );
  return open;
}
