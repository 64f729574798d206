import type { TypeNames } from './feel-types.ts';
import type { FeelContext, FeelValue } from './feel-value.ts';

/** The names that an expression sees, the inner before the outer, and the types that it may name. */
export class Scope {
  readonly types: TypeNames;
  private readonly names: FeelContext;
  private readonly outer: Scope | null;

  constructor(names: FeelContext, types: TypeNames = new Map(), outer: Scope | null = null) {
    this.names = names;
    this.types = types;
    this.outer = outer;
  }

  /** A scope inside this one. */
  with(names: FeelContext): Scope {
    return new Scope(names, this.types, this);
  }

  /** What a name stands for; undefined where nothing has it. */
  get(name: string): FeelValue | undefined {
    for (let scope: Scope | null = this; scope; scope = scope.outer) {
      const value = scope.names.get(name);
      if (value !== undefined) return value;
    }
    return undefined;
  }
}
