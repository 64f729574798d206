import type { Around } from './candidate-fields.tsx';
import type { Drawn } from './drawables.ts';
import { type Change, ownOf, type Part } from './moddle-parts.ts';
import type { Drawing } from './use-drawing.ts';

/** What the fields of an element work on. */
export interface Of {
  drawing: Drawing;
  /** The element that is picked. */
  element: Drawn;
  part: Part;
  say(...changes: Change[]): void;
  /** Puts our elements of a type on it. */
  own(type: string, values: readonly object[]): void;
  around: Around;
}

/** A variable of a process (`tradeai:variable`). */
export interface Variable {
  name?: string | undefined;
  type?: string | undefined;
  required?: boolean | undefined;
  allowed?: string | undefined;
}

/** The variables that a process declares. */
export const variablesOf = (process: Part) => ownOf<Variable>(process, 'Variable');
