import type { FeelRun } from './feel-run.ts';
import { coerce } from './feel-types.ts';
import type { FeelArguments, FeelContext, FeelFunction, FeelValue } from './feel-value.ts';
import type { Scope } from './scope.ts';

/** Arguments by the names of their parameters, coerced to their types; null where they do not fit in number, name or type. */
export function bindArguments(
  parameters: NonNullable<FeelFunction['parameters']>,
  args: FeelArguments,
  scope: Scope,
  run: FeelRun,
): FeelContext | null {
  const count = 'positional' in args ? args.positional.length : args.named.size;
  const isKnown = 'positional' in args || parameters.every(({ name }) => args.named.has(name));
  if (count !== parameters.length || !isKnown) {
    return run.nothing(`A function of ${parameters.length} parameters was called otherwise.`);
  }
  const bound = new Map<string, FeelValue>();
  for (const [index, { name, type }] of parameters.entries()) {
    const given = ('positional' in args ? args.positional[index] : args.named.get(name)) ?? null;
    run.goThrough(given);
    const value = coerce(given, type, scope.types);
    if (value === undefined) return run.nothing(`The argument "${name}" is of another type.`);
    bound.set(name, value);
  }
  return bound;
}
