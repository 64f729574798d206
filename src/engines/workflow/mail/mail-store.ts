import { type Database, keysetPage, type ListRequest, type Page, sql, tableOf } from '#db';
import type { Tx } from '../instances/workflow-parts.ts';

/** How somebody hears by e-mail of what waits for them: not at all, at once, or once a day. */
export type MailChoice = 'off' | 'now' | 'daily';

/** Why somebody is written to about a task. */
export type MailKind = 'opened' | 'given' | 'reminded' | 'escalated';

/** What somebody has chosen; at once where they have chosen nothing. */
export async function findMailChoice(tx: Tx, personId: string): Promise<MailChoice> {
  const row = await tx.maybe<{ choice: MailChoice }>(
    sql`select choice from workflow.mail_choice where person_id = ${personId}`,
  );
  return row?.choice ?? 'now';
}

export async function writeMailChoice(tx: Tx, personId: string, choice: MailChoice): Promise<void> {
  const { tenant, clock } = tx.context;
  await tx.run(sql`insert into workflow.mail_choice (tenant_id, person_id, choice, changed_at)
    values (${tenant.id}, ${personId}, ${choice}, ${clock.now()})
    on conflict (tenant_id, person_id) do update set choice = excluded.choice, changed_at = excluded.changed_at`);
}

/** What is to be told of a task that is open: to one person, or to all who may take it and nobody else has claimed. */
export interface NewMails {
  taskId: string;
  kind: MailKind;
  happenedAt: string;
  to: string | null;
  /** When those hear who hear once a day. */
  morning: Date;
}

/** Puts mails on their way to those who want them; told again, nothing comes of it. */
export async function queueMails(tx: Tx, { taskId, kind, happenedAt, to, morning }: NewMails): Promise<void> {
  const { tenant, clock, newId } = tx.context;
  const readers = await tx.many<{ personId: string; digest: boolean }>(sql`
    select candidate.person_id as "personId", choice.choice is not distinct from 'daily' as digest
    from workflow.task join workflow.candidate on candidate.tenant_id = task.tenant_id and candidate.task_id = task.id
    left join workflow.mail_choice choice on choice.person_id = candidate.person_id
    where task.id = ${taskId} and task.state in ('open', 'claimed') and choice.choice is distinct from 'off'
      and (task.assignee_id is null or task.assignee_id = candidate.person_id)
      and candidate.person_id = coalesce(${to}::uuid, candidate.person_id)`);
  if (readers.length === 0) return;
  const mails = readers.map(({ personId, digest }) => {
    return { id: newId(), personId, digest, sendAt: digest ? morning : clock.now() };
  });
  await tx.run(sql`
    insert into workflow.mail (tenant_id, id, task_id, person_id, kind, happened_at, digest, send_at)
    select ${tenant.id}, id, ${taskId}, "personId", ${kind}, ${happenedAt}::timestamptz, digest, "sendAt"
    from (${tableOf(mails, { id: 'uuid', personId: 'uuid', digest: 'boolean', sendAt: 'timestamptz' })}) mails
    on conflict do nothing`);
}

/** Tenants with mails that are due. */
export async function tenantsWithMail(db: Database, now: Date): Promise<string[]> {
  const rows = await db.system((tx) =>
    tx.many<{ tenantId: string }>(sql`select distinct tenant_id as "tenantId" from workflow.mail
      where state = 'waiting' and send_at <= ${now} and (claimed_until is null or claimed_until <= ${now})`),
  );
  return rows.map(({ tenantId }) => tenantId);
}

/** A mail that is being sent. */
export interface DueMail {
  id: string;
  taskId: string;
  personId: string;
  kind: MailKind;
  digest: boolean;
  tries: number;
}

/** Mails taken at once. */
const batch = 20;

/** Takes mails that are due, and of who hears once a day all of theirs; others leave them alone until `until`. */
export async function claimMails(tx: Tx, until: Date): Promise<DueMail[]> {
  const now = tx.context.clock.now();
  const free = sql`state = 'waiting' and send_at <= ${now} and (claimed_until is null or claimed_until <= ${now})`;
  return tx.many<DueMail>(sql`
    with first as (
      select id, person_id, digest from workflow.mail where ${free} order by send_at, id limit ${batch} for update skip locked
    )
    update workflow.mail set claimed_until = ${until}, tries = tries + 1
    where ${free} and (id in (select id from first) or digest and person_id in (select person_id from first where digest))
    returning id, task_id as "taskId", person_id as "personId", kind, digest, tries`);
}

