import { z } from 'zod';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import type { Fund } from '#funds';
import { codeSchema, currencySchema, dateSchema, idSchema, positiveDecimalSchema } from '#http';
import { fxRate } from '#master-data';
import { Decimal } from '#money';
import { type MechanicRule, mechanicRules, mechanics, type TacticField } from '#performance';
import { type FieldError, Problem } from '#problem';
import { requireMeant } from '../domain/amount-limit.ts';
import type { AppliedFx, PromotionTerms, Tactic } from '../domain/promotion.ts';

/** Limits of one tactic: enough for a national event, small enough to recalculate while typing. */
const maxProducts = 200;
const maxSplits = 10;
const maxTiers = 12;
const maxStores = 100_000;

const amountSchema = z.strictObject({ amount: positiveDecimalSchema, currency: currencySchema });

/** The type of an exchange rate, and the day whose rate it is; the tactic's first day where absent. */
const fxSchema = z.strictObject({ type: codeSchema, on: dateSchema.nullish() });

/** A tactic as a planner sends it. */
export const tacticSchema = z.strictObject({
  /** Known tactics keep their id over changes. */
  id: idSchema.optional(),
  mechanic: z.enum(mechanics),
  productIds: z.array(idSchema).min(1).max(maxProducts),
  fundSplit: z
    .array(z.strictObject({ fundId: idSchema, share: positiveDecimalSchema, fx: fxSchema.optional() }))
    .min(1)
    .max(maxSplits),
  rate: amountSchema
    .extend({ per: z.enum(['case', 'unit', 'percent']), percentOf: z.enum(['list', 'invoice']).optional() })
    .nullish(),
  lumpSum: amountSchema.nullish(),
  passThrough: positiveDecimalSchema.optional(),
  startsOn: dateSchema.nullish(),
  endsOn: dateSchema.nullish(),
  fundingBasis: z.enum(['shipments', 'consumption']).nullish(),
  redemptionRate: positiveDecimalSchema.nullish(),
  stores: z.int().min(1).max(maxStores).nullish(),
  recognition: z.enum(['on_date', 'straight_line', 'volume_curve']).nullish(),
  tiers: z
    .strictObject({
      method: z.enum(['retroactive', 'incremental']),
      steps: z
        .array(z.strictObject({ from: positiveDecimalSchema, rate: positiveDecimalSchema }))
        .min(1)
        .max(maxTiers),
    })
    .nullish(),
  cap: amountSchema.nullish(),
  minimum: amountSchema.nullish(),
  /** For money of another currency than the promotion's. */
  fx: fxSchema.nullish(),
});
type TacticInput = z.output<typeof tacticSchema>;

/** What the tactic's dates must lie in. */
interface EventDates {
  startsOn: string;
  endsOn: string;
  shipStartsOn?: string | null | undefined;
  shipEndsOn?: string | null | undefined;
}

const takes = ({ mechanic }: TacticInput, field: TacticField): boolean =>
  (mechanicRules[mechanic] as MechanicRule).takes.includes(field);

/** Fields that only some mechanics take. */
const fields = ['fundingBasis', 'redemptionRate', 'stores', 'tiers', 'cap', 'minimum', 'rate'] as const;

type Say = (field: string, message: string) => void;

function checkFields(tactic: TacticInput, say: Say): void {
  const { rate, lumpSum, tiers, mechanic } = tactic;
  if (!rate && !lumpSum) say('', 'needs a rate or a lump sum');
  for (const field of fields) {
    if (tactic[field] != null && !takes(tactic, field)) say(field, `is not for ${mechanic}`);
  }
  if (rate && takes(tactic, 'redemptionRate') && tactic.redemptionRate == null)
    say('redemptionRate', 'is missing: how many of the units sold are redeemed');
  if (rate && takes(tactic, 'tiers') && !tiers) say('tiers', 'is missing');
  if (tiers && !rate) say('rate', 'is missing: tiers are in its unit');
  if (tactic.stores != null && !lumpSum) say('lumpSum', 'is missing: what each store is paid');
  if (tactic.recognition != null && !lumpSum) say('recognition', 'is for lump sums');
}

