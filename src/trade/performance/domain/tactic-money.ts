import { daysBetween } from '#fiscal-calendar';
import { add, compare, Decimal, type Money, multiply, roundToMoney, toDecimal, zero } from '#money';
import { Problem } from '#problem';
import type { EventProduct, Recognition, TacticRate, TacticTerms, TacticTiers } from './event-tactic.ts';

/** Volume that a tactic pays for: what each of it pays is `rate`, in major units of the currency. */
interface PaidVolume {
  volume: Decimal;
  /** With tiers: what each pays per 1 of the tier's rate. */
  rate: Decimal;
}

/** What one case of a product pays per 1 of a rate, in major units. Throws `money.currency_mismatch`. */
export function worthPerCase(
  rate: Pick<TacticRate, 'currency' | 'per' | 'percentOf'>,
  product: Pick<EventProduct, 'listPrice' | 'onInvoiceTerms' | 'unitsPerCase'>,
): Decimal {
  if (rate.per === 'percent') {
    const list = toDecimal(product.listPrice);
    const terms = rate.percentOf === 'invoice' && product.onInvoiceTerms ? toDecimal(product.onInvoiceTerms) : 0;
    return list.minus(terms).div(100);
  }
  if (rate.currency !== product.listPrice.currency) {
    throw new Problem('money.currency_mismatch', {
      detail: `The rate is in ${rate.currency}, the price of the product in ${product.listPrice.currency}.`,
    });
  }
  return rate.per === 'unit' ? product.unitsPerCase : new Decimal(1);
}

/**
 * What each case pays on average where `cases` are reached: retroactively the tier's rate, incrementally the mean over
 * the tiers that the cases fill.
 */
export function tierRate({ method, steps }: TacticTiers, cases: Decimal): Decimal {
  const reached = steps.filter(({ from }) => from.lte(cases));
  const highest = reached.at(-1)?.rate ?? new Decimal(0);
  if (method === 'retroactive' || !cases.gt(0)) return highest;
  const paid = reached.map(({ from, rate }, i) =>
    Decimal.min(cases, steps[i + 1]?.from ?? cases)
      .minus(from)
      .times(rate),
  );
  return Decimal.sum(0, ...paid).div(cases);
}

/**
 * Σ rate × volume, not rounded; tiers at what the volume reaches, or at `expectedCases` where more is still to come.
 */
export function ratedMoney(
  tiers: TacticTiers | undefined,
  volumes: readonly PaidVolume[],
  expectedCases: Decimal = new Decimal(0),
): Decimal {
  const paid = Decimal.sum(0, ...volumes.map(({ volume, rate }) => volume.times(rate)));
  if (!tiers) return paid;
  const cases = Decimal.sum(0, ...volumes.map(({ volume }) => volume));
  return tierRate(tiers, Decimal.max(cases, expectedCases)).times(paid);
}

/** The fixed amount of a tactic: per store times its stores. */
export function lumpSumOf({ lumpSum, stores = 1 }: Pick<TacticTerms, 'lumpSum' | 'stores'>, currency: string): Money {
  return lumpSum ? multiply(lumpSum, new Decimal(stores)) : zero(currency);
}

/** An amount no higher than the cap and no lower than the part (0..1) of the minimum that is due by now. */
export function withinLimits(
  { cap, minimum }: Pick<TacticTerms, 'cap' | 'minimum'>,
  amount: Money,
  due: Decimal = new Decimal(1),
): Money {
  const least = minimum && multiply(minimum, due);
  const raised = least && compare(amount, least) < 0 ? least : amount;
  return cap && compare(raised, cap) > 0 ? cap : raised;
}

/** Volume of some days that a tactic has earned on; `forecast` where the actual has not come yet. */
export interface EarnedVolume extends PaidVolume {
  /** First of the days; they count as a whole from then on. */
  on: string;
  forecast?: true;
}

/** A tactic while it earns: its terms in one currency, its window, and the volumes known so far. */
export interface EarningTerms {
  currency: string;
  startsOn: string;
  endsOn: string;
  /** The last day on which it earns where it was stopped before its end. */
  stoppedOn?: string;
  volumes: readonly EarnedVolume[];
  /** For all of its stores. */
  lumpSum: Money | null;
  lumpSumRecognised: Recognition;
  tiers?: TacticTiers;
  cap?: Money;
  minimum?: Money;
  /** Cases that the whole window is expected to bring: the tier that is accrued by until it is over. */
  expectedCases?: Decimal;
  /** How the expected volume goes over the window: shares of it by day, for a lump sum recognised by volume. */
  curve?: readonly { startsOn: string; endsOn: string; volume: Decimal }[];
}

/** The part of a range of days that has passed at the end of `on`, 0..1. */
function passed({ startsOn, endsOn }: { startsOn: string; endsOn: string }, on: string): Decimal {
  if (on < startsOn) return new Decimal(0);
  if (on >= endsOn) return new Decimal(1);
  return new Decimal(daysBetween(startsOn, on) + 1).div(daysBetween(startsOn, endsOn) + 1);
}

function recognised(terms: EarningTerms, on: string): Decimal {
  if (terms.lumpSumRecognised === 'on_date') return new Decimal(on >= terms.startsOn ? 1 : 0);
  if (terms.lumpSumRecognised === 'straight_line' || !terms.curve) return passed(terms, on);
  const whole = Decimal.sum(0, ...terms.curve.map(({ volume }) => volume));
  if (!whole.gt(0) || on >= terms.endsOn) return passed(terms, on);
  return Decimal.sum(0, ...terms.curve.map((part) => part.volume.times(passed(part, on)))).div(whole);
}

/**
 * What a tactic has earned from its start through a day: Σ rate × volume, rounded once, plus the recognised part of its
 * lump sum, no more than its cap and no less than its minimum over the days so far. Until the window is over, tiers count
 * at the expected volume. Periods are differences of this sum, so that they add up to the whole to the cent.
 */
export function moneyThrough(terms: EarningTerms, on: string): Money {
  const { stoppedOn = terms.endsOn } = terms;
  const volumes = terms.volumes.filter((fact) => fact.on <= on);
  const expected = on < terms.endsOn && on < stoppedOn ? terms.expectedCases : undefined;
  const rated = roundToMoney(ratedMoney(terms.tiers, volumes, expected), terms.currency);
  const day = on < stoppedOn ? on : stoppedOn;
  const lump = terms.lumpSum ? multiply(terms.lumpSum, recognised(terms, day)) : zero(terms.currency);
  return withinLimits(terms, add(rated, lump), passed(terms, day));
}
