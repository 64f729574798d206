import { createContext, Script } from 'node:vm';
import type { FeelRun } from './feel-run.ts';
import type { FeelValue } from './feel-value.ts';
import { translatePattern } from './translate-pattern.ts';

const compiled = new Map<string, RegExp | null>();
/** Patterns stand in models, not in data: a few hundred are all that one meets. */
const maxCompiled = 500;

/** The pattern of XPath as one of JavaScript; null where it is none. */
function compile(pattern: string, flags: string): RegExp | null {
  const key = `${flags}/${pattern}`;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  if (compiled.size >= maxCompiled) compiled.clear();
  let expression: RegExp | null = null;
  try {
    const source = /^[smix]*$/.test(flags) ? translatePattern(pattern, flags) : null;
    expression = source === null ? null : new RegExp(source, `u${[...new Set(flags.replace('x', ''))].join('')}`);
  } catch (error) {
    // SyntaxError is how RegExp says that it is no pattern.
    if (!(error instanceof SyntaxError)) throw error;
  }
  compiled.set(key, expression);
  return expression;
}

/** A pattern that goes back and forth can take longer than the universe lasts; this long is enough for those that do not. */
const matchMs = 200;
/** Steps that a pattern may take without a watch over it, which costs a fifth of a millisecond; these take a few. */
const harmlessSteps = 1e7;

const sandbox = createContext({ work: null as null | (() => unknown) });
const script = new Script('work()');

/** Does work with a pattern; what takes too long throws `decision.exhausted`. */
function guarded<T>(expression: RegExp, text: string, run: FeelRun, work: () => T): T {
  run.step(1 + Math.floor(text.length / 100));
  const repetitions = expression.source.match(/[*+?}]/g)?.length ?? 0;
  const isGroupRepeated = /\)[*+?{]/.test(expression.source);
  // Each repetition of a single character multiplies the places to try; a repeated group raises them to a power.
  if (!isGroupRepeated && text.length ** (repetitions + 1) <= harmlessSteps) return work();
  const beganMs = performance.now();
  try {
    sandbox.work = work;
    return script.runInContext(sandbox, { timeout: matchMs }) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    return run.exhausted(`more than ${matchMs} ms for one pattern`);
  } finally {
    sandbox.work = null;
    // Many that each take a little less than too long: a step is about a microsecond.
    run.step(Math.floor((performance.now() - beganMs) * 1_000));
  }
}

const noPattern = (run: FeelRun) => run.nothing('That is no pattern.');

/** `matches(input, pattern, flags)`: whether the pattern is found. */
export function matchAll(input: string, pattern: string, flags: string, run: FeelRun): FeelValue {
  const expression = compile(pattern, flags);
  return expression ? guarded(expression, input, run, () => expression.test(input)) : noPattern(run);
}

/** `replace(input, pattern, replacement, flags)`: every match replaced; `$1` is a group, `$0` all of it. */
export function replaceAll(
  input: string,
  pattern: string,
  replacement: string,
  flags: string,
  run: FeelRun,
): FeelValue {
  const expression = compile(pattern, flags);
  if (!expression) return noPattern(run);
  if (/(?<!\\)(?:\\\\)*(?:\\(?![\\$])|\$(?!\d))/.test(replacement)) return run.nothing('That is no replacement.');
  const all = new RegExp(expression.source, `${expression.flags}g`);
  return guarded(expression, input, run, () => {
    let characters = input.length;
    const result = input.replace(all, (...match) => {
      run.step();
      const groups = match.slice(
        0,
        match.findIndex((part) => typeof part === 'number'),
      ) as (string | undefined)[];
      const text = replacement.replace(
        /\\([\\$])|\$(\d)/g,
        (_, escaped, group) => escaped ?? groups[Number(group)] ?? '',
      );
      characters += text.length;
      if (characters > run.limits.characters)
        run.exhausted(`a string of more than ${run.limits.characters} characters`);
      return text;
    });
    return result;
  });
}

/** `split(string, delimiter)`: the parts between matches. */
export function splitBy(text: string, delimiter: string, run: FeelRun): FeelValue {
  const expression = compile(delimiter, '');
  // What matches nothing at all would part every character (XPath: FORX0003).
  if (!expression || expression.test('')) return noPattern(run);
  const all = new RegExp(expression.source, `${expression.flags}g`);
  return guarded(expression, text, run, () => {
    const parts: string[] = [];
    let from = 0;
    for (const match of text.matchAll(all)) {
      run.step();
      parts.push(text.slice(from, match.index));
      from = match.index + match[0].length;
    }
    return run.list([...parts, text.slice(from)]);
  });
}
