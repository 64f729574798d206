import { todayIn } from '#clock';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { fxRate } from '#master-data';
import { amountOf, compare, Decimal, type Money, money, roundToMoney, toDecimal } from '#money';
import { Problem } from '#problem';
import { findPeople } from '#security';
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

async function requireWithin(tx: Tx, amount: Money, limit: Money, whose: string): Promise<LimitConversion | null> {
  const converted = await inCurrencyOf(tx, amount, limit.currency);
  if (compare(limit, converted.amount) >= 0) return converted.by;
  throw new Problem('approval.limit_exceeded', {
    detail: `${told(amount)}${converted.by ? ` (${told(converted.amount)})` : ''} is above ${whose} of ${told(limit)}.`,
  });
}

/**
 * Throws `approval.limit_exceeded` where an amount is above the actor's personal approval limit; in another currency it is
 * converted. Answers the conversion, null without one.
 */
export async function requireWithinApprovalLimit(tx: Tx, amount: Money): Promise<LimitConversion | null> {
  const [person] = await findPeople(tx, { ids: [tx.context.actor.id] });
  if (!person?.active) {
    throw new Problem('approval.limit_exceeded', { detail: `${told(amount)} is above your limit of nothing.` });
  }
  return person.approvalLimit && requireWithin(tx, amount, person.approvalLimit, 'your limit');
}

/** What a person may write off: their own limit where one was set, else the default. */
export async function writeOffLimitOf(tx: Tx, personId: string): Promise<Money> {
  const [own] = await readWriteOffLimits(tx, personId);
  return own?.limit ?? defaultWriteOffLimit(tx.context);
}

/** The write-off limit of those for whom none was set. */
export function defaultWriteOffLimit({ tenant }: Context): Money {
  return money(defaultWriteOff, tenant.currency);
}

/** Throws `approval.limit_exceeded` where an amount is above what the actor may write off or approve at all. */
export async function requireWithinWriteOffLimit(tx: Tx, amount: Money): Promise<LimitConversion | null> {
  await requireWithinApprovalLimit(tx, amount);
  return requireWithin(tx, amount, await writeOffLimitOf(tx, tx.context.actor.id), 'your write-off limit');
}
