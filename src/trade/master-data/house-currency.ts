import { todayIn } from '#clock';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { amountOf, Decimal, type MoneyJson, roundToMoney } from '#money';
import { Problem } from '#problem';
import { fxRate } from './fx-store.ts';

/** An amount in the tenant's currency by the closing rate of today, as a decimal string; null where there is no such rate. */
export async function inHouseCurrency(tx: TenantTx<Context>, { amount, currency }: MoneyJson): Promise<string | null> {
  const { tenant, clock } = tx.context;
  if (currency === tenant.currency) return amount;
  const on = todayIn(clock, tenant.timeZone);
  try {
    const { rate } = await fxRate(tx, { type: 'closing', from: currency, to: tenant.currency, on });
    return amountOf(roundToMoney(new Decimal(amount).times(rate), tenant.currency));
  } catch (error) {
    if (error instanceof Problem && error.code === 'fx.rate_missing') return null;
    throw error;
  }
}
