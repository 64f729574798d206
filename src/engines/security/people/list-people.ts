import { keysetPage, type ListRequest, type Page, sql, type TenantTx } from '#db';
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
  if (filter.search) {
    const pattern = `%${filter.search.replace(/[\\%_]/g, '\\$&')}%`;
    where.push(sql`(p.name ilike ${pattern} or p.email ilike ${pattern})`);
  }
  if (filter.role) where.push(sql`${filter.role} = any(m.roles)`);
  if (filter.disabled !== undefined) {
    where.push(sql`(m.disabled_at is not null or p.disabled_at is not null) = ${filter.disabled}`);
  }
  const page = await keysetPage<PersonRow>(
    tx,
    {
      columns: personColumns,
      from: personTables,
      where,
      sortable: { name: sql`p.name`, email: sql`p.email`, createdAt: sql`m.created_at` },
      id: sql`p.id`,
      defaultSort: 'name',
    },
    request,
  );
  return { items: page.items.map(toPerson), nextCursor: page.nextCursor };
}

/** A person of the tenant; throws `not_found`, also for people of other tenants only. */
export async function getPerson(tx: TenantTx, id: string): Promise<Person> {
  const row = await tx.maybe<PersonRow>(sql`select ${personColumns} from ${personTables}
    where m.tenant_id = ${tx.context.tenant.id} and p.id = ${id}`);
  return row ? toPerson(row) : notFound('person', id);
}
