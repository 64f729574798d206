import { sql, type TenantTx, type Tx } from '#db';
import { emailIndexOf, openNames, type SealedNames } from '../people/person-names.ts';

/** A member as provisioning sees them. */
export interface ScimUser {
  id: string;
  email: string;
  name: string;
  active: boolean;
  externalId: string | null;
  roles: string[];
  createdAt: Date;
  version: number;
}

/** Which members a list is of. */
export type UsersWhere = { email: string } | { externalId: string } | { id: string } | { role: string };

type Row = SealedNames & {
  active: boolean;
  external_id: string | null;
  roles: string[];
  created_at: Date;
  version: number;
};

const tables = sql`identity.membership m join identity.person p on p.id = m.person_id
  left join identity.provisioned v on v.tenant_id = m.tenant_id and v.person_id = m.person_id`;

async function conditionOf(tx: TenantTx, where: UsersWhere | undefined) {
  // Who was removed is gone for provisioning, and emergency access never was its business.
  const there = sql`m.tenant_id = ${tx.context.tenant.id} and v.removed_at is null and m.expires_at is null and p.erased_at is null`;
  if (!where) return there;
  if ('email' in where) return sql`${there} and p.email_index = ${await emailIndexOf(where.email)}`;
  if ('externalId' in where) return sql`${there} and v.external_id = ${where.externalId}`;
  return 'id' in where ? sql`${there} and p.id = ${where.id}` : sql`${there} and ${where.role} = any(m.roles)`;
}

async function toUser(row: Row): Promise<ScimUser> {
  const { name, email } = await openNames(row);
  const { id, active, roles, version } = row;
  return { id, name, email, active, externalId: row.external_id, roles, createdAt: row.created_at, version };
}

/** Members in the order in which they came, from the `offset`-th on. */
export async function listUsers(
  tx: TenantTx,
  where: UsersWhere | undefined,
  page: { offset: number; limit: number },
): Promise<{ total: number; users: ScimUser[] }> {
  const condition = await conditionOf(tx, where);
  const { total } = await tx.one<{ total: number }>(
    sql`select count(*)::integer as total from ${tables} where ${condition}`,
  );
  const rows = await tx.many<Row>(sql`select p.id, p.name_sealed, p.email_sealed, v.external_id, m.roles, m.created_at,
      m.version, m.disabled_at is null and p.disabled_at is null as active
    from ${tables} where ${condition} order by m.created_at, p.id offset ${page.offset} limit ${page.limit}`);
  return { total, users: await Promise.all(rows.map(toUser)) };
}

/** The ids of the members who hold a role. */
export async function holdersOf(tx: TenantTx, role: string): Promise<string[]> {
  const condition = await conditionOf(tx, { role });
  const rows = await tx.many<{ id: string }>(sql`select p.id from ${tables} where ${condition} order by p.id`);
  return rows.map(({ id }) => id);
}

/** Keeps a member's id in the provisioning system, and whether that system has removed them. */
export async function keepProvisioned(
  tx: TenantTx,
  personId: string,
  facts: { externalId?: string | null | undefined; removedAt?: Date | null },
): Promise<void> {
  const { externalId, removedAt } = facts;
  await tx.run(sql`insert into identity.provisioned (tenant_id, person_id, external_id, removed_at)
    values (${tx.context.tenant.id}, ${personId}, ${externalId ?? null}, ${removedAt ?? null})
    on conflict (tenant_id, person_id) do update set
      external_id = ${externalId === undefined ? sql`provisioned.external_id` : externalId},
      removed_at = ${removedAt === undefined ? sql`provisioned.removed_at` : removedAt}`);
}

/** The member of an e-mail whom provisioning removed earlier. */
export async function findRemoved(tx: TenantTx, email: string): Promise<string | undefined> {
  const removed = await tx.maybe<{ id: string }>(sql`select p.id from ${tables}
    where m.tenant_id = ${tx.context.tenant.id} and v.removed_at is not null and p.email_index = ${await emailIndexOf(email)}`);
  return removed?.id;
}

/** In how many tenants a person is a member. */
export async function countTenants(tx: Tx, personId: string): Promise<number> {
  const { tenants } = await tx.one<{ tenants: number }>(
    sql`select count(*)::integer as tenants from identity.membership where person_id = ${personId}`,
  );
  return tenants;
}
