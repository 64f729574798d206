import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, sql, type TenantTx } from '#db';
import { notFound } from '#problem';

/** How bad a breach is for those whom it concerns: `unlikely` needs no notice, `high` also theirs (Articles 33 and 34). */
export const breachRisks = ['unknown', 'unlikely', 'risk', 'high'] as const;

/** A breach of personal data. */
export interface Breach {
  id: string;
  title: string;
  whatHappened: string;
  awareAt: Date;
  dueAt: Date;
  risk: (typeof breachRisks)[number];
  peopleAffected: number | null;
  measures: string | null;
  authorityToldAt: Date | null;
  lateReason: string | null;
  peopleToldAt: Date | null;
  closedAt: Date | null;
  reportedBy: string;
  version: number;
}

const columns = sql`id, title, what_happened as "whatHappened", aware_at as "awareAt", due_at as "dueAt", risk,
  people_affected as "peopleAffected", measures, authority_told_at as "authorityToldAt", late_reason as "lateReason",
  people_told_at as "peopleToldAt", closed_at as "closedAt", reported_by as "reportedBy", version`;

/** One page of breaches, the newest first. */
export async function pageOfBreaches(tx: TenantTx, request: ListRequest): Promise<Page<Breach>> {
  const where = [sql`tenant_id = ${tx.context.tenant.id}`];
  const sortable = { dueAt: sql`due_at` };
  return keysetPage<Breach>(
    tx,
    { columns, from: sql`privacy.breach`, where, sortable, id: sql`id`, defaultSort: '-dueAt' },
    request,
  );
}

/** A breach; locked on request. Throws `not_found`. */
export async function findBreach(tx: TenantTx, id: string, lock: 'locked' | 'unlocked' = 'unlocked'): Promise<Breach> {
  const row = await tx.maybe<Breach>(sql`select ${columns} from privacy.breach
    where tenant_id = ${tx.context.tenant.id} and id = ${id} ${lock === 'locked' ? sql`for update` : sql``}`);
  return row ?? notFound('breach', id);
}

/** Stores a new breach. */
export async function insertBreach(tx: TenantTx<Context>, breach: Breach): Promise<void> {
  await tx.run(sql`insert into privacy.breach (tenant_id, id, title, what_happened, aware_at, due_at, risk, people_affected,
      measures, reported_by)
    values (${tx.context.tenant.id}, ${breach.id}, ${breach.title}, ${breach.whatHappened}, ${breach.awareAt},
      ${breach.dueAt}, ${breach.risk}, ${breach.peopleAffected}, ${breach.measures}, ${breach.reportedBy})`);
}

/** Stores a breach as it is after a step, and counts its version on. */
export async function updateBreach(tx: TenantTx, row: Breach): Promise<void> {
  await tx.run(sql`update privacy.breach set risk = ${row.risk}, people_affected = ${row.peopleAffected},
      measures = ${row.measures}, authority_told_at = ${row.authorityToldAt}, late_reason = ${row.lateReason},
      people_told_at = ${row.peopleToldAt}, closed_at = ${row.closedAt}, version = version + 1
    where tenant_id = ${tx.context.tenant.id} and id = ${row.id}`);
}
