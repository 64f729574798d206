import { z } from 'zod';
import { sql } from '#db';
import {
  type AnyRoute,
  codeSchema,
  dateSchema,
  idSchema,
  listQueryShape,
  moneyAnswerSchema,
  moneySchema,
  pageOf,
  route,
} from '#http';
import { toJson } from '#money';
import { findPeople } from '#security';
import { recordReasonCode, setAutoSettlement, setWriteOffLimit } from './change-desk-settings.ts';
import { readAutoSettlement, readWriteOffLimits } from './desk-settings-store.ts';
import { builtInWeights } from './domain/match-model.ts';
import { suggestFrom } from './domain/match-suggestion.ts';
import { countConfirmed, readModel } from './match-store.ts';
import { defaultWriteOffLimit } from './personal-limits.ts';
import { listReasonCodes, type ReasonCode } from './reason-code-store.ts';
import { listRemittances } from './remittance-store.ts';

const reasonCodeSchema = z.object({
  id: idSchema,
  customerId: idSchema,
  code: z.string(),
  category: z.string(),
  validFrom: dateSchema,
  validTo: dateSchema.nullable(),
  recordedBy: idSchema,
  recordedAt: z.iso.datetime(),
});
const reasonCodeJson = (code: ReasonCode) => ({ ...code, recordedAt: code.recordedAt.toISOString() });

const reasonCodeRoutes: AnyRoute[] = [
  route({
    method: 'GET',
    path: '/reason-codes',
    summary:
      'What retailers’ reason codes mean, everything that was recorded; the nearest customer and latest record count',
    access: 'claims:read',
    query: z.strictObject({ ...listQueryShape, customerId: idSchema.optional(), code: codeSchema.optional() }),
    answers: { 200: pageOf(reasonCodeSchema) },
    handle: async (context, { query }) => {
      const where = [
        ...(query.customerId ? [sql`reason_code.customer_id = ${query.customerId}`] : []),
        ...(query.code ? [sql`reason_code.code = ${query.code}`] : []),
      ];
      const page = await context.db.read(context, (tx) => listReasonCodes(tx, query, where));
      return { body: { ...page, items: page.items.map(reasonCodeJson) } };
    },
  }),
  route({
    method: 'PUT',
    path: '/reason-codes',
    summary:
      'Record what a reason code means at a customer and below it, from a day on: a mechanic, or what is no trade spend',
    access: 'claims:write',
    body: z.strictObject({
      customerId: idSchema,
      code: codeSchema,
      category: codeSchema,
      validFrom: dateSchema,
      validTo: dateSchema.nullish(),
    }),
    answers: { 200: reasonCodeSchema },
    handle: async (context, { body }) => ({ body: reasonCodeJson(await recordReasonCode(context, body)) }),
  }),
];

const autoSchema = z.object({
  limit: moneyAnswerSchema.nullable(),
  setBy: idSchema.nullable(),
  setAt: z.iso.datetime().nullable(),
});

const autoSettlementRoutes: AnyRoute[] = [
  route({
    method: 'GET',
    path: '/auto-settlement',
    summary: 'Up to which amount exact evidence is settled without a person; off without a limit',
    access: 'claims:read',
    answers: { 200: autoSchema },
    handle: async (context) => {
      const setting = await context.db.read(context, readAutoSettlement);
      return {
        body: {
          limit: setting?.limit ? toJson(setting.limit) : null,
          setBy: setting?.setBy ?? null,
          setAt: setting?.setAt.toISOString() ?? null,
        },
      };
    },
  }),
  route({
    method: 'PUT',
    path: '/auto-settlement',
    summary: 'Switch settlement without a person on up to a limit, or off with null; you count as the settler',
    access: 'claims:settle',
    reach: 'tenant',
    body: z.strictObject({ limit: moneySchema.nullable() }),
    answers: { 204: null },
    handle: async (context, { body }) => {
      await setAutoSettlement(context, body.limit);
      return undefined;
    },
  }),
];