function checkAmounts(tactic: TacticInput, say: Say): void {
  const { rate, passThrough, cap, minimum } = tactic;
  const above = (value: string | null | undefined, limit: number) => value != null && new Decimal(value).gt(limit);
  if (rate?.per === 'percent' && above(rate.amount, 100)) say('rate.amount', 'is above 100 percent');
  if (rate?.percentOf && rate.per !== 'percent') say('rate.percentOf', 'is for rates in percent');
  if (above(passThrough, 1)) say('passThrough', 'is above 1');
  if (above(tactic.redemptionRate, 1)) say('redemptionRate', 'is above 1');
  if (cap && !new Decimal(cap.amount).gt(0)) say('cap', 'is zero');
  if (minimum && !new Decimal(minimum.amount).gt(0)) say('minimum', 'is zero');
  if (cap && minimum && new Decimal(minimum.amount).gt(cap.amount)) say('minimum', 'is above the cap');
  const currencies = new Set([rate, tactic.lumpSum, cap, minimum].flatMap((part) => part?.currency ?? []));
  if (currencies.size > 1) say('', `states money in ${[...currencies].join(' and ')}`);
}

function checkTiers({ tiers, rate }: TacticInput, say: Say): void {
  if (!tiers || !rate) return;
  let before = { from: '0', rate: rate.amount };
  for (const [i, step] of tiers.steps.entries()) {
    if (!new Decimal(step.from).gt(before.from)) say(`tiers.steps.${i}.from`, 'is not above the one before');
    if (!new Decimal(step.rate).gt(before.rate)) say(`tiers.steps.${i}.rate`, 'is not above the rate before');
    if (rate.per === 'percent' && new Decimal(step.rate).gt(100)) say(`tiers.steps.${i}.rate`, 'is above 100 percent');
    before = step;
  }
}

/** Shipments may run ahead of the event; everything else happens within it. */
function checkDates(tactic: TacticInput, event: EventDates, say: Say): void {
  const onShipments =
    tactic.fundingBasis === 'shipments' || mechanicRules[tactic.mechanic].volumeBasis === 'shipped_cases';
  const from = (onShipments && event.shipStartsOn) || event.startsOn;
  const to = (onShipments && event.shipEndsOn) || event.endsOn;
  const { startsOn, endsOn } = tactic;
  if (startsOn && (startsOn < from || startsOn > to)) say('startsOn', `is not within ${from} to ${to}`);
  if (endsOn && (endsOn < from || endsOn > to)) say('endsOn', `is not within ${from} to ${to}`);
  if (startsOn && endsOn && endsOn < startsOn) say('endsOn', 'is before startsOn');
}

function checkSplit(tactic: TacticInput, say: Say): void {
  const shares = tactic.fundSplit.reduce((sum, part) => sum.plus(part.share), new Decimal(0));
  if (!shares.equals(1)) say('fundSplit', `shares sum to ${shares}, not to 1`);
  if (new Set(tactic.fundSplit.map((part) => part.fundId)).size < tactic.fundSplit.length)
    say('fundSplit', 'names a fund twice');
}

/** What is wrong with a tactic by itself and by the dates of its promotion. */
export function tacticErrors(tactic: TacticInput, place: number, event: EventDates): FieldError[] {
  const errors: FieldError[] = [];
  const say: Say = (field, message) =>
    errors.push({ path: `tactics.${place}${field === '' ? '' : `.${field}`}`, message });
  checkFields(tactic, say);
  checkAmounts(tactic, say);
  checkTiers(tactic, say);
  checkDates(tactic, event, say);
  checkSplit(tactic, say);
  return errors;
}

/** The exchange rate that a tactic in another currency names. Throws `money.currency_mismatch`, `fx.rate_missing`. */
async function appliedFx(
  tx: TenantTx<Context>,
  tactic: TacticInput,
  terms: Pick<PromotionTerms, 'currency' | 'startsOn'>,
): Promise<AppliedFx | null> {
  const from = (tactic.rate ?? tactic.lumpSum)?.currency;
  const to = terms.currency;
  if (!from || from === to) return null;
  if (!tactic.fx) {
    throw new Problem('money.currency_mismatch', {
      detail: `The promotion is planned in ${to}, a tactic is in ${from}: name the type of exchange rate (fx.type).`,
    });
  }
  return findFx(tx, tactic.fx, { from, to, on: tactic.startsOn ?? terms.startsOn });
}

