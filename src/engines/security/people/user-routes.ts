import { z } from 'zod';
import {
  type AnyRoute,
  idParams,
  idSchema,
  listQuery,
  listQueryShape,
  moneySchema,
  nameSchema,
  pageOf,
  route,
} from '#http';
import { fromJson, type MoneyJson } from '#money';
import { amountLimitSchema, scopeSchema } from '../policy/policy-schemas.ts';
import type { SecurityParts } from '../security-parts.ts';
import {
  emailSchema,
  limitSchema,
  permissionSchema,
  roleCodeSchema,
  roleCodesSchema,
} from '../sign-in/auth-schemas.ts';
import { limitBody } from '../sign-in/sign-in.ts';
import { changePerson } from './change-person.ts';
import { invitePerson, listInvitations, withdrawInvitation } from './invite-person.ts';
import { getPerson, listPeople } from './list-people.ts';
import { findPeople, type Person } from './people.ts';

const personSchema = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  roles: z.array(z.string()),
  permissions: z.array(z.string()),
  approvalLimit: moneySchema.nullable(),
  scope: scopeSchema,
  limits: z.array(amountLimitSchema),
  /** To whom they report; processes may ask the manager of somebody. */
  managerId: idSchema.nullable(),
  disabled: z.boolean(),
  version: z.number(),
});
const invitationSchema = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string().nullable(),
  roles: z.array(z.string()),
  createdAt: z.string(),
  expiresAt: z.string(),
});

const peopleQuery = z.strictObject({
  ...listQueryShape,
  search: z.string().trim().min(1).max(100).optional(),
  role: roleCodeSchema.optional(),
  disabled: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
});
const changeBody = z
  .strictObject({
    roles: roleCodesSchema.optional(),
    approvalLimit: limitSchema.optional(),
    scope: scopeSchema.optional(),
    limits: z.array(amountLimitSchema).max(60).optional(),
    managerId: idSchema.nullable().optional(),
    disabled: z.boolean().optional(),
  })
  .refine((change) => Object.keys(change).length > 0, 'must change something');
const invitationBody = z.strictObject({
  email: emailSchema,
  name: nameSchema.optional(),
  roles: roleCodesSchema,
  approvalLimit: limitSchema.optional(),
  scope: scopeSchema,
  limits: z.array(amountLimitSchema).max(60).optional(),
});

function limitOf(limit: MoneyJson | null | undefined) {
  return limit === undefined || limit === null ? limit : fromJson(limit);
}

function personBody(person: Person) {
  const { id, name, email, roles, scope, limits, managerId, version } = person;
  const permissions = [...person.permissions].sort();
  const approvalLimit = limitBody(person.approvalLimit);
  const reach = { approvalLimit, scope, limits, managerId };
  return { id, name, email, roles, permissions, ...reach, disabled: !person.active, version };
}

/** `/users`: the tenant's people, their roles, limits and invitations. */
export function userRoutes(parts: SecurityParts): AnyRoute[] {
  return [...peopleRoutes(parts), ...invitationRoutes(parts)];
}

function peopleRoutes(parts: SecurityParts): AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/users',
      summary: 'The people of the tenant',
      access: 'users:manage',
      query: peopleQuery,
      answers: { 200: pageOf(personSchema) },
      handle: async (context, { query }) => {
        const page = await context.db.read(context, (tx) => listPeople(tx, query, query));
        return { body: { items: page.items.map(personBody), nextCursor: page.nextCursor } };
      },
    }),
    route({
      method: 'GET',
      path: '/users/:id',
      summary: 'One person of the tenant',
      access: 'users:manage',
      params: idParams,
      answers: { 200: personSchema },
      handle: async (context, { params }) => {
        const person = await context.db.read(context, (tx) => getPerson(tx, params.id));
        return { version: person.version, body: personBody(person) };
      },
    }),
    route({
      method: 'PATCH',
      path: '/users/:id',
      summary:
        'Change a person’s roles, limits, part of the customers and products, manager, or access; disabling ends their sessions',
      access: 'users:manage',
      proof: 'recent',
      params: idParams,
      body: changeBody,
      answers: { 200: personSchema },
      handle: async (context, { params, body, ifMatch }) => {
        const change = { ...body, approvalLimit: limitOf(body.approvalLimit) };
        const person = await changePerson(context, params.id, change, ifMatch);
        parts.sessions.forgetPerson(params.id);
        return { version: person.version, body: personBody(person) };
      },
    }),
    route({
      method: 'GET',
      path: '/people',
      summary: 'Names of active people, for choosing one; with a permission, only those who hold it',
      access: 'authenticated',
      query: z.strictObject({ permission: permissionSchema.optional() }),
      answers: {
        200: pageOf(z.object({ id: z.string(), name: z.string(), roles: z.array(z.string()) })),
      },
      handle: async (context, { query }) => {
        const filter = query.permission ? { permission: query.permission } : {};
        const people = await context.db.read(context, (tx) => findPeople(tx, filter));
        const items = people.filter(({ active }) => active).map(({ id, name, roles }) => ({ id, name, roles }));
        return { body: { items, nextCursor: null } };
      },
    }),
  ];
}

function invitationRoutes(parts: SecurityParts): AnyRoute[] {
  return [
    route({
      method: 'POST',
      path: '/users/invitations',
      summary:
        'Invite a person to a part of the customers and products; the link is mailed, or answered where no mail server is set',
      access: 'users:manage',
      proof: 'recent',
      secretAnswer: true,
      body: invitationBody,
      answers: { 201: invitationSchema.extend({ link: z.string().nullable() }) },
      handle: async (context, { body }) => ({
        body: await invitePerson(context, parts, { ...body, approvalLimit: limitOf(body.approvalLimit) }),
      }),
    }),
    route({
      method: 'GET',
      path: '/users/invitations',
      summary: 'Invitations that nobody has taken yet',
      access: 'users:manage',
      query: listQuery,
      answers: { 200: pageOf(invitationSchema) },
      handle: async (context, { query }) => ({
        body: await context.db.read(context, (tx) => listInvitations(tx, context.clock.now(), query)),
      }),
    }),
    route({
      method: 'DELETE',
      path: '/users/invitations/:id',
      summary: 'Take an invitation back',
      access: 'users:manage',
      params: idParams,
      answers: { 204: null },
      handle: async (context, { params }) => {
        await withdrawInvitation(context, params.id);
        return { status: 204 };
      },
    }),
  ];
}