const limitSchema = z.object({
  personId: idSchema,
  name: z.string(),
  limit: moneyAnswerSchema,
  /** False where nobody set one: the default. */
  isOwn: z.boolean(),
});

const writeOffLimitRoutes: AnyRoute[] = [
  route({
    method: 'GET',
    path: '/write-off-limits',
    summary: 'What each person who may write off may write off at most, apart from what they may approve',
    access: 'claims:read',
    answers: { 200: z.object({ items: z.array(limitSchema), nextCursor: z.null() }) },
    handle: async (context) => {
      const items = await context.db.read(context, async (tx) => {
        const limits = new Map((await readWriteOffLimits(tx)).map((one) => [one.personId, one.limit]));
        return (await findPeople(tx, { permission: 'claims:writeoff' })).map(({ id, name }) => {
          const own = limits.get(id);
          return { personId: id, name, limit: toJson(own ?? defaultWriteOffLimit(context)), isOwn: own !== undefined };
        });
      });
      return { body: { items, nextCursor: null } };
    },
  }),
  route({
    method: 'PUT',
    path: '/write-off-limits/:personId',
    summary: 'Set what a person may write off at most; nobody sets their own',
    access: 'users:manage',
    proof: 'recent',
    params: z.strictObject({ personId: idSchema }),
    body: z.strictObject({ limit: moneySchema }),
    answers: { 204: null },
    handle: async (context, { params, body }) => {
      await setWriteOffLimit(context, params.personId, body.limit);
      return undefined;
    },
  }),
];

const modelRoute = route({
  method: 'GET',
  path: '/match-model',
  summary:
    'The model that ranks suggested matches: its version, what it learned from, and its weights beside the built-in ones',
  access: 'claims:read',
  answers: {
    200: z.object({
      version: z.int(),
      learnedFrom: z.int(),
      confirmedSince: z.int(),
      fittedAt: z.iso.datetime().nullable(),
      /** Below this probability nothing is proposed first. */
      proposesFrom: z.number(),
      weights: z.record(z.string(), z.number()),
      builtIn: z.record(z.string(), z.number()),
    }),
  },
  handle: async (context) => {
    const { model, confirmed } = await context.db.read(context, async (tx) => ({
      model: await readModel(tx),
      confirmed: await countConfirmed(tx),
    }));
    return {
      body: {
        ...{ version: model?.version ?? 0, learnedFrom: model?.learnedFrom ?? 0 },
        confirmedSince: confirmed - (model?.learnedFrom ?? 0),
        fittedAt: model?.fittedAt.toISOString() ?? null,
        ...{ proposesFrom: suggestFrom, weights: model?.weights ?? builtInWeights, builtIn: builtInWeights },
      },
    };
  },
});

const remittancesRoute = route({
  method: 'GET',
  path: '/remittances',
  summary: 'Payment advices that came in, the latest first; their deducted lines are deductions',
  access: 'claims:read',
  query: z.strictObject({ ...listQueryShape, customerId: idSchema.optional() }),
  answers: {
    200: pageOf(
      z.object({
        id: idSchema,
        customerId: idSchema,
        reference: z.string(),
        paidOn: dateSchema,
        total: moneyAnswerSchema,
        deducted: moneyAnswerSchema,
        lineCount: z.int(),
        capturedAt: z.iso.datetime(),
      }),
    ),
  },
  handle: async (context, { query }) => {
    const where = query.customerId ? [sql`remittance.customer_id = ${query.customerId}`] : [];
    const page = await context.db.read(context, (tx) => listRemittances(tx, query, where));
    const items = page.items.map(({ total, deducted, capturedAt, ...one }) => ({
      ...{ ...one, total: toJson(total), deducted: toJson(deducted), capturedAt: capturedAt.toISOString() },
    }));
    return { body: { ...page, items } };
  },
});

/** Routes of what the desk works by: reason codes, limits, and the model that ranks matches. */
export const deskRoutes: AnyRoute[] = [
  ...reasonCodeRoutes,
  ...autoSettlementRoutes,
  ...writeOffLimitRoutes,
  remittancesRoute,
  modelRoute,
];
