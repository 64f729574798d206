import { type Context, systemActorId } from '#context';
import { type Database, sql, type TenantTx } from '#db';
import { Problem } from '#problem';

/** Actors known to be people, by database and tenant: ids are given once, so that none of them ever is a program's. */
const people = new WeakMap<Database, Set<string>>();
/** How many are kept; beyond that all are asked for again. */
const keptPeople = 10_000;

function peopleOf({ db }: Context): Set<string> {
  const known = people.get(db) ?? new Set();
  if (known.size >= keptPeople) known.clear();
  people.set(db, known);
  return known;
}

/** Programs of some actors, each with somebody behind it; the database is asked only where somebody is not known to be a person. */
async function behind(tx: TenantTx<Context>, ids: readonly string[]): Promise<{ program: string; id: string }[]> {
  const { context } = tx;
  const known = peopleOf(context);
  const tenantId = context.tenant.id;
  const unknown = ids.filter((id) => id !== systemActorId && !known.has(`${tenantId} ${id}`));
  if (unknown.length === 0) return [];
  const found = await tx.many<{ program: string; id: string | null }>(
    sql`select id as program, created_by as id from identity.service_account
      where tenant_id = ${tenantId} and id = any(${unknown}::uuid[])
    union select service_account_id, created_by from identity.api_key
      where tenant_id = ${tenantId} and service_account_id = any(${unknown}::uuid[])
    union select person_id, null from identity.membership
      where tenant_id = ${tenantId} and person_id = any(${unknown}::uuid[])`,
    'hands',
  );
  return found.flatMap(({ program, id }) => {
    if (id !== null) return { program, id };
    known.add(`${tenantId} ${program}`);
    return [];
  });
}

const withoutSystem = (ids: readonly string[]) => new Set(ids.filter((id) => id !== systemActorId));

/**
 * Some actors with the people behind those of them that are programs: who made the service account, and who made (and so
 * read) a key of it.
 */
export async function handsOf(tx: TenantTx<Context>, actorIds: Iterable<string>): Promise<Set<string>> {
  const ids = [...new Set(actorIds)];
  return withoutSystem([...ids, ...(await behind(tx, ids)).map(({ id }) => id)]);
}

/** Whether somebody, the running actor where nobody is named, is one of some actors or of the people behind them. */
export async function isSameHand(
  tx: TenantTx<Context>,
  actorIds: Iterable<string>,
  who: string = tx.context.actor.id,
): Promise<boolean> {
  const others = [...actorIds];
  if (others.length === 0) return false;
  const found = await behind(tx, [...new Set([who, ...others])]);
  const handsBehind = (ids: readonly string[]) =>
    withoutSystem([...ids, ...found.flatMap(({ program, id }) => (ids.includes(program) ? [id] : []))]);
  const own = handsBehind([who]);
  return [...handsBehind(others)].some((id) => own.has(id));
}

/** Throws `approval.own_work` where {@link isSameHand}: nobody decides their own work, through a program either. */
export async function requireOtherHand(
  tx: TenantTx<Context>,
  actorIds: Iterable<string>,
  detail?: string,
  who?: string,
): Promise<void> {
  if (await isSameHand(tx, actorIds, who)) throw new Problem('approval.own_work', detail ? { detail } : {});
}
