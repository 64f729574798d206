import type { EventKind } from './event-kinds.ts';
import { Memory } from './memory.ts';
import { dayMs } from './profile.ts';
import { type Finding, type Rule, reasonsOf, scoreOf } from './rule.ts';
import { unjudged } from './rules/unjudged.ts';
import type { WatchedEvent } from './watched-event.ts';

/** A finding of a rule that is enough to be told. */
export interface Detection extends Finding {
  rule: Rule;
  score: number;
  event: WatchedEvent;
}

/** A part of detection that threw at an event: a rule by its id, or the memory. */
export interface Failure {
  part: string;
  event: WatchedEvent;
  error: unknown;
}

/** Findings about the same people, keys or networks within so long are one incident. */
export const oneIncidentMs = 2 * dayMs;

/** Finds incidents in the events of one tenant, which come in about the order in which they happened. */
export class Detector {
  readonly memory = new Memory();
  readonly #byKind = new Map<EventKind, Rule[]>();
  readonly #onFailure: (failure: Failure) => void;

  /** What fails is told to `onFailure`, and everything else goes on; without one it is thrown. */
  constructor(rules: readonly Rule[], onFailure?: (failure: Failure) => void) {
    this.#onFailure =
      onFailure ??
      (({ error }) => {
        throw error;
      });
    for (const rule of rules) {
      for (const kind of rule.after) this.#byKind.set(kind, [...(this.#byKind.get(kind) ?? []), rule]);
    }
  }

  /** Takes an event up and answers what the rules say to it; a rule that fails is a finding of its own. */
  see(event: WatchedEvent): Detection[] {
    const found: Detection[] = [];
    const trying = (part: string, work: () => void) =>
      this.#try(part, event, work) ?? found.push(unjudgedBy(part, event));
    trying('memory', () => this.memory.arrive(event));
    for (const rule of this.#byKind.get(event.kind) ?? []) {
      trying(rule.id, () => {
        const finding = rule.look(event, this.memory);
        if (!finding) return;
        const score = scoreOf(finding);
        if (!Number.isFinite(score)) throw new Error(`the score of ${rule.id} is ${score}`);
        if (score >= rule.threshold) found.push({ ...finding, rule, score, event });
      });
    }
    trying('memory', () => this.memory.learn(event));
    return found;
  }

  /** Takes an event of the past up without looking for anything. */
  recall(event: WatchedEvent): void {
    this.#try('memory', event, () => {
      this.memory.arrive(event);
      this.memory.learn(event);
    });
  }

  /** True where it was done; undefined where it failed, which is told. */
  #try(part: string, event: WatchedEvent, work: () => void): true | undefined {
    try {
      work();
      return true;
    } catch (error) {
      this.#onFailure({ part, event, error });
      return undefined;
    }
  }
}

/** What becomes of an event at which a part failed: people see it, with the event as its evidence. */
function unjudgedBy(part: string, event: WatchedEvent): Detection {
  const reasons = reasonsOf([unjudged.threshold, `${part} failed at an event of the kind ${event.kind}`]);
  return { rule: unjudged, score: unjudged.threshold, about: [`rule:${part}`], reasons, evidence: [event], event };
}
