import { z } from 'zod';
import type { Context } from '#context';
import { type AnyRoute, dateSchema, idParams, idSchema, listQueryShape, pageOf, route, slicePage } from '#http';
import { findProducts } from '#master-data';
import { findPrediction, formulaVersion, openEventFigures, type PostEvent, readPostEvent } from '#performance';
import { notFound } from '#problem';
import { findPeople } from '#security';
import { changesBetween } from './domain/amendment.ts';
import { promotionStates } from './domain/promotion-state.ts';
import { asOfSchema, changeSchema, readPromotion } from './promotion-answers.ts';
import { findPromotion } from './promotion-store.ts';
import { firstVersion, listHistory, listVersions, promotionAsOf } from './version-store.ts';

/** The measurement of a promotion, or `pending` with what it waits for; as it was known at `asOf` where given. */
async function postEventOf(
  context: Context,
  id: string,
  which: { version?: number | undefined; asOf?: string | undefined },
): Promise<PostEvent> {
  return context.db.read(context, async (tx) => {
    const { version, asOf } = which;
    const promotion = (await (asOf ? promotionAsOf(tx, id, asOf) : findPromotion(tx, id))) ?? notFound('promotion', id);
    const measured = await readPostEvent(tx, id, version, asOf);
    if (measured) return measured;
    if (version !== undefined) notFound('measurement', String(version));
    const over = ['ended', 'in_settlement', 'closed'].includes(promotion.state);
    return {
      promotionId: id,
      state: 'pending',
      measurementVersion: null,
      measuredAt: null,
      baselineVersion: null,
      formulaVersion,
      reason: over
        ? 'The sales of the event have not all arrived yet.'
        : `The promotion is ${promotion.state}; it is measured after its end.`,
      predicted: await findPrediction(tx, id, asOf),
      actual: null,
      weeks: [],
      figures: null,
      verdict: null,
      notes: [],
    };
  });
}

/** A measurement as it is answered: its figures lead to their rows and to each other. */
function openMeasurement(result: PostEvent): PostEvent {
  const { promotionId, measurementVersion, figures } = result;
  if (!figures) return result;
  const place = (part: string) => `/api/v1/promotions/${promotionId}/post-event${part}?version=${measurementVersion}`;
  return {
    ...result,
    figures: openEventFigures(figures, { answer: place(''), weeks: place('/weeks') }) as typeof figures,
  };
}

/** The weekly facts that a measurement was made of; by week only where it is of before they were kept by product. */
async function measuredWeeks(context: Context, id: string, version: number | undefined) {
  const { facts, weeks } = await postEventOf(context, id, { version });
  if (!facts) {
    return weeks
      .filter(({ phase }) => phase === 'event')
      .map(({ weekStart, baselineUnits, actualUnits }) => ({ weekStart, product: '', baselineUnits, actualUnits }));
  }
  const ids = [...new Set(facts.map(({ productId }) => productId))];
  const products = await context.db.read(context, (tx) => findProducts(tx, { ids }));
  const names = new Map(products.map(({ id: of, name }) => [of, name]));
  return facts.map(({ weekStart, productId, ...fact }) => ({
    ...{ weekStart, product: names.get(productId) ?? '', productId, ...fact },
  }));
}

const measuredWeekSchema = z.object({
  ...{ weekStart: dateSchema, product: z.string(), productId: idSchema.optional() },
  ...{ baselineUnits: z.string(), actualUnits: z.string().nullable(), incrementalUnits: z.string().optional() },
  missingSeries: z.int().optional().describe('Series without a fact in the week: they stand at the event’s own ratio'),
});

const versionShape = { version: z.coerce.number().int().min(1).max(100_000).optional() };

