import { z } from 'zod';
import { currencySchema, idSchema, positiveDecimalSchema } from '#http';

/** Permissions whose use decides an amount of money: the ones that a personal limit may be set for. */
export const limitedPermissions = ['promotions:approve', 'funds:approve', 'claims:settle', 'claims:writeoff'] as const;

/** A personal limit: at most so much in one decision, in one currency; an amount of null: unlimited. */
export const amountLimitSchema = z.strictObject({
  permission: z.enum(limitedPermissions),
  currency: currencySchema,
  amount: positiveDecimalSchema.nullable(),
});

/** At most so many nodes narrow one side: beyond that a node above them is meant. */
const maxNodes = 200;
const nodesSchema = z.array(idSchema).min(1).max(maxNodes).nullable();

/** The nodes of the two trees that somebody is kept to; null: that side is not narrowed. */
export const scopeSchema = z.strictObject({ customers: nodesSchema, products: nodesSchema });
