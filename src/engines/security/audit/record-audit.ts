import type { Context } from '#context';
import { type Gathered, sql, type TenantTx, type Tx, tableOf } from '#db';
import { type AuditEntry, auditMac, macVersion } from './audit-entry.ts';
import { asJson, canonicalJson } from './canonical-json.ts';
import { retentionClassOf } from './retention.ts';

/** What a use case says about its change; `before` and `after` are JSON values without secrets. */
export interface AuditRecord {
  /** Past tense, dotted: `promotion.submitted`. */
  action: string;
  entityType: string;
  entityId: string;
  before?: unknown;
  after?: unknown;
  /** Why, in the actor's words. */
  reason?: string | null | undefined;
  /** The person for whom the actor acts, where that is someone else. */
  onBehalfOf?: string | null | undefined;
}

/** Whose change it was, for the few that happen outside a tenant's context. */
export interface AuditScope {
  tenantId: string;
  actorId: string;
  requestId: string;
  at: Date;
  newId(): string;
}

let secret: string | undefined;

/** Gives the process the secret key from which each tenant's audit key is derived. Call it before anything is recorded. */
export function setAuditSecret(secretKey: string): void {
  secret = secretKey;
}

/** The secret key set at start; throws when the process was started without one. */
export function auditSecret(): string {
  if (secret === undefined) throw new Error('the audit key is not set: call setAuditSecret(secretKey) at start');
  return secret;
}

/** Writes an audit entry with its MAC into the running transaction: it exists if and only if the change does. */
export async function recordAudit(tx: TenantTx<Context>, record: AuditRecord): Promise<void> {
  const { context } = tx;
  await appendAudit(
    tx,
    {
      tenantId: context.tenant.id,
      actorId: context.actor.id,
      requestId: context.requestId,
      at: context.clock.now(),
      newId: context.newId,
    },
    record,
  );
}

type Heard = (entry: { id: string; tenantId: string; action: string }) => void;
const listeners = new Set<Heard>();

/** Registers what hears of each entry that this process has committed; answers the way to stop it. */
export function onEntryWritten(heard: Heard): () => void {
  listeners.add(heard);
  return () => listeners.delete(heard);
}

interface EntryRow {
  tenant_id: string;
  id: string;
  at: string;
  actor_id: string;
  on_behalf_of: string | null;
  action: string;
  entity_type: string;
  entity_id: string;
  before: string | null;
  after: string | null;
  reason: string | null;
  request_id: string;
  mac_version: number;
  mac: Buffer;
  retention_class: string;
}

/** Entries, and that they wait for their places in the sequence. */
const written: Gathered<EntryRow> = {
  seenBy: 'audit.',
  parts: (rows) => ({
    entries: tableOf(rows, {
      ...{ tenant_id: 'uuid', id: 'uuid', at: 'timestamptz', actor_id: 'uuid', on_behalf_of: 'uuid', action: 'text' },
      ...{ entity_type: 'text', entity_id: 'text', before: 'json', after: 'json', reason: 'text', request_id: 'text' },
      ...{ mac_version: 'smallint', mac: 'bytea', retention_class: 'text' },
    }),
    waiting: sql`insert into audit.unsealed (tenant_id, entry_id, at, retention_class)
      select tenant_id, id, at, retention_class from entries`,
    written: sql`insert into audit.entry (tenant_id, id, at, actor_id, on_behalf_of, action, entity_type, entity_id,
        before, after, reason, request_id, mac_version, mac, retention_class) select * from entries`,
  }),
};

/** {@link recordAudit} for transactions of the system's role. */
export async function appendAudit(tx: Tx, scope: AuditScope, record: AuditRecord): Promise<void> {
  const entry: AuditEntry = {
    tenantId: scope.tenantId,
    id: scope.newId(),
    at: scope.at.toISOString(),
    actorId: scope.actorId,
    onBehalfOf: record.onBehalfOf ?? null,
    action: record.action,
    entityType: record.entityType,
    entityId: record.entityId,
    before: asColumn(record.before),
    after: asColumn(record.after),
    reason: record.reason ?? null,
    requestId: scope.requestId,
  };
  await tx.gather(written, {
    ...{
      tenant_id: entry.tenantId,
      id: entry.id,
      at: entry.at,
      actor_id: entry.actorId,
      on_behalf_of: entry.onBehalfOf,
    },
    ...{ action: entry.action, entity_type: entry.entityType, entity_id: entry.entityId },
    ...{ before: entry.before, after: entry.after, reason: entry.reason, request_id: entry.requestId },
    ...{
      mac_version: macVersion,
      mac: auditMac(auditSecret(), entry),
      retention_class: retentionClassOf(entry.action),
    },
  });
  const { id, tenantId, action } = entry;
  tx.afterCommit(() => {
    for (const heard of listeners) heard({ id, tenantId, action });
  });
}

function asColumn(value: unknown): string | null {
  const json = asJson(value);
  return json === null ? null : canonicalJson(json);
}
