import type { parseExpression } from 'feelin';
import type { Decimal } from '#money';
import { Problem } from '#problem';
import { parseTemporal } from './feel-time.ts';
import type { Comparison, FeelNode, FeelTests, Iterator, Operator, Parameter } from './feel-tree.ts';
import { anyType, type FeelType, typeOfName } from './feel-types.ts';
import { FeelNumber, feelName, finite } from './feel-value.ts';

/** A node of the tree that feelin's parser makes. */
export type SyntaxNode = ReturnType<typeof parseExpression>['topNode'];

/** The text as written, and as the parser saw it: `range<…>` is respelled there. */
export interface Source {
  readonly text: string;
  tree: string;
}

const textOf = (node: SyntaxNode, source: Source) => source.text.slice(node.from, node.to);

/** `decision.refused` that names the place. */
export function syntaxError(node: SyntaxNode, source: Source): Problem {
  const around = source.text.slice(Math.max(0, node.from - 20), node.from + 20).trim();
  return new Problem('decision.refused', {
    detail: `"${source.text.slice(0, 200)}" is not FEEL: character ${node.from + 1}, near "${around}".`,
    extra: { at: node.from },
  });
}

/** The parts of a node that mean something, without brackets, commas and keywords. */
function partsOf(node: SyntaxNode): SyntaxNode[] {
  const parts: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (/^[A-Z]/.test(child.name) ? !child.name.endsWith('Comment') : child.name === '?' || child.name === 'null')
      parts.push(child);
  }
  return parts;
}

const has = (node: SyntaxNode, name: string) => node.getChild(name) !== null;

type Reader = (node: SyntaxNode, source: Source) => FeelNode;

const readers: Readonly<Record<string, Reader>> = {
  null: () => ({ kind: 'literal', value: null }),
  '?': () => ({ kind: 'tested' }),
  NumericLiteral: (node, source) => ({
    kind: 'literal',
    value: numberOf(textOf(node, source)),
  }),
  BooleanLiteral: (node, source) => ({ kind: 'literal', value: textOf(node, source) === 'true' }),
  StringLiteral: (node, source) => ({ kind: 'literal', value: stringOf(node, source) }),
  VariableName: (node, source) => ({ kind: 'name', name: feelName(textOf(node, source)) }),
  ParenthesizedExpression: (node, source) => nodeOf(only(node, source), source),
  DateTimeLiteral: readDateTimeLiteral,
  PathExpression: (node, source) => {
    const [of, name] = partsOf(node);
    return { kind: 'path', of: nodeOf(of!, source), name: feelName(textOf(name!, source)) };
  },
  FilterExpression: (node, source) => {
    const [of, by] = partsOf(node);
    return { kind: 'filter', of: nodeOf(of!, source), by: nodeOf(by!, source) };
  },
  List: (node, source) => ({ kind: 'list', entries: partsOf(node).map((part) => nodeOf(part, source)) }),
  Context: readContext,
  IfExpression: (node, source) => {
    const [test, yes, no] = partsOf(node);
    return { kind: 'if', test: nodeOf(test!, source), yes: nodeOf(yes!, source), no: nodeOf(no!, source) };
  },
  ForExpression: (node, source) => ({ kind: 'for', ...iteration(node, source) }),
  QuantifiedExpression: (node, source) => ({ kind: has(node, 'some') ? 'some' : 'every', ...iteration(node, source) }),
  Disjunction: (node, source) => ({ kind: 'or', ...operands(node, source) }),
  Conjunction: (node, source) => ({ kind: 'and', ...operands(node, source) }),
  ArithmeticExpression: readArithmetic,
  Comparison: readComparison,
  InstanceOfExpression: (node, source) => {
    const [value, type] = partsOf(node);
    return { kind: 'instance', value: nodeOf(value!, source), type: readType(type!, source) };
  },
  FunctionInvocation: (node, source) => {
    const [of] = partsOf(node);
    const isSpecial = of!.name === 'SpecialFunctionName';
    const called: FeelNode = isSpecial ? { kind: 'name', name: feelName(textOf(of!, source)) } : nodeOf(of!, source);
    return readCall(called, node, source);
  },
  FunctionDefinition: (node, source) => ({
    kind: 'function',
    parameters: partsOf(node.getChild('FormalParameters')!).map((part) => readParameter(part, source)),
    body: has(node, 'external') ? null : nodeOf(only(node.getChild('FunctionBody')!, source), source),
  }),
  SimplePositiveUnaryTest: (node, source) => {
    const interval = node.getChild('Interval');
    if (interval) return readInterval(interval, source);
    const [operator, end] = partsOf(node);
    return { kind: 'test', operator: textOf(operator!, source) as Comparison, end: nodeOf(end!, source) };
  },
  PositiveUnaryTest: (node, source) => nodeOf(only(node, source), source),
};

/** The expression that a syntax node stands for. Throws `decision.refused` for what the engine does not know. */
export function nodeOf(node: SyntaxNode, source: Source): FeelNode {
  const read = readers[node.name];
  if (!read) throw syntaxError(node, source);
  return read(node, source);
}

/** The unary tests that the tree of a cell stands for. */
export function testsOf(top: SyntaxNode, source: Source): FeelTests {
  if (has(top, 'Wildcard')) return { any: true, negated: false, tests: [] };
  const list = top.getChild('PositiveUnaryTests');
  if (!list) throw syntaxError(top, source);
  return { any: false, negated: has(top, 'not'), tests: partsOf(list).map((part) => nodeOf(part, source)) };
}

function only(node: SyntaxNode, source: Source): SyntaxNode {
  const [part] = partsOf(node);
  if (!part) throw syntaxError(node, source);
  return part;
}

