import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { type TestHouse, testTenants } from './house.ts';

/** Adds a person to tenant a, in the identity tables where the approval looks for candidates, and answers their id; limits are in USD. */
export async function addPerson(house: TestHouse, roles: string[], limit: string | null): Promise<string> {
  const id = randomUUID();
  const client = new pg.Client({ connectionString: house.url });
  await client.connect();
  await client.query('insert into identity.person (id, email, name, created_at) values ($1, $2, $2, now())', [
    id,
    `${id}@example.com`,
  ]);
  await client.query(
    `insert into identity.membership (tenant_id, person_id, roles, approval_limit, approval_currency, created_at)
     values ($1, $2, $3, $4, 'USD', now())`,
    [testTenants.a.id, id, roles, limit],
  );
  await client.end();
  return id;
}
