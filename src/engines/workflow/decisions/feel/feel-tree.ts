import type { FeelType } from './feel-types.ts';
import type { FeelValue } from './feel-value.ts';

/** How two values are compared. */
export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';
/** The operators of arithmetic. */
export type Operator = '+' | '-' | '*' | '/' | '**';

/** A variable that runs through a list, a range, or from one expression `to` another. */
export interface Iterator {
  readonly name: string;
  readonly over: FeelNode;
  readonly to?: FeelNode;
}

/** A parameter of a function that is written in FEEL. */
export interface Parameter {
  readonly name: string;
  readonly type: FeelType;
}

/** An expression of FEEL, parsed: plain data, the same for every evaluation. */
export type FeelNode =
  | { readonly kind: 'literal'; readonly value: FeelValue }
  /** `?`: what a unary test tests. */
  | { readonly kind: 'tested' }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'path'; readonly of: FeelNode; readonly name: string }
  | { readonly kind: 'filter'; readonly of: FeelNode; readonly by: FeelNode }
  | { readonly kind: 'list'; readonly entries: readonly FeelNode[] }
  | { readonly kind: 'context'; readonly entries: readonly { readonly name: string; readonly value: FeelNode }[] }
  | { readonly kind: 'if'; readonly test: FeelNode; readonly yes: FeelNode; readonly no: FeelNode }
  | { readonly kind: 'for'; readonly iterators: readonly Iterator[]; readonly body: FeelNode }
  | { readonly kind: 'some' | 'every'; readonly iterators: readonly Iterator[]; readonly body: FeelNode }
  | { readonly kind: 'or' | 'and'; readonly left: FeelNode; readonly right: FeelNode }
  | { readonly kind: 'arithmetic'; readonly operator: Operator; readonly left: FeelNode; readonly right: FeelNode }
  | { readonly kind: 'negation'; readonly of: FeelNode }
  | { readonly kind: 'comparison'; readonly operator: Comparison; readonly left: FeelNode; readonly right: FeelNode }
  | { readonly kind: 'between'; readonly value: FeelNode; readonly low: FeelNode; readonly high: FeelNode }
  | { readonly kind: 'in'; readonly value: FeelNode; readonly tests: readonly FeelNode[] }
  /** `< 5`: a test of whatever is asked; on its own it is a range. */
  | { readonly kind: 'test'; readonly operator: Comparison; readonly end: FeelNode }
  | {
      readonly kind: 'range';
      readonly low: FeelNode;
      readonly high: FeelNode;
      readonly lowClosed: boolean;
      readonly highClosed: boolean;
    }
  | { readonly kind: 'instance'; readonly value: FeelNode; readonly type: FeelType }
  | { readonly kind: 'call'; readonly of: FeelNode; readonly positional: readonly FeelNode[] }
  | {
      readonly kind: 'call by name';
      readonly of: FeelNode;
      readonly named: readonly { readonly name: string; readonly value: FeelNode }[];
    }
  | { readonly kind: 'function'; readonly parameters: readonly Parameter[]; readonly body: FeelNode | null };

/** Unary tests: what a cell of a decision table says about its input. */
export interface FeelTests {
  /** `-`: anything. */
  readonly any: boolean;
  /** `not(…)` around all of them. */
  readonly negated: boolean;
  readonly tests: readonly FeelNode[];
}
