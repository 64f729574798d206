import { z } from 'zod';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { addDays, daysBetween } from '#fiscal-calendar';
import { type Fund, findFunds } from '#funds';
import { codeSchema, currencySchema, dateSchema, idSchema, nameSchema, positiveDecimalSchema } from '#http';
import {
  customerAncestors,
  findCustomers,
  findProducts,
  productAncestorsOfEach,
  productLeavesOfEach,
} from '#master-data';
import { Decimal } from '#money';
import { mechanics } from '#performance';
import { type FieldError, notFound, Problem } from '#problem';
import type { PromotionTerms, Tactic } from './domain/promotion.ts';

/** Limits of one promotion: enough for a national event, small enough to recalculate while typing. */
const maxTactics = 20;
const maxProducts = 200;
const maxSplits = 10;

const tacticSchema = z.strictObject({
  /** Known tactics keep their id over changes. */
  id: idSchema.optional(),
  mechanic: z.enum(mechanics),
  productIds: z.array(idSchema).min(1).max(maxProducts),
  fundSplit: z
    .array(z.strictObject({ fundId: idSchema, share: positiveDecimalSchema }))
    .min(1)
    .max(maxSplits),
  rate: z
    .strictObject({ amount: positiveDecimalSchema, currency: currencySchema, per: z.enum(['case', 'unit', 'percent']) })
    .nullish(),
  lumpSum: z.strictObject({ amount: positiveDecimalSchema, currency: currencySchema }).nullish(),
  passThrough: positiveDecimalSchema.optional(),
});

/** What a planner sends for a new promotion. */
export const promotionBody = z.strictObject({
  name: nameSchema,
  code: codeSchema.optional(),
  customerId: idSchema,
  startsOn: dateSchema,
  endsOn: dateSchema,
  shipStartsOn: dateSchema.nullish(),
  shipEndsOn: dateSchema.nullish(),
  claimByOn: dateSchema.nullish(),
  tactics: z.array(tacticSchema).min(1).max(maxTactics),
});
export type PromotionInput = z.output<typeof promotionBody>;

/** Longest event, and how far after it claims are taken when nothing else is said. */
const maxEventDays = 366;
const defaultClaimDays = 90;

/** Terms that stand up: everything they name exists and fits together. */
export interface ResolvedTerms {
  terms: PromotionTerms;
  customerName: string;
  /** Every product of the promotion at SKU level. */
  leafProductIds: string[];
  /** SKUs of each tactic, by tactic id. */
  leavesByTactic: Map<string, string[]>;
  funds: Fund[];
}

function dateErrors(input: PromotionInput): FieldError[] {
  const errors: FieldError[] = [];
  if (input.endsOn < input.startsOn) errors.push({ path: 'endsOn', message: 'is before startsOn' });
  else if (daysBetween(input.startsOn, input.endsOn) > maxEventDays)
    errors.push({ path: 'endsOn', message: `is more than ${maxEventDays} days after startsOn` });
  const shipStartsOn = input.shipStartsOn ?? input.startsOn;
  const shipEndsOn = input.shipEndsOn ?? input.endsOn;
  if (shipEndsOn < shipStartsOn) errors.push({ path: 'shipEndsOn', message: 'is before shipStartsOn' });
  if (input.claimByOn && input.claimByOn < input.endsOn)
    errors.push({ path: 'claimByOn', message: 'is before the event ends' });
  return errors;
}

function tacticErrors(input: PromotionInput): FieldError[] {
  return input.tactics.flatMap((tactic, i) => {
    const path = `tactics.${i}`;
    const errors: FieldError[] = [];
    if (!tactic.rate && !tactic.lumpSum) errors.push({ path, message: 'needs a rate or a lump sum' });
    const shares = tactic.fundSplit.reduce((sum, part) => sum.plus(part.share), new Decimal(0));
    if (!shares.equals(1)) errors.push({ path: `${path}.fundSplit`, message: `shares sum to ${shares}, not to 1` });
    if (new Set(tactic.fundSplit.map((part) => part.fundId)).size < tactic.fundSplit.length)
      errors.push({ path: `${path}.fundSplit`, message: 'names a fund twice' });
    if (tactic.rate?.per === 'percent' && new Decimal(tactic.rate.amount).gt(100))
      errors.push({ path: `${path}.rate.amount`, message: 'is above 100 percent' });
    if (tactic.passThrough !== undefined && new Decimal(tactic.passThrough).gt(1))
      errors.push({ path: `${path}.passThrough`, message: 'is above 1' });
    return errors;
  });
}

/** Lump-sum mechanics pass nothing to the shelf price; a rate reaches it in full unless the tactic says otherwise. */
function toTactic(tx: TenantTx<Context>, input: PromotionInput['tactics'][number]): Tactic {
  return {
    id: input.id ?? tx.context.newId(),
    mechanic: input.mechanic,
    productIds: [...new Set(input.productIds)].sort(),
    fundSplit: input.fundSplit,
    rate: input.rate ?? null,
    lumpSum: input.lumpSum?.amount ?? null,
    passThrough: input.passThrough ?? '1',
  };
}

async function leavesOf(tx: TenantTx<Context>, productIds: readonly string[]): Promise<Map<string, string[]>> {
  const found = await findProducts(tx, { ids: productIds });
  const known = new Set(found.map((product) => product.id));
  const missing = productIds.find((id) => !known.has(id));
  if (missing) notFound('product', missing);
  const foreign = found.find((product) => !product.own);
  if (foreign)
    throw new Problem('rule.violated', { detail: `${foreign.name} is a competitor’s product and cannot be promoted.` });
  const leaves = await productLeavesOfEach(tx, productIds);
  await requireOwnLeaves(tx, found, leaves);
  return leaves;
}

