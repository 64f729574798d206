import { Decimal, type Money, roundToMoney, toDecimal } from '#money';
import { Problem } from '#problem';

/** What a fund gets from one day on. */
export interface FundRate {
  per: 'case' | 'percent';
  /** Major units of the fund's currency per case, or percent of list price; a decimal string. */
  amount: string;
  validFrom: string;
}

/** Cases of a product shipped in a week. */
export interface ShippedCases {
  productId: string;
  weekStart: string;
  cases: Decimal;
}

/** What a week's shipments are worth to a fund. */
export interface WeekAccrual {
  weekStart: string;
  cases: Decimal;
  rate: FundRate;
  amount: Money;
}

/** Rates above these are slips of the pen: per case in major units of any currency, and in percent. */
const largestRate = { case: 1_000_000, percent: 100 };

/** What is wrong with a rate; undefined where nothing is. */
export function rateProblem({ per, amount }: Pick<FundRate, 'per' | 'amount'>): string | undefined {
  const size = new Decimal(amount);
  if (!size.gt(0)) return 'is not above 0';
  if (size.gt(largestRate[per])) return `is above ${largestRate[per]} ${per === 'case' ? 'per case' : 'percent'}`;
  return undefined;
}

/** The rate in force on a day, of rates in the order in which they were recorded; undefined before the first begins. */
export function rateOn(rates: readonly FundRate[], on: string): FundRate | undefined {
  return rates.reduce<FundRate | undefined>(
    (best, rate) => (rate.validFrom <= on && (!best || rate.validFrom >= best.validFrom) ? rate : best),
    undefined,
  );
}

function listPriceOf(prices: ReadonlyMap<string, Money>, productId: string, currency: string): Decimal {
  const price = prices.get(productId);
  if (!price) throw new Problem('rule.violated', { detail: `The product ${productId} has no list price.` });
  if (price.currency !== currency) {
    throw new Problem('money.currency_mismatch', {
      detail: `A percentage of a list price in ${price.currency} cannot fill a fund kept in ${currency}.`,
    });
  }
  return toDecimal(price);
}

/** Σ cases × rate of one week, rounded once; `prices` (per case, by product) are asked for a percentage only. */
export function accrueWeek(
  weekStart: string,
  shipped: readonly ShippedCases[],
  { rate, prices, currency }: { rate: FundRate; prices: ReadonlyMap<string, Money>; currency: string },
): WeekAccrual {
  const base = ({ productId, cases }: ShippedCases) =>
    rate.per === 'case' ? cases : cases.times(listPriceOf(prices, productId, currency)).div(100);
  const exact = shipped.reduce((sum, one) => sum.plus(base(one).times(rate.amount)), new Decimal(0));
  const cases = shipped.reduce((sum, one) => sum.plus(one.cases), new Decimal(0));
  return { weekStart, cases, rate, amount: roundToMoney(exact, currency) };
}
