import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx } from '#db';
import type { ScopeRoots } from '#scope';
import type { Candidate, Cover, Hands } from './domain/arrange.ts';
import type { AbsenceInForce } from './domain/stand-in.ts';

type Tx = TenantTx<Context>;

/** Somebody is away, or has handed a part of what they decide to somebody else, from day to day. */
export interface Absence extends AbsenceInForce {
  startsOn: string;
  endsOn: string;
  beginsAt: Date;
  endsAt: Date;
  /** What it is kept to; null: everything. */
  scope: ScopeRoots | null;
  /** They came back before the last day. */
  endedAt: Date | null;
  version: number;
}

const columns = sql`absence.id, absence.person_id as "personId", absence.substitute_id as "substituteId",
  absence.starts_on as "startsOn", absence.ends_on as "endsOn", absence.begins_at as "beginsAt", absence.ends_at as "endsAt",
  absence.scope, absence.ended_at as "endedAt", absence.version`;

/** What holds of absences that are in force at a moment. */
const inForceAt = (now: Date) =>
  sql`absence.ended_at is null and absence.begins_at <= ${now}::timestamptz and absence.ends_at > ${now}::timestamptz`;

/** Keeps two absences of one person from being set at once. */
export async function lockPerson(tx: Tx, personId: string): Promise<void> {
  const key = `workflow.absence:${tx.context.tenant.id}:${personId}`;
  await tx.run(sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`);
}

export async function insertAbsence(tx: Tx, one: Absence): Promise<void> {
  const { tenant, clock, actor } = tx.context;
  await tx.run(sql`insert into workflow.absence (tenant_id, id, person_id, substitute_id, starts_on, ends_on, begins_at, ends_at,
      scope, made_at, made_by)
    values (${tenant.id}, ${one.id}, ${one.personId}, ${one.substituteId}, ${one.startsOn}, ${one.endsOn}, ${one.beginsAt},
      ${one.endsAt}, ${one.scope && JSON.stringify(one.scope)}, ${clock.now()}, ${actor.id})`);
}

export async function lockAbsence(tx: Tx, id: string): Promise<Absence | undefined> {
  return tx.maybe<Absence>(sql`select ${columns} from workflow.absence where id = ${id} for update`);
}

/** Stores a locked absence as it now is, as its next version. */
export async function updateAbsence(tx: Tx, one: Absence): Promise<void> {
  await tx.run(sql`update workflow.absence set substitute_id = ${one.substituteId}, starts_on = ${one.startsOn},
    ends_on = ${one.endsOn}, begins_at = ${one.beginsAt}, ends_at = ${one.endsAt}, ended_at = ${one.endedAt},
    version = version + 1 where id = ${one.id}`);
}

/** Absences of the tenant that are in force at one moment of a span at least, those kept to a part first. */
export async function absencesBetween(tx: Tx, from: Date, until: Date): Promise<Absence[]> {
  return tx.many<Absence>(sql`select ${columns} from workflow.absence
    where ended_at is null and begins_at < ${until}::timestamptz and ends_at > ${from}::timestamptz
    order by (scope is null), begins_at, id`);
}

/** Absences that are in force now, those kept to a part first. */
export async function absencesInForce(tx: Tx): Promise<Absence[]> {
  return tx.many<Absence>(sql`select ${columns} from workflow.absence where ${inForceAt(tx.context.clock.now())}
    order by (scope is null), begins_at, id`);
}

export async function listAbsences(tx: Tx, request: ListRequest, where: RawBuilder<unknown>[]): Promise<Page<Absence>> {
  return keysetPage<Absence>(
    tx,
    {
      ...{ columns, from: sql`workflow.absence`, where },
      sortable: { startsOn: sql`absence.starts_on`, endsOn: sql`absence.ends_on` },
      ...{ id: sql`absence.id`, defaultSort: 'startsOn' },
    },
    request,
  );
}

/** Of some tasks that were just opened those that somebody may take who is away: a part of the statement that opens them. */
export const tasksOfAbsent = (now: Date): RawBuilder<{ id: string }> =>
  sql<{
    id: string;
  }>`select distinct made.id from made join workflow.absence on absence.person_id = any(made.candidates)
    where ${inForceAt(now)}`;

/** The last day on which somebody stands in for a task: a column of lists of tasks. */
export const coveredUntil = (substituteId: string): RawBuilder<unknown> =>
  sql`(select max(absence.ends_on) from workflow.cover join workflow.absence on absence.tenant_id = cover.tenant_id
    and absence.id = cover.absence_id where cover.tenant_id = task.tenant_id and cover.task_id = task.id
    and cover.substitute_id = ${substituteId})`;

/** Open tasks that some people may take, or would were they not away, by id. */
export async function openTasksOf(
  tx: Tx,
  people: readonly string[],
  after: string | null,
  limit: number,
): Promise<{ id: string; instanceId: string }[]> {
  return tx.many(sql`select id, instance_id as "instanceId" from workflow.task
    where state in ('open', 'claimed') and (${after}::uuid is null or id > ${after}::uuid) and id in (
      select task_id from workflow.candidate where person_id = any(${[...people]}::uuid[])
      union select task_id from workflow.cover where person_id = any(${[...people]}::uuid[]))
    order by id limit ${limit}`);
}

/** Who has a locked task. */
export async function handsOfTask(tx: Tx, taskId: string): Promise<Hands> {
  const { assigneeId } = await tx.one<{ assigneeId: string | null }>(
    sql`select assignee_id as "assigneeId" from workflow.task where id = ${taskId}`,
  );
  const candidates = await tx.many<Candidate>(sql`select person_id as "personId", given_by as "givenBy"
    from workflow.candidate where task_id = ${taskId} order by person_id`);
  const covers = await tx.many<Cover>(sql`select person_id as "personId", absence_id as "absenceId",
      substitute_id as "substituteId", given_by as "givenBy", lent, marked, claimed
    from workflow.cover where task_id = ${taskId} order by person_id`);
  return { candidates, assigneeId, covers };
}

/** Stores who has a locked task. */
export async function writeHands(tx: Tx, taskId: string, { candidates, assigneeId, covers }: Hands): Promise<void> {
  const tenantId = tx.context.tenant.id;
  await tx.run(sql`delete from workflow.candidate where task_id = ${taskId}`);
  await tx.run(sql`insert into workflow.candidate (tenant_id, task_id, person_id, given_by)
    select ${tenantId}, ${taskId}, "personId", "givenBy"
    from jsonb_to_recordset(${JSON.stringify(candidates)}::jsonb) as one ("personId" uuid, "givenBy" uuid)`);
  await forgetCovers(tx, taskId);
  await tx.run(sql`insert into workflow.cover (tenant_id, task_id, person_id, absence_id, substitute_id, given_by, lent, marked,
      claimed)
    select ${tenantId}, ${taskId}, "personId", "absenceId", "substituteId", "givenBy", lent, marked, claimed
    from jsonb_to_recordset(${JSON.stringify(covers)}::jsonb) as one ("personId" uuid, "absenceId" uuid, "substituteId" uuid,
      "givenBy" uuid, lent boolean, marked boolean, claimed boolean)`);
  await tx.run(sql`update workflow.task set assignee_id = ${assigneeId}, version = version + 1,
    state = ${assigneeId === null ? 'open' : 'claimed'} where id = ${taskId}`);
}

/** Forgets who stood in for whom: the task was given to others. */
export async function forgetCovers(tx: Tx, taskId: string): Promise<void> {
  await tx.run(sql`delete from workflow.cover where task_id = ${taskId}`);
}

/** Open tasks that nobody has who is always here, those of one person or of all, the first due first. */
export async function tasksAtRisk(
  tx: Tx,
  away: readonly string[],
  of: string | null,
  limit: number,
): Promise<string[]> {
  const own = sql`and exists (select from workflow.candidate own where own.tenant_id = task.tenant_id and own.task_id = task.id
      and own.person_id = ${of}
    union all select from workflow.cover own where own.tenant_id = task.tenant_id and own.task_id = task.id
      and own.person_id = ${of})`;
  const rows = await tx.many<{ id: string }>(sql`select task.id from workflow.task
    where task.state in ('open', 'claimed') ${of === null ? sql`` : own}
      and not exists (select from workflow.candidate here where here.tenant_id = task.tenant_id and here.task_id = task.id
        and here.person_id <> all(${[...away]}::uuid[])
        and not exists (select from workflow.cover where cover.tenant_id = task.tenant_id and cover.task_id = task.id
          and cover.substitute_id = here.person_id and cover.lent))
    order by task.due_at, task.id limit ${limit}`);
  return rows.map(({ id }) => id);
}
