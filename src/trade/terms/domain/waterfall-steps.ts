import type { Figure, FigureInput } from '#figure';
import { add, amountOf, Decimal, type Money, ratio, subtract, sum, toDecimal, toJson, zero } from '#money';
import { termsFormulaVersion } from './attainment.ts';
import type { ScopedLine, TermKind } from './term-line.ts';

/** The steps from list to pocket, in order; `list`, `invoice`, `net` and `pocket` are levels, the rest is taken off. */
export const waterfallSteps = [
  'list',
  'on_invoice',
  'invoice',
  'off_invoice',
  'conditional',
  'growth',
  'volume_rebate',
  'net',
  'tactic_spend',
  'pocket',
] as const;

/** A step of the waterfall. */
export type WaterfallStepName = (typeof waterfallSteps)[number];

/** One step with what it is made of; what is taken off is positive. */
export interface WaterfallStep {
  step: WaterfallStepName;
  amount: Figure;
  /** Share of gross sales at list; null without sales. */
  ofList: Figure;
  /** Money per case, 6 places; null without cases. */
  perCase: Figure;
}

/** A waterfall over some periods. */
export interface Waterfall {
  cases: string;
  steps: WaterfallStep[];
}

/** Names a line across the versions of its agreement. */
export const lineKey = ({ agreementId, code }: Pick<ScopedLine, 'agreementId' | 'code'>): string =>
  `${agreementId}|${code}`;

/** What the tactics of one promotion have earned. */
export interface PromotionSpend {
  promotionId: string;
  code: string;
  amount: Money;
}

/** What a line takes off. */
export interface LineTotal {
  line: ScopedLine;
  /** Numbers of the agreement's versions that it was counted under. */
  versions: readonly number[];
  /** Null: not estimated. */
  amount: Money | null;
}

/** Sums of one fiscal period, each rounded. */
export interface PeriodSums {
  cases: Decimal;
  list: Money;
  lines: LineTotal[];
  /** Null: not known. */
  tacticSpend: readonly PromotionSpend[] | null;
}

