import type { RandomStream } from '../random.ts';

/** A line of a generated log, as a house would record it. */
export interface LogLine {
  id: string;
  atMs: number;
  kind: string;
  outcome: 'succeeded' | 'refused';
  personId: string | null;
  sessionId: string | null;
  subjectId: string | null;
  network: string | null;
  device: string | null;
  account: string | null;
  detail: Record<string, unknown>;
}

/** Where somebody is, with what: fingerprints. */
export interface Place {
  network: string;
  device: string;
}

/** An instant that moves on, step by step. */
export class Moment {
  ms: number;

  constructor(ms: number) {
    this.ms = ms;
  }

  /** Goes on by so many milliseconds; answers the new instant. */
  after(ms: number): number {
    this.ms += ms;
    return this.ms;
  }
}

/** What was injected: what kind, about whom, and from when to when. */
export interface Attack {
  kind: string;
  /** `person:…`, `key:…` and `network:…` that take part. */
  subjects: string[];
  fromMs: number;
  toMs: number;
}

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;
/** Monday, 2 March 2026, midnight UTC. */
export const beginningMs = Date.UTC(2026, 2, 2);
/** Days before the ones that count: a house keeps 90 days of events. */
export const earlierDays = 50;
/** Days in which attacks are. */
export const scoredDays = 30;
export const allDays = earlierDays + scoredDays;
/** When the days that count begin. */
export const scoredFromMs = beginningMs + earlierDays * day;

/** Somebody who works here. */
export interface Employee {
  id: string;
  role: 'kam' | 'marketing' | 'finance' | 'director' | 'analyst' | 'admin' | 'auditor';
  /** Index of their office and sales region. */
  office: number;
  /** Hours that their local time is ahead of UTC. */
  zone: number;
  /** Local hour at which they begin, and how long they work. */
  begins: number;
  worksHours: number;
  devices: string[];
  home: string;
  /** Shows a second factor at sign-in. */
  factor: boolean;
  /** First day at work, counted from the beginning; negative: before it. */
  joined: number;
  /** Days on which they are away, both included. */
  away: [from: number, to: number][];
  customers: string[];
  exportsADay: number;
  exportRows: number;
  exportKinds: string[];
}

/** Collects lines and attacks of one log. */
export class LogWriter {
  readonly lines: LogLine[] = [];
  readonly attacks: Attack[] = [];
  readonly random: RandomStream;
  #next = 0;
  readonly #guesses = new Map<string, { failures: number; lastMs: number; blockedUntilMs: number }>();

  constructor(random: RandomStream) {
    this.random = random;
  }

  /** A name that nothing else has. */
  fresh(what: string): string {
    this.#next += 1;
    return `${what}-${this.#next}`;
  }

  write(atMs: number, kind: string, line: Partial<Omit<LogLine, 'id' | 'atMs' | 'kind'>>): LogLine {
    const made: LogLine = {
      ...{ id: this.fresh('line'), atMs: Math.round(atMs), kind, outcome: 'succeeded' },
      ...{ personId: null, sessionId: null, subjectId: null, network: null, device: null, account: null, detail: {} },
      ...line,
    };
    this.lines.push(made);
    return made;
  }

  /** A sign-in that succeeds, with its second factor where shown; answers the session. */
  signIn(atMs: number, who: { id: string; factor: boolean }, from: Place, factor = who.factor): string {
    const sessionId = this.fresh('session');
    if (factor)
      this.write(atMs + 8_000, 'sign_in.second_factor', { ...from, personId: who.id, detail: { factor: 'totp' } });
    const detail = { factor: factor ? 'password+totp' : 'password' };
    this.write(atMs + 9_000, 'sign_in.succeeded', { ...from, personId: who.id, sessionId, detail });
    return sessionId;
  }

  /** A wrong password for a person, or for an account that nobody has; held up as the house holds guesses up. */
  wrong(atMs: number, who: { personId: string } | { account: string }, from: Place): void {
    const personId = 'personId' in who ? who.personId : null;
    const account = 'account' in who ? who.account : null;
    const kind = this.#isHeldUp(`${personId ?? account} ${from.network}`, atMs)
      ? 'sign_in.throttled'
      : 'sign_in.password';
    const detail = { factor: 'password' };
    this.write(atMs, kind, { ...from, personId, account, outcome: 'refused', detail });
  }

  /** Five guesses of a pair of account and network are free; then it waits 2 s, doubling up to 5 minutes. */
  #isHeldUp(pair: string, atMs: number): boolean {
    const before = this.#guesses.get(pair);
    if (before && atMs < before.blockedUntilMs) return true;
    const failures = before && atMs - before.lastMs < 15 * minute ? before.failures + 1 : 1;
    const waitMs = failures < 5 ? 0 : Math.min(2_000 * 2 ** (failures - 5), 5 * minute);
    this.#guesses.set(pair, { failures, lastMs: atMs, blockedUntilMs: atMs + waitMs });
    return false;
  }
}
