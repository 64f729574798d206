import { z } from 'zod';
import { type AnyRoute, idParams, idSchema, nameSchema, pageOf, route } from '#http';
import { notFound } from '#problem';
import { amountLimitSchema, scopeSchema } from '../policy/policy-schemas.ts';
import type { SecurityParts } from '../security-parts.ts';
import { permissionSchema } from '../sign-in/auth-schemas.ts';
import { type ListedKey, listKeys, listServiceAccounts, type ServiceAccount } from './api-key-store.ts';
import type { KeyCache } from './authenticate-key.ts';
import { createKey, revokeKey, rotateKey, type ShownKey } from './manage-keys.ts';
import { changeServiceAccount, createServiceAccount } from './manage-service-accounts.ts';

const permissionsSchema = z.array(permissionSchema).min(1).max(34);
const accountSchema = z.object({
  id: z.string(),
  name: z.string(),
  permissions: z.array(z.string()),
  scope: scopeSchema,
  limits: z.array(amountLimitSchema),
  joinScope: scopeSchema.nullable(),
  createdAt: z.string(),
  disabled: z.boolean(),
  version: z.number(),
});
/** What a program may reach: who makes it says so, also that it is everything. */
const reachShape = {
  scope: scopeSchema,
  limits: z.array(amountLimitSchema).max(60),
  /** What whoever joins through its directory is kept to. */
  joinScope: scopeSchema.nullable(),
};
const keySchema = z.object({
  id: z.string(),
  name: z.string(),
  hint: z.string(),
  permissions: z.array(z.string()),
  createdAt: z.string(),
  expiresAt: z.string(),
  lastUsedAt: z.string().nullable(),
  state: z.enum(['live', 'expired', 'revoked', 'quarantined']),
});
const shownKeySchema = keySchema.extend({ token: z.string() });
/** A year at most: a key that nobody renews is a key that nobody remembers. */
const keyBody = z.strictObject({
  name: nameSchema,
  permissions: permissionsSchema,
  days: z.number().int().min(1).max(366).default(90),
});
const keyParams = z.strictObject({ id: idSchema, keyId: idSchema });

function accountBody(account: ServiceAccount) {
  return { ...account, limits: [...account.limits], createdAt: account.createdAt.toISOString() };
}

function stateOf(key: ListedKey, now: Date) {
  if (key.revokedAt) return 'revoked' as const;
  if (key.expiresAt <= now) return 'expired' as const;
  return key.quarantinedAt ? ('quarantined' as const) : ('live' as const);
}

function keyBodyOf(key: ListedKey, now: Date) {
  const { id, name, hint, permissions } = key;
  const [createdAt, expiresAt] = [key.createdAt.toISOString(), key.expiresAt.toISOString()];
  const lastUsedAt = key.lastUsedAt?.toISOString() ?? null;
  return { id, name, hint, permissions, createdAt, expiresAt, lastUsedAt, state: stateOf(key, now) };
}

const shownBody = (key: ShownKey, now: Date) => ({ ...keyBodyOf(key, now), token: key.token });

/** `/service-accounts` with their keys, and `/auth/keys`: one's own. */
export function serviceAccountRoutes(parts: SecurityParts, keys: KeyCache): AnyRoute[] {
  return [...accountRoutes(keys), ...accountKeyRoutes(parts, keys), ...ownKeyRoutes(parts, keys)];
}

function accountRoutes(keys: KeyCache): AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/service-accounts',
      summary: 'Programs that call the API',
      access: 'integrations:read',
      answers: { 200: pageOf(accountSchema) },
      handle: async (context) => {
        const accounts = await context.db.read(context, listServiceAccounts);
        return { body: { items: accounts.map(accountBody), nextCursor: null } };
      },
    }),
    route({
      method: 'POST',
      path: '/service-accounts',
      summary: 'Add a program that calls the API, with no more than you may do yourself',
      access: 'users:manage',
      proof: 'recent',
      body: z.strictObject({
        ...{ name: nameSchema, permissions: permissionsSchema, scope: reachShape.scope },
        ...{ limits: reachShape.limits.default([]), joinScope: reachShape.joinScope.default(null) },
      }),
      answers: { 201: accountSchema },
      handle: async (context, { body }) => {
        const account = await createServiceAccount(context, body);
        return { version: account.version, body: accountBody(account) };
      },
    }),
    route({
      method: 'PATCH',
      path: '/service-accounts/:id',
      summary: 'Change what a service account may do and with what, or disable it; its keys follow',
      access: 'users:manage',
      proof: 'recent',
      params: idParams,
      body: z
        .strictObject({ permissions: permissionsSchema, ...reachShape, disabled: z.boolean() })
        .partial()
        .refine((change) => Object.keys(change).length > 0, 'must change something'),
      answers: { 200: accountSchema },
      handle: async (context, { params, body, ifMatch }) => {
        const account = await changeServiceAccount(context, params.id, body, ifMatch);
        keys.clear();
        return { version: account.version, body: accountBody(account) };
      },
    }),
  ];
}