/** One entry a promotion, by code. */
function byPromotion(spends: readonly PromotionSpend[]): PromotionSpend[] {
  const found = new Map<string, PromotionSpend>();
  for (const spend of spends) {
    const known = found.get(spend.promotionId);
    found.set(spend.promotionId, known ? { ...known, amount: add(known.amount, spend.amount) } : spend);
  }
  return [...found.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
}

/** Several periods together: lines add up, and one that is not estimated somewhere stays so for its part. */
function together(parts: readonly PeriodSums[], currency: string): PeriodSums & { gaps: string[] } {
  const lines = new Map<string, LineTotal>();
  const gaps = new Set<string>();
  for (const { line, amount, versions } of parts.flatMap((part) => part.lines)) {
    if (amount === null) gaps.add(line.code);
    const known = lines.get(lineKey(line));
    const before = known?.amount ?? null;
    lines.set(lineKey(line), {
      line,
      versions: [...new Set([...(known?.versions ?? []), ...versions])],
      amount: before && amount ? add(before, amount) : (amount ?? before),
    });
  }
  const spends = parts.map(({ tacticSpend }) => tacticSpend);
  return {
    cases: Decimal.sum(0, ...parts.map((part) => part.cases)),
    list: sum(
      parts.map((part) => part.list),
      currency,
    ),
    lines: [...lines.values()],
    tacticSpend: spends.every((spend) => spend !== null) ? byPromotion(spends.flat()) : null,
    gaps: [...gaps].sort(),
  };
}

const formulas: Record<WaterfallStepName, string> = {
  list: 'Σ cases × list price',
  on_invoice: 'Σ on-invoice terms',
  invoice: 'list − on-invoice terms',
  off_invoice: 'Σ standing off-invoice terms',
  conditional: 'Σ conditional terms not recorded as unmet',
  growth: 'Σ growth rebates at the expected tier',
  volume_rebate: 'Σ volume rebates at the expected tier',
  net: 'invoice − off-invoice − conditional − growth − volume rebates',
  tactic_spend: 'Σ earned by tactics in the period',
  pocket: 'net − tactic spend',
};

const names: Record<TermKind, string> = {
  on_invoice: 'on-invoice terms',
  off_invoice: 'off-invoice terms',
  conditional: 'conditional terms',
  growth: 'growth rebates',
  volume_rebate: 'volume rebates',
};

const takenOff: readonly TermKind[] = ['on_invoice', 'off_invoice', 'conditional', 'growth', 'volume_rebate'];

/** A level or a deduction in money, with what it is made of. */
interface StepMoney {
  amount: Money | null;
  inputs: FigureInput[];
  notEstimated: string[];
}

function stepMoney(part: PeriodSums & { gaps: string[] }): Record<WaterfallStepName, StepMoney> {
  const { currency } = part.list;
  const kindOf = (kind: TermKind): StepMoney => {
    const lines = part.lines.filter(({ line }) => line.kind === kind);
    const known = lines.flatMap(({ amount }) => amount ?? []);
    return {
      amount: lines.length > 0 && known.length === 0 ? null : sum(known, currency),
      inputs: lines.map(({ line, amount, versions }) => ({
        name: line.code,
        value: amount && amountOf(amount),
        source: `agreement ${line.agreementCode}, version ${[...versions].sort((a, b) => a - b).join(', ')}`,
      })),
      notEstimated: lines.flatMap(({ line }) => (part.gaps.includes(line.code) ? [line.code] : [])),
    };
  };
  const steps = Object.fromEntries(takenOff.map((kind) => [kind, kindOf(kind)])) as Record<TermKind, StepMoney>;
  const level = (above: Money, kinds: readonly TermKind[]): StepMoney => ({
    amount: kinds.reduce((left, kind) => subtract(left, steps[kind].amount ?? zero(currency)), above),
    inputs: [],
    notEstimated: kinds.flatMap((kind) => steps[kind].notEstimated),
  });
  const invoice = level(part.list, ['on_invoice']);
  const net = level(invoice.amount!, ['off_invoice', 'conditional', 'growth', 'volume_rebate']);
  const promotions = part.tacticSpend;
  const spend =
    promotions &&
    sum(
      promotions.map(({ amount }) => amount),
      currency,
    );
  const noSpend = spend ? [] : ['tactic spend'];
  const named = (of: StepMoney, inputs: [string, Money | null][]): StepMoney => ({
    ...of,
    inputs: inputs.map(([name, value]) => ({
      name,
      value: value && amountOf(value),
      source: 'the step of this waterfall',
    })),
  });
  return {
    ...steps,
    list: {
      amount: part.list,
      inputs: [{ name: 'cases', value: part.cases.toFixed(), source: 'shipments' }],
      notEstimated: [],
    },
    invoice: named(invoice, [
      ['list', part.list],
      [names.on_invoice, steps.on_invoice.amount],
    ]),
    net: named(net, [
      ['invoice', invoice.amount],
      ...takenOff.slice(1).map((kind): [string, Money | null] => [names[kind], steps[kind].amount]),
    ]),
    tactic_spend: {
      amount: spend,
      inputs: (promotions ?? [])
        .filter(({ amount }) => amount.minor !== 0n)
        .map(({ code, amount }) => ({ name: code, value: amountOf(amount), source: 'tactics of the promotion' })),
      notEstimated: noSpend,
    },
    pocket: {
      ...named(net, [
        ['net', net.amount],
        ['tactic spend', spend],
      ]),
      amount: subtract(net.amount!, spend ?? zero(currency)),
      notEstimated: [...net.notEstimated, ...noSpend],
    },
  };
}

/** Periods together as a waterfall whose figures explain themselves; `rows`: the path of the API that lists what was shipped. */
export function describeWaterfall(
  parts: readonly PeriodSums[],
  { currency, rows }: { currency: string; rows: string },
): Waterfall {
  const part = together(parts, currency);
  const money = stepMoney(part);
  const steps = waterfallSteps.map((step): WaterfallStep => {
    const { amount, inputs, notEstimated } = money[step];
    const common = {
      formulaVersion: termsFormulaVersion,
      inputs,
      ...(notEstimated.length ? { notEstimated } : {}),
      // What tactics earned was not made from what was shipped under terms: its promotions are its rows.
      ...(step === 'tactic_spend' ? {} : { rows }),
    };
    const value = amount && amountOf(amount);
    const over = (name: string, divisor: string) => [
      { name: step, value, source: formulas[step] },
      { name, value: divisor, source: 'shipments' },
    ];
    return {
      step,
      amount: { value: amount && toJson(amount), unit: 'money', formula: formulas[step], ...common },
      ofList: {
        ...{
          value: amount && ratio(amount, part.list),
          unit: 'ratio',
          formula: `${step} / list, after adding up`,
          ...common,
        },
        inputs: over('list', amountOf(part.list)),
      },
      perCase: {
        ...{
          value: amount && part.cases.gt(0) ? toDecimal(amount).div(part.cases).toFixed(6) : null,
          unit: 'money',
          per: 'case',
        },
        ...{ formula: `${step} / cases, after adding up`, ...common, inputs: over('cases', part.cases.toFixed()) },
      },
    };
  });
  return { cases: part.cases.toFixed(), steps };
}
