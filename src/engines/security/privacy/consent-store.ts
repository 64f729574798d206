import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx } from '#db';

/** A consent, or its withdrawal: the newest of a person and a purpose holds. */
export interface Consent {
  id: string;
  personId: string;
  purpose: string;
  given: boolean;
  /** Which text they agreed to. */
  wording: string;
  /** How they said so. */
  source: string;
  recordedBy: string;
  recordedAt: Date;
  /** False once a newer one stands. */
  holds: boolean;
}

const columns = sql`id, person_id as "personId", purpose, given, wording, source, recorded_by as "recordedBy",
  recorded_at as "recordedAt", not exists (select from privacy.consent later where later.tenant_id = c.tenant_id
    and later.person_id = c.person_id and later.purpose = c.purpose and later.seq > c.seq) as holds`;

/** One page of consents and withdrawals, the newest first. */
export async function pageOfConsents(
  tx: TenantTx,
  filter: { personId?: string | undefined },
  request: ListRequest,
): Promise<Page<Consent>> {
  const where: RawBuilder<unknown>[] = [sql`tenant_id = ${tx.context.tenant.id}`];
  if (filter.personId) where.push(sql`person_id = ${filter.personId}`);
  const sortable = { recordedAt: sql`recorded_at` };
  return keysetPage<Consent>(
    tx,
    { columns, from: sql`privacy.consent c`, where, sortable, id: sql`id`, defaultSort: '-recordedAt' },
    request,
  );
}

/** What holds of a person and a purpose, while nobody else changes it; undefined where they were never asked. */
export async function currentConsent(
  tx: TenantTx,
  personId: string,
  purpose: string,
): Promise<{ given: boolean } | undefined> {
  const { tenant } = tx.context;
  await tx.one(sql`select pg_advisory_xact_lock(hashtext(${`privacy.consent:${tenant.id}:${personId}`}))`);
  return tx.maybe<{ given: boolean }>(sql`select given from privacy.consent
    where tenant_id = ${tenant.id} and person_id = ${personId} and purpose = ${purpose} order by seq desc limit 1`);
}

/** Stores a consent or a withdrawal. */
export async function insertConsent(tx: TenantTx<Context>, one: Omit<Consent, 'holds'>): Promise<void> {
  await tx.run(sql`insert into privacy.consent (tenant_id, id, person_id, purpose, given, wording, source, recorded_by, recorded_at)
    values (${tx.context.tenant.id}, ${one.id}, ${one.personId}, ${one.purpose}, ${one.given}, ${one.wording},
      ${one.source}, ${one.recordedBy}, ${one.recordedAt})`);
}
