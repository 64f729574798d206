import type { Figure, FigureInput } from '#figure';
import { amountOf, Decimal, type Money, ratio, sum, toDecimal, toJson } from '#money';
import { ratioText } from './event-figure.ts';
import { percent, type Verdict, worthNaming } from './event-verdict.ts';

/** The formula of roll-ups; changes whenever a number may. */
export const ROLLUP_VERSION = 'event-rollup/1';

/** A measured event as roll-ups read it. */
export interface MeasuredEvent {
  promotionId: string;
  measurementVersion: number;
  customerId: string;
  mechanics: readonly string[];
  productIds: readonly string[];
  startsOn: string;
  endsOn: string;
  decision: Verdict['decision'] | null;
  baselineUnits: Decimal;
  incrementalUnits: Decimal;
  spend: Money;
  grossProfit: Money;
  netProfit: Money;
  netProfitLow: Money;
  netProfitHigh: Money;
  netIncrementalContribution: Money;
  subsidisedBase: Money | null;
  /** Null: not estimated. */
  dip: Money | null;
  cannibalisation: Money | null;
  halo: Money | null;
  predicted: { incrementalUnits: Decimal; spend: Money; netProfit: Money } | null;
}

/** What events of one kind did together. */
export interface EventGroup {
  currency: string;
  events: number;
  /** How many events earned money. */
  earned: number;
  figures: Record<
    | 'spend'
    | 'netIncrementalContribution'
    | 'netProfit'
    | 'netRoi'
    | 'grossProfit'
    | 'grossRoi'
    | 'lift'
    | 'subsidisedBase'
    | 'dip'
    | 'cannibalisation'
    | 'halo',
    Figure
  >;
  prediction: PredictionScore;
  verdict: Verdict;
}

/** How far predictions were off, beside the naive one, on the same events; ratios are null without events. */
export interface PredictionScore {
  events: number;
  predictedNetProfit: Figure | null;
  /** Σ |predicted − measured| / Σ |measured| of incremental units. */
  error: string | null;
  /** The same with the mean lift of earlier events of the same mechanics; on `naiveEvents` of the events. */
  naiveError: string | null;
  /** The product's own error on the events that the naive prediction covers. */
  errorOnNaive: string | null;
  naiveEvents: number;
}

/** A naive prediction says nothing with fewer earlier events than this. */
const fewestEarlierEvents = 3;
/** A kind of event of which more than this share earned money is worth mending rather than stopping. */
const worthMending = new Decimal('0.25');

const mechanicsOf = (event: MeasuredEvent): string => [...new Set(event.mechanics)].sort().join(' + ');

/** The incremental units that the mean lift of earlier events of the same mechanics promises, by promotion. */
export function naivePredictions(all: readonly MeasuredEvent[]): Map<string, Decimal> {
  const inOrder = [...all].sort((a, b) => (a.endsOn < b.endsOn ? -1 : 1));
  const found = new Map<string, Decimal>();
  for (const event of all) {
    const mechanics = mechanicsOf(event);
    const lifts = inOrder.flatMap((one) =>
      one.endsOn < event.startsOn && mechanicsOf(one) === mechanics && one.baselineUnits.gt(0)
        ? [one.incrementalUnits.div(one.baselineUnits)]
        : [],
    );
    if (lifts.length < fewestEarlierEvents) continue;
    found.set(event.promotionId, event.baselineUnits.times(Decimal.sum(...lifts).div(lifts.length)));
  }
  return found;
}

/** Σ |said − measured| / Σ |measured| as a ratio text; null where nothing was measured. */
function errorOf(pairs: readonly { said: Decimal; measured: Decimal }[]): string | null {
  const measured = Decimal.sum(0, ...pairs.map((pair) => pair.measured.abs()));
  if (measured.isZero()) return null;
  return ratioText(Decimal.sum(0, ...pairs.map((pair) => pair.said.minus(pair.measured).abs())).div(measured));
}