/** A task as a mail tells of it; undefined where it no longer waits for this person. */
export interface MailedTask {
  taskId: string;
  step: string;
  dueAt: Date;
  title: string;
  definition: string;
  hash: string;
  subjectType: string;
  subjectId: string;
}

/** The tasks of mails that still wait for whom they are written to, the first due first. */
export async function mailedTasks(tx: Tx, mails: readonly DueMail[], personId: string): Promise<MailedTask[]> {
  return tx.many<MailedTask>(sql`
    select task.id as "taskId", task.step, task.due_at as "dueAt", instance.title, instance.definition,
      instance.definition_hash as hash, instance.subject_type as "subjectType", instance.subject_id as "subjectId"
    from workflow.task join workflow.instance on instance.tenant_id = task.tenant_id and instance.id = task.instance_id
    where task.id = any(${mails.map(({ taskId }) => taskId)}::uuid[]) and task.state in ('open', 'claimed')
      and (task.assignee_id is null or task.assignee_id = ${personId}) and exists (select from workflow.candidate
        where candidate.tenant_id = task.tenant_id and candidate.task_id = task.id and candidate.person_id = ${personId})
    order by task.due_at, task.id`);
}

/** Ends mails: sent, or dropped because nothing waits any more, or given up. */
export async function endMails(
  tx: Tx,
  mails: readonly DueMail[],
  state: 'sent' | 'dropped' | 'failed',
  error: string | null = null,
): Promise<void> {
  await tx.run(sql`update workflow.mail set state = ${state}, ended_at = ${tx.context.clock.now()}, claimed_until = null,
      error = ${error}
    where id = any(${mails.map(({ id }) => id)}::uuid[]) and state = 'waiting'`);
}

/** Puts mails off until they are tried again. */
export async function putOffMails(tx: Tx, mails: readonly DueMail[], until: Date, error: string): Promise<void> {
  await tx.run(sql`update workflow.mail set send_at = ${until}, claimed_until = null, error = ${error}
    where id = any(${mails.map(({ id }) => id)}::uuid[]) and state = 'waiting'`);
}

/** Forgets mails that ended before an instant; answers how many. */
export async function forgetMails(tx: Tx, before: Date): Promise<number> {
  return tx.run(sql`delete from workflow.mail where (tenant_id, id) in (
    select tenant_id, id from workflow.mail where ended_at < ${before} limit 1000)`);
}

/** A mail in the list of administrators. */
export interface ListedMail {
  id: string;
  taskId: string;
  personId: string;
  kind: MailKind;
  state: 'waiting' | 'sent' | 'dropped' | 'failed';
  happenedAt: Date;
  sendAt: Date;
  tries: number;
  error: string | null;
}

const listed = sql`id, task_id as "taskId", person_id as "personId", kind, state, happened_at as "happenedAt",
  send_at as "sendAt", tries, error`;

/** A page of mails, the newest first; `troubled`: those that failed or are tried again. */
export async function listMails(tx: Tx, state: string, request: ListRequest): Promise<Page<ListedMail>> {
  const where =
    state === 'troubled' ? sql`(state = 'failed' or state = 'waiting' and error is not null)` : sql`state = ${state}`;
  return keysetPage<ListedMail>(
    tx,
    {
      ...{ columns: listed, from: sql`workflow.mail`, id: sql`id`, defaultSort: '-happenedAt' },
      where: state === 'all' ? [] : [where],
      sortable: { happenedAt: sql`happened_at` },
    },
    request,
  );
}

/** Sets a mail that was given up on its way again; undefined where there is none that was. */
export async function retryMail(tx: Tx, id: string): Promise<ListedMail | undefined> {
  return tx.maybe<ListedMail>(sql`update workflow.mail set state = 'waiting', tries = 0, ended_at = null,
      send_at = ${tx.context.clock.now()} where id = ${id} and state = 'failed' returning ${listed}`);
}
