import { keysetPage, type ListRequest, type Page, sql, type TenantTx } from '#db';
import type { Framework } from '#module';

/** What became of looking at a control. */
export type Outcome = 'holds' | 'fails' | 'unproved';

/** One look at a control. */
export interface Evidence {
  id: string;
  controlCode: string;
  at: Date;
  outcome: Outcome;
  measured: string;
  exceptions: string[];
  collectedBy: string;
}

/** Something to be mended. */
export interface Finding {
  id: string;
  framework: Framework;
  /** Null: a person found it. */
  controlCode: string | null;
  title: string;
  detail: string;
  severity: 'high' | 'medium' | 'low';
  ownerId: string | null;
  /** `YYYY-MM-DD`. */
  dueOn: string;
  openedAt: Date;
  openedBy: string;
  closedAt: Date | null;
  closedBy: string | null;
  resolution: string | null;
  version: number;
}

const evidenceColumns = sql`id, control_code as "controlCode", at, outcome, measured, exceptions, collected_by as "collectedBy"`;
const findingColumns = sql`id, framework, control_code as "controlCode", title, detail, severity, owner_id as "ownerId",
  due_on::text as "dueOn", opened_at as "openedAt", opened_by as "openedBy", closed_at as "closedAt",
  closed_by as "closedBy", resolution, version`;

/** Adds one look. */
export async function insertEvidence(tx: TenantTx, evidence: Evidence): Promise<void> {
  await tx.run(sql`insert into compliance.evidence (tenant_id, id, control_code, at, outcome, measured, exceptions, collected_by)
    values (${tx.context.tenant.id}, ${evidence.id}, ${evidence.controlCode}, ${evidence.at}, ${evidence.outcome},
      ${evidence.measured}, ${evidence.exceptions}, ${evidence.collectedBy})`);
}

/** The last look at each control, by control. */
export async function lastEvidence(tx: TenantTx): Promise<Map<string, Evidence>> {
  const rows = await tx.many<Evidence>(sql`select distinct on (control_code) ${evidenceColumns} from compliance.evidence
    where tenant_id = ${tx.context.tenant.id} order by control_code, at desc, id desc`);
  return new Map(rows.map((row) => [row.controlCode, row]));
}

/** Every look at a control, newest first. */
export function listEvidence(tx: TenantTx, controlCode: string, request: ListRequest): Promise<Page<Evidence>> {
  return keysetPage<Evidence>(
    tx,
    {
      columns: evidenceColumns,
      from: sql`compliance.evidence`,
      where: [sql`tenant_id = ${tx.context.tenant.id}`, sql`control_code = ${controlCode}`],
      sortable: { at: sql`at` },
      id: sql`id`,
      defaultSort: '-at',
    },
    request,
  );
}

/** Adds a finding; false where the control has one open. */
export async function insertFinding(tx: TenantTx, finding: Finding): Promise<boolean> {
  const added =
    await tx.run(sql`insert into compliance.finding (tenant_id, id, framework, control_code, title, detail, severity,
      owner_id, due_on, opened_at, opened_by, owned_by)
    values (${tx.context.tenant.id}, ${finding.id}, ${finding.framework}, ${finding.controlCode}, ${finding.title},
      ${finding.detail}, ${finding.severity}, ${finding.ownerId}, ${finding.dueOn}, ${finding.openedAt}, ${finding.openedBy},
      array_remove(array[${finding.ownerId}::uuid], null))
    on conflict do nothing`);
  return added > 0;
}

/** A finding, locked. */
export function findFinding(tx: TenantTx, id: string): Promise<Finding | undefined> {
  return tx.maybe<Finding>(sql`select ${findingColumns} from compliance.finding
    where tenant_id = ${tx.context.tenant.id} and id = ${id} for update`);
}

/** Everybody who ever was to mend a finding. */
export async function ownersOf(tx: TenantTx, id: string): Promise<string[]> {
  const { owners } = await tx.one<{ owners: string[] }>(sql`select owned_by::text[] as owners from compliance.finding
    where tenant_id = ${tx.context.tenant.id} and id = ${id}`);
  return owners;
}

/** The open findings of a control, locked. */
export function openFindingsOf(tx: TenantTx, controlCode: string): Promise<Finding[]> {
  return tx.many<Finding>(sql`select ${findingColumns} from compliance.finding
    where tenant_id = ${tx.context.tenant.id} and control_code = ${controlCode} and closed_at is null order by id for update`);
}

/** Stores what a finding has become. */
export async function updateFinding(tx: TenantTx, finding: Finding): Promise<void> {
  await tx.run(sql`update compliance.finding set title = ${finding.title}, detail = ${finding.detail},
      severity = ${finding.severity}, owner_id = ${finding.ownerId},
      owned_by = array_remove(array_remove(owned_by, ${finding.ownerId}::uuid) || ${finding.ownerId}::uuid, null), due_on = ${finding.dueOn}, closed_at = ${finding.closedAt},
      closed_by = ${finding.closedBy}, resolution = ${finding.resolution}, version = ${finding.version}
    where tenant_id = ${tx.context.tenant.id} and id = ${finding.id}`);
}

/** Findings, those due first. */
export function listFindings(
  tx: TenantTx,
  wanted: { framework?: Framework | undefined; open?: boolean | undefined },
  request: ListRequest,
): Promise<Page<Finding>> {
  return keysetPage<Finding>(
    tx,
    {
      columns: findingColumns,
      from: sql`compliance.finding`,
      where: [
        sql`tenant_id = ${tx.context.tenant.id}`,
        ...(wanted.framework ? [sql`framework = ${wanted.framework}`] : []),
        ...(wanted.open === undefined ? [] : [wanted.open ? sql`closed_at is null` : sql`closed_at is not null`]),
      ],
      sortable: { dueOn: sql`due_on`, openedAt: sql`opened_at` },
      id: sql`id`,
      defaultSort: 'dueOn',
    },
    request,
  );
}

/** Open findings and overdue ones by framework. */
export async function countFindings(
  tx: TenantTx,
  today: string,
): Promise<Map<Framework, { open: number; overdue: number }>> {
  const rows = await tx.many<{
    framework: Framework;
    open: number;
    overdue: number;
  }>(sql`select framework, count(*)::int as open,
      (count(*) filter (where due_on < ${today}))::int as overdue
    from compliance.finding where tenant_id = ${tx.context.tenant.id} and closed_at is null group by framework`);
  return new Map(rows.map(({ framework, open, overdue }) => [framework, { open, overdue }]));
}
