import { z } from 'zod';
import { dateSchema, idSchema, instantSchema, listQueryShape, nameSchema, noteSchema } from '#http';
import { emailSchema } from '../sign-in/auth-schemas.ts';
import { breachRisks } from './breach-store.ts';
import { requestKinds } from './domain/privacy-request.ts';

/** A note that says something. */
const said = noteSchema.min(1);
const states = ['open', 'done', 'refused', 'withdrawn'] as const;
const text = z.string().nullable();

const stepSchema = z.object({
  what: z.string(),
  note: text,
  actorId: z.string(),
  actorName: z.string(),
  at: z.string(),
});

/** A request of a data subject in an answer. */
export const requestSchema = z.object({
  ...{ id: z.string(), kind: z.enum(requestKinds), personId: text, personName: text, contact: text, asked: text },
  ...{ receivedOn: z.string(), dueOn: z.string(), extensionReason: text, state: z.enum(states) },
  ...{ identityProof: text, identityCheckedAt: text, decision: text, decidedAt: text, evidence: z.unknown() },
  ...{ openedAt: z.string(), overdue: z.boolean(), version: z.number() },
});
/** The same with its steps. */
export const requestDetailSchema = requestSchema.extend({ steps: z.array(stepSchema) });
/** What an erasure does, table by table. */
export const erasureSchema = z.object({
  personId: z.string(),
  everywhere: z.boolean(),
  lines: z.array(z.object({ table: z.string(), rows: z.number(), rule: z.string(), because: text })),
  obstacles: z.array(z.string()),
});
/** A consent in an answer. */
export const consentSchema = z.object({
  ...{ id: z.string(), personId: z.string(), personName: z.string(), purpose: z.string(), given: z.boolean() },
  ...{ wording: z.string(), source: z.string(), recordedAt: z.string(), holds: z.boolean() },
});
const breachFields = {
  ...{ id: z.string(), title: z.string(), whatHappened: z.string(), awareAt: z.string(), dueAt: z.string() },
  ...{ risk: z.enum(breachRisks), peopleAffected: z.number().nullable(), measures: text, authorityToldAt: text },
  ...{ lateReason: text, peopleToldAt: text, closedAt: text, version: z.number() },
};
/** A breach in a list. */
export const breachSchema = z.object(breachFields);
/** The same with its steps. */
export const breachDetailSchema = z.object({ ...breachFields, steps: z.array(stepSchema) });
/** The record of processing in an answer. */
export const processingSchema = z.object({
  purpose: z.string(),
  basis: z.string(),
  data: z.array(z.object({ table: z.string(), column: z.string(), what: z.string() })),
  tables: z.array(z.object({ table: z.string(), kept: z.string(), erasure: z.string(), because: text })),
});

/** Queries of the lists. */
export const privacyQueries = {
  requests: z.strictObject({
    ...listQueryShape,
    state: z.enum(states).optional(),
    kind: z.enum(requestKinds).optional(),
    personId: idSchema.optional(),
  }),
  consents: z.strictObject({ ...listQueryShape, personId: idSchema.optional() }),
};

const people = z.int().min(0).max(2_000_000_000);

/** Bodies of the routes below `/privacy`. */
export const privacyBodies = {
  request: z.strictObject({
    kind: z.enum(requestKinds),
    personId: idSchema.optional(),
    contact: nameSchema,
    asked: said.optional(),
    receivedOn: dateSchema.optional(),
  }),
  act: z.discriminatedUnion('action', [
    z.strictObject({ action: z.literal('check_identity'), proof: said }),
    z.strictObject({ action: z.literal('extend'), reason: said }),
    z.strictObject({ action: z.literal('refuse'), reason: said }),
    z.strictObject({ action: z.literal('withdraw'), reason: said }),
    z.strictObject({ action: z.literal('complete'), decision: said }),
  ]),
  erase: z.strictObject({ decision: said }),
  rectify: z
    .strictObject({ name: nameSchema.optional(), email: emailSchema.optional(), decision: said })
    .refine(({ name, email }) => name !== undefined || email !== undefined, 'must rectify something'),
  consent: z.strictObject({
    ...{ personId: idSchema, purpose: nameSchema, given: z.boolean(), wording: said, source: nameSchema },
  }),
  breach: z.strictObject({
    ...{ title: nameSchema, whatHappened: said, awareAt: instantSchema.optional() },
    ...{ risk: z.enum(breachRisks).default('unknown'), peopleAffected: people.optional() },
  }),
  breachStep: z.discriminatedUnion('action', [
    z.strictObject({
      ...{ action: z.literal('assess'), risk: z.enum(breachRisks), peopleAffected: people.optional(), note: said },
    }),
    z.strictObject({ action: z.literal('measure'), note: said }),
    z.strictObject({ action: z.literal('tell_authority'), lateReason: said.optional(), note: said }),
    z.strictObject({ action: z.literal('tell_people'), note: said }),
    z.strictObject({ action: z.literal('close'), note: said }),
  ]),
};
