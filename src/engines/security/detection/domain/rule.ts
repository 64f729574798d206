import type { EventKind } from './event-kinds.ts';
import type { Memory } from './memory.ts';
import type { WatchedEvent } from './watched-event.ts';

export type Severity = 'low' | 'medium' | 'high' | 'critical';

/** What may be done about an incident; all of it can be undone. */
export type Remedy = 'end_sessions' | 'step_up' | 'lock' | 'quarantine_key';

/** One reason for or (negative) against an incident, as people read it. */
export interface Reason {
  because: string;
  points: number;
}

/** What a rule found. */
export interface Finding {
  /** Whom it is about: `person:…`, `key:…`, `network:…`. The first is the one that a remedy is for. */
  about: readonly string[];
  reasons: readonly Reason[];
  /** The events that show it, oldest first. */
  evidence: readonly WatchedEvent[];
}

/** A detection rule. Its file says what it looks for, why, how it scores and what it does. */
export interface Rule {
  /** Stable: `brute-force`. */
  id: string;
  title: string;
  /** What it looks for, and what speaks against it. */
  what: string;
  /** Why that matters. */
  why: string;
  severity: Severity;
  /** How far back it looks. */
  windowMs: number;
  /** The sum of points from which it is an incident. */
  threshold: number;
  /** The events after which it looks. */
  after: readonly EventKind[];
  /** What there is to be done first; null: people decide. */
  remedy: Remedy | null;
  /** Whether it does that by itself, or only notes that it would have, as long as the tenant has not said otherwise. */
  byItself: 'act' | 'dry_run';
  look(event: WatchedEvent, memory: Memory): Finding | null;
}

/** The score of a finding. */
export function scoreOf({ reasons }: Finding): number {
  return reasons.reduce((sum, { points }) => sum + points, 0);
}

/** Reasons without those that weigh nothing; points are rounded to hundredths. */
export function reasonsOf(...all: readonly (readonly [points: number, because: string])[]): Reason[] {
  return all
    .map(([points, because]) => ({ because, points: Math.round(points * 100) / 100 }))
    .filter(({ points }) => points !== 0);
}
