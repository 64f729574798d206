import { type ListRequest, type Page, pageOfAll, sql, type TenantTx } from '#db';
import { notFound } from '#problem';
import { type Person, type PersonRow, personColumns, personTables, toPerson } from './people.ts';

/** What a list of people may be narrowed by. */
export interface PeopleFilter {
  /** Part of a name or e-mail. */
  search?: string | undefined;
  role?: string | undefined;
  disabled?: boolean | undefined;
}

/** One page of the tenant's people, by name unless asked otherwise. */
export async function listPeople(tx: TenantTx, filter: PeopleFilter, request: ListRequest): Promise<Page<Person>> {
  const where = [sql`m.tenant_id = ${tx.context.tenant.id}`];
  if (filter.role) where.push(sql`${filter.role} = any(m.roles)`);
  if (filter.disabled !== undefined) {
    where.push(sql`(m.disabled_at is not null or p.disabled_at is not null) = ${filter.disabled}`);
  }
  const rows = await tx.many<PersonRow & { joined_at: Date }>(sql`select ${personColumns}, m.created_at as joined_at
    from ${personTables} where ${sql.join(where, sql` and `)}`);
  // Names and e-mails are sealed: they are searched and sorted here.
  const all = await Promise.all(rows.map(async (row) => ({ ...(await toPerson(row)), joinedAt: row.joined_at })));
  const part = filter.search?.toLowerCase() ?? '';
  const found = all.filter(({ name, email }) => `${name}\n${email}`.toLowerCase().includes(part));
  const sortable = {
    name: ({ name }: Person) => name,
    email: ({ email }: Person) => email,
    createdAt: ({ joinedAt }: { joinedAt: Date }) => joinedAt.toISOString(),
  };
  return pageOfAll(found, { sortable, defaultSort: 'name' }, request);
}

/** A person of the tenant; throws `not_found`, also for people of other tenants only. */
export async function getPerson(tx: TenantTx, id: string): Promise<Person> {
  const row = await tx.maybe<PersonRow>(sql`select ${personColumns} from ${personTables}
    where m.tenant_id = ${tx.context.tenant.id} and p.id = ${id}`);
  return row ? await toPerson(row) : notFound('person', id);
}
