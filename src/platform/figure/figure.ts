import type { MoneyJson } from '#money';

/** A number that a figure was made from. */
export interface FigureInput {
  name: string;
  /** Decimal string in major units or in the unit that the name says; null where there is no estimate. */
  value: string | null;
  /** Where it came from, in words: 'plan', 'prices'. */
  source: string;
  /** The address of the figure that this input is, where it is one: a path, and behind `#` the place in its answer. */
  figure?: string;
}

/** A figure that explains itself, ready for JSON. */
export interface Figure {
  /** Money, a decimal string (ratios 4 places, volumes and money per case 6), or null where it is not a number. */
  value: MoneyJson | string | null;
  /** The figure at the ends of its interval; the smaller one is `low`. Absent without an interval. */
  low?: MoneyJson | string | null;
  high?: MoneyJson | string | null;
  /** `points`: a difference of two ratios. */
  unit: 'money' | 'ratio' | 'points' | 'units';
  /** What the value is per, or counted in. */
  per?: 'case';
  formula: string;
  formulaVersion: string;
  inputs: FigureInput[];
  /** Components without an estimate: they are not in the value, and are not zero. */
  notEstimated?: string[];
  /** The path of the API, from `/api/v1` on, that lists the rows behind the figure, where there are rows. */
  rows?: string;
  /** The field of the rows whose sum the value is, where it is such a sum. */
  sumOf?: string;
}
