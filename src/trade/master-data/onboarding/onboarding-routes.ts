import { z } from 'zod';
import { type AnyRoute, idParams, idSchema, moneyAnswerSchema, moneySchema, noteSchema, route } from '#http';
import { moneyFromNumeric, toJson } from '#money';
import { notFound } from '#problem';
import { findCustomers } from '../customer-store.ts';
import { onboardCustomer } from './onboard-customer.ts';
import { findStanding, type Standing } from './standing-store.ts';

const standingSchema = z.object({
  customerId: idSchema,
  state: z.enum(['onboarding', 'active', 'refused', 'returned']),
  requestedLimit: moneyAnswerSchema.nullable(),
  /** Null: none was set. */
  creditLimit: moneyAnswerSchema.nullable(),
  conditions: z.string(),
  requestedBy: idSchema.nullable(),
  requestedAt: z.iso.datetime().nullable(),
  decidedAt: z.iso.datetime().nullable(),
});

function standingJson(row: Standing) {
  const { customerId, state, conditions, requestedBy, currency } = row;
  const moneyOf = (amount: string | null) => (amount === null ? null : toJson(moneyFromNumeric(amount, currency)));
  return {
    ...{ customerId, state, conditions, requestedBy },
    ...{ requestedLimit: moneyOf(row.requestedLimit), creditLimit: moneyOf(row.creditLimit) },
    ...{ requestedAt: row.requestedAt.toISOString(), decidedAt: row.decidedAt?.toISOString() ?? null },
  };
}

/** One that never went through onboarding. */
const always = (customerId: string) => ({
  ...{ customerId, state: 'active' as const, conditions: '', requestedLimit: null, creditLimit: null },
  ...{ requestedBy: null, requestedAt: null, decidedAt: null },
});

/** The routes of customers' onboarding. */
export const onboardingRoutes: readonly AnyRoute[] = [
  route({
    ...{ method: 'GET', path: '/customers/:id/onboarding', access: 'customers:read', params: idParams },
    summary: 'How a customer stands: whether their onboarding is over, and their credit limit',
    answers: { 200: standingSchema },
    handle: async (context, { params: { id } }) => {
      const [standing, [customer]] = await context.db.read(context, async (tx) => [
        await findStanding(tx, id),
        await findCustomers(tx, { ids: [id] }),
      ]);
      if (!customer) return notFound('customer', id);
      return standing ? { version: standing.version, body: standingJson(standing) } : { body: always(id) };
    },
  }),
  route({
    ...{ method: 'POST', path: '/customers/:id/onboarding', access: 'customers:write', params: idParams },
    summary: 'Begin the onboarding of a customer: credit check, approval, set-up; others decide',
    body: z.strictObject({ creditLimit: moneySchema, note: noteSchema.default('') }),
    answers: { 201: standingSchema },
    handle: async (context, { params, body }) => {
      const standing = await onboardCustomer(context, params.id, body);
      return { version: standing.version, body: standingJson(standing) };
    },
  }),
];
