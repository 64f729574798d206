import type { Actor, TenantFacts } from '#context';
import type { Database, TenantTx } from '#db';
import { type ScopeRoots, scopeOf } from '#scope';
import { findPeople, type Person } from '../people/people.ts';
import { findServiceAccount } from '../service-accounts/api-key-store.ts';
import { limitsOf } from './policy.ts';

/** A member as an actor: with what they may do, for which part of the tenant and up to which amounts. */
export async function actorOf(db: Database, tenant: TenantFacts, person: Person, now: Date): Promise<Actor> {
  const { id, name, roles, permissions } = person;
  const scope = await scopeOf(db, { tenant }, person.scope, now);
  return { kind: 'user', id, name, roles, permissions, scope, limits: limitsOf(person) };
}

/** What a person or program is kept to by now; nothing for who is neither. */
export async function reachOf(tx: TenantTx, actorId: string): Promise<ScopeRoots | undefined> {
  const [person] = await findPeople(tx, { ids: [actorId] });
  return person?.scope ?? (await findServiceAccount(tx, actorId))?.scope;
}

/** The same actor with the permissions that both hold: for keys, which never permit more than who made them. */
export function narrowed(actor: Actor, kind: Actor['kind'], permissions: readonly string[]): Actor {
  return { ...actor, kind, permissions: new Set(permissions.filter((one) => actor.permissions.has(one))) };
}
