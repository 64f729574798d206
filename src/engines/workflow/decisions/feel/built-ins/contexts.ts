import type { BuiltInTable } from '../built-in.ts';
import type { FeelRun } from '../feel-run.ts';
import { type FeelContext, type FeelValue, isContext } from '../feel-value.ts';

function put(context: FeelContext, keys: readonly FeelValue[], value: FeelValue, run: FeelRun): FeelValue {
  const [key, ...rest] = keys;
  if (typeof key !== 'string') return run.nothing('A key is a string.');
  const inner = context.get(key) ?? null;
  if (rest.length > 0 && !isContext(inner)) return run.nothing(`"${key}" is no context.`);
  const changed = rest.length > 0 ? put(inner as FeelContext, rest, value, run) : value;
  if (rest.length > 0 && changed === null) return null;
  return new Map(context).set(key, changed);
}

function merge(contexts: readonly FeelValue[], run: FeelRun): FeelValue {
  if (!contexts.every(isContext)) return run.nothing('Only contexts can be merged.');
  return new Map(contexts.flatMap((context) => [...context]));
}

function fromEntries(entries: readonly FeelValue[], run: FeelRun): FeelValue {
  const context = new Map<string, FeelValue>();
  for (const entry of entries) {
    if (!isContext(entry) || !entry.has('value')) return run.nothing('An entry has a key and a value.');
    const key = entry.get('key');
    if (typeof key !== 'string' || context.has(key)) return run.nothing('Every key is a string of its own.');
    context.set(key, entry.get('value') ?? null);
  }
  return context;
}

/** Functions of contexts (DMN 1.5 table 84). */
export const contextFunctions: BuiltInTable = {
  'get value': [
    [
      'm: context, key: string',
      ([m, key], run) => (m.has(key) ? m.get(key) : run.nothing(`A context has no "${key}".`)),
    ],
  ],
  'get entries': [
    [
      'm: context',
      ([m]) =>
        [...m].map(
          ([key, value]) =>
            new Map<string, FeelValue>([
              ['key', key],
              ['value', value],
            ]),
        ),
    ],
  ],
  'context put': [
    ['context: context, key: string, value: Any', ([context, key, value], run) => put(context, [key], value, run)],
    ['context: context, keys: list, value: Any', ([context, keys, value], run) => put(context, keys, value, run)],
  ],
  'context merge': [['contexts: list', ([contexts], run) => merge(contexts, run)]],
  context: [['entries: list', ([entries], run) => fromEntries(entries, run)]],
};
