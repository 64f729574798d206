import { z } from 'zod';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { addDays, daysBetween } from '#fiscal-calendar';
import { type Fund, findFunds, outsideFund } from '#funds';
import { codeSchema, dateSchema, idSchema, nameSchema } from '#http';
import {
  customerAncestors,
  findCustomers,
  findProducts,
  productAncestorsOfEach,
  productLeavesOfEach,
} from '#master-data';
import { type FieldError, notFound, Problem } from '#problem';
import type { PromotionTerms } from '../domain/promotion.ts';
import { resolveTactic, tacticErrors, tacticInputOf, tacticSchema } from './tactic-terms.ts';

/** Limits of one promotion: enough for a national event, small enough to recalculate while typing. */
const maxTactics = 20;

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
  /** The nearest product above all of a tactic's (itself where it names one), by tactic id; null where there is none. */
  productAbove: Map<string, string | null>;
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

async function requireFundsCover(
  tx: TenantTx<Context>,
  terms: PromotionTerms,
  funds: readonly Fund[],
  above: ReadonlyMap<string, string[]>,
): Promise<void> {
  const customerLine = new Set(await customerAncestors(tx, terms.customerId));
  const outside = terms.tactics.flatMap((tactic) => {
    const { startsOn, endsOn } = { startsOn: tactic.startsOn ?? terms.startsOn, endsOn: tactic.endsOn ?? terms.endsOn };
    const productLines = tactic.productIds.map((id) => above.get(id) ?? []);
    return tactic.fundSplit.flatMap(({ fundId, fx }) => {
      const fund = funds.find(({ id }) => id === fundId);
      const coverage = { currency: fx?.to ?? terms.currency, startsOn, endsOn, customerLine, productLines };
      return fund ? outsideFund(fund, coverage) : [];
    });
  });
  if (outside.length > 0) throw new Problem('fund.not_eligible', { detail: [...new Set(outside)].join(' ') });
}

/**
 * Looks again whether funds cover terms that were resolved earlier. Call it under the funds' locks: only there does it
 * stand that none was shortened meanwhile. Throws `fund.not_eligible`.
 */
export async function requireFundsStillCover(tx: TenantTx<Context>, terms: PromotionTerms): Promise<void> {
  const fundIds = terms.tactics.flatMap(({ fundSplit }) => fundSplit.map(({ fundId }) => fundId));
  const productIds = terms.tactics.flatMap((tactic) => tactic.productIds);
  const funds = await findFunds(tx, [...new Set(fundIds)]);
  await requireFundsCover(tx, terms, funds, await productAncestorsOfEach(tx, [...new Set(productIds)]));
}

/** Checks what a planner sent against master data and funds. Throws 404, 422 or `request.malformed` with the fields. */
export async function resolveTerms(tx: TenantTx<Context>, input: PromotionInput): Promise<ResolvedTerms> {
  const errors = [...dateErrors(input), ...input.tactics.flatMap((tactic, i) => tacticErrors(tactic, i, input))];
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
    tactics: [],
  };
  const fundIds = [...new Set(input.tactics.flatMap((tactic) => tactic.fundSplit.map((part) => part.fundId)))];
  const funds = await findFunds(tx, fundIds);
  const missing = fundIds.find((id) => !funds.some((fund) => fund.id === id));
  if (missing) notFound('fund', missing);
  for (const tactic of input.tactics) terms.tactics.push(await resolveTactic(tx, tactic, terms, funds));
  const named = [...new Set(terms.tactics.flatMap((tactic) => tactic.productIds))];
  const leaves = await leavesOf(tx, named);
  const above = await productAncestorsOfEach(tx, named);
  const leavesByTactic = new Map(
    terms.tactics.map((tactic) => [
      tactic.id,
      [...new Set(tactic.productIds.flatMap((id) => leaves.get(id) ?? []))].sort(),
    ]),
  );
  await requireFundsCover(tx, terms, funds, above);
  return {
    terms,
    customerName: customer.name,
    leafProductIds: [...new Set([...leavesByTactic.values()].flat())].sort(),
    leavesByTactic,
    productAbove: new Map(terms.tactics.map(({ id, productIds }) => [id, commonAbove(productIds, above)])),
    funds,
  };
}

/** The first of a product's ancestors, itself among them, that stands above all the others too. */
export function commonAbove(productIds: readonly string[], above: ReadonlyMap<string, string[]>): string | null {
  const [first = [], ...others] = productIds.map((id) => above.get(id) ?? []);
  return first.find((id) => others.every((line) => line.includes(id))) ?? null;
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
    tactics: promotion.tactics.map((tactic) => tacticInputOf(tactic, promotion.currency)),
  };
}
