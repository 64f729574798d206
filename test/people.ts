import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Context } from '#context';
import { sql } from '#db';
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

/** Adds a role of tenant a's own making. */
export async function addRole(house: TestHouse, code: string, permissions: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: house.url });
  await client.connect();
  await client.query(
    'insert into identity.role (tenant_id, code, name, permissions, created_at) values ($1, $2, $2, $3, now())',
    [testTenants.a.id, code, [...permissions]],
  );
  await client.end();
}

/** The open tasks on a record by their step, each with the candidates. */
export async function openTasksOn(
  context: Context,
  subjectId: string,
): Promise<{ id: string; step: string; candidates: string[]; routing: Record<string, unknown> }[]> {
  return context.db.read(context, (tx) =>
    tx.many(sql`select task.id, task.step, task.routing, array(select person_id from workflow.candidate
        where candidate.tenant_id = task.tenant_id and task_id = task.id) as candidates
      from workflow.task join workflow.instance on instance.tenant_id = task.tenant_id and instance.id = task.instance_id
      where subject_id = ${subjectId} and task.state = 'open' order by task.step`),
  );
}
