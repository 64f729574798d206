import type { Figure } from '#figure';
import {
  add,
  amountOf,
  Decimal,
  type Money,
  ratio,
  roundToMoney,
  subtract,
  sum,
  toDecimal,
  toJson,
  zero,
} from '#money';
import { type FigureName, type Figures, figureNames, formulas, formulaVersion, ratioText } from './event-figure.ts';
import { type EventSpend, eventSpend, everydayContribution, ratedSpend } from './event-spend.ts';
import type { EventProduct, EventTactic } from './event-tactic.ts';
import { lumpSumOf } from './tactic-money.ts';

/** Volume that an event took from or gave to a product: positive, in cases, with that product's contribution per case. */
export interface ComponentVolume {
  productId: string;
  cases: Decimal;
  /** Major units per case. */
  contributionPerCase: Decimal;
}

/** An event as the formulas see it. */
export interface EventInput {
  currency: string;
  tactics: readonly EventTactic[];
  products: readonly EventProduct[];
  /** Null: not estimated, which is not zero. */
  dip: readonly ComponentVolume[] | null;
  cannibalisation: readonly ComponentVolume[] | null;
  halo: readonly ComponentVolume[] | null;
  /** Interval of the event's incremental POS units in total; figures then carry `low` and `high`. */
  incrementalUnits?: { low: Decimal; high: Decimal };
  /** Where the volumes came from, for the figures' inputs: 'prediction model …', 'measurement 2'. */
  volumeSource?: string;
  /** The agreements whose terms are in m, for the figures' inputs: 'HOLLY-2026/3'. */
  agreements?: string | undefined;
}

/** An event in money. */
export interface PricedEvent {
  figures: Figures;
  spend: EventSpend;
  /** B, A and I in cases. */
  baselineCases: Decimal;
  cases: Decimal;
  incrementalCases: Decimal;
  netProfit: Money;
  /** Net profit / spend, 4 places; null without spend. */
  netRoi: string | null;
}

type Values = Record<FigureName, Figure['value']>;

const total = (values: readonly Decimal[]): Decimal => Decimal.sum(0, ...values);

/** Σ cases × contribution per case, rounded once; null where there is no estimate. */
function componentMoney(component: readonly ComponentVolume[] | null, currency: string): Money | null {
  if (!component) return null;
  return roundToMoney(
    total(component.map(({ cases, contributionPerCase }) => cases.times(contributionPerCase))),
    currency,
  );
}

/** The same products as they would be at their baseline: nothing is known of shipments then. */
const atBaseline = (products: readonly EventProduct[]): EventProduct[] =>
  products.map((product) => ({ ...scaled(product, product.baselineUnits), shippedCases: null }));

/** A product that sells so many units; what single tactics count on it goes along. */
function scaled(product: EventProduct, units: Decimal): EventProduct {
  const factor = product.units.gt(0) ? units.div(product.units) : new Decimal(1);
  const counted = [...(product.counted ?? [])].map(
    ([key, { cases, assumed }]) => [key, { cases: cases.times(factor), assumed }] as const,
  );
  return { ...product, units, ...(product.counted ? { counted: new Map(counted) } : {}) };
}

/** Whether spend is d·A + F: with tiers or limits it is not. */
const isLinear = ({ tiers, cap, minimum }: EventTactic): boolean => !tiers && !cap && !minimum;

/**
 * Break-even: the one lift of all products at which I·m = S. With one product this is domain.md's
 * (d·B + F) / ((m − d)·B). Null where spend does not follow volume in a straight line, or m ≤ d.
 */
function breakEven(
  input: EventInput,
  fixedCost: Decimal,
  subsidised: Decimal,
): { lift: Decimal; cases: Decimal } | null {
  if (!input.tactics.every(isLinear)) return null;
  const volumes = input.products.map(caseVolumes);
  const contribution = total(volumes.map(({ product, baseline }) => everydayContribution(product).times(baseline)));
  const gain = contribution.minus(subsidised);
  if (!gain.gt(0)) return null;
  const lift = fixedCost.plus(subsidised).div(gain);
  return { lift, cases: lift.times(total(volumes.map(({ baseline }) => baseline))) };
}

/** One product's volumes in cases. */
interface CaseVolumes {
  product: EventProduct;
  baseline: Decimal;
  cases: Decimal;
  incremental: Decimal;
}

function caseVolumes(product: EventProduct): CaseVolumes {
  const baseline = product.baselineUnits.div(product.unitsPerCase);
  const cases = product.units.div(product.unitsPerCase);
  return { product, baseline, cases, incremental: cases.minus(baseline) };
}

