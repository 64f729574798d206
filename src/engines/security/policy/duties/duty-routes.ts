import { z } from 'zod';
import { instantOf, todayIn } from '#clock';
import type { Context } from '#context';
import { sql } from '#db';
import { addDays } from '#fiscal-calendar';
import { type AnyRoute, dateSchema, idParams, idSchema, listQueryShape, nameSchema, pageOf, route } from '#http';
import { findPeople } from '../../people/people.ts';
import { serviceAccountNames } from '../../service-accounts/api-key-store.ts';
import { listRoles } from '../role-store.ts';
import { type DutyException, exceptionStates, exceptionsInForce, listExceptions } from './duty-exception-store.ts';
import { conflictsHeld, type KnownConflict, knownConflicts } from './duty-matrix.ts';
import { type DutyBreach, findBreaches, mostBreaches } from './duty-report-store.ts';
import { askException, decideException, endException } from './except-duty.ts';

const dutySchema = z.object({ code: z.string(), name: z.string(), permissions: z.array(z.string()) });
const conflictCodeSchema = z
  .string()
  .max(100)
  .regex(/^[a-z.-]+$/, 'must be the code of a conflict: promotion.make-approve');
const conflictSchema = z.object({
  code: z.string(),
  first: dutySchema,
  second: dutySchema,
  risk: z.string(),
  recordType: z.string().nullable(),
  onRecord: z.enum(['refused', 'reported']),
  inRoles: z.enum(['refused', 'shown']),
  /** Roles that open both sides. */
  roles: z.array(z.string()),
  /** Active people who can do both. */
  people: z.array(
    z.object({
      id: idSchema,
      name: z.string(),
      first: z.array(z.string()),
      second: z.array(z.string()),
      exceptionId: idSchema.nullable(),
    }),
  ),
});
const exceptionSchema = z.object({
  id: idSchema,
  personId: idSchema,
  personName: z.string(),
  conflict: z.string(),
  reason: z.string(),
  state: z.enum(exceptionStates),
  expiresOn: dateSchema,
  askedBy: z.string(),
  askedAt: z.iso.datetime(),
  decidedBy: z.string().nullable(),
  decidedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  version: z.int(),
});
const breachSchema = z.object({
  conflict: z.string(),
  personId: idSchema,
  personName: z.string(),
  recordType: z.string(),
  recordId: z.string(),
  firstAt: z.iso.datetime(),
  firstAction: z.string(),
  secondAt: z.iso.datetime(),
  secondAction: z.string(),
  /** The programs of theirs that did it; null where they did it themselves. */
  firstThrough: z.string().nullable(),
  secondThrough: z.string().nullable(),
  exceptionId: idSchema.nullable(),
});

const dutyJson = ({ code, name, permissions }: KnownConflict['first']) => ({
  code,
  name,
  permissions: [...permissions],
});

async function matrix(context: Context) {
  return context.db.read(context, async (tx) => {
    const people = (await findPeople(tx, {})).filter(({ active }) => active);
    const roles = await listRoles(tx);
    const exceptions = await exceptionsInForce(tx);
    const heldBy = people.map((person) => ({ person, held: conflictsHeld(person.permissions) }));
    return knownConflicts().map((conflict) => ({
      ...conflict,
      first: dutyJson(conflict.first),
      second: dutyJson(conflict.second),
      roles: roles
        .filter((role) => conflictsHeld(new Set(role.permissions)).some((one) => one.conflict === conflict))
        .map(({ code }) => code),
      people: heldBy.flatMap(({ person: { id, name }, held }) => {
        const found = held.find((one) => one.conflict === conflict);
        const exception = exceptions.find((one) => one.personId === id && one.conflict === conflict.code);
        return found
          ? [{ id, name, first: found.first, second: found.second, exceptionId: exception?.id ?? null }]
          : [];
      }),
    }));
  });
}

async function withNames(context: Context, exceptions: readonly DutyException[]) {
  const ids = exceptions.flatMap(({ personId, askedBy, decidedBy }) => [
    personId,
    askedBy,
    ...(decidedBy ? [decidedBy] : []),
  ]);
  const people = await context.db.read(context, (tx) => findPeople(tx, { ids: [...new Set(ids)] }));
  const names = new Map(people.map(({ id, name }) => [id, name]));
  const nameOf = (id: string) => names.get(id) ?? id;
  return exceptions.map((one) => ({
    ...one,
    personName: nameOf(one.personId),
    askedBy: nameOf(one.askedBy),
    decidedBy: one.decidedBy && nameOf(one.decidedBy),
    askedAt: one.askedAt.toISOString(),
    decidedAt: one.decidedAt?.toISOString() ?? null,
    endedAt: one.endedAt?.toISOString() ?? null,
  }));
}

async function answer(context: Context, exception: DutyException) {
  const [body] = await withNames(context, [exception]);
  return { version: exception.version, body };
}

