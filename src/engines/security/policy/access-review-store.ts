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
  /** True where the history begins with it, or with what its roles permit: it may have stood otherwise before. */
  seeded: boolean;
}

interface ThenRow {
  /** Predefined roles of which it is recorded what they permitted; their permissions are among {@link ThenRow.granted}. */
  kept: string[];
  personId: string;
  roles: string[];
  granted: string[];
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
    permissions: new Set([
      ...permissionsOf(
        row.roles.filter((role) => !row.kept.includes(role)),
        [],
      ),
      ...row.granted,
    ]),
    approvalLimit: row.limit === null ? null : money(row.limit, row.currency),
    scope: { customers: row.customers, products: row.products },
    limits: row.limits,
    active: row.active,
    since: row.since,
    seeded: row.seeded,
  };
}

/** What each role permitted from when on, the tenant's own and the predefined ones; what began a history stood before it. */
const roleStates = sql`(select tenant_id, code, recorded_at, seq, permissions from identity.role_history
  union all select tenant_id, code, case when seeded then '-infinity' else recorded_at end, seq, permissions
    from identity.predefined_role_history)`;

/** What the roles of a membership `h` permitted at an instant. */
const grantedAt = (at: RawBuilder<unknown>) => sql`coalesce((select array_agg(granted)
  from (select distinct on (r.code) r.code, r.permissions from ${roleStates} r
    where r.tenant_id = h.tenant_id and r.code = any(h.roles) and r.recorded_at <= ${at}
    order by r.code, r.recorded_at desc, r.seq desc) role, unnest(role.permissions) granted), '{}') as granted,
  array(select distinct p.code from identity.predefined_role_history p
    where p.tenant_id = h.tenant_id and p.code = any(h.roles)) as kept`;

/** Whether nobody recorded yet at an instant what the roles of a membership permitted. */
const beforeRoles = (roles: RawBuilder<unknown>, tenantId: string, at: RawBuilder<unknown>) => sql`exists (
  select from identity.predefined_role_history p where p.tenant_id = ${tenantId} and p.seeded and p.code = any(${roles})
    and p.recorded_at > ${at})`;

/** When a role came to permit something else: whoever held it had other rights from then on. */
const turns = (tenantId: string) => sql`select code, recorded_at from (select code, recorded_at,
    permissions is distinct from lag(permissions) over (partition by code order by recorded_at, seq) as differs
  from ${roleStates} state where tenant_id = ${tenantId}) kept where differs`;

/** Everybody who was a member at an instant, with the rights that they had then; roles as they stood then. */
export async function rightsAt(tx: TenantTx, at: Date): Promise<RightsThen[]> {
  const tenantId = tx.context.tenant.id;
  const rows = await tx.many<ThenRow>(sql`with turn as (${turns(tenantId)})
    select ${columns}, (h.active and (h.ends_at is null or h.ends_at > ${at})) as active, ${grantedAt(sql`${at}`)}
    from (select distinct on (k.person_id) k.tenant_id, k.person_id, k.roles, k.approval_limit, k.approval_currency,
        k.scope_customers, k.scope_products, k.amount_limits, k.active, k.ends_at, k.seeded and turned.at is null or ${beforeRoles(sql`k.roles`, tenantId, sql`${at}`)} as seeded,
        greatest(k.recorded_at, turned.at) as recorded_at
      from identity.membership_history k cross join lateral (select max(turn.recorded_at) as at from turn
        where turn.code = any(k.roles) and turn.recorded_at > k.recorded_at and turn.recorded_at <= ${at}) turned
      where k.tenant_id = ${tenantId} and k.recorded_at <= ${at}
      order by k.person_id, k.recorded_at desc, k.seq desc) h`);
  return rows.map(toRights);
}

/** What became of one person's rights, by changes of theirs and of roles that they held, the latest first. */
export async function rightsHistory(tx: TenantTx, personId: string): Promise<RightsThen[]> {
  const tenantId = tx.context.tenant.id;
  const rows = await tx.many<ThenRow>(sql`with turn as (${turns(tenantId)}),
      span as (select *, lead(recorded_at, 1, 'infinity') over (order by recorded_at, seq) as until
        from identity.membership_history where tenant_id = ${tenantId} and person_id = ${personId}),
      h as (select tenant_id, person_id, seq, recorded_at, roles, approval_limit, approval_currency, scope_customers,
          scope_products, amount_limits, active, seeded or ${beforeRoles(sql`roles`, tenantId, sql`span.recorded_at`)} as seeded from span
        union select span.tenant_id, person_id, seq, turn.recorded_at, roles, approval_limit, approval_currency,
          scope_customers, scope_products, amount_limits, active, false from span
        join turn on turn.code = any(span.roles) and turn.recorded_at > span.recorded_at and turn.recorded_at < span.until)
    select ${columns}, h.active, ${grantedAt(sql`h.recorded_at`)} from h order by h.recorded_at desc, h.seq desc limit 200`);
  return rows.map(toRights);
}
