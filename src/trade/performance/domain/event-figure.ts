import type { Figure } from '#figure';
import type { Decimal } from '#money';

/** The version of domain.md's formulas that every figure names. Changes with any formula or rounding rule. */
export const formulaVersion = 'event-economics/1';

/** Names of the figures of an event, in the order in which a P&L shows them. */
export const figureNames = [
  'incrementalVolume',
  'lift',
  'liftMultiple',
  'eventSpend',
  'subsidisedBase',
  'incrementalContribution',
  'grossProfit',
  'grossRoi',
  'dipContribution',
  'cannibalisationContribution',
  'haloContribution',
  'netIncrementalContribution',
  'netProfit',
  'netRoi',
  'costPerIncrementalUnit',
  'breakEvenLift',
  'breakEvenVolume',
  'tradeRate',
  'merchandisingEfficiency',
  'eventMargin',
] as const;

/** The name of a figure. */
export type FigureName = (typeof figureNames)[number];
/** All figures of an event. */
export type Figures = Record<FigureName, Figure>;

/** Formula of each figure in the words of domain.md, with what it is counted in. */
export const formulas: Readonly<Record<FigureName, { unit: Figure['unit']; formula: string; inputs: string[] }>> = {
  incrementalVolume: { unit: 'units', formula: 'I = A − B', inputs: ['A', 'B'] },
  lift: { unit: 'ratio', formula: 'I / B', inputs: ['I', 'B'] },
  liftMultiple: { unit: 'ratio', formula: 'A / B', inputs: ['A', 'B'] },
  // Its inputs are the tactics, which no letter names.
  eventSpend: {
    unit: 'money',
    formula: 'S = Σ spend of the tactics: rate × volume on its own basis + lump sum',
    inputs: [],
  },
  subsidisedBase: { unit: 'money', formula: 'd·B', inputs: ['d', 'B'] },
  incrementalContribution: { unit: 'money', formula: 'I·m', inputs: ['I', 'm'] },
  grossProfit: { unit: 'money', formula: 'I·m − S', inputs: ['I', 'm', 'S'] },
  grossRoi: { unit: 'ratio', formula: '(I·m − S) / S; null when S = 0', inputs: ['I', 'm', 'S'] },
  dipContribution: { unit: 'money', formula: 'Σ dip × m', inputs: ['dip'] },
  cannibalisationContribution: {
    unit: 'money',
    formula: 'Σ cannibalised × m of that product',
    inputs: ['cannibalisation'],
  },
  haloContribution: { unit: 'money', formula: 'Σ halo × m of that product', inputs: ['halo'] },
  netIncrementalContribution: {
    unit: 'money',
    formula: 'I·m − dip − cannibalisation + halo, each in contribution money',
    inputs: ['I', 'm', 'dip', 'cannibalisation', 'halo'],
  },
  netProfit: {
    unit: 'money',
    formula: 'I·m − dip − cannibalisation + halo − S',
    inputs: ['I', 'm', 'dip', 'cannibalisation', 'halo', 'S'],
  },
  netRoi: {
    unit: 'ratio',
    formula: 'net profit / S; null when S = 0',
    inputs: ['I', 'm', 'dip', 'cannibalisation', 'halo', 'S'],
  },
  costPerIncrementalUnit: { unit: 'money', formula: 'S / I, per case; null when I ≤ 0', inputs: ['S', 'I'] },
  breakEvenLift: { unit: 'ratio', formula: '(d·B + F) / ((m − d)·B); null when m ≤ d', inputs: ['d', 'B', 'F', 'm'] },
  breakEvenVolume: { unit: 'units', formula: '(d·B + F) / (m − d); null when m ≤ d', inputs: ['d', 'B', 'F', 'm'] },
  tradeRate: {
    unit: 'ratio',
    formula: '(standing terms·A + S) / (list·A), over the weeks of the event',
    inputs: ['terms', 'A', 'S', 'grossSales'],
  },
  merchandisingEfficiency: { unit: 'ratio', formula: 'I / A', inputs: ['I', 'A'] },
  eventMargin: { unit: 'ratio', formula: '(m·A − S) / (list·A)', inputs: ['m·A', 'S', 'grossSales'] },
};

/** A decimal as a ratio string: 4 places. */
export function ratioText(value: Decimal | null): string | null {
  return value?.toFixed(4) ?? null;
}
