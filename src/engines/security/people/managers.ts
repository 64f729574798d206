import { sql, type TenantTx } from '#db';
import { Problem } from '#problem';

/** A chain of managers is no longer than this: a longer one is a circle, or no company. */
const longestChain = 50;

/** The managers of somebody, the next one first; `active`: whether they are here still. */
async function managersOf(tx: TenantTx, personId: string): Promise<{ id: string; active: boolean }[]> {
  const tenantId = tx.context.tenant.id;
  return tx.many(
    sql`with recursive above as (
        select manager_id as id, 1 as level from identity.membership where tenant_id = ${tenantId} and person_id = ${personId}
        union all select m.manager_id, above.level + 1 from above join identity.membership m
          on m.tenant_id = ${tenantId} and m.person_id = above.id where above.level < ${longestChain})
      select above.id, (m.disabled_at is null and p.disabled_at is null and (m.expires_at is null or m.expires_at > now())) as active
      from above join identity.membership m on m.tenant_id = ${tenantId} and m.person_id = above.id
      join identity.person p on p.id = m.person_id order by above.level`,
    'managers',
  );
}

/** The manager of a person so many levels up, null where there is none; who has left is passed over. */
export async function managerOf(tx: TenantTx, personId: string, levels: number): Promise<string | null> {
  const here = (await managersOf(tx, personId)).filter(({ active }) => active);
  return here[levels - 1]?.id ?? null;
}

const wrong = (message: string) =>
  new Problem('rule.violated', {
    detail: `The manager ${message}.`,
    errors: [{ path: 'managerId', message }],
  });

/** Throws `rule.violated` unless somebody may report to a manager: a member, and nobody who reports to them. Members are locked. */
export async function requireManager(tx: TenantTx, personId: string, managerId: string | null): Promise<void> {
  if (managerId === null) return;
  if (managerId === personId) throw wrong('must be somebody else');
  const { found } = await tx.one<{ found: boolean }>(sql`select exists (select from identity.membership
    where tenant_id = ${tx.context.tenant.id} and person_id = ${managerId} and disabled_at is null) as found`);
  if (!found) throw wrong('must be somebody who is here');
  const above = await managersOf(tx, managerId);
  if (above.some(({ id }) => id === personId)) throw wrong('reports to this person');
}
