import { z } from 'zod';
import type { Context } from '#context';
import { idSchema, instantSchema } from '#http';
import { notFound } from '#problem';
import type { Promotion } from './domain/promotion.ts';
import { promotionJson } from './promotion-schemas.ts';
import { findPromotion } from './promotion-store.ts';
import { promotionAsOf } from './version-store.ts';

/** A promotion as an answer, with its version as ETag. */
export const answerPromotion = (promotion: Promotion) => ({
  version: promotion.version,
  body: promotionJson(promotion),
});

/** A promotion now, or as it stood at an instant (ISO 8601); 404 where there was none. */
export async function readPromotion(context: Context, id: string, asOf?: string): Promise<Promotion> {
  return context.db.read(
    context,
    async (tx) => (await (asOf ? promotionAsOf(tx, id, asOf) : findPromotion(tx, id))) ?? notFound('promotion', id),
  );
}

/** An instant in the past, for answers as of then. */
export const asOfSchema = instantSchema.optional();

/** One field that differs between two versions of terms. */
export const changeSchema = z.object({
  field: z.string(),
  tactic: z.object({ id: idSchema, mechanic: z.string() }).nullable(),
  before: z.unknown(),
  after: z.unknown(),
});
