import { type Detection, Detector } from '../detector.ts';
import type { EventKind } from '../event-kinds.ts';
import type { Memory } from '../memory.ts';
import type { Rule } from '../rule.ts';
import type { WatchedEvent } from '../watched-event.ts';
import { rules } from './index.ts';

/** Thursday noon, the moment that times are counted from. */
const noonMs = Date.UTC(2026, 3, 23, 12);
const dayMs = 86_400_000;

type What = Partial<Omit<WatchedEvent, 'id' | 'kind' | 'atMs' | 'personId'>>;

/** Writes a log of a few colleagues in one office, in any order, and says what is found in it. */
export class House {
  #atMs = 0;
  #events: WatchedEvent[] = [];
  #seen: { memory: Memory; all: Detection[] } | undefined;

  /** Goes to a time, counted from the moment that tests begin at; negative: before it. */
  at(afterMs: number): this {
    this.#atMs = afterMs;
    return this;
  }

  /** Ordinary days of eight hours before that moment: signed in at the office, some settled. */
  work(days: number, people: readonly string[] = ['ann', 'bob', 'cyd', 'dee', 'eve']): this {
    for (let day = days; day >= 0; day--) {
      if ([0, 6].includes(new Date(noonMs - day * dayMs).getUTCDay())) continue;
      for (const [n, id] of people.entries()) {
        this.at(-day * dayMs - 4 * 3_600_000 + n * 60_000).signIn(id, 'office');
        for (let hour = -3; hour < (day === 0 ? 0 : 5); hour++)
          this.at(-day * dayMs + hour * 3_600_000 + n * 60_000).settle(id, `${id}-${day}-${hour}`, 900);
      }
    }
    return this;
  }

  event(kind: EventKind, personId: string | null, what: What, atMs: number): WatchedEvent {
    return {
      ...{ id: `e${this.#events.length}`, kind, personId, atMs, outcome: 'succeeded' },
      ...{ sessionId: null, subjectId: null, network: null, device: null, account: null, detail: {}, ...what },
    };
  }

  write(kind: EventKind, personId: string | null, what: What): this {
    this.#events.push(this.event(kind, personId, what, noonMs + this.#atMs));
    this.#seen = undefined;
    return this;
  }

  signIn(id: string, network: string, device = `${id}-laptop`, factor = 'password'): this {
    const sessionId = `s${this.#events.length}`;
    return this.write('sign_in.succeeded', id, { sessionId, network, device, detail: { factor } });
  }

  export(id: string, rows: number, what: string): this {
    return this.write('data.exported', id, { detail: { rows, what } });
  }

  settle(id: string, counterpartId: string, amount: number): this {
    return this.write('act.settled', id, {
      subjectId: `c${this.#events.length}`,
      detail: { counterpartId, amount: `${amount}` },
    });
  }

  refuse(id: string, permission: string): this {
    return this.write('access.refused', id, { outcome: 'refused', detail: { permission } });
  }

  /** A record that one makes for a counterpart, and another approves five minutes later. */
  decide(maker: string, approver: string, counterpartId: string): this {
    const subjectId = `r${this.#events.length}`;
    this.write('act.made', maker, { subjectId, detail: { counterpartId, amount: '900' } });
    return this.at(this.#atMs + 300_000).write('act.approved', approver, { subjectId });
  }

  rule(id: string): Rule {
    const rule = rules.find((one) => one.id === id);
    if (!rule) throw new Error(`no rule ${id}`);
    return rule;
  }

  get nowMs(): number {
    return noonMs + this.#atMs;
  }

  /** What is known once all of it was seen. */
  get memory(): Memory {
    return this.#see().memory;
  }

  /** What the rules found since the moment that tests begin at. */
  get all(): Detection[] {
    return this.#see().all.filter(({ event }) => event.atMs >= noonMs);
  }

  /** Whether a rule found something, about somebody. */
  found(ruleId: string, about?: string): boolean {
    return this.all.some((one) => one.rule.id === ruleId && (!about || one.about.includes(about)));
  }

  #see(): { memory: Memory; all: Detection[] } {
    if (!this.#seen) {
      const detector = new Detector(rules);
      const inOrder = this.#events.toSorted((a, b) => a.atMs - b.atMs);
      this.#seen = { memory: detector.memory, all: inOrder.flatMap((event) => detector.see(event)) };
    }
    return this.#seen;
  }
}