/** What the figures are made of: volumes in cases, amounts rounded where the house rule says. */
interface Parts {
  B: Decimal;
  A: Decimal;
  I: Decimal;
  spend: EventSpend;
  /** S and F of domain.md. */
  S: Money;
  F: Money;
  /** I·m, m·A and d·B. */
  contribution: Money;
  contributionOfAll: Money;
  subsidised: Money;
  /** m averaged over I, so that I·m is the contribution, and over B, as the break-even takes it. */
  marginOverI: Decimal | null;
  marginOverB: Decimal | null;
  dip: Money | null;
  cannibalisation: Money | null;
  halo: Money | null;
  grossSales: Money;
  terms: Money;
  even: { lift: Decimal; cases: Decimal } | null;
}

/** Throws `money.currency_mismatch` where a price is in another currency than the event. */
function requireOneCurrency({ currency, products }: EventInput): void {
  for (const { listPrice, cost } of products) {
    for (const price of [listPrice, cost]) add(zero(currency), price);
  }
}

function partsOf(input: EventInput): Parts {
  const { currency } = input;
  requireOneCurrency(input);
  const volumes = input.products.map(caseVolumes);
  const rounded = (of: (volume: CaseVolumes) => Decimal) => roundToMoney(total(volumes.map(of)), currency);
  const B = total(volumes.map(({ baseline }) => baseline));
  const A = total(volumes.map(({ cases }) => cases));
  const spend = eventSpend(input.tactics, input.products, currency);
  const F = sum(
    input.tactics.map((tactic) => lumpSumOf(tactic, currency)),
    currency,
  );
  const subsidised = ratedSpend(input.tactics, atBaseline(input.products));
  const I = A.minus(B);
  const margins = (of: (volume: CaseVolumes) => Decimal) =>
    total(volumes.map((volume) => everydayContribution(volume.product).times(of(volume))));
  const termsOf = ({ product: { onInvoiceTerms, standingTerms } }: CaseVolumes) =>
    add(onInvoiceTerms ?? zero(currency), standingTerms ?? zero(currency));
  return {
    ...{ B, A, I, spend, S: spend.total, F },
    contribution: rounded(({ product, incremental }) => everydayContribution(product).times(incremental)),
    contributionOfAll: rounded(({ product, cases }) => everydayContribution(product).times(cases)),
    subsidised: roundToMoney(subsidised, currency),
    marginOverI: I.isZero() ? null : margins(({ incremental }) => incremental).div(I),
    marginOverB: B.isZero() ? null : margins(({ baseline }) => baseline).div(B),
    dip: componentMoney(input.dip, currency),
    cannibalisation: componentMoney(input.cannibalisation, currency),
    halo: componentMoney(input.halo, currency),
    grossSales: rounded(({ product, cases }) => toDecimal(product.listPrice).times(cases)),
    terms: rounded((volume) => toDecimal(termsOf(volume)).times(volume.cases)),
    even: B.gt(0) ? breakEven(input, toDecimal(F), subsidised) : null,
  };
}

const textOf = (value: Decimal): string => value.toDecimalPlaces(6).toFixed();

/** Net incremental contribution: components without an estimate are left out, and named so beside the figure. */
function netContribution({ contribution, dip, cannibalisation, halo }: Parts): Money {
  const nothing = zero(contribution.currency);
  return add(subtract(subtract(contribution, dip ?? nothing), cannibalisation ?? nothing), halo ?? nothing);
}

function valuesOf(parts: Parts): Values {
  const { B, A, I, S, even } = parts;
  const net = netContribution(parts);
  const gross = subtract(parts.contribution, S);
  const netProfit = subtract(net, S);
  return {
    incrementalVolume: textOf(I),
    lift: ratioText(B.gt(0) ? I.div(B) : null),
    liftMultiple: ratioText(B.gt(0) ? A.div(B) : null),
    eventSpend: toJson(S),
    subsidisedBase: toJson(parts.subsidised),
    incrementalContribution: toJson(parts.contribution),
    grossProfit: toJson(gross),
    grossRoi: ratio(gross, S),
    dipContribution: parts.dip && toJson(parts.dip),
    cannibalisationContribution: parts.cannibalisation && toJson(parts.cannibalisation),
    haloContribution: parts.halo && toJson(parts.halo),
    netIncrementalContribution: toJson(net),
    netProfit: toJson(netProfit),
    netRoi: ratio(netProfit, S),
    costPerIncrementalUnit: I.gt(0) ? toDecimal(S).div(I).toFixed(6) : null,
    breakEvenLift: ratioText(even?.lift ?? null),
    breakEvenVolume: even?.cases.toFixed(6) ?? null,
    tradeRate: ratio(add(parts.terms, S), parts.grossSales),
    merchandisingEfficiency: ratioText(A.gt(0) ? I.div(A) : null),
    eventMargin: ratio(subtract(parts.contributionOfAll, S), parts.grossSales),
  };
}