async function historyOf(context: Context, id: string) {
  return context.db.read(context, async (tx) => {
    if (!(await findPromotion(tx, id))) notFound('promotion', id);
    const entries = await listHistory(tx, id);
    const people = await findPeople(tx, { ids: [...new Set(entries.map((entry) => entry.actorId))] });
    const nameOf = (actorId: string) => people.find((person) => person.id === actorId)?.name ?? 'TRADEAI';
    return entries.map(({ action, detail, actorId, at }) => ({
      at: at.toISOString(),
      actorName: nameOf(actorId),
      action,
      detail,
    }));
  });
}

/** Every version with what it changed of the one before. */
async function versionsOf(context: Context, id: string) {
  await readPromotion(context, id);
  const versions = await context.db.read(context, (tx) => listVersions(tx, id));
  return versions.map((one, place) => {
    const before = versions[place - 1];
    return {
      ...one,
      recordedAt: one.recordedAt.toISOString(),
      changes: before ? changesBetween(before.body, one.body) : [],
    };
  });
}

/** What changed of a promotion between two instants, by the versions that stood then. */
async function changesOf(context: Context, id: string, from: string | undefined, to: string | undefined) {
  const after = await readPromotion(context, id, to);
  const before = from
    ? await readPromotion(context, id, from)
    : await context.db.read(context, async (tx) => (await firstVersion(tx, id)) ?? notFound('promotion', id));
  return { from: before.version, to: after.version, items: changesBetween(before, after) };
}

/** What was, and what happened: every past state of a promotion stays readable. */
export const historyRoutes: AnyRoute[] = [
  route({
    method: 'GET',
    path: '/promotions/:id/versions',
    summary: 'Every version that was ever saved, with what it changed',
    access: 'promotions:read',
    params: idParams,
    answers: {
      200: z.object({
        items: z.array(
          z.object({
            version: z.int(),
            state: z.enum(promotionStates),
            body: z.record(z.string(), z.unknown()),
            changes: z.array(changeSchema),
            recordedBy: idSchema,
            recordedAt: z.iso.datetime(),
          }),
        ),
      }),
    },
    handle: async (context, { params }) => ({ body: { items: await versionsOf(context, params.id) } }),
  }),
  route({
    method: 'GET',
    path: '/promotions/:id/changes',
    summary: 'What changed between two instants, field by field: from its creation, and to now, where they are absent',
    access: 'promotions:read',
    params: idParams,
    query: z.strictObject({ from: asOfSchema, to: asOfSchema }),
    answers: { 200: z.object({ from: z.int(), to: z.int(), items: z.array(changeSchema) }) },
    handle: async (context, { params, query }) => ({
      body: await changesOf(context, params.id, query.from, query.to),
    }),
  }),
  route({
    method: 'GET',
    path: '/promotions/:id/history',
    summary: 'What happened to the promotion, oldest first',
    access: 'promotions:read',
    params: idParams,
    answers: {
      200: z.object({
        items: z.array(
          z.object({ at: z.iso.datetime(), actorName: z.string(), action: z.string(), detail: z.string() }),
        ),
      }),
    },
    handle: async (context, { params }) => ({ body: { items: await historyOf(context, params.id) } }),
  }),
  route({
    method: 'GET',
    path: '/promotions/:id/post-event',
    summary: 'What the promotion really earned, beside what was predicted',
    access: 'promotions:read',
    params: idParams,
    query: z.strictObject({ ...versionShape, asOf: asOfSchema }),
    answers: { 200: z.record(z.string(), z.unknown()) },
    handle: async (context, { params, query }) => ({
      body: openMeasurement(await postEventOf(context, params.id, query)),
    }),
  }),
  route({
    method: 'GET',
    path: '/promotions/:id/post-event/weeks',
    summary: 'The rows behind a measurement: what each product sold in each week of the event, and its baseline',
    access: 'promotions:read',
    params: idParams,
    query: z.strictObject({ ...versionShape, limit: listQueryShape.limit, cursor: listQueryShape.cursor }),
    answers: { 200: pageOf(measuredWeekSchema) },
    handle: async (context, { params, query }) => ({
      body: slicePage(await measuredWeeks(context, params.id, query.version), query),
    }),
  }),
];
