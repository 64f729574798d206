import type { Figure } from '#figure';
import { Decimal, type Money, moneyFromNumeric, roundToMoney } from '#money';
import type { FundShare, PromotionTactic, TacticRate, TacticTiers } from '#performance';
import type { AppliedFx, PromotionTerms, Tactic } from '../domain/promotion.ts';

/** Money of a tactic in the promotion's currency: a converted amount rounds once. */
function moneyOf(tactic: Tactic, currency: string, amount: string | null | undefined): Money | null {
  if (amount == null) return null;
  if (!tactic.fx) return moneyFromNumeric(amount, currency);
  return roundToMoney(new Decimal(amount).times(tactic.fx.rate), currency);
}

/** A percentage has no currency; any other rate is converted, not rounded. */
function factorOf({ fx, rate }: Tactic): Decimal {
  return new Decimal(fx && rate?.per !== 'percent' ? fx.rate : 1);
}

function rateOf(tactic: Tactic, currency: string): TacticRate | null {
  if (!tactic.rate) return null;
  const { amount, per, percentOf } = tactic.rate;
  return { amount: factorOf(tactic).times(amount), currency, per, ...(percentOf ? { percentOf } : {}) };
}

/** Below the first step the rate itself is paid. */
function tiersOf(tactic: Tactic): TacticTiers | undefined {
  const { tiers, rate } = tactic;
  if (!tiers || !rate) return undefined;
  const steps = [{ from: '0', rate: rate.amount }, ...tiers.steps];
  const factor = factorOf(tactic);
  return {
    method: tiers.method,
    steps: steps.map((step) => ({ from: new Decimal(step.from), rate: factor.times(step.rate) })),
  };
}

/** A rate in words, for the entries that are made with it. */
const fxNote = ({ type, on, from, to, rate }: AppliedFx): string => `1 ${from} = ${rate} ${to} (${type}, ${on})`;

/** What a tactic spends as a figure that names the exchange rate its money was converted at, and what was converted. */
export function figureWithFx(figure: Figure, { fx, rate, lumpSum }: Tactic): Figure {
  if (!fx) return figure;
  const stated = [
    ...(rate && rate.per !== 'percent' ? [{ name: 'rate as agreed', value: rate.amount }] : []),
    ...(lumpSum === null ? [] : [{ name: 'lump sum as agreed', value: lumpSum }]),
  ];
  return {
    ...figure,
    inputs: [
      ...figure.inputs,
      ...stated.map((input) => ({ ...input, source: `in ${fx.from}` })),
      { name: 'exchange rate', value: fx.rate, source: fxNote(fx) },
    ],
  };
}

/** Who bears a tactic, with the exchange rates of funds in another currency. */
export function fundSharesOf({ fundSplit }: Pick<Tactic, 'fundSplit'>): FundShare[] {
  return fundSplit.map(({ fundId, share, fx }) => ({
    ...{ fundId, share: new Decimal(share) },
    ...(fx ? { fx: { currency: fx.to, rate: new Decimal(fx.rate), note: fxNote(fx) } } : {}),
  }));
}

function toPerformance(tactic: Tactic, currency: string): PromotionTactic {
  const tiers = tiersOf(tactic);
  const cap = moneyOf(tactic, currency, tactic.cap);
  const minimum = moneyOf(tactic, currency, tactic.minimum);
  return {
    key: tactic.id,
    mechanic: tactic.mechanic,
    productIds: tactic.productIds,
    rate: rateOf(tactic, currency),
    lumpSum: moneyOf(tactic, currency, tactic.lumpSum),
    passThrough: new Decimal(tactic.passThrough),
    fundSplit: fundSharesOf(tactic),
    feature: tactic.mechanic === 'feature',
    display: tactic.mechanic === 'display',
    ...(tactic.startsOn ? { startsOn: tactic.startsOn } : {}),
    ...(tactic.endsOn ? { endsOn: tactic.endsOn } : {}),
    ...(tactic.fundingBasis ? { fundingBasis: tactic.fundingBasis } : {}),
    ...(tactic.redemptionRate ? { redemptionRate: new Decimal(tactic.redemptionRate) } : {}),
    ...(tactic.stores ? { stores: tactic.stores } : {}),
    ...(tactic.recognition ? { recognition: tactic.recognition } : {}),
    ...(tiers ? { tiers } : {}),
    ...(cap ? { cap } : {}),
    ...(minimum ? { minimum } : {}),
  };
}

/** The tactics of a promotion as performance calculates with them: in the promotion's currency. */
export function performanceTactics(terms: Pick<PromotionTerms, 'tactics' | 'currency'>): PromotionTactic[] {
  return terms.tactics.map((tactic) => toPerformance(tactic, terms.currency));
}