/** The figures' inputs by the letters of domain.md. */
function inputsOf(
  parts: Parts,
  { volumes, terms }: { volumes: string; terms: string },
  marginOver: 'B' | 'I',
): Record<string, { value: string | null; source: string }> {
  const { B, A, I, S, F, subsidised } = parts;
  const margin = marginOver === 'B' ? parts.marginOverB : parts.marginOverI;
  const amount = (value: Money | null, source: string) => ({ value: value && amountOf(value), source });
  return {
    A: { value: textOf(A), source: volumes },
    B: { value: textOf(B), source: volumes },
    I: { value: textOf(I), source: 'A − B' },
    S: amount(S, 'tactics'),
    F: amount(F, 'tactics'),
    d: { value: B.isZero() ? null : textOf(toDecimal(subsidised).div(B)), source: 'tactics, mean over B' },
    m: { value: margin && textOf(margin), source: `${terms}, mean over ${marginOver}` },
    m·A: amount(parts.contributionOfAll, `${terms}, × A`),
    dip: amount(parts.dip, volumes),
    cannibalisation: amount(parts.cannibalisation, volumes),
    halo: amount(parts.halo, volumes),
    terms: amount(parts.terms, terms),
    grossSales: amount(parts.grossSales, 'list price × A'),
  };
}

/** What each tactic costs, in their order. */
function tacticInputs({ tactics }: EventSpend): Figure['inputs'] {
  return tactics.map(({ mechanic, spend, volume, unit, volumeBasis }, i) => ({
    name: `${i + 1}. ${mechanic.replaceAll('_', ' ')}`,
    value: amountOf(spend),
    source: volume === null ? 'lump sum' : `rate × ${textOf(volume)} ${unit}s by ${volumeBasis.replaceAll('_', ' ')}`,
  }));
}

/**
 * The same event with its incremental units in total at another value; products share the difference by what they sell,
 * and none sells less than nothing.
 */
function atIncremental(input: EventInput, wanted: Decimal): EventInput {
  const units = total(input.products.map((product) => product.units));
  const baseline = total(input.products.map((product) => product.baselineUnits));
  const difference = wanted.minus(units.minus(baseline));
  const shareOf = (product: EventProduct): Decimal =>
    units.gt(0) ? product.units.div(units) : new Decimal(1).div(input.products.length);
  return {
    ...input,
    products: input.products.map((product) =>
      scaled(product, Decimal.max(0, product.units.plus(difference.times(shareOf(product))))),
    ),
  };
}

const sizeOf = (value: Figure['value']): Decimal | null =>
  value === null ? null : new Decimal(typeof value === 'string' ? value : value.amount);

function ordered(a: Figure['value'], b: Figure['value']): { low: Figure['value']; high: Figure['value'] } {
  const [x, y] = [sizeOf(a), sizeOf(b)];
  return x && y && x.gt(y) ? { low: b, high: a } : { low: a, high: b };
}

const perCase: ReadonlySet<FigureName> = new Set(['incrementalVolume', 'costPerIncrementalUnit', 'breakEvenVolume']);

/**
 * Prices an event by the formulas of domain.md ("Formulas"): spend, gross and net profit, ROI, break-even and trade rate.
 * All volumes count in cases; money rounds once per tactic and once per contribution sum. S = 0 gives a null ROI, m ≤ d a
 * null break-even; a component without an estimate is listed under `notEstimated`. Throws like {@link eventSpend}.
 */
export function priceEvent(input: EventInput): PricedEvent {
  const parts = partsOf(input);
  const values = valuesOf(parts);
  const terms = input.agreements ? `prices and terms ${input.agreements}` : 'prices and terms';
  const source = { volumes: input.volumeSource ?? 'volumes', terms };
  const inputValues = { I: inputsOf(parts, source, 'I'), B: inputsOf(parts, source, 'B') };
  const { incrementalUnits } = input;
  const ends = incrementalUnits && {
    low: valuesOf(partsOf(atIncremental(input, incrementalUnits.low))),
    high: valuesOf(partsOf(atIncremental(input, incrementalUnits.high))),
  };
  const missing = (['dip', 'cannibalisation', 'halo'] as const).filter((name) => input[name] === null);
  const figureOf = (name: FigureName): Figure => {
    const { unit, formula, inputs } = formulas[name];
    const notEstimated = missing.filter((component) => inputs.includes(component));
    return {
      value: values[name],
      ...(ends ? ordered(ends.low[name], ends.high[name]) : {}),
      unit,
      ...(perCase.has(name) ? { per: 'case' as const } : {}),
      ...{ formula, formulaVersion },
      inputs:
        name === 'eventSpend'
          ? tacticInputs(parts.spend)
          : inputs.map((letter) => ({ name: letter, ...inputValues[inputs.includes('I') ? 'I' : 'B'][letter]! })),
      ...(notEstimated.length ? { notEstimated } : {}),
    };
  };
  const netProfit = subtract(netContribution(parts), parts.S);
  return {
    figures: Object.fromEntries(figureNames.map((name) => [name, figureOf(name)])) as Figures,
    ...{ spend: parts.spend, baselineCases: parts.B, cases: parts.A, incrementalCases: parts.I },
    ...{ netProfit, netRoi: ratio(netProfit, parts.S) },
  };
}
