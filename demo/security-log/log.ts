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
  signIn(atMs: number, who: Employee, from: { network: string; device: string }, factor = who.factor): string {
    const sessionId = this.fresh('session');
    this.write(atMs, 'sign_in.password', { ...from, personId: who.id });
    if (factor)
      this.write(atMs + 8_000, 'sign_in.second_factor', { ...from, personId: who.id, detail: { factor: 'totp' } });
    const detail = { factor: factor ? 'totp' : 'password' };
    this.write(atMs + 9_000, 'sign_in.succeeded', { ...from, personId: who.id, sessionId, detail });
    return sessionId;
  }

  /** A password that was wrong. */
  wrong(atMs: number, personId: string | null, from: { network: string; device: string }, account?: string): void {
    this.write(atMs, 'sign_in.password', {
      ...from,
      ...{
        personId,
        account: account ?? null,
        outcome: 'refused',
        detail: { reason: personId ? 'wrong_password' : 'unknown' },
      },
    });
  }
}