async function findFx(
  tx: TenantTx<Context>,
  { type, on }: z.output<typeof fxSchema>,
  question: { from: string; to: string; on: string },
): Promise<AppliedFx> {
  const { from, to } = question;
  const found = await fxRate(tx, { type, from, to, on: on ?? question.on });
  return { type, on: found.on, from, to, rate: found.rate, rateId: found.id };
}

/**
 * The parts of a tactic's split with the exchange rates of funds in another currency. Throws `fund.not_eligible` where such
 * a part names no type of rate, `fx.rate_missing`.
 */
async function resolveSplit(
  tx: TenantTx<Context>,
  tactic: TacticInput,
  funds: readonly Fund[],
  terms: Pick<PromotionTerms, 'currency' | 'startsOn'>,
): Promise<Tactic['fundSplit']> {
  const parts: Tactic['fundSplit'] = [];
  for (const { fundId, share, fx } of tactic.fundSplit) {
    const fund = funds.find(({ id }) => id === fundId);
    if (!fund || fund.currency === terms.currency) {
      parts.push({ fundId, share });
      continue;
    }
    if (!fx) {
      throw new Problem('fund.not_eligible', {
        detail: `${fund.code} is kept in ${fund.currency}, the promotion in ${terms.currency}: name the type of exchange rate (fx.type).`,
      });
    }
    const question = { from: terms.currency, to: fund.currency, on: tactic.startsOn ?? terms.startsOn };
    parts.push({ fundId, share, fx: await findFx(tx, fx, question) });
  }
  return parts;
}

/** A tactic that stands up by itself, as it is kept: a rate reaches the shelf as its mechanic has it unless it says so. */
export async function resolveTactic(
  tx: TenantTx<Context>,
  input: TacticInput,
  terms: Pick<PromotionTerms, 'currency' | 'startsOn'>,
  funds: readonly Fund[],
): Promise<Tactic> {
  const fx = await appliedFx(tx, input, terms);
  const converted = (amount: string | undefined) => new Decimal(amount ?? 0).times(fx?.rate ?? 1);
  requireMeant(converted(input.lumpSum?.amount).times(input.stores ?? 1), 'A lump sum');
  requireMeant(converted(input.cap?.amount), 'A cap');
  requireMeant(converted(input.minimum?.amount), 'A minimum');
  return {
    id: input.id ?? tx.context.newId(),
    mechanic: input.mechanic,
    productIds: [...new Set(input.productIds)].sort(),
    fundSplit: await resolveSplit(tx, input, funds, terms),
    rate: input.rate ?? null,
    lumpSum: input.lumpSum?.amount ?? null,
    passThrough: input.passThrough ?? mechanicRules[input.mechanic].passThrough,
    startsOn: input.startsOn ?? null,
    endsOn: input.endsOn ?? null,
    fundingBasis: input.fundingBasis ?? null,
    redemptionRate: input.redemptionRate ?? null,
    stores: input.stores ?? null,
    recognition: input.recognition ?? null,
    tiers: input.tiers ?? null,
    cap: input.cap?.amount ?? null,
    minimum: input.minimum?.amount ?? null,
    fx,
  };
}

/** A stored tactic as the input it was made from. */
export function tacticInputOf(tactic: Tactic, promotionCurrency: string): TacticInput {
  const { lumpSum, cap, minimum, fx, fundSplit, ...same } = tactic;
  const currency = fx?.from ?? promotionCurrency;
  const money = (amount: string | null | undefined) =>
    amount == null ? null : { amount: new Decimal(amount).toString(), currency };
  return {
    ...same,
    fundSplit: fundSplit.map(({ fx: of, ...part }) => ({
      ...part,
      ...(of ? { fx: { type: of.type, on: of.on } } : {}),
    })),
    ...{ lumpSum: money(lumpSum), cap: money(cap), minimum: money(minimum) },
    fx: fx && { type: fx.type, on: fx.on },
  };
}
