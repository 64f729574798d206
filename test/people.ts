import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { plantPerson } from '../src/engines/security/people/test-people.ts';
import { type TestHouse, testTenants } from './house.ts';

/** Puts a person there who is no member anywhere yet. */
export const addStranger = (house: TestHouse, person: { id: string; name: string; email: string }): Promise<void> =>
  plantPerson(house.db, person);

/** Adds a person to tenant a, in the identity tables where the approval looks for candidates, and answers their id; limits are in USD. */
export async function addPerson(house: TestHouse, roles: string[], limit: string | null): Promise<string> {
  const id = randomUUID();
  const client = new pg.Client({ connectionString: house.url });
  await client.connect();
  await addStranger(house, { id, name: `${id}@example.com`, email: `${id}@example.com` });
  await client.query(
    `insert into identity.membership (tenant_id, person_id, roles, approval_limit, approval_currency, created_at)
     values ($1, $2, $3, $4, 'USD', now())`,
    [testTenants.a.id, id, roles, limit],
  );
  await client.end();
  return id;
}