function operands(node: SyntaxNode, source: Source): { left: FeelNode; right: FeelNode } {
  const [left, right] = partsOf(node);
  return { left: nodeOf(left!, source), right: nodeOf(right!, source) };
}

/** A number of the digits that decimal128 has; null out of its range. */
function numberOf(text: string): Decimal | null {
  return finite(new FeelNumber(text.replace(/\s/g, '')).toSignificantDigits(34));
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', "'": "'", '\\': '\\' };

/** The text of a string literal (DMN 1.5 grammar rule 35); a backslash before anything else stays, as patterns need it. */
function stringOf(node: SyntaxNode, source: Source): string {
  const inner = textOf(node, source).slice(1, -1);
  return inner.replace(/\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|([\s\S]))/g, (whole, short, long, char) => {
    const code = short ?? long;
    if (code === undefined) return escapes[char] ?? whole;
    const point = Number.parseInt(code, 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}

function readDateTimeLiteral(node: SyntaxNode, source: Source): FeelNode {
  const at = node.getChild('AtLiteral');
  if (at) return { kind: 'literal', value: parseTemporal(stringOf(only(at, source), source)) };
  const name = feelName(textOf(node.getChild('DateTimeConstructor')!, source));
  return readCall({ kind: 'name', name }, node, source);
}

function readCall(of: FeelNode, node: SyntaxNode, source: Source): FeelNode {
  const named = node.getChild('NamedParameters');
  if (named) {
    const parameters = partsOf(named).map((part) => {
      const [name, value] = partsOf(part);
      return { name: feelName(textOf(name!, source)), value: nodeOf(value!, source) };
    });
    return { kind: 'call by name', of, named: parameters };
  }
  const positional = node.getChild('PositionalParameters');
  return { kind: 'call', of, positional: positional ? partsOf(positional).map((part) => nodeOf(part, source)) : [] };
}

function readContext(node: SyntaxNode, source: Source): FeelNode {
  const entries = partsOf(node).map((part) => {
    const [key, value] = partsOf(part);
    const [spelling] = partsOf(key!);
    const isText = spelling!.name === 'StringLiteral';
    return {
      name: isText ? stringOf(spelling!, source) : feelName(textOf(key!, source)),
      value: nodeOf(value!, source),
    };
  });
  return { kind: 'context', entries };
}

function iteration(node: SyntaxNode, source: Source): { iterators: readonly Iterator[]; body: FeelNode } {
  const [list, body] = partsOf(node);
  const iterators = partsOf(list!).map((part) => {
    const [name, context] = partsOf(part);
    const [over, to] = partsOf(context!);
    return {
      name: feelName(textOf(name!, source)),
      over: nodeOf(over!, source),
      ...(to ? { to: nodeOf(to, source) } : {}),
    };
  });
  return { iterators, body: nodeOf(body!, source) };
}

function readArithmetic(node: SyntaxNode, source: Source): FeelNode {
  const parts = partsOf(node);
  const [sign, of] = parts;
  if (parts.length === 2) {
    const inner = nodeOf(of!, source);
    return textOf(sign!, source) === '-' ? { kind: 'negation', of: inner } : inner;
  }
  const operator = textOf(parts[1]!, source).replace('^', '**') as Operator;
  return { kind: 'arithmetic', operator, left: nodeOf(parts[0]!, source), right: nodeOf(parts[2]!, source) };
}

function readComparison(node: SyntaxNode, source: Source): FeelNode {
  const [value, second, third] = partsOf(node);
  const left = nodeOf(value!, source);
  if (has(node, 'between'))
    return { kind: 'between', value: left, low: nodeOf(second!, source), high: nodeOf(third!, source) };
  if (has(node, 'in')) {
    const tests = second!.name === 'PositiveUnaryTests' ? partsOf(second!) : [second!];
    return { kind: 'in', value: left, tests: tests.map((test) => nodeOf(test, source)) };
  }
  const operator = textOf(second!, source) as Comparison;
  return { kind: 'comparison', operator, left, right: nodeOf(third!, source) };
}

function readInterval(node: SyntaxNode, source: Source): FeelNode {
  const [low, high] = partsOf(node);
  return {
    kind: 'range',
    low: nodeOf(low!, source),
    high: nodeOf(high!, source),
    lowClosed: source.text[node.from] === '[',
    highClosed: source.text[node.to - 1] === ']',
  };
}

function readParameter(node: SyntaxNode, source: Source): Parameter {
  const [name, type] = partsOf(node);
  return { name: feelName(textOf(name!, source)), type: type ? readType(type, source) : anyType };
}

function readType(node: SyntaxNode, source: Source): FeelType {
  const [part] = partsOf(node);
  if (!part) throw syntaxError(node, source);
  const inner = () => part.getChildren('Type').map((type) => readType(type, source));
  switch (part.name) {
    case 'ListType': {
      const kind = source.text.startsWith('range', part.from) ? 'range' : 'list';
      return { kind, of: inner()[0]! };
    }
    case 'ContextType': {
      const entries = partsOf(part.getChild('ContextEntryTypes')!).map((entry) => {
        const [name, type] = partsOf(entry);
        return [feelName(textOf(name!, source)), readType(type!, source)] as const;
      });
      return { kind: 'context', entries: new Map(entries) };
    }
    case 'FunctionType': {
      const parameters = partsOf(part.getChild('ArgumentTypes')!).map((type) => readType(only(type, source), source));
      return { kind: 'function', parameters, result: inner()[0]! };
    }
    default:
      return typeOfName(textOf(part, source));
  }
}