function accountKeyRoutes(parts: SecurityParts, keys: KeyCache): AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/service-accounts/:id/keys',
      summary: 'The keys of a service account, never the keys themselves',
      access: 'integrations:read',
      params: idParams,
      answers: { 200: pageOf(keySchema) },
      handle: async (context, { params }) => {
        const found = await context.db.read(context, async (tx) => {
          const accounts = await listServiceAccounts(tx);
          if (!accounts.some(({ id }) => id === params.id)) return undefined;
          return listKeys(tx, { serviceAccountId: params.id });
        });
        const items = (found ?? notFound('service account', params.id)).map((key) => keyBodyOf(key, parts.clock.now()));
        return { body: { items, nextCursor: null } };
      },
    }),
    route({
      method: 'POST',
      path: '/service-accounts/:id/keys',
      summary: 'Make a key; it is shown in this answer only',
      access: 'users:manage',
      proof: 'recent',
      secretAnswer: true,
      params: idParams,
      body: keyBody,
      answers: { 201: shownKeySchema },
      handle: async (context, { params, body }) => ({
        body: shownBody(await createKey(context, { serviceAccountId: params.id }, body), parts.clock.now()),
      }),
    }),
    route({
      method: 'POST',
      path: '/service-accounts/:id/keys/:keyId/rotate',
      summary: 'Replace a key by a fresh one; the old one works for one more day',
      access: 'users:manage',
      proof: 'recent',
      secretAnswer: true,
      params: keyParams,
      answers: { 201: shownKeySchema },
      handle: async (context, { params }) => ({
        body: shownBody(await rotateKey(context, { serviceAccountId: params.id }, params.keyId), parts.clock.now()),
      }),
    }),
    route({
      method: 'DELETE',
      path: '/service-accounts/:id/keys/:keyId',
      summary: 'Revoke a key: it opens nothing within 5 s',
      access: 'users:manage',
      params: keyParams,
      answers: { 204: null },
      handle: async (context, { params }) => {
        await revokeKey(context, { serviceAccountId: params.id }, params.keyId);
        keys.clear();
        return { status: 204 };
      },
    }),
  ];
}

function ownKeyRoutes(parts: SecurityParts, keys: KeyCache): AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/auth/keys',
      summary: 'One’s own API keys, never the keys themselves',
      access: 'authenticated',
      answers: { 200: pageOf(keySchema) },
      handle: async (context) => {
        const own = await context.db.read(context, (tx) => listKeys(tx, { personId: context.actor.id }));
        return { body: { items: own.map((key) => keyBodyOf(key, parts.clock.now())), nextCursor: null } };
      },
    }),
    route({
      method: 'POST',
      path: '/auth/keys',
      summary: 'Make a key of one’s own, with no more than one may do; it is shown in this answer only',
      access: 'authenticated',
      proof: 'recent',
      secretAnswer: true,
      body: keyBody,
      answers: { 201: shownKeySchema },
      handle: async (context, { body }) => ({
        body: shownBody(await createKey(context, { personId: context.actor.id }, body), parts.clock.now()),
      }),
    }),
    route({
      method: 'DELETE',
      path: '/auth/keys/:id',
      summary: 'Revoke one’s own key',
      access: 'authenticated',
      params: idParams,
      answers: { 204: null },
      handle: async (context, { params }) => {
        await revokeKey(context, { personId: context.actor.id }, params.id);
        keys.clear();
        return { status: 204 };
      },
    }),
  ];
}
