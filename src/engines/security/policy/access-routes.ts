import { z } from 'zod';
import { instantOf, todayIn } from '#clock';
import type { Context } from '#context';
import { addDays } from '#fiscal-calendar';
import { type AnyRoute, dateSchema, idParams, moneySchema, route } from '#http';
import { Problem } from '#problem';
import { findPeople } from '../people/people.ts';
import { limitBody } from '../sign-in/sign-in.ts';
import { type RightsThen, rightsAt, rightsHistory } from './access-review-store.ts';
import { permissionMatrix } from './permission-matrix.ts';
import { amountLimitSchema, scopeSchema } from './policy-schemas.ts';
import { type ReviewedProgram, reviewPrograms } from './review-programs.ts';
import { listRoles } from './role-store.ts';

const rightsSchema = z.object({
  personId: z.string(),
  roles: z.array(z.string()),
  permissions: z.array(z.string()),
  approvalLimit: moneySchema.nullable(),
  scope: scopeSchema,
  limits: z.array(amountLimitSchema),
  active: z.boolean(),
  since: z.iso.datetime(),
  /** True where the history begins with it: it may have stood otherwise before. */
  seeded: z.boolean(),
});

const makerSchema = z.object({ id: z.string(), name: z.string(), active: z.boolean() });
const programSchema = rightsSchema.omit({ personId: true, roles: true, approvalLimit: true }).extend({
  id: z.string(),
  name: z.string(),
  createdAt: z.iso.datetime(),
  madeBy: makerSchema,
  /** Whoever made it may not come in any more: somebody has to answer for it. */
  orphaned: z.boolean(),
  /** Those that were neither revoked nor expired. */
  keys: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      hint: z.string(),
      permissions: z.array(z.string()),
      createdAt: z.iso.datetime(),
      expiresAt: z.iso.datetime(),
      lastUsedAt: z.iso.datetime().nullable(),
      quarantined: z.boolean(),
      madeBy: makerSchema,
      /** Whoever has read it may not come in any more: it is to be rotated or revoked. */
      rotate: z.boolean(),
    }),
  ),
});

const matrixSchema = z.object({
  roles: z.array(z.object({ code: z.string(), name: z.string(), predefined: z.boolean() })),
  items: z.array(
    z.object({
      permission: z.string(),
      meaning: z.string(),
      heldBy: z.array(z.string()),
      limited: z.boolean(),
    }),
  ),
});

function rightsJson({ permissions, approvalLimit, since, ...rest }: RightsThen) {
  return {
    ...rest,
    permissions: [...permissions].sort(),
    approvalLimit: limitBody(approvalLimit),
    since: since.toISOString(),
  };
}

function programJson({ since, createdAt, permissions, keys, ...rest }: ReviewedProgram) {
  return {
    ...rest,
    permissions: [...permissions].sort(),
    since: since.toISOString(),
    createdAt: createdAt.toISOString(),
    keys: keys.map((key) => ({
      ...key,
      createdAt: key.createdAt.toISOString(),
      expiresAt: key.expiresAt.toISOString(),
      lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    })),
  };
}

/** The end of a day in the tenant's time zone, or now where that has not come yet. */
function endOf({ clock, tenant }: Context, on: string | undefined): { on: string; at: Date } {
  const today = todayIn(clock, tenant.timeZone);
  if (on === undefined || on === today) return { on: today, at: clock.now() };
  if (on > today) throw new Problem('request.malformed', { errors: [{ path: 'on', message: 'has not come yet' }] });
  return { on, at: new Date(instantOf(addDays(on, 1), tenant.timeZone).getTime() - 1) };
}

async function review(context: Context, asked: string | undefined) {
  const { on, at } = endOf(context, asked);
  return context.db.read(context, async (tx) => {
    const rights = await rightsAt(tx, at);
    const people = await findPeople(tx, { ids: rights.map(({ personId }) => personId) });
    const byId = new Map(rights.map((one) => [one.personId, one]));
    // In the order of their names, as people look for them.
    const items = people.flatMap(({ id, name }) => {
      const one = byId.get(id);
      return one ? [{ name, ...rightsJson(one) }] : [];
    });
    const programs = (await reviewPrograms(tx, at, rights)).map(programJson);
    return { on, at: at.toISOString(), items, programs };
  });
}

/** `/compliance/access-review` and `/compliance/permission-matrix`. */
export const accessRoutes: AnyRoute[] = [
  route({
    method: 'GET',
    path: '/compliance/access-review',
    summary: 'Which people and programs had which rights at the end of a day, today where none is named',
    access: 'audit:read',
    query: z.strictObject({ on: dateSchema.optional() }),
    answers: {
      200: z.object({
        on: dateSchema,
        at: z.iso.datetime(),
        items: z.array(rightsSchema.extend({ name: z.string() })),
        programs: z.array(programSchema),
      }),
    },
    handle: async (context, { query }) => ({ body: await review(context, query.on) }),
  }),
  route({
    method: 'GET',
    path: '/compliance/access-review/people/:id',
    summary: 'What became of one person’s rights, the latest first',
    access: 'audit:read',
    params: idParams,
    answers: { 200: z.object({ items: z.array(rightsSchema), nextCursor: z.null() }) },
    handle: async (context, { params }) => {
      const items = await context.db.read(context, async (tx) => {
        const [person] = await findPeople(tx, { ids: [params.id] });
        if (!person) throw new Problem('not_found', { detail: `There is no person ${params.id}.` });
        return rightsHistory(tx, params.id);
      });
      return { body: { items: items.map(rightsJson), nextCursor: null } };
    },
  }),
  route({
    method: 'GET',
    path: '/compliance/permission-matrix',
    summary: 'The permissions over the predefined roles and the tenant’s own, with what each lets somebody do',
    access: 'audit:read',
    answers: { 200: matrixSchema },
    handle: async (context) => {
      const roles = await context.db.read(context, (tx) => listRoles(tx));
      return {
        body: {
          roles: roles.map(({ code, name, predefined }) => ({ code, name, predefined })),
          items: permissionMatrix(roles),
        },
      };
    },
  }),
];
