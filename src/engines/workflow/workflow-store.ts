import type { Context } from '#context';
import { type Gathered, keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx } from '#db';
import { Problem } from '#problem';
import { type ScopeColumns, scopeFilter } from '#scope';
import { coveredUntil, tasksOfAbsent } from './absences/absence-store.ts';
import { tokenOfOldTask } from './instances/running-model.ts';

type Tx = TenantTx<Context>;

/** A task with what its list shows of the instance. */
export interface Task {
  id: string;
  instanceId: string;
  definition: string;
  step: string;
  /** Null: it was opened before positions were kept. */
  token: number | null;
  state: 'open' | 'claimed' | 'completed' | 'cancelled';
  assigneeId: string | null;
  dueAt: Date;
  createdAt: Date;
  routing: Record<string, unknown>;
  outcome: string | null;
  comment: string | null;
  completedBy: string | null;
  completedAt: Date | null;
  /** The clocks of one whose time was stopped once. */
  clock: unknown;
  /** Since when its clocks stand, an ISO instant; null: they run. */
  pausedAt: string | null;
  version: number;
  subjectType: string;
  subjectId: string;
  title: string;
  summary: Record<string, unknown>;
  makers: string[];
}

const taskColumns = sql`task.id, task.instance_id as "instanceId", instance.definition, task.step, task.token, task.state,
  task.assignee_id as "assigneeId", task.due_at as "dueAt", task.created_at as "createdAt", task.routing, task.outcome,
  task.comment, task.completed_by as "completedBy", task.completed_at as "completedAt", task.clock,
  task.clock ->> 'pausedAt' as "pausedAt", task.version,
  instance.subject_type as "subjectType", instance.subject_id as "subjectId", instance.title, instance.summary, instance.makers`;
/** Tasks with the instances that they belong to. */
export const taskFrom = sql`workflow.task join workflow.instance on instance.tenant_id = task.tenant_id and instance.id = task.instance_id`;
/** A task to be opened. */
export interface NewTask {
  id: string;
  instanceId: string;
  token: number;
  step: string;
  dueAt: Date;
  routing: Record<string, unknown>;
  candidates: readonly string[];
}

/** Opens tasks with their candidates; answers the ids of those that somebody may take who is away. */
export async function insertTasks(tx: Tx, tasks: readonly NewTask[]): Promise<string[]> {
  const { tenant, clock } = tx.context;
  const parts = {
    made: sql`select * from jsonb_to_recordset(${JSON.stringify(tasks)}::jsonb) as task (id uuid, "instanceId" uuid,
      token integer, step text, "dueAt" timestamptz, routing jsonb, candidates uuid[])`,
    opened: sql`insert into workflow.task (tenant_id, id, instance_id, token, step, state, due_at, created_at, routing)
      select ${tenant.id}::uuid, id, "instanceId", token, step, 'open', "dueAt", ${clock.now()}::timestamptz, routing from made`,
    given: sql`insert into workflow.candidate (tenant_id, task_id, person_id)
      select ${tenant.id}::uuid, id, unnest(candidates) from made`,
  };
  return (await tx.write(parts, tasksOfAbsent(clock.now()))).map(({ id }) => id);
}

export async function findTask(tx: Tx, id: string): Promise<Task | undefined> {
  return tx.maybe<Task>(sql`select ${taskColumns} from ${taskFrom} where task.id = ${id}`);
}

/** Which of some ids are those of tasks. */
export async function knownTasks(tx: Tx, ids: readonly string[]): Promise<Set<string>> {
  const rows = await tx.many<{ id: string }>(sql`select id from workflow.task where id = any(${[...ids]}::uuid[])`);
  return new Set(rows.map(({ id }) => id));
}

/** What a task is to the actor. */
export interface OwnTask extends Task {
  /** Whether they are one of its candidates. */
  isMine: boolean;
  /** Who passed it on to them. */
  givenBy: string | null;
}

