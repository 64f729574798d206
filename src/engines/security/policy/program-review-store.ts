import type { AmountLimit } from '#context';
import { sql, type TenantTx } from '#db';
import type { ScopeRoots } from '#scope';

/** A key of a program that was not over at an instant. */
export interface KeyThen {
  id: string;
  accountId: string;
  name: string;
  hint: string;
  permissions: string[];
  /** Who made it, and so has read it. */
  madeBy: string;
  createdAt: Date;
  /** When it was to end, as it stood then. */
  expiresAt: Date;
  /** The last use before the instant that is known: noted in the key itself, or among the security events of 90 days. */
  lastUsedAt: Date | null;
  quarantined: boolean;
}

/** What a program might do at an instant. */
export interface ProgramThen {
  id: string;
  name: string;
  permissions: string[];
  scope: ScopeRoots;
  limits: AmountLimit[];
  active: boolean;
  madeBy: string;
  createdAt: Date;
  /** Since when it stood so. */
  since: Date;
  /** True where the history begins with it: it may have stood otherwise before. */
  seeded: boolean;
}

/** The service accounts that there were at an instant, by name, with what they might do then. */
export async function programsAt(tx: TenantTx, at: Date): Promise<ProgramThen[]> {
  return tx.many<ProgramThen>(sql`select a.id, a.name, h.permissions,
      json_build_object('customers', h.scope_customers, 'products', h.scope_products) as scope, h.amount_limits as limits,
      not h.disabled as active, a.created_by as "madeBy", a.created_at as "createdAt", h.recorded_at as since, h.seeded
    from identity.service_account a cross join lateral (select * from identity.service_account_history h
      where h.tenant_id = a.tenant_id and h.account_id = a.id and h.recorded_at <= ${at}
      order by h.recorded_at desc, h.seq desc limit 1) h
    where a.tenant_id = ${tx.context.tenant.id} order by a.name`);
}

/** The keys of service accounts that were neither revoked nor expired at an instant, newest first. */
export async function programKeysAt(tx: TenantTx, at: Date): Promise<KeyThen[]> {
  return tx.many<KeyThen>(sql`select k.id, k.service_account_id as "accountId", k.name, k.hint, k.permissions,
      k.created_by as "madeBy", k.created_at as "createdAt", h.expires_at as "expiresAt", h.quarantined,
      case when k.last_used_at <= ${at} then k.last_used_at else (select max(e.at) from security.event e
        where e.tenant_id = k.tenant_id and e.kind = 'key.used' and e.subject_id = k.id::text and e.at <= ${at}
          and k.last_used_at is not null) end as "lastUsedAt"
    from identity.api_key k cross join lateral (select * from identity.api_key_history h
      where h.tenant_id = k.tenant_id and h.key_id = k.id and h.recorded_at <= ${at}
      order by h.recorded_at desc, h.seq desc limit 1) h
    where k.tenant_id = ${tx.context.tenant.id} and k.service_account_id is not null
      and not h.revoked and h.expires_at > ${at}
    order by k.created_at desc, k.id desc`);
}

/** A key of a program that somebody knows, with what it opens: what both it and its program may. */
export interface KnownKey {
  id: string;
  permissions: string[];
}

/** The keys of programs that somebody made, and so has read, and that still open something. */
export async function keysKnownTo(tx: TenantTx, personId: string, now: Date): Promise<KnownKey[]> {
  return tx.many<KnownKey>(sql`select k.id, array(select unnest(k.permissions) intersect select unnest(a.permissions)) as permissions
    from identity.api_key k
    join identity.service_account a on a.tenant_id = k.tenant_id and a.id = k.service_account_id
    where k.tenant_id = ${tx.context.tenant.id} and k.created_by = ${personId} and k.revoked_at is null
      and k.expires_at > ${now} and a.disabled_at is null
    order by k.created_at, k.id`);
}
