import { z } from 'zod';
import { dateSchema, idSchema, moneyAnswerSchema } from '#http';
import { moneyFromNumeric, toJson } from '#money';
import { mechanics } from '#performance';
import type { Promotion, Tactic } from './domain/promotion.ts';
import { promotionStates } from './domain/promotion-state.ts';
import type { PromotionRow } from './promotion-store.ts';

const fxSchema = z.object({
  type: z.string(),
  on: dateSchema,
  from: z.string(),
  to: z.string(),
  rate: z.string(),
  rateId: idSchema,
});

const tacticSchema = z.object({
  id: idSchema,
  mechanic: z.enum(mechanics),
  productIds: z.array(idSchema),
  fundSplit: z.array(z.object({ fundId: idSchema, share: z.string(), fx: fxSchema.optional() })),
  rate: z
    .object({
      amount: z.string(),
      currency: z.string(),
      per: z.enum(['case', 'unit', 'percent']),
      percentOf: z.enum(['list', 'invoice']).optional(),
    })
    .nullable(),
  lumpSum: moneyAnswerSchema.nullable(),
  passThrough: z.string(),
  startsOn: dateSchema.nullable(),
  endsOn: dateSchema.nullable(),
  fundingBasis: z.enum(['shipments', 'consumption']).nullable(),
  redemptionRate: z.string().nullable(),
  stores: z.int().nullable(),
  recognition: z.enum(['on_date', 'straight_line', 'volume_curve']).nullable(),
  tiers: z
    .object({
      method: z.enum(['retroactive', 'incremental']),
      steps: z.array(z.object({ from: z.string(), rate: z.string() })),
    })
    .nullable(),
  cap: moneyAnswerSchema.nullable(),
  minimum: moneyAnswerSchema.nullable(),
  fx: fxSchema.nullable(),
  feature: z.boolean(),
  display: z.boolean(),
});

const headSchema = z.object({
  id: idSchema,
  code: z.string(),
  name: z.string(),
  customerId: idSchema,
  state: z.enum(promotionStates),
  version: z.int(),
  startsOn: dateSchema,
  endsOn: dateSchema,
  shipStartsOn: dateSchema,
  shipEndsOn: dateSchema,
  claimByOn: dateSchema,
  currency: z.string(),
  createdBy: idSchema,
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  submittedBy: idSchema.nullable(),
  submittedAt: z.iso.datetime().nullable(),
  plannedSpend: moneyAnswerSchema.nullable(),
  netProfit: moneyAnswerSchema.nullable(),
  netRoi: z.string().nullable(),
});

/** A promotion with its tactics. */
export const promotionSchema = headSchema.extend({ tactics: z.array(tacticSchema) });
/** A promotion as lists show it: SKUs and mechanics in place of tactics. */
export const promotionItemSchema = headSchema.extend({
  productIds: z.array(idSchema),
  mechanics: z.array(z.enum(mechanics)),
});

function headJson(row: PromotionRow) {
  const amount = (numeric: string | null) =>
    numeric === null ? null : toJson(moneyFromNumeric(numeric, row.currency));
  return {
    ...row,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    submittedAt: row.submittedAt?.toISOString() ?? null,
    plannedSpend: amount(row.plannedSpend),
    netProfit: amount(row.netProfit),
  };
}

/** What a tactic does not state, or did not know of when its version was kept. */
const unstated = {
  ...{ startsOn: null, endsOn: null, fundingBasis: null, redemptionRate: null, stores: null, recognition: null },
  ...{ tiers: null, fx: null },
};

function tacticJson(tactic: Tactic, promotionCurrency: string) {
  const currency = tactic.fx?.from ?? promotionCurrency;
  const money = (amount?: string | null) => (amount == null ? null : toJson(moneyFromNumeric(amount, currency)));
  return {
    ...unstated,
    ...tactic,
    ...{ lumpSum: money(tactic.lumpSum), cap: money(tactic.cap), minimum: money(tactic.minimum) },
    feature: tactic.mechanic === 'feature',
    display: tactic.mechanic === 'display',
  };
}

/** A promotion as the API answers it. */
export function promotionJson(promotion: Promotion) {
  return { ...headJson(promotion), tactics: promotion.tactics.map((tactic) => tacticJson(tactic, promotion.currency)) };
}

/** A list row as the API answers it. */
export function promotionItemJson(row: PromotionRow & { productIds: string[]; mechanics: Tactic['mechanic'][] }) {
  return { ...headJson(row), productIds: row.productIds, mechanics: row.mechanics };
}