/** Locks a task, and tells what it is to the actor; whoever decides it second waits here and then sees it decided. */
export async function lockTask(tx: Tx, id: string): Promise<OwnTask | undefined> {
  const query = sql<OwnTask>`select ${taskColumns}, own.person_id is not null as "isMine", own.given_by as "givenBy"
    from ${taskFrom} left join workflow.candidate own on own.tenant_id = task.tenant_id and own.task_id = task.id
      and own.person_id = ${tx.context.actor.id}
    where task.id = ${id} for update of task`;
  return tx.maybe(query, 'lock task');
}

export async function isCandidate(tx: Tx, taskId: string, personId: string): Promise<boolean> {
  const { found } = await tx.one<{ found: boolean }>(
    sql`select exists (select 1 from workflow.candidate where task_id = ${taskId} and person_id = ${personId}) as found`,
  );
  return found;
}

/** Makes somebody a candidate: on behalf of whom, where a person passed their own task on. */
export async function addCandidate(tx: Tx, taskId: string, personId: string, givenBy: string | null): Promise<void> {
  await tx.run(sql`delete from workflow.candidate where task_id = ${taskId} and person_id = ${personId}`);
  await tx.run(sql`insert into workflow.candidate (tenant_id, task_id, person_id, given_by)
    values (${tx.context.tenant.id}, ${taskId}, ${personId}, ${givenBy})`);
}

export async function assignTask(tx: Tx, id: string, assigneeId: string): Promise<void> {
  await tx.run(
    sql`update workflow.task set state = 'claimed', assignee_id = ${assigneeId}, version = version + 1,
      taken_at = coalesce(taken_at, ${tx.context.clock.now()}) where id = ${id}`,
  );
}

/** Frees a claimed task for all who may take it. */
export async function freeTask(tx: Tx, id: string): Promise<void> {
  await tx.run(
    sql`update workflow.task set state = 'open', assignee_id = null, version = version + 1 where id = ${id}`,
  );
}

/** Stores how the clocks of a locked task stand, and when it is due by them. */
export async function storeClock(tx: Tx, id: string, clock: object, dueAt: Date): Promise<void> {
  await tx.run(sql`update workflow.task set clock = ${JSON.stringify(clock)}::jsonb, due_at = ${dueAt},
    version = version + 1 where id = ${id}`);
}

interface Completion {
  id: string;
  outcome: string;
  comment: string;
  by: string;
  at: Date;
}

const completion: Gathered<Completion> = {
  seenBy: 'workflow.',
  parts: (rows) =>
    Object.fromEntries(
      rows.map(({ id, outcome, comment, by, at }, number) => [
        `completed${number}`,
        sql`update workflow.task set state = 'completed', outcome = ${outcome}, comment = ${comment},
          completed_by = ${by}, completed_at = ${at}, version = version + 1 where id = ${id} returning 1`,
      ]),
    ),
  touchesOne: true,
};

/** Completes a locked task and answers it as it then is. */
export async function completeTaskRow(tx: Tx, task: Task, outcome: string, comment: string): Promise<Task> {
  const { actor, clock } = tx.context;
  const completed = { completedBy: actor.id, completedAt: clock.now(), version: task.version + 1 };
  await tx.gather(completion, { id: task.id, outcome, comment, by: actor.id, at: completed.completedAt });
  return { ...task, ...completed, state: 'completed', outcome, comment };
}

/** Cancels the open tasks of instances, or those of some tokens, and answers their ids with their subjects. */
export async function cancelTasks(
  tx: Tx,
  instanceIds: readonly string[],
  tokens?: readonly number[],
): Promise<Pick<Task, 'id' | 'subjectType' | 'subjectId'>[]> {
  const which = tokens ? sql`and coalesce(token, ${tokenOfOldTask}) = any(${[...tokens]}::integer[])` : sql``;
  return tx.many(sql`update workflow.task set state = 'cancelled', version = task.version + 1 from workflow.instance
    where instance.tenant_id = task.tenant_id and instance.id = task.instance_id
      and instance_id = any(${[...instanceIds]}::uuid[]) and task.state in ('open', 'claimed') ${which}
    returning task.id, instance.subject_type as "subjectType", instance.subject_id as "subjectId"`);
}