function scorePredictions(
  events: readonly MeasuredEvent[],
  naive: ReadonlyMap<string, Decimal>,
  writer: FigureWriter,
): PredictionScore {
  const told = events.flatMap(({ predicted, incrementalUnits: measured, promotionId }) =>
    predicted ? [{ said: predicted.incrementalUnits, measured, naive: naive.get(promotionId), predicted }] : [],
  );
  const both = told.filter((one) => one.naive !== undefined);
  const profits = told.map(({ predicted }) => predicted.netProfit);
  return {
    events: told.length,
    predictedNetProfit: told.length
      ? writer.money('predicted net profit', profits, 'Σ predicted net profit', 'predictedNetProfit')
      : null,
    error: errorOf(told),
    naiveError: errorOf(both.map(({ naive: said, measured }) => ({ said: said!, measured }))),
    errorOnNaive: errorOf(both),
    naiveEvents: both.length,
  };
}

/** Half-widths of independent intervals add up in squares; each side for itself, as the events' are not symmetric. */
function combinedEnds(events: readonly MeasuredEvent[], total: Decimal): { low: Decimal; high: Decimal } {
  const side = (of: (event: MeasuredEvent) => Decimal) =>
    Decimal.sum(0, ...events.map((event) => of(event).pow(2))).sqrt();
  return {
    low: total.minus(side(({ netProfit, netProfitLow }) => toDecimal(netProfit).minus(toDecimal(netProfitLow)))),
    high: total.plus(side(({ netProfit, netProfitHigh }) => toDecimal(netProfitHigh).minus(toDecimal(netProfit)))),
  };
}

function leaks(parts: readonly [Money | null, string][], spend: Money): string[] {
  return parts
    .flatMap(([amount, words]) =>
      amount && spend.minor > 0n ? [{ share: toDecimal(amount).div(toDecimal(spend)), words }] : [],
    )
    .filter(({ share }) => share.gte(worthNaming))
    .sort((a, b) => b.share.comparedTo(a.share))
    .map(({ share, words }) => `${percent(share)} ${words}.`);
}

/**
 * Repeat where the events earned money together; stop where the whole interval is below zero and hardly an event of
 * the kind earned any; fix otherwise, with where the money went.
 */
function verdictOf(net: Money, high: Decimal, earned: number, events: number, where: string[]): Verdict {
  const counted = `${earned} of ${events} ${events === 1 ? 'event' : 'events'} earned money`;
  if (net.minor >= 0n) return { decision: 'repeat', reasons: [`Together they earned money; ${counted}.`, ...where] };
  const share = new Decimal(earned).div(events);
  if (high.lt(0) && share.lte(worthMending))
    return { decision: 'stop', reasons: [`Together they lost money for certain; only ${counted}.`, ...where] };
  const why = high.lt(0) ? `Together they lost money, but ${counted}` : `Together they did not pay; ${counted}`;
  return { decision: 'fix', reasons: [`${why}.`, ...where] };
}

/** Writes the figures of one group: every figure names the formula, the rows behind it and how many there are. */
class FigureWriter {
  readonly #events: readonly MeasuredEvent[];
  readonly #currency: string;
  readonly #base: { formulaVersion: string; rows: string };

  constructor(events: readonly MeasuredEvent[], currency: string, rows: string) {
    this.#events = events;
    this.#currency = currency;
    this.#base = { formulaVersion: ROLLUP_VERSION, rows };
  }

