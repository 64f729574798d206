import type { FeelRun } from './feel-run.ts';
import { anyType, coerce, type FeelType, typeOfName } from './feel-types.ts';
import { type FeelArguments, type FeelFunction, type FeelValue, isList } from './feel-value.ts';

/** What a built-in does with arguments that are of the types it asks for; those left out are undefined. */
// biome-ignore lint/suspicious/noExplicitAny: the signature, which is data, says what the arguments are
type Body = (args: any, run: FeelRun) => FeelValue;

interface BuiltInParameter {
  name: string;
  type: FeelType;
  optional: boolean;
  nullable: boolean;
  isList: boolean;
}

interface Signature {
  parameters: BuiltInParameter[];
  /** The last parameter takes any number of arguments, as a list. */
  variadic: boolean;
  body: Body;
}

/** Name → its signatures, as `[parameters, what it does]`: `'string: string, length?: number'`, see {@link parseSignature}. */
export type BuiltInTable = Readonly<Record<string, readonly (readonly [string, Body])[]>>;

/** `name: type`, with `?` after a name that may be left out, `|null` after a type that may be null, `...` before the rest. */
function parseSignature([text, body]: readonly [string, Body]): Signature {
  const parts = text === '' ? [] : text.split(',').map((part) => part.trim());
  const parameters = parts.map((part) => {
    const [name = '', typeText = 'Any'] = part
      .replace(/^\.\.\./, '')
      .split(':')
      .map((side) => side.trim());
    const typeName = typeText.replace(/\|null$/, '');
    const type =
      typeName === 'function' || typeName === 'range'
        ? ({ kind: 'simple', name: typeName } as const)
        : typeOfName(typeName);
    return {
      name: name.replace(/\?$/, ''),
      type,
      optional: name.endsWith('?'),
      nullable: typeText.endsWith('|null') || type === anyType,
      isList: typeName === 'list',
    };
  });
  return { parameters, variadic: text.includes('...'), body };
}

/** The functions of a table, by name. Arguments that fit no signature make null. */
export function buildTable(table: BuiltInTable): Map<string, FeelFunction> {
  return new Map(Object.entries(table).map(([name, list]) => [name, builtIn(name, list.map(parseSignature))] as const));
}

function builtIn(name: string, signatures: readonly Signature[]): FeelFunction {
  const [first] = signatures;
  const isPlain = signatures.length === 1 && !first!.variadic && first!.parameters.every(({ optional }) => !optional);
  return {
    type: 'function',
    parameters: isPlain ? first!.parameters.map(({ name: parameter, type }) => ({ name: parameter, type })) : null,
    result: null,
    invoke: (args, run) => {
      for (const { parameters, variadic, body } of signatures) {
        const ordered = orderArguments(args, parameters, variadic);
        const values = ordered && fitArguments(ordered, parameters);
        if (!values) continue;
        for (const value of values) if (value !== undefined) run.goThrough(value);
        return body(values, run);
      }
      return run.nothing(`"${name}" was called with arguments that it does not take.`);
    },
  };
}

/** Arguments in the order of the parameters; null where they are too many, too few or of other names. */
function orderArguments(
  args: FeelArguments,
  parameters: readonly BuiltInParameter[],
  variadic: boolean,
): (FeelValue | undefined)[] | null {
  if ('positional' in args) {
    const given = args.positional;
    const needed = parameters.filter(({ optional }) => !optional).length;
    const last = parameters.length - 1;
    if (variadic) return given.length > last ? [...given.slice(0, last), given.slice(last)] : null;
    return given.length >= needed && given.length <= parameters.length ? [...given] : null;
  }
  const names = new Set(parameters.map(({ name }) => name));
  const isKnown = [...args.named.keys()].every((name) => names.has(name));
  const isWhole = parameters.every(({ name, optional }) => optional || args.named.has(name));
  if (!isKnown || !isWhole) return null;
  const ordered = parameters.map(({ name }) => args.named.get(name));
  const last = ordered.at(-1);
  return variadic && last !== undefined && !isList(last) ? [...ordered.slice(0, -1), [last]] : ordered;
}

/** Arguments coerced to the parameters' types; null where one is of another type. A value stands for the list of it. */
function fitArguments(
  args: readonly (FeelValue | undefined)[],
  parameters: readonly BuiltInParameter[],
): (FeelValue | undefined)[] | null {
  const fitted: (FeelValue | undefined)[] = [];
  for (const [index, { type, nullable, isList: wantsList }] of parameters.entries()) {
    const arg = args[index];
    if (arg === undefined) {
      fitted.push(undefined);
      continue;
    }
    if (arg === null && !nullable) return null;
    const value = wantsList && arg !== null && !isList(arg) ? [arg] : coerceSimple(arg, type);
    if (value === undefined) return null;
    fitted.push(value);
  }
  return fitted;
}

const noNames = new Map();

function coerceSimple(value: FeelValue, type: FeelType): FeelValue | undefined {
  return coerce(value, type, noNames);
}
