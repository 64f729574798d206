import { systemActor, systemActorId } from '#context';
import { keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx } from '#db';
import { namesByIds } from '../people/person-names.ts';
import { serviceAccountNames } from '../service-accounts/api-key-store.ts';
import type { Json } from './canonical-json.ts';

/** What the audit trail may be narrowed by. */
export interface AuditFilter {
  entityType?: string | undefined;
  entityId?: string | undefined;
  actorId?: string | undefined;
  action?: string | undefined;
  requestId?: string | undefined;
  /** A business date in the tenant's time zone or an instant; inclusive. */
  from?: string | undefined;
  /** A business date, inclusive, or an instant, exclusive. */
  to?: string | undefined;
}

/** An audit entry as the API shows it. */
export interface AuditItem {
  id: string;
  at: string;
  actorId: string;
  actorName: string;
  onBehalfOf: string | null;
  onBehalfOfName: string | null;
  action: string;
  entityType: string;
  entityId: string;
  before: Json;
  after: Json;
  reason: string | null;
  requestId: string;
}

interface AuditRow extends Omit<AuditItem, 'at' | 'actorName' | 'onBehalfOfName'> {
  at: Date;
}

function conditions(tenant: { id: string; timeZone: string }, filter: AuditFilter): RawBuilder<unknown>[] {
  const where = [sql`e.tenant_id = ${tenant.id}`];
  if (filter.entityType) where.push(sql`e.entity_type = ${filter.entityType}`);
  if (filter.entityId) where.push(sql`e.entity_id = ${filter.entityId}`);
  if (filter.actorId) where.push(sql`e.actor_id = ${filter.actorId}`);
  if (filter.action) where.push(sql`e.action = ${filter.action}`);
  if (filter.requestId) where.push(sql`e.request_id = ${filter.requestId}`);
  const isDate = (text: string) => text.length === 10;
  const { from, to } = filter;
  if (from) {
    where.push(
      isDate(from)
        ? sql`e.at >= (${from}::date)::timestamp at time zone ${tenant.timeZone}`
        : sql`e.at >= ${from}::timestamptz`,
    );
  }
  if (to) {
    where.push(
      isDate(to)
        ? sql`e.at < (${to}::date + 1)::timestamp at time zone ${tenant.timeZone}`
        : sql`e.at < ${to}::timestamptz`,
    );
  }
  return where;
}

/** One page of the tenant's audit trail, newest first unless asked otherwise. */
export async function listAudit(
  tx: TenantTx<{ tenant: { id: string; timeZone: string } }>,
  filter: AuditFilter,
  request: ListRequest,
): Promise<Page<AuditItem>> {
  const page = await keysetPage<AuditRow>(
    tx,
    {
      columns: sql`e.id, e.at, e.actor_id as "actorId", e.on_behalf_of as "onBehalfOf",
        e.action, e.entity_type as "entityType", e.entity_id as "entityId", e.before, e.after, e.reason,
        e.request_id as "requestId"`,
      from: sql`audit.entry e`,
      where: conditions(tx.context.tenant, filter),
      sortable: { at: sql`e.at` },
      id: sql`e.id`,
      defaultSort: '-at',
    },
    request,
  );
  const actorIds = page.items.flatMap(({ actorId, onBehalfOf }) => (onBehalfOf ? [actorId, onBehalfOf] : [actorId]));
  const names = new Map([...(await serviceAccountNames(tx, actorIds)), ...(await namesByIds(tx, actorIds))]);
  return { items: page.items.map((row) => toItem(row, names)), nextCursor: page.nextCursor };
}

function toItem(row: AuditRow, names: ReadonlyMap<string, string>): AuditItem {
  return {
    id: row.id,
    at: row.at.toISOString(),
    actorId: row.actorId,
    actorName: row.actorId === systemActorId ? systemActor.name : (names.get(row.actorId) ?? 'Unknown'),
    onBehalfOf: row.onBehalfOf,
    onBehalfOfName: row.onBehalfOf && (names.get(row.onBehalfOf) ?? 'Unknown'),
    action: row.action,
    entityType: row.entityType,
    entityId: row.entityId,
    before: row.before,
    after: row.after,
    reason: row.reason,
    requestId: row.requestId,
  };
}
