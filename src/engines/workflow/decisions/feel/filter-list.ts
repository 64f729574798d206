import type { Decimal } from '#money';
import type { FeelRun } from './feel-run.ts';
import { type FeelValue, isContext, isList, isNumber } from './feel-value.ts';
import type { Scope } from './scope.ts';

/** The entries of a list for which the condition holds; it sees the entry as `item`, and what is inside of it. */
export function filterList(
  value: FeelValue,
  condition: (scope: Scope, run: FeelRun) => FeelValue,
  scope: Scope,
  run: FeelRun,
): FeelValue {
  if (value === null) return [];
  const list = isList(value) ? value : [value];
  const chosen: FeelValue[] = [];
  for (const [at, entry] of list.entries()) {
    const names = new Map<string, FeelValue>([['item', entry]]);
    if (isContext(entry)) for (const [name, inner] of entry) names.set(name, inner);
    const test = condition(scope.with(names), run);
    if (isNumber(test) && at === 0) return entryAt(list, test, run);
    if (test === true) chosen.push(entry);
    else if (test !== false && test !== null) return run.nothing('A filter is a number or a condition.');
  }
  return run.list(chosen);
}

/** The nth entry, from the end where negative; null, with a note, where there is none. */
export function entryAt(list: readonly FeelValue[], position: Decimal, run: FeelRun): FeelValue {
  const index = position.trunc().toNumber();
  const at = index < 0 ? list.length + index : index - 1;
  return list[at] ?? (at in list ? null : run.nothing(`A list of ${list.length} has no entry ${index}.`));
}
