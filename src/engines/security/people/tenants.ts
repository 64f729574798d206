import type { TenantFacts } from '#context';
import { type Database, sql } from '#db';

const columns = sql`id, slug, time_zone as "timeZone", currency`;

/** The tenant with an id or a slug; undefined where there is none. */
export async function findTenant(
  db: Database,
  by: { id: string } | { slug: string },
): Promise<TenantFacts | undefined> {
  const which = 'id' in by ? sql`id = ${by.id}` : sql`slug = ${by.slug}`;
  return db.system((tx) => tx.maybe<TenantFacts>(sql`select ${columns} from identity.tenant where ${which}`));
}

/** Every tenant, by slug. */
export async function listTenants(db: Database): Promise<TenantFacts[]> {
  return db.system((tx) => tx.many<TenantFacts>(sql`select ${columns} from identity.tenant order by slug`));
}
