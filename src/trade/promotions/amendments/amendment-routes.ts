import { z } from 'zod';
import type { Context } from '#context';
import { type AnyRoute, dateSchema, idParams, idSchema, moneyAnswerSchema, noteSchema, route } from '#http';
import { notFound } from '#problem';
import { findPeople } from '#security';
import { amendmentStates } from '../domain/amendment.ts';
import { planSchema } from '../planning/plan-schema.ts';
import { inputOf, promotionBody } from '../planning/promotion-terms.ts';
import type { PromotionPorts } from '../ports.ts';
import { changeSchema, readPromotion } from '../promotion-answers.ts';
import { type AmendmentInput, amendPromotion, previewAmendment } from './amend-promotion.ts';
import { type Amendment, findAmendment, listAmendments, planOfAmendment, readTolerance } from './amendment-store.ts';
import { withdrawAmendment } from './apply-amendment.ts';
import { setTolerance } from './set-tolerance.ts';

const figuresSchema = z.object({
  startsOn: dateSchema,
  endsOn: dateSchema,
  spend: moneyAnswerSchema.nullable(),
  netProfit: moneyAnswerSchema.nullable(),
  netRoi: z.string().nullable(),
});

const differenceShape = {
  changes: z.array(changeSchema),
  beyond: z.array(z.string()),
  before: figuresSchema,
  after: figuresSchema,
};

const amendmentSchema = z.object({
  ...differenceShape,
  id: idSchema,
  promotionId: idSchema,
  number: z.int(),
  state: z.enum(amendmentStates),
  reason: z.string(),
  baseVersion: z.int(),
  appliedVersion: z.int().nullable(),
  toleranceVersion: z.int(),
  terms: z.record(z.string(), z.unknown()),
  proposedBy: idSchema,
  proposedByName: z.string(),
  proposedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  comment: z.string(),
});

const toleranceShape = {
  spendRatio: z.string().regex(/^(0(\.\d{1,6})?|1(\.0{1,6})?)$/, 'must be a decimal string from 0 to 1'),
  dateDays: z.int().min(0).max(366),
  productCount: z.int().min(0).max(1_000),
};
const toleranceSchema = z.object({ ...toleranceShape, version: z.int() });

const previewSchema = z.object({ ...differenceShape, plan: planSchema, tolerance: toleranceSchema });

/** What of a promotion can be amended; absent members stay. */
const amendmentBody = promotionBody.omit({ code: true }).partial();

async function amendmentJson(context: Context, amendments: readonly Amendment[]) {
  const ids = [...new Set(amendments.map(({ proposedBy }) => proposedBy))];
  const people = await context.db.read(context, (tx) => findPeople(tx, { ids }));
  return amendments.map(({ makers: _makers, endedBy: _endedBy, ...amendment }) => ({
    ...amendment,
    terms: inputOf(amendment.terms),
    proposedByName: people.find(({ id }) => id === amendment.proposedBy)?.name ?? 'TRADEAI',
    proposedAt: amendment.proposedAt.toISOString(),
    endedAt: amendment.endedAt?.toISOString() ?? null,
  }));
}

async function oneJson(context: Context, amendment: Amendment) {
  const [json] = await amendmentJson(context, [amendment]);
  return json;
}

const amendmentParams = z.strictObject({ id: idSchema, amendmentId: idSchema });

function amending(ports: PromotionPorts): AnyRoute[] {
  return [
    route({
      method: 'POST',
      path: '/promotions/:id/amend/preview',
      summary: 'What an amendment would change, sell, spend and earn, and whether it needs approval; stores nothing',
      access: 'promotions:update',
      params: idParams,
      body: amendmentBody,
      answers: { 200: previewSchema },
      handle: async (context, { params, body }) => {
        const { changes, beyond, before, after, plan, tolerance } = await previewAmendment(
          context,
          ports,
          params.id,
          body as AmendmentInput,
        );
        return { body: { changes, beyond, before, after, plan, tolerance } };
      },
    }),
    route({
      method: 'POST',
      path: '/promotions/:id/amend',
      summary:
        'Amend a promotion: within the tolerance at once, beyond it by approval with only the difference reserved',
      access: 'promotions:update',
      params: idParams,
      body: amendmentBody.extend({ reason: noteSchema.min(1) }),
      answers: { 200: amendmentSchema },
      handle: async (context, { params, body, ifMatch }) => {
        const { amendment, promotion } = await amendPromotion(context, ports, params.id, ifMatch, body);
        return { version: promotion.version, body: await oneJson(context, amendment) };
      },
    }),
  ];
}

const reading: AnyRoute[] = [
  route({
    method: 'GET',
    path: '/promotions/:id/amendments',
    summary: 'The amendments of a promotion, the last one first',
    access: 'promotions:read',
    params: idParams,
    answers: { 200: z.object({ items: z.array(amendmentSchema) }) },
    handle: async (context, { params }) => {
      await readPromotion(context, params.id);
      const amendments = await context.db.read(context, (tx) => listAmendments(tx, params.id));
      return { body: { items: await amendmentJson(context, amendments) } };
    },
  }),
  route({
    method: 'GET',
    path: '/promotions/:id/amendments/:amendmentId',
    summary: 'An amendment with the plan that it was proposed with',
    access: 'promotions:read',
    params: amendmentParams,
    answers: { 200: amendmentSchema.extend({ plan: planSchema }) },
    handle: async (context, { params }) => {
      const { amendment, plan } = await context.db.read(context, async (tx) => {
        const found = await findAmendment(tx, params.amendmentId);
        if (found?.promotionId !== params.id) return notFound('amendment', params.amendmentId);
        return { amendment: found, plan: (await planOfAmendment(tx, found.id)).plan };
      });
      return { body: { ...(await oneJson(context, amendment)), plan } };
    },
  }),
  route({
    method: 'POST',
    path: '/promotions/:id/amendments/:amendmentId/withdraw',
    summary: 'Take one’s own proposed amendment back; what was reserved for it is released',
    access: 'promotions:update',
    params: amendmentParams,
    body: z.strictObject({ comment: noteSchema.default('') }).optional(),
    answers: { 200: amendmentSchema },
    handle: async (context, { params, body }) => ({
      body: await oneJson(
        context,
        await withdrawAmendment(context, params.id, params.amendmentId, body?.comment ?? ''),
      ),
    }),
  }),
];

const tolerance: AnyRoute[] = [
  route({
    method: 'GET',
    path: '/promotions/amendment-tolerance',
    summary: 'How far an amendment may go without approval',
    access: 'promotions:read',
    answers: { 200: toleranceSchema },
    handle: async (context) => {
      const current = await context.db.read(context, readTolerance);
      return { version: current.version, body: current };
    },
  }),
  route({
    method: 'PUT',
    path: '/promotions/amendment-tolerance',
    summary: 'Set how far an amendment may go without approval, as a new version; takes If-Match',
    access: 'workflows:design',
    body: z.strictObject(toleranceShape),
    answers: { 200: toleranceSchema },
    handle: async (context, { body, ifMatch }) => {
      const next = await setTolerance(context, ifMatch, body);
      return { version: next.version, body: next };
    },
  }),
];

/** Amendments of approved promotions. */
export const amendmentRoutes = (ports: PromotionPorts): AnyRoute[] => [...amending(ports), ...reading, ...tolerance];
