import { Problem } from '#problem';
import type { TableTrace } from '../decision-table.ts';
import type { FeelValue } from './feel-value.ts';
import { sizeOf } from './measure-value.ts';

/** What one evaluation may use up before it is stopped; see {@link defaultLimits}. */
export interface FeelLimits {
  /** Expressions evaluated, elements visited. */
  steps: number;
  /** Calls and expressions inside each other. */
  nesting: number;
  /** Lists and contexts inside each other. */
  valueDepth: number;
  /** Entries of one list. */
  listEntries: number;
  /** Characters of one string. */
  characters: number;
}

/**
 * Room for every decision that people write, and an end to those that have none: a million steps are about a second;
 * 1,000 levels stay far from the end of the machine's stack.
 */
export const defaultLimits: FeelLimits = {
  steps: 1_000_000,
  nesting: 1_000,
  valueDepth: 200,
  listEntries: 100_000,
  characters: 1_000_000,
};

/** More would say nothing new. */
const maxNotes = 50;

/** So many characters are gone through in the time of a step. */
const charactersOfStep = 64;

/** What a power, a root or a logarithm of many digits takes. */
export const stepsOfSeries = 100;

/** One evaluation: what it may still use up, what time it is, and what went wrong where FEEL answers null. */
export class FeelRun {
  readonly limits: FeelLimits;
  /** The moment that `now()` and `today()` tell, in UTC. */
  readonly now: Date;
  /** Why something became null, in the order of happening, at most 50. */
  readonly notes: string[] = [];
  /** Names that were read and have no value. */
  readonly unset = new Set<string>();
  /** The decision tables that were asked, in order, and which of their rows matched. */
  readonly tables: TableTrace[] = [];
  private steps = 0;
  private depth = 0;

  constructor(now: Date, limits: FeelLimits = defaultLimits) {
    this.now = now;
    this.limits = limits;
  }

  /** Answers null and keeps the reason. */
  nothing(reason: string): null {
    if (this.notes.length < maxNotes) this.notes.push(reason);
    return null;
  }

  /** Counts steps. Throws `decision.exhausted` after too many. */
  step(count = 1): void {
    this.steps += count;
    if (this.steps > this.limits.steps) this.exhausted(`more than ${this.limits.steps} steps`);
  }

  /**
   * Does work of which nobody knows how much of the machine's stack it takes: levels differ, and a caller may already stand deep.
   * Throws `decision.exhausted` where the stack ends first.
   */
  within<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof RangeError && error.message.includes('call stack')) this.exhausted('a deeper stack');
      throw error;
    }
  }

  /** Enters a level, to {@link leave} it after. Throws `decision.exhausted` when too deep. */
  enter(): void {
    this.step();
    if (this.depth >= this.limits.nesting) this.exhausted(`more than ${this.limits.nesting} levels inside each other`);
    this.depth += 1;
  }

  /** Leaves a level. */
  leave(): void {
    this.depth -= 1;
  }

  /** The list, unless it is too long, too large or too deep (`decision.exhausted`); its length counts as steps. */
  list(entries: readonly FeelValue[]): readonly FeelValue[] {
    this.checkLength(entries.length);
    this.step(entries.length);
    return this.checkSize(entries);
  }

  /** The value, unless it holds too much or lies too deep inside of itself (`decision.exhausted`). */
  checkSize<T extends FeelValue>(value: T): T {
    const { entries, depth } = sizeOf(value);
    if (entries > this.limits.steps) this.exhausted(`a value of more than ${this.limits.steps} entries`);
    if (depth > this.limits.valueDepth) this.exhausted(`a value of more than ${this.limits.valueDepth} levels`);
    return value;
  }

  /** Counts what going through a value takes. Throws `decision.exhausted` after too many steps. */
  goThrough(value: FeelValue): void {
    if (typeof value === 'string') this.step(Math.floor(value.length / charactersOfStep));
    else if (typeof value === 'object' && value !== null) this.step(sizeOf(value).entries);
  }

  /** Throws `decision.exhausted` for a list of more entries than allowed. */
  checkLength(entries: number): void {
    if (entries > this.limits.listEntries) this.exhausted(`a list of more than ${this.limits.listEntries} entries`);
  }

  /** The text, unless it is too long (`decision.exhausted`). */
  text(text: string): string {
    if (text.length > this.limits.characters) {
      this.exhausted(`a string of more than ${this.limits.characters} characters`);
    }
    return text;
  }

  /** Throws `decision.exhausted`. */
  exhausted(what: string): never {
    throw new Problem('decision.exhausted', { detail: `The decision was stopped: it needs ${what}.` });
  }
}
