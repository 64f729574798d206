import { z } from 'zod';
import type { Context } from '#context';
import { idSchema } from '#http';
import { changePerson } from '../people/change-person.ts';
import { listRoles } from '../policy/role-store.ts';
import type { SecurityParts } from '../security-parts.ts';
import { getUser } from './provision-users.ts';
import { ScimError } from './scim-error.ts';
import { holdersOf } from './scim-store.ts';
import { operationsOf } from './scim-user-change.ts';

/** A role as a group: whoever is in it holds the role. */
export interface ScimGroup {
  /** The role's code. */
  id: string;
  name: string;
  /** Ids of people. */
  members: string[];
}

/** Members that one request may add or take away: each is a change of its own. */
const maxChanges = 200;

/** The tenant's roles as groups. */
export async function listGroups(context: Context): Promise<ScimGroup[]> {
  return context.db.read(context, async (tx) => {
    const groups: ScimGroup[] = [];
    for (const { code, name } of await listRoles(tx)) {
      groups.push({ id: code, name, members: await holdersOf(tx, code) });
    }
    return groups;
  });
}

/** One group; throws 404. */
export async function getGroup(context: Context, id: string): Promise<ScimGroup> {
  const group = (await listGroups(context)).find((one) => one.id === id);
  if (!group) throw new ScimError(404, `There is no group ${id}.`);
  return group;
}

const membersSchema = z.array(z.object({ value: idSchema })).max(10_000);

function membersOf(value: unknown): string[] {
  const result = membersSchema.safeParse(value);
  if (!result.success)
    throw new ScimError(400, 'Members are a list of objects with the id of a user as value.', 'invalidValue');
  return result.data.map((member) => member.value);
}

/** Gives a group exactly the members of a whole resource (PUT). */
export async function replaceGroup(
  context: Context,
  parts: SecurityParts,
  id: string,
  body: unknown,
): Promise<ScimGroup> {
  const group = await getGroup(context, id);
  const resource = z.object({ displayName: z.string().optional(), members: z.unknown().optional() }).safeParse(body);
  if (!resource.success) throw new ScimError(400, 'A group is a JSON object.', 'invalidSyntax');
  requireName(group, resource.data.displayName);
  return setMembers(context, parts, group, new Set(membersOf(resource.data.members ?? [])));
}

/** Adds members to a group and takes them away (PATCH). */
export async function patchGroup(
  context: Context,
  parts: SecurityParts,
  id: string,
  body: unknown,
): Promise<ScimGroup> {
  const group = await getGroup(context, id);
  const members = new Set(group.members);
  for (const { op, path, value } of operationsOf(body)) {
    const at = path?.toLowerCase() ?? '';
    const [, one] = /^members\[value eq "([^"]+)"\]$/i.exec(path ?? '') ?? [];
    if (one && op === 'remove') members.delete(one);
    else if (at === 'members') applyMembers(members, op, value);
    else if (at === '' && op !== 'remove') applyWhole(group, members, op, value);
    else if (at === 'displayname') requireName(group, value);
    else if (at !== 'externalid') throw new ScimError(400, `A group has no ${path}.`, 'invalidPath');
  }
  return setMembers(context, parts, group, members);
}

function applyMembers(members: Set<string>, op: string, value: unknown): void {
  if (op === 'remove' && value === undefined) {
    members.clear();
    return;
  }
  const named = membersOf(value);
  if (op === 'replace') members.clear();
  for (const id of named) {
    if (op === 'remove') members.delete(id);
    else members.add(id);
  }
}

function applyWhole(group: ScimGroup, members: Set<string>, op: string, value: unknown): void {
  const whole = z.object({ displayName: z.string().optional(), members: z.unknown().optional() }).safeParse(value);
  if (!whole.success)
    throw new ScimError(400, 'The value of an operation without a path is an object.', 'invalidValue');
  requireName(group, whole.data.displayName);
  if (whole.data.members !== undefined) applyMembers(members, op, whole.data.members);
}

/** Roles are named where their permissions are given. */
function requireName(group: ScimGroup, name: unknown): void {
  if (name === undefined || name === group.name) return;
  throw new ScimError(400, 'A role is renamed in TRADEAI, where its permissions are given.', 'mutability');
}

async function setMembers(
  context: Context,
  parts: SecurityParts,
  group: ScimGroup,
  wanted: ReadonlySet<string>,
): Promise<ScimGroup> {
  const added = [...wanted].filter((id) => !group.members.includes(id));
  const removed = group.members.filter((id) => !wanted.has(id));
  if (added.length + removed.length > maxChanges) {
    throw new ScimError(413, `At most ${maxChanges} members change at once.`, 'tooMany');
  }
  for (const id of added) await changeRoles(context, parts, id, (roles) => [...roles, group.id]);
  for (const id of removed) await changeRoles(context, parts, id, (roles) => roles.filter((role) => role !== group.id));
  return getGroup(context, group.id);
}

async function changeRoles(
  context: Context,
  parts: SecurityParts,
  id: string,
  change: (roles: string[]) => string[],
): Promise<void> {
  const { roles, version } = await getUser(context, id);
  await changePerson(context, id, { roles: change(roles) }, version);
  parts.sessions.forgetPerson(id);
}
