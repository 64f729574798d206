import { z } from 'zod';
import { type AnyRoute, nameSchema, pageOf, route } from '#http';
import type { SecurityParts } from '../security-parts.ts';
import { permissionSchema, roleCodeSchema } from '../sign-in/auth-schemas.ts';
import { changeRole, defineRole } from './define-role.ts';
import { type ListedRole, listRoles } from './role-store.ts';

const roleSchema = z.object({
  code: z.string(),
  name: z.string(),
  permissions: z.array(z.string()),
  predefined: z.boolean(),
  version: z.number().nullable(),
});
const permissionsSchema = z.array(permissionSchema).max(34);

function answerOf(role: ListedRole) {
  return { body: role, ...(role.version === null ? {} : { version: role.version }) };
}

/** `/roles`: who may do what; the six predefined roles are read-only. */
export function roleRoutes(parts: SecurityParts): AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/roles',
      summary: 'The predefined roles and the tenant’s own, with their permissions',
      access: 'authenticated',
      answers: { 200: pageOf(roleSchema) },
      handle: async (context) => {
        const items = await context.db.read(context, (tx) => listRoles(tx));
        return { body: { items, nextCursor: null } };
      },
    }),
    route({
      method: 'POST',
      path: '/roles',
      summary: 'Add a custom role',
      access: 'users:manage',
      proof: 'recent',
      body: z.strictObject({ code: roleCodeSchema, name: nameSchema, permissions: permissionsSchema }),
      answers: { 201: roleSchema },
      handle: async (context, { body }) => answerOf(await defineRole(context, body)),
    }),
    route({
      method: 'PATCH',
      path: '/roles/:code',
      summary: 'Change a custom role',
      access: 'users:manage',
      proof: 'recent',
      params: z.strictObject({ code: roleCodeSchema }),
      body: z
        .strictObject({ name: nameSchema.optional(), permissions: permissionsSchema.optional() })
        .refine((change) => Object.keys(change).length > 0, 'must change something'),
      answers: { 200: roleSchema },
      handle: async (context, { params, body, ifMatch }) => {
        const role = await changeRole(context, params.code, body, ifMatch);
        parts.sessions.clear();
        return answerOf(role);
      },
    }),
  ];
}
