import type { AmountLimit } from '#context';
import { type RawBuilder, sql, type TenantTx } from '#db';
import type { Permission } from '#module';
import { type Money, money } from '#money';
import type { ScopeRoots } from '#scope';
import { permissionsOf } from '../policy/roles.ts';
import { byName, openNames, type SealedNames } from './person-names.ts';

/** A person as a member of the running tenant. */
export interface Person {
  id: string;
  name: string;
  email: string;
  roles: string[];
  /** The most that they may approve; null: unlimited. Counts only with the permission `promotions:approve`. */
  approvalLimit: Money | null;
  permissions: ReadonlySet<string>;
  /** The customers and products that they are kept to. */
  scope: ScopeRoots;
  /** The most that a permission is good for, by currency. */
  limits: readonly AmountLimit[];
  /** To whom they report. */
  managerId: string | null;
  /** False once the membership was disabled: such people are named in histories and get no work. */
  active: boolean;
  version: number;
}

/** A row of {@link personColumns}. */
export interface PersonRow extends SealedNames {
  roles: string[];
  approval_limit: string | null;
  approval_currency: string;
  active: boolean;
  version: number;
  custom_permissions: string[];
  scope_customers: string[] | null;
  scope_products: string[] | null;
  amount_limits: AmountLimit[];
  manager_id: string | null;
}

/** Columns from {@link personTables} that {@link toPerson} reads. */
export const personColumns: RawBuilder<PersonRow> = sql`p.id, p.name_sealed, p.email_sealed, m.roles, m.approval_limit,
  m.approval_currency, m.version, m.scope_customers, m.scope_products, m.amount_limits, m.manager_id, (m.disabled_at is null and p.disabled_at is null
    and (m.expires_at is null or m.expires_at > now())) as active,
  coalesce((select array_agg(granted) from identity.role r, unnest(r.permissions) granted
    where r.tenant_id = m.tenant_id and r.code = any(m.roles)), '{}') as custom_permissions`;

/** Memberships `m` and their people `p`. */
export const personTables: RawBuilder<unknown> = sql`identity.membership m join identity.person p on p.id = m.person_id`;

/** A person as far as rights go: who they are stays sealed. */
export type Member = Omit<Person, 'name' | 'email'>;

/** A person from their row, their name and e-mail opened. */
export async function toPerson(row: PersonRow): Promise<Person> {
  return { ...toMember(row), ...(await openNames(row)) };
}

function toMember(row: PersonRow): Member {
  return {
    id: row.id,
    roles: row.roles,
    approvalLimit: row.approval_limit === null ? null : money(row.approval_limit, row.approval_currency),
    permissions: permissionsOf(row.roles, row.custom_permissions),
    scope: { customers: row.scope_customers, products: row.scope_products },
    limits: row.amount_limits,
    managerId: row.manager_id,
    active: row.active,
    version: row.version,
  };
}

/**
 * The tenant's people by id (also disabled ones, so that histories have names) or by a permission that they hold
 * (active ones only), in the order of their names. Without either: everyone.
 */
export async function findPeople(
  tx: TenantTx,
  filter: { permission?: Permission; ids?: readonly string[] },
): Promise<Person[]> {
  const people = (await Promise.all((await readRows(tx, filter.ids)).map(toPerson))).sort(byName);
  const { permission } = filter;
  return permission ? people.filter((person) => person.active && person.permissions.has(permission)) : people;
}

function readRows(tx: TenantTx, ids: readonly string[] | undefined): Promise<PersonRow[]> {
  const byIds = ids ? sql`and p.id = any(${[...ids]}::uuid[])` : sql``;
  const query = sql<PersonRow>`select ${personColumns} from ${personTables}
    where m.tenant_id = ${tx.context.tenant.id} ${byIds}`;
  return tx.many(query, ids ? 'people by id' : 'people');
}

/** The tenant's people, or some of them, in the order of their ids: opening names costs more than all else, and rights need none. */
export async function findMembers(tx: TenantTx, ids?: readonly string[]): Promise<Member[]> {
  return (await readRows(tx, ids)).map(toMember).sort((a, b) => (a.id < b.id ? -1 : 1));
}
