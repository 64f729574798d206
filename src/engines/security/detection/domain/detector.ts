import type { EventKind } from './event-kinds.ts';
import { Memory } from './memory.ts';
import { dayMs } from './profile.ts';
import { type Finding, type Rule, scoreOf } from './rule.ts';
import type { WatchedEvent } from './watched-event.ts';

/** A finding of a rule that is enough to be told. */
export interface Detection extends Finding {
  rule: Rule;
  score: number;
  event: WatchedEvent;
}

/** Findings about the same people, keys or networks within so long are one incident. */
export const oneIncidentMs = 2 * dayMs;

/** Finds incidents in the events of one tenant, which come in about the order in which they happened. */
export class Detector {
  readonly memory = new Memory();
  readonly #byKind = new Map<EventKind, Rule[]>();

  constructor(rules: readonly Rule[]) {
    for (const rule of rules) {
      for (const kind of rule.after) this.#byKind.set(kind, [...(this.#byKind.get(kind) ?? []), rule]);
    }
  }

  /** Takes an event up and answers what the rules say to it. */
  see(event: WatchedEvent): Detection[] {
    this.memory.arrive(event);
    const found: Detection[] = [];
    for (const rule of this.#byKind.get(event.kind) ?? []) {
      const finding = rule.look(event, this.memory);
      if (!finding) continue;
      const score = scoreOf(finding);
      if (score >= rule.threshold) found.push({ ...finding, rule, score, event });
    }
    this.memory.learn(event);
    return found;
  }

  /** Takes an event of the past up without looking for anything. */
  recall(event: WatchedEvent): void {
    this.memory.arrive(event);
    this.memory.learn(event);
  }
}
