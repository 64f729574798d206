import { todayIn } from '#clock';
import type { AmountLimit, Context } from '#context';
import type { TenantTx } from '#db';
import { fxRate } from '#master-data';
import { add, amountOf, compare, Decimal, type Money, money, roundToMoney, toDecimal, zero } from '#money';
import { Problem } from '#problem';
import { findPeople, limitOf, limitsOf } from '#security';
import { readWriteOffLimits } from './desk-settings-store.ts';

type Tx = TenantTx<Context>;

/** The rates by which limits are converted. */
const limitRateType = 'closing';
/** What somebody without a write-off limit of their own may write off, in the house currency: small change. */
const defaultWriteOff = '1000';

/** The conversion that a limit was compared by, for the record. */
export interface LimitConversion {
  fxRateId: string;
  rate: string;
  on: string;
}

/**
 * An amount in the currency of a limit, by the closing rate of today. Throws `fx.rate_missing` where there is none: nobody's limit
 * is guessed.
 */
async function inCurrencyOf(
  tx: Tx,
  amount: Money,
  currency: string,
): Promise<{ amount: Money; by: LimitConversion | null }> {
  if (amount.currency === currency) return { amount, by: null };
  const on = todayIn(tx.context.clock, tx.context.tenant.timeZone);
  const found = await fxRate(tx, { type: limitRateType, from: amount.currency, to: currency, on });
  const converted = roundToMoney(toDecimal(amount).mul(new Decimal(found.rate)), currency);
  return { amount: converted, by: { fxRateId: found.id, rate: found.rate, on } };
}

const told = (value: Money) => `${amountOf(value)} ${value.currency}`;

/** What an amount is judged with. */
interface Judged {
  /** Whose limit; the actor's when absent. */
  personId?: string;
  /** What they resolved of the same whole before: a split does not make a limit larger. */
  earlier?: Money;
}

async function requireWithin(
  tx: Tx,
  amount: Money,
  limit: Money,
  whose: string,
  earlier: Money = zero(amount.currency),
): Promise<LimitConversion | null> {
  const judged = add(amount, earlier);
  const converted = await inCurrencyOf(tx, judged, limit.currency);
  if (compare(limit, converted.amount) >= 0) return converted.by;
  const parts = earlier.minor > 0n ? `, with ${told(earlier)} of the same whole before,` : '';
  throw new Problem('approval.limit_exceeded', {
    detail: `${told(judged)}${converted.by ? ` (${told(converted.amount)})` : ''}${parts} is above ${whose} of ${told(limit)}.`,
  });
}

/**
 * Throws `approval.limit_exceeded` where an amount is above a personal approval limit; in another currency it is converted.
 * Answers the conversion, null without one.
 */
export async function requireWithinApprovalLimit(
  tx: Tx,
  amount: Money,
  { personId = tx.context.actor.id, earlier }: Judged = {},
): Promise<LimitConversion | null> {
  const whose = personId === tx.context.actor.id ? 'your limit' : 'the limit of who answers for it';
  const limits = await limitsHeldBy(tx, personId);
  const limit = limits && limitOf(limits, ['claims:settle', 'promotions:approve'], amount.currency);
  if (limit === undefined) {
    throw new Problem('approval.limit_exceeded', { detail: `${told(amount)} is above ${whose}: nothing.` });
  }
  return limit ? requireWithin(tx, amount, limit, whose, earlier) : null;
}

/** The limits of an active person, or of the program that acts; undefined for anybody else. */
async function limitsHeldBy(tx: Tx, id: string): Promise<readonly AmountLimit[] | undefined> {
  const { actor } = tx.context;
  if (actor.kind === 'service' && actor.id === id) return actor.limits;
  const [person] = await findPeople(tx, { ids: [id] });
  return person?.active ? limitsOf(person) : undefined;
}

/** What a person or program may write off: their limit of the currency, else the one limit that was set, else the default; null: all. */
async function writeOffLimitOf(tx: Tx, personId: string, currency: string): Promise<Money | null> {
  const limits = await limitsHeldBy(tx, personId);
  const byCurrency = limits && limitOf(limits, ['claims:writeoff'], currency);
  if (byCurrency !== undefined) return byCurrency;
  const [own] = await readWriteOffLimits(tx, personId);
  return own?.limit ?? defaultWriteOffLimit(tx.context);
}

/** The write-off limit of those for whom none was set. */
export function defaultWriteOffLimit({ tenant }: Context): Money {
  return money(defaultWriteOff, tenant.currency);
}

/** Throws `approval.limit_exceeded` where an amount is above what the actor may write off or approve at all. */
export async function requireWithinWriteOffLimit(
  tx: Tx,
  amount: Money,
  { earlier }: Pick<Judged, 'earlier'>,
): Promise<LimitConversion | null> {
  await requireWithinApprovalLimit(tx, amount, { earlier });
  const limit = await writeOffLimitOf(tx, tx.context.actor.id, amount.currency);
  return limit && requireWithin(tx, amount, limit, 'your write-off limit', earlier);
}