/** Somebody who took a task of an instance: decided it, or voted on it. */
export interface Decider {
  step: string;
  personId: string;
}

/** Who has decided which steps of an instance. */
export async function decidersOf(tx: Tx, instanceId: string): Promise<Decider[]> {
  return tx.many<Decider>(sql`
    select step, completed_by as "personId" from workflow.task
    where instance_id = ${instanceId} and state = 'completed' and completed_by is not null
    union select step, person_id from workflow.ballot join workflow.task
      on task.tenant_id = ballot.tenant_id and task.id = ballot.task_id where instance_id = ${instanceId}`);
}

/** Casts a vote; throws where this person has voted. */
export async function insertBallot(tx: Tx, taskId: string, outcome: string, comment: string): Promise<void> {
  const { tenant, actor, clock } = tx.context;
  const cast = await tx.run(sql`
    with cast_now as (
      insert into workflow.ballot (tenant_id, task_id, person_id, outcome, comment, cast_at)
        values (${tenant.id}, ${taskId}, ${actor.id}, ${outcome}, ${comment}, ${clock.now()}) on conflict do nothing
        returning task_id, cast_at)
    update workflow.task set taken_at = coalesce(task.taken_at, cast_now.cast_at) from cast_now where task.id = cast_now.task_id`);
  if (cast === 0) throw new Problem('state.conflict', { detail: 'You have voted on this already.' });
}

/** The votes on a task, in the order of being cast. */
export async function ballotsOf(tx: Tx, taskId: string): Promise<{ personId: string; outcome: string }[]> {
  return tx.many(sql`select person_id as "personId", outcome from workflow.ballot
    where task_id = ${taskId} order by cast_at, person_id`);
}

/** Puts other candidates in the place of a task's, and frees it where somebody had claimed it. */
export async function replaceCandidates(
  tx: Tx,
  taskId: string,
  candidates: readonly string[],
  rule: unknown,
): Promise<void> {
  await tx.run(sql`delete from workflow.candidate where task_id = ${taskId}`);
  await tx.run(sql`insert into workflow.candidate (tenant_id, task_id, person_id)
    select ${tx.context.tenant.id}, ${taskId}, unnest(${[...candidates]}::uuid[])`);
  await tx.run(sql`update workflow.task set state = 'open', assignee_id = null, version = version + 1,
    routing = routing || ${JSON.stringify({ candidates: rule, escalated: true })}::jsonb where id = ${taskId}`);
}

/** How many may take a task. */
export async function countCandidates(tx: Tx, taskId: string): Promise<number> {
  const { count } = await tx.one<{ count: number }>(
    sql`select count(*)::int as count from workflow.candidate where task_id = ${taskId}`,
  );
  return count;
}

/** The tasks of an instance, oldest first. */
export async function tasksOf(tx: Tx, instanceId: string): Promise<Task[]> {
  return tx.many<Task>(sql`select ${taskColumns} from ${taskFrom}
    where task.instance_id = ${instanceId} order by task.created_at, task.id`);
}

/** A task lies where the thing lies that it decides. */
export const taskScope: ScopeColumns = { subject: { type: sql`instance.subject_type`, id: sql`instance.subject_id` } };

/** A task in a list, with for whom the actor has it. */
export interface ListedTask extends Task {
  /** Who passed it on to them, or is away. */
  onBehalfOf: string | null;
  /** The last day of the absence for which they stand in. */
  onBehalfUntil: string | null;
}

export async function listTasks(tx: Tx, request: ListRequest, where: RawBuilder<unknown>[]): Promise<Page<ListedTask>> {
  const { id: own } = tx.context.actor;
  return keysetPage<ListedTask>(
    tx,
    {
      columns: sql`${taskColumns}, (select given_by from workflow.candidate own where own.tenant_id = task.tenant_id
          and own.task_id = task.id and own.person_id = ${own}) as "onBehalfOf", ${coveredUntil(own)} as "onBehalfUntil"`,
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