async function report(
  context: Context,
  query: { from?: string | undefined; to?: string | undefined; conflict?: string | undefined },
) {
  const { tenant, clock } = context;
  const from = instantOf(query.from ?? '1900-01-01', tenant.timeZone);
  const to = instantOf(addDays(query.to ?? todayIn(clock, tenant.timeZone), 1), tenant.timeZone);
  return context.db.read(context, async (tx) => {
    const wanted = knownConflicts().filter(
      ({ code, recordType }) => recordType !== null && (query.conflict === undefined || code === query.conflict),
    );
    const breaches: DutyBreach[] = [];
    for (const conflict of wanted) breaches.push(...(await findBreaches(tx, conflict, { from, to })));
    const people = await findPeople(tx, { ids: [...new Set(breaches.map(({ personId }) => personId))] });
    const names = new Map(people.map(({ id, name }) => [id, name]));
    const through = await serviceAccountNames(
      tx,
      breaches.flatMap(({ firstActorId, secondActorId }) => [firstActorId, secondActorId]),
    );
    const items = breaches.map(({ firstActorId, secondActorId, ...breach }) => ({
      ...breach,
      firstThrough: through.get(firstActorId) ?? null,
      secondThrough: through.get(secondActorId) ?? null,
      personName: names.get(breach.personId) ?? breach.personId,
      firstAt: breach.firstAt.toISOString(),
      secondAt: breach.secondAt.toISOString(),
    }));
    const cut = wanted.filter(({ code }) => breaches.filter((one) => one.conflict === code).length === mostBreaches);
    return { checked: wanted.map(({ code }) => code), incomplete: cut.map(({ code }) => code), items };
  });
}

/** `/compliance/duties`: the matrix of conflicting duties, who could do both, who did, and exceptions. */
export const dutyRoutes: AnyRoute[] = [
  route({
    method: 'GET',
    path: '/compliance/duties',
    summary: 'Duties that one person is not to hold together, with the roles and people who do',
    access: 'audit:read',
    answers: { 200: z.object({ items: z.array(conflictSchema), nextCursor: z.null() }) },
    handle: async (context) => ({ body: { items: await matrix(context), nextCursor: null } }),
  }),
  route({
    method: 'GET',
    path: '/compliance/duties/report',
    summary: 'Who did both sides of a conflict with the same record, as the audit trail tells it',
    access: 'audit:read',
    query: z.strictObject({
      from: dateSchema.optional(),
      to: dateSchema.optional(),
      conflict: conflictCodeSchema.optional(),
    }),
    answers: {
      200: z.object({
        /** Conflicts that were looked for. */
        checked: z.array(z.string()),
        /** Conflicts of which there are more than the report shows. */
        incomplete: z.array(z.string()),
        items: z.array(breachSchema),
      }),
    },
    handle: async (context, { query }) => ({ body: await report(context, query) }),
  }),
  route({
    method: 'GET',
    path: '/compliance/duties/exceptions',
    summary: 'Exceptions from the separation of duties, the latest first',
    access: 'audit:read',
    query: z.strictObject({ ...listQueryShape, state: z.enum(exceptionStates).optional() }),
    answers: { 200: pageOf(exceptionSchema) },
    handle: async (context, { query }) => {
      const where = query.state ? [sql`exception.state = ${query.state}`] : [];
      const page = await context.db.read(context, (tx) => listExceptions(tx, query, where));
      return { body: { ...page, items: await withNames(context, page.items) } };
    },
  }),
  route({
    method: 'POST',
    path: '/compliance/duties/exceptions',
    summary: 'Ask for an exception: somebody else decides, and it ends by itself',
    access: 'users:manage',
    body: z.strictObject({
      personId: idSchema,
      conflict: conflictCodeSchema,
      reason: nameSchema,
      expiresOn: dateSchema,
    }),
    answers: { 201: exceptionSchema },
    handle: async (context, { body }) => answer(context, await askException(context, body)),
  }),
  route({
    method: 'POST',
    path: '/compliance/duties/exceptions/:id/decide',
    summary: 'Grant or refuse an exception that somebody else asked for, for somebody else',
    access: 'users:manage',
    proof: 'recent',
    params: idParams,
    body: z.strictObject({ outcome: z.enum(['granted', 'refused']), comment: nameSchema.optional() }),
    answers: { 200: exceptionSchema },
    handle: async (context, { params, body, ifMatch }) =>
      answer(context, await decideException(context, params.id, ifMatch, body)),
  }),
  route({
    method: 'POST',
    path: '/compliance/duties/exceptions/:id/end',
    summary: 'End an exception before its day',
    access: 'users:manage',
    params: idParams,
    answers: { 200: exceptionSchema },
    handle: async (context, { params, ifMatch }) => answer(context, await endException(context, params.id, ifMatch)),
  }),
];
