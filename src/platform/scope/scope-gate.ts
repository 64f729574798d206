import { type Actor, type Context, systemActor } from '#context';
import { sql, type TenantTx } from '#db';
import type { AnyRoute } from '#http';
import type { Permission } from '#module';
import { notFound, Problem } from '#problem';
import { type HowFar, scopeFilter } from './scope-filter.ts';
import { expandScope, type ScopeRoots, scopedThings } from './scope-registry.ts';
import type { ScopedThing } from './scoped-thing.ts';

/** What a request names: parameters of the address, and members of query and body. */
interface NamedInput {
  params: unknown;
  query: unknown;
  body: unknown;
}

/** Permissions whose every use reaches the whole tenant. */
const wholeTenant: ReadonlySet<string> = new Set<Permission>([
  'users:manage',
  'audit:read',
  'privacy:manage',
  'workflows:design',
  'monitoring:read',
  'monitoring:manage',
  'integrations:read',
  'integrations:manage',
  'periods:close',
  'ml:train',
]);

interface Named {
  thing: ScopedThing;
  id: string;
  /** Where it is itself changed, all of it must lie inside, and being covered from above does not do. */
  how: HowFar;
}

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;
/** Deepest body that is looked through; schemas allow far less. */
const maxDepth = 12;

function beyond(): never {
  throw new Problem('auth.forbidden', { detail: 'This reaches beyond your part of the customers and products.' });
}

function namedByPath(things: readonly ScopedThing[], route: AnyRoute, params: Record<string, unknown>): Named[] {
  const named: Named[] = [];
  for (const thing of things) {
    for (const path of thing.paths) {
      if (route.path !== path && !route.path.startsWith(`${path}/`)) continue;
      const parameter = path.slice(path.lastIndexOf(':') + 1);
      named.push({ thing, id: String(params[parameter]), how: route.method === 'GET' ? 'partly' : 'wholly' });
    }
  }
  return named;
}

function gateLookups(things: readonly ScopedThing[]) {
  const byField = new Map(things.flatMap((thing) => thing.fields.map((field) => [field, thing] as const)));
  const byType = new Map(things.map((thing) => [thing.type, thing]));
  const thingOf = (route: AnyRoute, key: string) => byField.get(`${route.path} ${key}`) ?? byField.get(key);

  function walk(route: AnyRoute, value: unknown, found: Named[], depth: number): void {
    if (depth > maxDepth || value === null || typeof value !== 'object') return;
    if (Array.isArray(value)) {
      for (const item of value) walk(route, item, found, depth + 1);
      return;
    }
    const members = value as Record<string, unknown>;
    const subject = typeof members.subjectType === 'string' ? byType.get(members.subjectType) : undefined;
    for (const [key, member] of Object.entries(members)) {
      const thing = key === 'subjectId' ? subject : thingOf(route, key);
      const ids = Array.isArray(member) ? member : [member];
      const changes = thing?.changedBy?.some((field) => field === key || field === `${route.path} ${key}`);
      const how = changes && route.method !== 'GET' ? 'wholly' : 'partly';
      if (!thing) walk(route, member, found, depth + 1);
      else if (ids.some((id) => typeof id === 'object' && id !== null)) walk(route, member, found, depth + 1);
      else {
        for (const id of ids) {
          if (typeof id === 'string' && uuid.test(id)) found.push({ thing, id: id.toLowerCase(), how });
        }
      }
    }
  }
  return { thingOf, walk };
}

/** Whether a route that must name something above or beside what it makes does not. */
function namesNothing(body: unknown, isField: (key: string) => boolean, changes: boolean): boolean {
  const members = Object.entries((body ?? {}) as Record<string, unknown>).filter(([key]) => isField(key));
  return changes
    ? members.some(([, value]) => value === null)
    : !members.some(([, value]) => value !== null && value !== undefined);
}

/** Which of some ids are those of things that lie in the scope of the transaction's actor. */
async function visibleIds(
  tx: TenantTx,
  actor: Actor,
  thing: ScopedThing,
  ids: readonly string[],
  how: HowFar,
): Promise<Set<string>> {
  const rows = await tx.many<{ id: string }>(sql`select distinct ${thing.id} as id from ${thing.from}
    where ${thing.id} = any(${ids}::uuid[]) and ${scopeFilter({ actor }, thing.scope, how)}`);
  return new Set(rows.map(({ id }) => id));
}

/** Which things of a kind lie wholly in the part of the tenant that somebody is kept to; unknown kinds lie in no part. */
export async function idsInScope(
  tx: TenantTx,
  roots: ScopeRoots,
  type: string,
  ids: readonly string[],
): Promise<Set<string>> {
  const scope = await expandScope(tx, roots);
  if (!scope) return new Set(ids);
  const thing = scopedThings().find((one) => one.type === type);
  return thing ? visibleIds(tx, { ...systemActor, scope }, thing, ids, 'wholly') : new Set();
}

/** Whether all of a thing lies in the part of the tenant that somebody is kept to; unknown kinds lie in no part. */
export async function liesInScope(tx: TenantTx, roots: ScopeRoots, of: { type: string; id: string }): Promise<boolean> {
  return (await idsInScope(tx, roots, of.type, [of.id])).size > 0;
}

async function requireVisible(tx: TenantTx<Context>, named: readonly Named[]): Promise<void> {
  const groups = new Map<string, Named[]>();
  for (const one of named) {
    const key = `${one.thing.type} ${one.how}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  for (const group of groups.values()) {
    const [first] = group;
    if (!first) continue;
    const { thing, how } = first;
    const ids = [...new Set(group.map(({ id }) => id))];
    const seen = await visibleIds(tx, tx.context.actor, thing, ids, how);
    const missing = ids.find((id) => !seen.has(id));
    if (missing) notFound(thing.type.replaceAll('_', ' '), missing);
  }
}

let lookups: { things: readonly ScopedThing[]; found: ReturnType<typeof gateLookups> } | undefined;

function lookupsOf(things: readonly ScopedThing[]): ReturnType<typeof gateLookups> {
  if (lookups?.things !== things) lookups = { things, found: gateLookups(things) };
  return lookups.found;
}

/**
 * Refuses a request of somebody with a scope that names what lies outside: `not_found`, as if it were not there.
 * `auth.forbidden` where it would reach the whole tenant or make something outside every scope. Whoever has no scope
 * passes at no cost.
 */
export async function requireInScope(context: Context, route: AnyRoute, input: NamedInput): Promise<void> {
  const { scope } = context.actor;
  if (!scope) return;
  if (route.reach === 'tenant' || wholeTenant.has(route.access)) beyond();
  const things = scopedThings();
  const { thingOf, walk } = lookupsOf(things);
  for (const thing of things) {
    if (!thing.neededBy?.includes(`${route.method} ${route.path}`)) continue;
    const side = thing.type === 'product' ? scope.product : scope.customer;
    const isField = (key: string) => thingOf(route, key) === thing;
    const stated = route.method === 'GET' ? input.query : input.body;
    if (side && namesNothing(stated, isField, route.method === 'PATCH')) beyond();
  }
  const named = namedByPath(things, route, (input.params ?? {}) as Record<string, unknown>);
  walk(route, input.query, named, 0);
  walk(route, input.body, named, 0);
  if (named.length > 0) await context.db.read(context, (tx) => requireVisible(tx, named));
}
