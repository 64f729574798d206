import { z } from 'zod';
import { todayIn } from '#clock';
import type { Context } from '#context';
import { sql } from '#db';
import { type AnyRoute, dateSchema, idParams, idSchema, listQueryShape, moneyAnswerSchema, pageOf, route } from '#http';
import { toJson } from '#money';
import { type Absence, listAbsences } from './absence-store.ts';
import { forecastGaps, type Gap } from './forecast.ts';
import { changeAbsence, endAbsence, managesPeople, type SavedAbsence, setAbsence } from './set-absence.ts';

const scopeSchema = z.strictObject({
  customers: z.array(idSchema).min(1).max(200).nullable(),
  products: z.array(idSchema).min(1).max(200).nullable(),
});
const absenceShape = {
  ...{ id: idSchema, personId: idSchema, substituteId: idSchema.nullable() },
  ...{ startsOn: dateSchema, endsOn: dateSchema },
  /** A part of what they decide is handed over; they are not away. */
  partial: z.boolean(),
  /** That part; null: everything, or it is not the caller's to see. */
  scope: scopeSchema.nullable(),
  state: z.enum(['coming', 'running', 'over']),
  version: z.int(),
};
const absenceSchema = z.object(absenceShape);

const gapSchema = z.object({
  ...{ definition: z.string(), step: z.string(), title: z.string() },
  ...{ taskId: idSchema.nullable(), instanceId: idSchema.nullable() },
  ...{ from: z.iso.datetime(), until: z.iso.datetime().nullable(), away: z.array(idSchema) },
  /** The first and the last day of it where the tenant is. */
  ...{ startsOn: dateSchema, endsOn: dateSchema.nullable() },
  /** The most that who is left may decide; null: nobody is left. */
  upTo: moneyAnswerSchema.nullable(),
});
const savedSchema = absenceSchema.extend({
  /** Steps that known absences would leave to nobody, this one among them. */
  gaps: z.array(gapSchema),
});

function absenceJson(one: Absence, context: Context) {
  const { id, personId, substituteId, startsOn, endsOn, version } = one;
  const now = context.clock.now();
  const isOver = one.endedAt !== null || one.endsAt <= now;
  const state = isOver ? 'over' : one.beginsAt <= now ? 'running' : 'coming';
  const isOwn = [personId, substituteId].includes(context.actor.id) || managesPeople(context);
  const part = { partial: one.scope !== null, scope: isOwn ? one.scope : null };
  return { id, personId, substituteId, startsOn, endsOn, ...part, state, version };
}

/** The business date that an instant falls on. */
const dayOf = (at: Date, { tenant }: Context) => todayIn({ now: () => at }, tenant.timeZone);

const gapJson = (gap: Gap, context: Context): z.infer<typeof gapSchema> => ({
  ...gap,
  startsOn: dayOf(gap.from, context),
  endsOn: gap.until && dayOf(new Date(gap.until.getTime() - 1), context),
  ...{ from: gap.from.toISOString(), until: gap.until?.toISOString() ?? null },
  upTo: gap.upTo && toJson(gap.upTo),
});

const answerSaved = ({ absence, gaps }: SavedAbsence, context: Context) => ({
  version: absence.version,
  body: { ...absenceJson(absence, context), gaps: gaps.map((gap) => gapJson(gap, context)) },
});

const datesAndSubstitute = { substituteId: idSchema.nullable(), startsOn: dateSchema, endsOn: dateSchema };

/** When people are away, who stands in, and what that leaves to nobody. */
export const absenceRoutes: readonly AnyRoute[] = [
  route({
    method: 'GET',
    path: '/absences',
    summary:
      'List absences and delegations: those of oneself and those that one stands in for, or with mine=false of all',
    access: 'workflows:act',
    query: z.strictObject({
      ...listQueryShape,
      mine: z.enum(['true', 'false']).default('true'),
      state: z.enum(['open', 'all']).default('open'),
      personId: idSchema.optional(),
    }),
    answers: { 200: pageOf(absenceSchema) },
    handle: async (context, { query }) => {
      const now = context.clock.now();
      const own = context.actor.id;
      const where = [
        ...(query.mine === 'true' ? [sql`(absence.person_id = ${own} or absence.substitute_id = ${own})`] : []),
        ...(query.state === 'open' ? [sql`absence.ended_at is null and absence.ends_at > ${now}`] : []),
        ...(query.personId === undefined ? [] : [sql`absence.person_id = ${query.personId}`]),
      ];
      const page = await context.db.read(context, (tx) => listAbsences(tx, query, where));
      return { body: { items: page.items.map((one) => absenceJson(one, context)), nextCursor: page.nextCursor } };
    },
  }),
  route({
    method: 'POST',
    path: '/absences',
    summary: 'Say that one is away and who stands in, or hand over a part; for others by who manages people',
    access: 'workflows:act',
    body: z.strictObject({
      ...{ personId: idSchema.optional(), ...datesAndSubstitute },
      scope: scopeSchema.nullable().default(null),
    }),
    answers: { 201: savedSchema },
    handle: async (context, { body: { personId = context.actor.id, ...said } }) =>
      answerSaved(await setAbsence(context, { ...said, personId }), context),
  }),
  route({
    method: 'PATCH',
    path: '/absences/:id',
    summary: 'Change who stands in, or the days',
    access: 'workflows:act',
    params: idParams,
    body: z.strictObject(datesAndSubstitute).partial(),
    answers: { 200: savedSchema },
    handle: async (context, { params, body, ifMatch }) =>
      answerSaved(await changeAbsence(context, params.id, body, ifMatch), context),
  }),
  route({
    method: 'POST',
    path: '/absences/:id/end',
    summary: 'Say that one is back, or never goes: tasks return at once',
    access: 'workflows:act',
    params: idParams,
    answers: { 200: absenceSchema },
    handle: async (context, { params }) => {
      const absence = await endAbsence(context, params.id);
      return { version: absence.version, body: absenceJson(absence, context) };
    },
  }),
  route({
    method: 'GET',
    path: '/workflows/forecast',
    summary: 'What known absences of the next 30 days leave to nobody, or to people who may decide less',
    access: 'workflows:design',
    answers: { 200: z.object({ until: z.iso.datetime(), items: z.array(gapSchema) }) },
    handle: async (context) => {
      const { until, gaps } = await context.db.read(context, forecastGaps);
      return { body: { until: until.toISOString(), items: gaps.map((gap) => gapJson(gap, context)) } };
    },
  }),
];
