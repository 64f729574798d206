import type { AmountLimit } from '#context';
import { type RawBuilder, sql, type TenantTx } from '#db';
import { type Money, money } from '#money';
import type { ScopeRoots } from '#scope';
import { permissionsOf } from './roles.ts';

/** What somebody might do at an instant. */
export interface RightsThen {
  personId: string;
  roles: string[];
  permissions: ReadonlySet<string>;
  approvalLimit: Money | null;
  scope: ScopeRoots;
  limits: AmountLimit[];
  active: boolean;
  /** Since when it stood so. */
  since: Date;
  /** True where the history begins with it: it may have stood otherwise before. */
  seeded: boolean;
}

interface ThenRow {
  personId: string;
  roles: string[];
  custom: string[];
  limit: string | null;
  currency: string;
  customers: string[] | null;
  products: string[] | null;
  limits: AmountLimit[];
  active: boolean;
  since: Date;
  seeded: boolean;
}

const columns: RawBuilder<ThenRow> = sql`h.person_id as "personId", h.roles, h.approval_limit as "limit",
  h.approval_currency as currency, h.scope_customers as customers, h.scope_products as products, h.amount_limits as limits,
  h.recorded_at as since, h.seeded`;

function toRights(row: ThenRow): RightsThen {
  return {
    personId: row.personId,
    roles: row.roles,
    permissions: permissionsOf(row.roles, row.custom),
    approvalLimit: row.limit === null ? null : money(row.limit, row.currency),
    scope: { customers: row.customers, products: row.products },
    limits: row.limits,
    active: row.active,
    since: row.since,
    seeded: row.seeded,
  };
}

/** Everybody who was a member at an instant, with the rights that they had then; custom roles as they stood then. */
export async function rightsAt(tx: TenantTx, at: Date): Promise<RightsThen[]> {
  const rows = await tx.many<ThenRow>(sql`
    select ${columns}, (h.active and (h.ends_at is null or h.ends_at > ${at})) as active,
      coalesce((select array_agg(granted) from (select distinct on (r.code) r.code, r.permissions from identity.role_history r
        where r.tenant_id = h.tenant_id and r.code = any(h.roles) and r.recorded_at <= ${at}
        order by r.code, r.recorded_at desc, r.seq desc) role, unnest(role.permissions) granted), '{}') as custom
    from (select distinct on (person_id) * from identity.membership_history
      where tenant_id = ${tx.context.tenant.id} and recorded_at <= ${at}
      order by person_id, recorded_at desc, seq desc) h`);
  return rows.map(toRights);
}

/** What became of one person's rights, the latest first. */
export async function rightsHistory(tx: TenantTx, personId: string): Promise<RightsThen[]> {
  const rows = await tx.many<ThenRow>(sql`
    select ${columns}, h.active,
      coalesce((select array_agg(granted) from (select distinct on (r.code) r.code, r.permissions from identity.role_history r
        where r.tenant_id = h.tenant_id and r.code = any(h.roles) and r.recorded_at <= h.recorded_at
        order by r.code, r.recorded_at desc, r.seq desc) role, unnest(role.permissions) granted), '{}') as custom
    from identity.membership_history h
    where h.tenant_id = ${tx.context.tenant.id} and h.person_id = ${personId} order by h.recorded_at desc, h.seq desc limit 200`);
  return rows.map(toRights);
}
