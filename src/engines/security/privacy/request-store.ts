import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx, type Tx } from '#db';
import { notFound } from '#problem';
import type { RequestKind, RequestState } from './domain/privacy-request.ts';

/** A request as the database keeps it. */
export interface RequestRow {
  id: string;
  kind: RequestKind;
  personId: string | null;
  contact: Buffer;
  asked: Buffer | null;
  receivedOn: string;
  dueOn: string;
  extensionReason: string | null;
  state: RequestState;
  identityProof: string | null;
  identityCheckedAt: Date | null;
  identityCheckedBy: string | null;
  decision: string | null;
  decidedAt: Date | null;
  decidedBy: string | null;
  evidence: unknown;
  openedBy: string;
  openedAt: Date;
  version: number;
}

const columns = sql`id, kind, person_id as "personId", contact, asked, received_on as "receivedOn", due_on as "dueOn",
  extension_reason as "extensionReason", state, identity_proof as "identityProof", identity_checked_at as "identityCheckedAt",
  identity_checked_by as "identityCheckedBy", decision, decided_at as "decidedAt", decided_by as "decidedBy", evidence,
  opened_by as "openedBy", opened_at as "openedAt", version`;

/** What the list may be narrowed by. */
export interface RequestFilter {
  state?: RequestState | undefined;
  kind?: RequestKind | undefined;
  personId?: string | undefined;
}

/** One page of requests, what is due first at the top. */
export async function pageOfRequests(
  tx: TenantTx,
  filter: RequestFilter,
  request: ListRequest,
): Promise<Page<RequestRow>> {
  const where: RawBuilder<unknown>[] = [sql`tenant_id = ${tx.context.tenant.id}`];
  if (filter.state) where.push(sql`state = ${filter.state}`);
  if (filter.kind) where.push(sql`kind = ${filter.kind}`);
  if (filter.personId) where.push(sql`person_id = ${filter.personId}`);
  const sortable = { dueOn: sql`due_on`, openedAt: sql`opened_at` };
  const from = sql`privacy.request`;
  return keysetPage<RequestRow>(tx, { columns, from, where, sortable, id: sql`id`, defaultSort: 'dueOn' }, request);
}

/** A request; locked on request. Throws `not_found`. */
export async function findRequest(
  tx: Tx,
  tenantId: string,
  id: string,
  lock: 'locked' | 'unlocked' = 'unlocked',
): Promise<RequestRow> {
  const row = await tx.maybe<RequestRow>(sql`select ${columns} from privacy.request
    where tenant_id = ${tenantId} and id = ${id} ${lock === 'locked' ? sql`for update` : sql``}`);
  return row ?? notFound('privacy request', id);
}

/** Stores a new request. */
export async function insertRequest(
  tx: TenantTx<Context>,
  row: Pick<RequestRow, 'id' | 'kind' | 'personId' | 'contact' | 'asked' | 'receivedOn' | 'dueOn'>,
): Promise<void> {
  const { tenant, actor, clock } = tx.context;
  await tx.run(sql`insert into privacy.request (tenant_id, id, kind, person_id, contact, asked, received_on, due_on, state,
      opened_by, opened_at)
    values (${tenant.id}, ${row.id}, ${row.kind}, ${row.personId}, ${row.contact}, ${row.asked}, ${row.receivedOn},
      ${row.dueOn}, 'open', ${actor.id}, ${clock.now()})`);
}

/** What a step changes about a request. */
export type RequestChange = Partial<
  Pick<
    RequestRow,
    | 'dueOn'
    | 'extensionReason'
    | 'state'
    | 'identityProof'
    | 'identityCheckedAt'
    | 'identityCheckedBy'
    | 'decision'
    | 'decidedAt'
    | 'decidedBy'
    | 'evidence'
  >
>;

/** Stores a request as it is after a step, and counts its version on. */
export async function updateRequest(
  tx: Tx,
  tenantId: string,
  before: RequestRow,
  change: RequestChange,
): Promise<void> {
  const row = { ...before, ...change };
  await tx.run(sql`update privacy.request set due_on = ${row.dueOn}, extension_reason = ${row.extensionReason},
      state = ${row.state}, identity_proof = ${row.identityProof}, identity_checked_at = ${row.identityCheckedAt},
      identity_checked_by = ${row.identityCheckedBy}, decision = ${row.decision}, decided_at = ${row.decidedAt},
      decided_by = ${row.decidedBy}, evidence = ${row.evidence === null ? null : JSON.stringify(row.evidence)},
      version = version + 1
    where tenant_id = ${tenantId} and id = ${before.id}`);
}

/** One thing that was done about a request or a breach. */
export interface Step {
  what: string;
  note: string | null;
  actorId: string;
  at: Date;
}

/** Notes a step. */
export async function insertStep(
  tx: Tx,
  step: Step & { tenantId: string; id: string; subjectId: string },
): Promise<void> {
  await tx.run(sql`insert into privacy.step (tenant_id, id, subject_id, what, note, actor_id, at)
    values (${step.tenantId}, ${step.id}, ${step.subjectId}, ${step.what}, ${step.note}, ${step.actorId}, ${step.at})`);
}

/** The steps of a request or a breach in their order. */
export async function stepsOf(tx: TenantTx, subjectId: string): Promise<Step[]> {
  return tx.many<Step>(sql`select what, note, actor_id as "actorId", at from privacy.step
    where tenant_id = ${tx.context.tenant.id} and subject_id = ${subjectId} order by seq limit 500`);
}
