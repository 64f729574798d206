import type { Figure, FigureInput } from '#figure';
import { amountOf, type Decimal, type Money, toJson } from '#money';
import { formulaVersion } from './event-figure.ts';
import type { TacticSpend } from './event-spend.ts';
import type { EventTactic, TacticRate } from './event-tactic.ts';
import type { VolumeBasis } from './mechanic.ts';
import { tierRate } from './tactic-money.ts';

const countedOn: Record<VolumeBasis, string> = {
  shipped_cases: 'cases shipped',
  pos_units: 'units sold to shoppers',
  redemptions: 'units sold × redemption rate',
  depletions: 'cases that distributors sold on',
  none: 'none',
};

const perText = ({ per, percentOf }: TacticRate): string =>
  per === 'percent' ? `percent of the ${percentOf ?? 'list'} price of a case` : `per ${per}`;

const textOf = (value: Decimal): string => value.toDecimalPlaces(6).toFixed();

function rateInputs(tactic: EventTactic, spend: TacticSpend): FigureInput[] {
  const { rate, tiers, redemptionRate } = tactic;
  if (!rate) return [];
  const reached = tiers && spend.volume ? tierRate(tiers, spend.volume) : rate.amount;
  const source = spend.assumption ?? countedOn[spend.volumeBasis];
  return [
    { name: 'rate', value: textOf(reached), source: `${perText(rate)}${tiers ? `, ${tiers.method} tiers` : ''}` },
    { name: 'volume', value: spend.volume && textOf(spend.volume), source },
    ...(redemptionRate ? [{ name: 'redemption rate', value: textOf(redemptionRate), source: 'tactic' }] : []),
  ];
}

const moneyInput = (name: string, value: Money | null | undefined): FigureInput[] =>
  value ? [{ name, value: amountOf(value), source: 'tactic' }] : [];

/** What a tactic costs, as a figure that explains itself. */
export function tacticFigure(tactic: EventTactic, spend: TacticSpend): Figure {
  const { rate, lumpSum, stores, cap, minimum } = tactic;
  const parts = [
    ...(rate ? ['Σ products rate × volume'] : []),
    ...(lumpSum ? [stores ? 'lump sum × stores' : 'lump sum'] : []),
  ];
  const limits = [...(cap ? ['no more than the cap'] : []), ...(minimum ? ['no less than the minimum'] : [])];
  return {
    ...{ value: toJson(spend.spend), unit: 'money', formulaVersion },
    formula: [parts.join(' + '), ...limits].join(', '),
    inputs: [
      ...rateInputs(tactic, spend),
      ...moneyInput('lump sum', lumpSum),
      ...(stores ? [{ name: 'stores', value: String(stores), source: 'tactic' }] : []),
      ...moneyInput('cap', cap),
      ...moneyInput('minimum', minimum),
    ],
  };
}
