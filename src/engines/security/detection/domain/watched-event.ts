import type { EventKind, EventOutcome } from './event-kinds.ts';

/** A security event as rules see it. Address, network, device and account are fingerprints. */
export interface WatchedEvent {
  id: string;
  atMs: number;
  kind: EventKind;
  outcome: EventOutcome;
  personId: string | null;
  sessionId: string | null;
  subjectId: string | null;
  network: string | null;
  device: string | null;
  account: string | null;
  detail: Readonly<Record<string, unknown>>;
}

/** Whether it is a password (or a held-up code) that opened nothing; what the throttle refused unread counts as well. */
export function isGuess({ kind, outcome }: WatchedEvent): boolean {
  return outcome === 'refused' && (kind === 'sign_in.password' || kind === 'sign_in.throttled');
}

/** A member of `detail` where it is a text. */
export function textOf(event: WatchedEvent, name: string): string | null {
  const value = event.detail[name];
  return typeof value === 'string' ? value : null;
}

/** A member of `detail` where it is a finite number, else 0. */
export function numberOf(event: WatchedEvent, name: string): number {
  const value = event.detail[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
