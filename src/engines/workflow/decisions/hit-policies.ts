import type { HitPolicy } from './dmn/dmn-model.ts';
import { add } from './feel/arithmetic.ts';
import { belongs } from './feel/compare.ts';
import { compareValues, equalValues } from './feel/compare-values.ts';
import type { FeelRun } from './feel/feel-run.ts';
import { FeelNumber, type FeelValue } from './feel/feel-value.ts';

/** A row that matched; its outputs are evaluated when asked for. */
export interface Hit {
  row: number;
  outputs: () => readonly FeelValue[];
}

/** What a table says about its outputs. */
export interface Outputs {
  names: readonly (string | null)[];
  /** What the outputs are where nothing matched; null where the table does not say. */
  defaults: readonly FeelValue[] | null;
  /** The values of each output, the first above the others; null where the table does not say. */
  priorities: readonly (readonly FeelValue[] | null)[];
}

/** One value of an output alone, a context of several. */
function joined(values: readonly FeelValue[], { names }: Outputs): FeelValue {
  if (values.length === 1) return values[0]!;
  return new Map(values.map((value, index) => [names[index] ?? `output ${index + 1}`, value]));
}

type Policy = (hits: readonly Hit[], outputs: Outputs, run: FeelRun) => FeelValue;

const all: Policy = (hits, outputs) => hits.map((hit) => joined(hit.outputs(), outputs));
const first: Policy = ([hit], outputs) => joined(hit!.outputs(), outputs);

/** Rows by their outputs' priorities, the leftmost output first; rows that are equal stay in order. */
function byPriority(hits: readonly Hit[], { priorities }: Outputs): readonly (readonly FeelValue[])[] {
  const rank = (value: FeelValue, list: readonly FeelValue[] | null) => {
    const at = list?.findIndex((allowed) => belongs(value, allowed) === true) ?? 0;
    return at < 0 ? Number.MAX_SAFE_INTEGER : at;
  };
  const ranked = hits.map((hit) => {
    const values = hit.outputs();
    return { values, ranks: values.map((value, index) => rank(value, priorities[index] ?? null)) };
  });
  ranked.sort((a, b) => a.ranks.map((own, index) => own - b.ranks[index]!).find((difference) => difference !== 0) ?? 0);
  return ranked.map(({ values }) => values);
}

/** One output's values, for what adds or compares them; null where there are several outputs. */
function single(hits: readonly Hit[], outputs: Outputs, run: FeelRun): readonly FeelValue[] | null {
  if (outputs.names.length !== 1) return run.nothing('Several outputs cannot be added or compared.');
  return hits.map((hit) => hit.outputs()[0]!);
}

const aggregated =
  (aggregate: (values: readonly FeelValue[], run: FeelRun) => FeelValue): Policy =>
  (hits, outputs, run) => {
    const values = single(hits, outputs, run);
    return values && aggregate(values, run);
  };

const extreme = (sign: 1 | -1) =>
  aggregated((values, run) =>
    values.reduce((best, value) => {
      const order = compareValues(value, best);
      return order === null ? run.nothing('The results cannot be compared.') : order === sign ? value : best;
    }),
  );

const policies: Readonly<Record<HitPolicy, Policy>> = {
  U: (hits, outputs, run) => {
    if (hits.length === 1) return first(hits, outputs, run);
    return run.nothing(`Rows ${rowsOf(hits)} match where only one may.`);
  },
  A: (hits, outputs, run) => {
    const results = hits.map((hit) => joined(hit.outputs(), outputs));
    const isOne = results.every((result) => equalValues(result, results[0]!) === true);
    return isOne ? results[0]! : run.nothing(`Rows ${rowsOf(hits)} match with different results.`);
  },
  P: (hits, outputs) => joined(byPriority(hits, outputs)[0]!, outputs),
  F: first,
  R: all,
  O: (hits, outputs) => byPriority(hits, outputs).map((values) => joined(values, outputs)),
  C: all,
  'C+': aggregated((values, run) => values.reduce((sum, value) => add(sum, value, run))),
  'C<': extreme(-1),
  'C>': extreme(1),
  'C#': (hits, outputs) => {
    const results = hits.map((hit) => joined(hit.outputs(), outputs));
    return new FeelNumber(results.length);
  },
};

const rowsOf = (hits: readonly Hit[]) => hits.map(({ row }) => row + 1).join(', ');

/** What the rows that matched come to, by the table's hit policy (DMN 1.5 § 8.2.10); the defaults where none did. */
export function resolveHits(policy: HitPolicy, hits: readonly Hit[], outputs: Outputs, run: FeelRun): FeelValue {
  if (hits.length > 0) return policies[policy](hits, outputs, run);
  if (outputs.defaults) return joined(outputs.defaults, outputs);
  return policy === 'C#' ? new FeelNumber(0) : run.nothing('No row matches.');
}
