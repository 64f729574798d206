import { z } from 'zod';
import { type AnyRoute, dateSchema, idParams, idSchema, listQueryShape, noteSchema, pageOf, route } from '#http';
import { type AgreementJson, versionJson } from './agreement-json.ts';
import { findConditions } from './condition-store.ts';
import { agreeTerms, declineTerms } from './decide-terms.ts';
import { draftAgreement, draftChange, type TermsContent } from './draft-terms.ts';
import type { TermsPorts } from './ports.ts';
import { readAgreement, readAgreements, readAttainment } from './read-agreements.ts';
import { readWaterfall } from './read-waterfall.ts';
import { recordCondition } from './record-condition.ts';
import {
  agreementBody,
  agreementSchema,
  attainmentSchema,
  changeBody,
  conditionBody,
  conditionSchema,
  versionSchema,
  waterfallRowSchema,
  waterfallSchema,
} from './terms-schemas.ts';
import { findVersions } from './terms-store.ts';
import { readWaterfallRows } from './waterfall-rows.ts';

const asOfSchema = z.iso.datetime().optional();
const instant = (asOf: string | undefined) => (asOf ? new Date(asOf) : undefined);
const answered = (agreement: AgreementJson) => ({ version: agreement.version, body: agreement });

const agreementRoutes: readonly AnyRoute[] = [
  route({
    method: 'GET',
    path: '/terms',
    summary: 'List agreements, those of a customer with what stands above and below it; as of a past instant',
    access: 'funds:read',
    query: z.strictObject({
      ...listQueryShape,
      ...{ customerId: idSchema.optional(), search: z.string().max(100).optional(), asOf: asOfSchema },
      open: z.stringbool().optional(),
    }),
    answers: { 200: pageOf(agreementSchema) },
    handle: async (context, { query: { customerId, search, open, asOf, ...request } }) => ({
      body: await context.db.read(context, (tx) =>
        readAgreements(tx, { customerId, search, open }, request, instant(asOf)),
      ),
    }),
  }),
  route({
    method: 'POST',
    path: '/terms',
    summary: 'Draft an agreement; it counts once somebody else agrees',
    access: 'promotions:create',
    body: agreementBody,
    answers: { 201: agreementSchema },
    handle: async (context, { body }) => answered(await draftAgreement(context, body)),
  }),
  route({
    method: 'GET',
    path: '/terms/:id',
    summary: 'Read an agreement, now or as of a past instant',
    access: 'funds:read',
    params: idParams,
    query: z.strictObject({ asOf: asOfSchema }),
    answers: { 200: agreementSchema },
    handle: async (context, { params, query }) =>
      answered(await context.db.read(context, (tx) => readAgreement(tx, params.id, instant(query.asOf)))),
  }),
  route({
    method: 'PATCH',
    path: '/terms/:id',
    summary: 'Draft the next version of an agreement; what is in force stays until somebody else agrees',
    access: 'promotions:create',
    params: idParams,
    body: changeBody,
    answers: { 200: agreementSchema },
    handle: async (context, { params, body, ifMatch }) => {
      const stated = Object.entries(body).filter(([, value]) => value !== undefined);
      const change = Object.fromEntries(stated) as Partial<TermsContent>;
      return answered(await draftChange(context, params.id, ifMatch, change));
    },
  }),
  route({
    method: 'POST',
    path: '/terms/:id/agree',
    summary: 'Agree to the draft that somebody else wrote: it is in force from now on',
    access: 'funds:approve',
    params: idParams,
    answers: { 200: agreementSchema },
    handle: async (context, { params, ifMatch }) => answered(await agreeTerms(context, params.id, ifMatch)),
  }),
  route({
    method: 'POST',
    path: '/terms/:id/decline',
    summary: 'Decline the draft; what is in force stays',
    access: 'funds:approve',
    params: idParams,
    body: z.strictObject({ reason: noteSchema.default('') }),
    answers: { 200: agreementSchema },
    handle: async (context, { params, body, ifMatch }) =>
      answered(await declineTerms(context, params.id, ifMatch, body.reason)),
  }),
  route({
    method: 'GET',
    path: '/terms/:id/versions',
    summary: 'Every version of an agreement, newest first',
    access: 'funds:read',
    params: idParams,
    answers: { 200: z.object({ items: z.array(versionSchema) }) },
    handle: async (context, { params }) => {
      const items = await context.db.read(context, async (tx) => {
        await readAgreement(tx, params.id);
        return findVersions(tx, [params.id]);
      });
      return { body: { items: items.map(versionJson) } };
    },
  }),
];

const conditionRoutes: readonly AnyRoute[] = [
  route({
    method: 'GET',
    path: '/terms/:id/conditions',
    summary: 'Which conditions were met, by fiscal period, newest first',
    access: 'funds:read',
    params: idParams,
    answers: { 200: z.object({ items: z.array(conditionSchema) }) },
    handle: async (context, { params }) => {
      const items = await context.db.read(context, async (tx) => {
        await readAgreement(tx, params.id);
        return findConditions(tx, params.id);
      });
      return { body: { items: items.map((item) => ({ ...item, recordedAt: item.recordedAt.toISOString() })) } };
    },
  }),
  route({
    method: 'POST',
    path: '/terms/:id/conditions',
    summary: 'Record whether a condition was met in a fiscal period',
    access: 'funds:write',
    params: idParams,
    body: conditionBody,
    answers: { 201: z.object({ ok: z.literal(true) }) },
    handle: async (context, { params, body }) => {
      await recordCondition(context, params.id, body);
      return { body: { ok: true } };
    },
  }),
];

const waterfallQuery = { customerId: idSchema, productId: idSchema.optional(), from: dateSchema, to: dateSchema };

const calculatedRoutes = (ports: TermsPorts): readonly AnyRoute[] => [
  route({
    method: 'GET',
    path: '/terms/waterfall',
    summary: 'List → invoice → net → pocket of what was shipped, by fiscal period, each step with its formula',
    access: 'funds:read',
    query: z.strictObject(waterfallQuery),
    answers: { 200: waterfallSchema },
    handle: async (context, { query }) => ({
      body: await context.db.read(context, (tx) => readWaterfall(tx, ports, query)),
    }),
  }),
  route({
    method: 'GET',
    path: '/terms/waterfall/rows',
    summary: 'What was shipped at which price under which terms: the rows behind a waterfall',
    access: 'funds:read',
    query: z.strictObject({ ...waterfallQuery, limit: listQueryShape.limit, cursor: listQueryShape.cursor }),
    answers: { 200: z.object({ items: z.array(waterfallRowSchema), nextCursor: z.string().nullable() }) },
    handle: async (context, { query: { limit, cursor, ...wanted } }) => ({
      body: await context.db.read(context, (tx) => readWaterfallRows(tx, ports, wanted, { limit, cursor })),
    }),
  }),
  route({
    method: 'GET',
    path: '/terms/:id/attainment',
    summary: 'Where the tiers of an agreement stand in a fiscal year, and where they will',
    access: 'funds:read',
    params: idParams,
    query: z.strictObject({ fiscalYear: z.coerce.number().int().min(1900).max(2200).optional() }),
    answers: { 200: attainmentSchema },
    handle: async (context, { params, query }) => ({
      body: await context.db.read(context, (tx) => readAttainment(tx, ports, params.id, query.fiscalYear)),
    }),
  }),
];

/** `/terms`. */
export function termsRoutes(ports: TermsPorts): readonly AnyRoute[] {
  return [...calculatedRoutes(ports), ...agreementRoutes, ...conditionRoutes];
}