/** A node of ours can stand above competitors' products, as a category does. */
async function requireOwnLeaves(
  tx: TenantTx<Context>,
  named: readonly { id: string; name: string }[],
  leaves: ReadonlyMap<string, string[]>,
): Promise<void> {
  const below = [...new Set([...leaves.values()].flat())].filter((id) => !leaves.has(id));
  if (below.length === 0) return;
  const foreign = (await findProducts(tx, { ids: below })).find((product) => !product.own);
  const above = foreign && named.find(({ id }) => leaves.get(id)?.includes(foreign.id));
  if (!above) return;
  throw new Problem('rule.violated', {
    detail: `${above.name} also holds competitors’ products, such as ${foreign.name}: choose brands or products of your own.`,
  });
}

async function requireFundsCover(tx: TenantTx<Context>, terms: PromotionTerms, funds: readonly Fund[]): Promise<void> {
  const customers = new Set(await customerAncestors(tx, terms.customerId));
  const refuse = (detail: string): never => {
    throw new Problem('fund.not_eligible', { detail });
  };
  for (const fund of funds) {
    if (fund.currency !== terms.currency)
      refuse(`${fund.code} is kept in ${fund.currency}, the promotion in ${terms.currency}.`);
    if (fund.validFrom > terms.startsOn || fund.validTo < terms.startsOn)
      refuse(
        `${fund.code} is valid from ${fund.validFrom} to ${fund.validTo}, the promotion starts on ${terms.startsOn}.`,
      );
    if (fund.customerId && !customers.has(fund.customerId)) refuse(`${fund.code} does not cover this customer.`);
  }
  const narrow = funds.filter((fund) => fund.productId);
  const named = narrow.length === 0 ? [] : [...new Set(terms.tactics.flatMap((tactic) => tactic.productIds))];
  const above = await productAncestorsOfEach(tx, named);
  for (const tactic of terms.tactics) {
    for (const fund of narrow.filter((one) => tactic.fundSplit.some((part) => part.fundId === one.id))) {
      if (!tactic.productIds.every((id) => above.get(id)?.includes(fund.productId ?? '')))
        refuse(`${fund.code} does not cover every product of the tactic ${tactic.mechanic}.`);
    }
  }
}

/** Checks what a planner sent against master data and funds. Throws 404, 422 or `request.malformed` with the fields. */
export async function resolveTerms(tx: TenantTx<Context>, input: PromotionInput): Promise<ResolvedTerms> {
  const errors = [...dateErrors(input), ...tacticErrors(input)];
  if (errors.length > 0)
    throw new Problem('rule.violated', { detail: errors.map((e) => `${e.path} ${e.message}`).join('; '), errors });
  const [customer] = await findCustomers(tx, { ids: [input.customerId] });
  if (!customer) notFound('customer', input.customerId);
  const terms: PromotionTerms = {
    name: input.name,
    customerId: customer.id,
    startsOn: input.startsOn,
    endsOn: input.endsOn,
    shipStartsOn: input.shipStartsOn ?? input.startsOn,
    shipEndsOn: input.shipEndsOn ?? input.endsOn,
    claimByOn: input.claimByOn ?? addDays(input.endsOn, defaultClaimDays),
    currency: customer.currency,
    tactics: input.tactics.map((tactic) => toTactic(tx, tactic)),
  };
  const wrongCurrency = input.tactics.find((tactic) =>
    [tactic.rate, tactic.lumpSum].some((part) => part && part.currency !== terms.currency),
  );
  if (wrongCurrency)
    throw new Problem('money.currency_mismatch', { detail: `${customer.name} is planned in ${terms.currency}.` });
  const leaves = await leavesOf(tx, [...new Set(terms.tactics.flatMap((tactic) => tactic.productIds))]);
  const leavesByTactic = new Map(
    terms.tactics.map((tactic) => [
      tactic.id,
      [...new Set(tactic.productIds.flatMap((id) => leaves.get(id) ?? []))].sort(),
    ]),
  );
  const fundIds = [...new Set(terms.tactics.flatMap((tactic) => tactic.fundSplit.map((part) => part.fundId)))];
  const funds = await findFunds(tx, fundIds);
  const missing = fundIds.find((id) => !funds.some((fund) => fund.id === id));
  if (missing) notFound('fund', missing);
  await requireFundsCover(tx, terms, funds);
  return {
    terms,
    customerName: customer.name,
    leafProductIds: [...new Set([...leavesByTactic.values()].flat())].sort(),
    leavesByTactic,
    funds,
  };
}

/** A stored promotion as the input it was made from: for recalculation, copies and partial changes. */
export function inputOf(promotion: PromotionTerms): PromotionInput {
  return {
    name: promotion.name,
    customerId: promotion.customerId,
    startsOn: promotion.startsOn,
    endsOn: promotion.endsOn,
    shipStartsOn: promotion.shipStartsOn,
    shipEndsOn: promotion.shipEndsOn,
    claimByOn: promotion.claimByOn,
    tactics: promotion.tactics.map(({ lumpSum, ...tactic }) => ({
      ...tactic,
      lumpSum: lumpSum === null ? null : { amount: new Decimal(lumpSum).toString(), currency: promotion.currency },
    })),
  };
}
