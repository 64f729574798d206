import { todayIn } from '#clock';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { amountOf, fromJson, type Money, type MoneyJson, roundToMoney, toDecimal } from '#money';
import { Problem } from '#problem';
import { fxRate } from './fx-store.ts';

async function closingRate(tx: TenantTx<Context>, from: string, to: string): Promise<string> {
  const { tenant, clock } = tx.context;
  return (await fxRate(tx, { type: 'closing', from, to, on: todayIn(clock, tenant.timeZone) })).rate;
}

/** How many units of the tenant's currency one of another is, by the closing rate of today. Throws `fx.rate_missing`. */
export async function houseRate(tx: TenantTx<Context>, currency: string): Promise<string> {
  const { tenant } = tx.context;
  return currency === tenant.currency ? '1' : closingRate(tx, currency, tenant.currency);
}

/** An amount in another currency by the closing rate of today; null where there is no such rate. */
export async function inCurrency(tx: TenantTx<Context>, amount: Money, currency: string): Promise<Money | null> {
  if (amount.currency === currency) return amount;
  try {
    return roundToMoney(toDecimal(amount).times(await closingRate(tx, amount.currency, currency)), currency);
  } catch (error) {
    if (error instanceof Problem && error.code === 'fx.rate_missing') return null;
    throw error;
  }
}

/** An amount in the tenant's currency by the closing rate of today, as a decimal string; null where there is no such rate. */
export async function inHouseCurrency(tx: TenantTx<Context>, amount: MoneyJson): Promise<string | null> {
  const { currency } = tx.context.tenant;
  if (amount.currency === currency) return amount.amount;
  const converted = await inCurrency(tx, fromJson(amount), currency);
  return converted && amountOf(converted);
}
