import { z } from 'zod';
import { dateSchema, idSchema, listQueryShape } from '#http';
import { retentionClasses } from './retention.ts';

const momentSchema = z.union([dateSchema, z.iso.datetime({ offset: true })]);
const filterText = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}]*$/u, 'must not hold control characters');
const instantText = z.iso.datetime();

/** What the trail may be narrowed by. */
export const auditQuery = z.strictObject({
  ...listQueryShape,
  entityType: filterText.optional(),
  entityId: filterText.optional(),
  actorId: idSchema.optional(),
  action: filterText.optional(),
  requestId: filterText.optional(),
  from: momentSchema.optional(),
  to: momentSchema.optional(),
});

/** An entry in an answer. */
export const auditItemSchema = z.object({
  id: z.string(),
  at: z.string(),
  actorId: z.string(),
  actorName: z.string(),
  onBehalfOf: z.string().nullable(),
  onBehalfOfName: z.string().nullable(),
  action: z.string(),
  entityType: z.string(),
  entityId: z.string(),
  before: z.unknown(),
  after: z.unknown(),
  reason: z.string().nullable(),
  requestId: z.string(),
});

/** An entry with what is sealed of it. */
export const sealedEntrySchema = z.object({
  id: idSchema,
  leaf: z.string().describe('the canonical JSON that is sealed: SHA-256 of 0x00 and this text is the leaf'),
  retentionClass: z.string(),
  leafIndex: z.number().int().nullable().describe('its place in the sequence; null while it waits for its seal'),
});

/** An inclusion proof (RFC 9162). */
export const proofSchema = z.object({
  leafIndex: z.number().int(),
  treeSize: z.number().int(),
  path: z.string().describe('hashes of 32 bytes each, nearest first, as base64 of them all'),
});

/** A signed checkpoint. */
export const checkpointSchema = z.object({
  size: z.number().int(),
  at: instantText,
  note: z.string().describe('C2SP signed note: origin, size, root, time; Ed25519'),
});

/** A public key that signs checkpoints. */
export const signingKeySchema = z.object({
  generation: z.number().int(),
  name: z.string(),
  publicKey: z.string().describe('Ed25519, base64'),
  createdAt: instantText,
  voucher: z.string().nullable().describe('the note in which the generation before vouches for this one'),
});

/** A verification that somebody asked for. */
export const verificationSchema = z.object({
  id: idSchema,
  requestedBy: z.string(),
  requestedAt: instantText,
  finishedAt: instantText.nullable(),
  result: z
    .object({
      ...{ entries: z.number(), sealed: z.number(), waiting: z.number(), dropped: z.number() },
      ...{ checkpoints: z.number(), outside: z.number(), badCount: z.number() },
      bad: z.array(z.object({ id: z.string(), reason: z.string() })),
    })
    .nullable(),
  failure: z.string().nullable(),
});

/** A class of retention. */
export const retentionClassSchema = z.enum(retentionClasses as [string, ...string[]]);

/** How long a class is kept. */
export const keepingSchema = z.object({
  retentionClass: retentionClassSchema,
  what: z.string(),
  keepDays: z.number().int(),
  leastDays: z.number().int(),
  chosen: z.boolean(),
});

/** How long a class is kept, and the oldest entries of it that are there: they go together, so long after `to`. */
export const keptClassSchema = keepingSchema.extend({
  oldest: z.object({ from: instantText, to: instantText }).nullable(),
});

/** A legal hold. */
export const legalHoldSchema = z.object({
  id: idSchema,
  reason: z.string(),
  placedBy: z.string(),
  placedAt: instantText,
  releasedBy: z.string().nullable(),
  releasedAt: instantText.nullable(),
});