  money(name: string, of: readonly Money[], formula: string, sumOf: string): Figure {
    const total = sum(of, this.#currency);
    const inputs = [
      { name, value: amountOf(total), source: `${of.length} events` },
      { name: 'events', value: String(this.#events.length), source: 'measured events' },
    ];
    return { ...this.#base, value: toJson(total), unit: 'money', formula, inputs, sumOf };
  }

  ratio(value: string | null, formula: string, inputs: FigureInput[]): Figure {
    return { ...this.#base, value, unit: 'ratio', formula, inputs };
  }

  /** A component's sum over the events that have an estimate; the others are named, and are no zero. */
  component(name: Component): Figure {
    const known = this.#events.flatMap((event) => event[name] ?? []);
    const figure = this.money(name, known, `Σ ${name} over events with an estimate`, name);
    const missing = this.#events.length - known.length;
    return {
      ...figure,
      value: known.length ? figure.value : null,
      ...(missing ? { notEstimated: [`${name} of ${missing} of ${this.#events.length} events`] } : {}),
    };
  }
}

type Component = 'dip' | 'cannibalisation' | 'halo' | 'subsidisedBase';

/** Where the money went, by the parts of it that have an estimate. */
function whereItWent(events: readonly MeasuredEvent[], spend: Money): string[] {
  const known = (name: Component): Money | null => {
    const parts = events.flatMap((event) => event[name] ?? []);
    return parts.length ? sum(parts, spend.currency) : null;
  };
  return leaks(
    [
      [known('subsidisedBase'), 'of the spend went to units that would have sold anyway'],
      [known('dip'), 'of the spend was lost again in the weeks after the events'],
      [known('cannibalisation'), 'of the spend was taken from our own other products'],
    ],
    spend,
  );
}

/** Σ net profit and Σ net profit / Σ S with their combined interval. */
function netFigures(events: readonly MeasuredEvent[], writer: FigureWriter, net: Money, spend: Money) {
  const ends = combinedEnds(events, toDecimal(net));
  const digits = amountOf(net).split('.')[1]?.length ?? 0;
  const amount = (value: Decimal) => ({ amount: value.toFixed(digits), currency: net.currency });
  const over = (value: Decimal) => (spend.minor === 0n ? null : ratioText(value.div(toDecimal(spend))));
  const profits = events.map((event) => event.netProfit);
  return {
    high: ends.high,
    netProfit: {
      ...writer.money('net profit', profits, 'Σ (net incremental contribution − S)', 'netProfit'),
      ...{ low: amount(ends.low), high: amount(ends.high) },
    },
    netRoi: {
      ...writer.ratio(ratio(net, spend), 'Σ net profit / Σ S; null when Σ S = 0', [
        { name: 'net profit', value: amountOf(net), source: 'Σ net profit' },
        { name: 'S', value: amountOf(spend), source: 'Σ event spend' },
      ]),
      ...{ low: over(ends.low), high: over(ends.high) },
    },
  };
}

/**
 * Rolls events of one currency up: sums of money, ratios recomputed from the sums and never averaged, and 90 % intervals
 * combined as of independent measurements. `rows` is the path that lists the events. `events` must not be empty.
 */
export function rollUpEvents(
  events: readonly MeasuredEvent[],
  naive: ReadonlyMap<string, Decimal>,
  rows: string,
): EventGroup {
  const { currency } = events[0]!.spend;
  const writer = new FigureWriter(events, currency, rows);
  const all = (of: (event: MeasuredEvent) => Money) => events.map(of);
  const units = (of: (event: MeasuredEvent) => Decimal) => Decimal.sum(0, ...events.map(of));
  const spend = sum(
    all((event) => event.spend),
    currency,
  );
  const gross = sum(
    all((event) => event.grossProfit),
    currency,
  );
  const net = sum(
    all((event) => event.netProfit),
    currency,
  );
  const { high, netProfit, netRoi } = netFigures(events, writer, net, spend);
  const [I, B] = [units((event) => event.incrementalUnits), units((event) => event.baselineUnits)];
  const earned = events.filter(({ netProfit: profit }) => profit.minor >= 0n).length;
  const contributions = all((event) => event.netIncrementalContribution);
  return {
    ...{ currency, events: events.length, earned },
    figures: {
      spend: writer.money(
        'S',
        all((event) => event.spend),
        'Σ event spend',
        'spend',
      ),
      netIncrementalContribution: writer.money(
        'net incremental contribution',
        contributions,
        'Σ (I·m − dip − cannibalisation + halo)',
        'netIncrementalContribution',
      ),
      ...{ netProfit, netRoi },
      grossProfit: writer.money(
        'gross profit',
        all((event) => event.grossProfit),
        'Σ (I·m − S)',
        'grossProfit',
      ),
      grossRoi: writer.ratio(ratio(gross, spend), 'Σ gross profit / Σ S; null when Σ S = 0', [
        { name: 'gross profit', value: amountOf(gross), source: 'Σ gross profit' },
        { name: 'S', value: amountOf(spend), source: 'Σ event spend' },
      ]),
      lift: writer.ratio(B.gt(0) ? ratioText(I.div(B)) : null, 'Σ I / Σ B, POS units', [
        { name: 'I', value: I.toFixed(), source: 'Σ incremental units' },
        { name: 'B', value: B.toFixed(), source: 'Σ baseline units' },
      ]),
      subsidisedBase: writer.component('subsidisedBase'),
      ...{ dip: writer.component('dip'), cannibalisation: writer.component('cannibalisation') },
      halo: writer.component('halo'),
    },
    prediction: scorePredictions(events, naive, writer),
    verdict: verdictOf(net, high, earned, events.length, whereItWent(events, spend)),
  };
}
