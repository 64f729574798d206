import { parseExpression as feelinExpression, parseUnaryTests as feelinTests } from 'feelin';
import { Problem } from '#problem';
import type { FeelNode, FeelTests } from './feel-tree.ts';
import { feelName } from './feel-value.ts';
import { nodeOf, type Source, type SyntaxNode, syntaxError, testsOf } from './read-syntax.ts';

/** Names that an expression may use, with the names inside of what they stand for: FEEL's names hold spaces and signs. */
export interface NameShape {
  readonly [name: string]: NameShape;
}

/** Longer expressions are refused: nobody reads them, and the parser's time grows with the square. */
export const maxExpressionCharacters = 4_000;
/** Nesting of brackets in an expression; the parser and everything after it recurse. */
const maxBrackets = 100;
/** Parsed expressions kept; a model of 500 rows and 8 inputs has 4,000 cells, of which most say the same. */
const maxKept = 5_000;

/** What is no FEEL is kept as its refusal: finding that out takes longest. */
const kept = new Map<string, FeelNode | FeelTests | Problem>();

/** How many parsed expressions are kept just now. */
export function countKept(): number {
  return kept.size;
}

/** An expression, parsed. Throws `decision.refused` with the place of the mistake. */
export function parseFeel(text: string, names: NameShape = {}): FeelNode {
  return keep('expression', text, names, (source, told) => {
    const top = treeOf(feelinExpression, source, told);
    return nodeOf(onlyChild(top, source), source);
  });
}

/** Unary tests, parsed. Throws `decision.refused` with the place of the mistake. */
export function parseTests(text: string, names: NameShape = {}): FeelTests {
  return keep('tests', text, names, (source, told) => testsOf(treeOf(feelinTests, source, told), source));
}

/** The least recently used expression makes room for a new one. */
function keep<T extends FeelNode | FeelTests>(
  dialect: string,
  text: string,
  names: NameShape,
  parse: (source: Source, told: NameShape) => T,
): T {
  const told = significantOf(names);
  const key = `${dialect}\n${told.key}\n${text}`;
  const known = kept.get(key) as T | Problem | undefined;
  const parsed = known ?? attempt(() => parse({ text: checked(text), tree: text }, told.names));
  if (known) kept.delete(key);
  else if (kept.size >= maxKept) kept.delete(kept.keys().next().value!);
  kept.set(key, parsed);
  if (parsed instanceof Problem) throw parsed;
  return parsed;
}

function attempt<T>(parse: () => T): T | Problem {
  try {
    return parse();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}

/** What of the names changes how a text is parsed, and that as a key. */
interface Significant {
  names: NameShape;
  key: string;
}

const significant = new WeakMap<NameShape, Significant>();

/** Words that, standing in a name, the grammar would take for its own. */
const keywords =
  /\b(and|or|in|for|return|if|then|else|some|every|satisfies|between|instance|of|function|external|true|false|null|not|date|time|duration|years|months|days|list|context|range)\b/;

/** Names looked at are kept: variables have the same ones over and over. */
const plain = new Map<string, boolean>();
const maxPlain = 10_000;

/** Whether a name changes nothing in how a text is parsed. */
export function isPlain(name: string): boolean {
  const known = plain.get(name);
  if (known !== undefined) return known;
  const found = /^[\p{L}_][\p{L}\p{N}_ ]*$/u.test(name) && !keywords.test(name);
  if (plain.size >= maxPlain) plain.clear();
  plain.set(name, found);
  return found;
}

/**
 * Only names that the grammar would read otherwise: it puts words that follow each other together by itself, and every name
 * that it is told costs it time.
 */
function significantOf(names: NameShape): Significant {
  const known = significant.get(names);
  if (known) return known;
  const kept: Record<string, NameShape> = {};
  const keys: string[] = [];
  for (const [name, shape] of Object.entries(names)) {
    const inner = significantOf(shape);
    if (inner.key === '' && isPlain(name)) continue;
    kept[name] = inner.names;
    keys.push(`${name}{${inner.key}}`);
  }
  const found = { names: kept, key: keys.sort().join(',') };
  significant.set(names, found);
  return found;
}

function checked(text: string): string {
  if (text.length > maxExpressionCharacters) {
    throw new Problem('decision.refused', {
      detail: `An expression has ${text.length} characters; ${maxExpressionCharacters} are the most.`,
    });
  }
  let open = 0;
  for (const char of text) {
    if ('([{'.includes(char)) open += 1;
    else if (')]}'.includes(char)) open -= 1;
    if (open > maxBrackets) {
      throw new Problem('decision.refused', {
        detail: `An expression has over ${maxBrackets} brackets inside each other.`,
      });
    }
  }
  return text;
}

type Parse = typeof feelinExpression;

function treeOf(parse: Parse, source: Source, names: NameShape): SyntaxNode {
  const context = { ...names };
  const top = parse(source.text, context, undefined).topNode;
  const error = firstError(top);
  if (!error) return top;
  // The grammar knows list<…> but not range<…>: a spelling of the same length keeps every position where it was.
  const respelled = source.text.replace(/(\b(?:instance\s+of|:)\s*|[<,]\s*)range(?=\s*<)/g, '$1list ');
  if (respelled !== source.text) {
    const second = parse(respelled, context, undefined).topNode;
    if (!firstError(second)) {
      source.tree = respelled;
      return second;
    }
  }
  throw syntaxError(error, source);
}

/** The first place where the grammar had to guess. */
function firstError(node: SyntaxNode): SyntaxNode | null {
  if (node.type.isError) return node;
  for (let child = node.firstChild; child; child = child.nextSibling) {
    const error = firstError(child);
    if (error) return error;
  }
  return null;
}

function onlyChild(top: SyntaxNode, source: Source): SyntaxNode {
  for (let child = top.firstChild; child; child = child.nextSibling) {
    if (!child.name.endsWith('Comment')) return child;
  }
  throw syntaxError(top, source);
}

/** The shape that a list of names has, for {@link parseFeel}. */
export function shapeOf(names: Iterable<string>): NameShape {
  return Object.fromEntries([...names].map((name) => [feelName(name), {}]));
}
