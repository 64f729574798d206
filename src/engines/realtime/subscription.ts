import type { Scope } from '#context';
import type { LogPosition, StoredEvent } from '#events';
import { type AnyChannel, liesInside, measuresInside, passes, sees } from './channel.ts';
import type { Limits } from './limits.ts';
import { type Change, changeOf, type GapReason, type ServerFrame } from './protocol.ts';
import type { Snapshot, View } from './view.ts';

/** An event on its way to many subscribers: its JSON is written once. */
export class SharedEvent {
  readonly event: StoredEvent;
  readonly #epoch: string;
  #change: Change | undefined;
  #text: string | undefined;

  constructor(event: StoredEvent, epoch: string) {
    this.event = event;
    this.#epoch = epoch;
  }

  /** What stands after the id in the frame of a channel, closing brace included. */
  textFor(channel: AnyChannel): string {
    this.#change ??= changeOf(this.event, this.#epoch);
    if (channel.eventFrame === 'alerts_update') {
      const { position, ...data } = this.#change;
      return JSON.stringify({ channel: channel.name, data, position }).slice(1);
    }
    this.#text ??= JSON.stringify(this.#change).slice(1);
    return this.#text;
  }
}

type Waiting =
  | { kind: 'event'; shared: SharedEvent }
  | { kind: 'measures'; values: Record<string, unknown>; position: LogPosition };

/** Who looks on: asked at every frame, since rights may change while a socket is open. */
export interface Onlooker {
  readonly permissions: ReadonlySet<string>;
  /** The part of the tenant that they are kept to. */
  readonly scope: Scope | undefined;
  /** Called when a frame waits that did not before. */
  wake(): void;
}

/** What a subscription is made from. */
export interface SubscriptionParts {
  id: string;
  channel: AnyChannel;
  filters: unknown;
  mode: 'events' | 'latest';
  onlooker: Onlooker;
  view: View;
  limits: Limits;
  /** Where the log stood when the subscription began to listen. */
  from: LogPosition;
}

/**
 * What one client has asked for, and the frames that wait for it. Held until its snapshot is there: events that arrive
 * in the meantime wait, and those that the snapshot holds already are dropped.
 */
export class Subscription {
  readonly parts: SubscriptionParts;
  /** In order of position. In `latest` mode an entity has one frame at most, its last. */
  readonly #waiting = new Map<string, Waiting>();
  #held: SharedEvent[] | null = [];
  #first: string[] = [];
  #reached: LogPosition;
  #lagging = false;
  ended = false;

  constructor(parts: SubscriptionParts) {
    this.parts = parts;
    this.#reached = parts.from;
  }

  /**
   * Whether its queue was dropped, so that it needs a new snapshot. Not while one is under way: two at once could let
   * go in the wrong order, and positions would go back.
   */
  get lagging(): boolean {
    return this.#lagging && this.#held === null;
  }

  /** Takes an event of its tenant. */
  offer(shared: SharedEvent): void {
    if (this.#lagging || !this.#isWanted(shared.event)) return;
    if (!this.#held) {
      this.#enqueue(shared);
      this.parts.onlooker.wake();
    } else if (this.#held.length < this.parts.limits.waitingPerSubscription) this.#held.push(shared);
    else this.#lag();
  }

  /** Takes measures that have other values than before. */
  offerMeasures(values: Readonly<Record<string, unknown>>, position: LogPosition): void {
    if (this.#lagging || this.#held) return;
    this.#enqueueMeasures(values, position);
    this.parts.onlooker.wake();
  }

  /** Begins anew: holds what comes until {@link startWith} or {@link resumeWith}. */
  hold(): void {
    this.#waiting.clear();
    this.#held = [];
    this.#lagging = false;
  }

  /** Lets go: the snapshot first, after a gap where there was one, then what came after it. */
  startWith(snapshot: Snapshot, gap?: GapReason): void {
    const { id, channel } = this.parts;
    const recentEvents = snapshot.recentEvents
      .filter((event) => this.#maySee(event))
      .map((event) => changeOf(event, snapshot.position.epoch));
    const data = { ...this.#permitted(snapshot.values), ...(channel.recentEvents ? { recentEvents } : {}) };
    const frames: ServerFrame[] = [
      { type: 'initial_data', id, channel: channel.name, data, position: snapshot.position },
    ];
    if (gap) frames.unshift({ type: 'gap', id, reason: gap });
    this.#first = frames.map((frame) => JSON.stringify(frame));
    this.#release(snapshot.position, []);
  }

  /** Lets go after a complete resume: the events missed, what came in the meantime, the measures as they stand. */
  resumeWith(after: LogPosition, missed: readonly SharedEvent[], snapshot: Snapshot): void {
    this.#first = [];
    this.#release(after, missed);
    if (!this.#lagging) this.#enqueueMeasures(snapshot.values, snapshot.position);
    this.parts.onlooker.wake();
  }

  /** The next frame to send, as text. */
  take(): string | undefined {
    const first = this.#first.shift();
    if (first) return first;
    for (const [key, waiting] of this.#waiting) {
      this.#waiting.delete(key);
      const text = this.#textOf(waiting);
      if (text) return text;
    }
    return undefined;
  }

  #release(after: LogPosition, missed: readonly SharedEvent[]): void {
    const held = this.#held ?? [];
    this.#held = null;
    this.#waiting.clear();
    this.#reached = after;
    for (const shared of [...missed, ...held]) this.#enqueue(shared);
    this.parts.onlooker.wake();
  }

  #isWanted(event: StoredEvent): boolean {
    const { channel, filters } = this.parts;
    return this.#maySee(event) && passes(channel, event, filters);
  }

  #maySee(event: StoredEvent): boolean {
    const { channel, onlooker } = this.parts;
    return sees(channel, event.type, onlooker.permissions) && liesInside(event.data, onlooker.scope);
  }

  #enqueue(shared: SharedEvent): void {
    const { event } = shared;
    if (event.position <= this.#reached.offset || !this.#isWanted(event)) return;
    const key = this.parts.mode === 'latest' ? `${event.subjectType}:${event.subjectId}` : `${event.position}`;
    this.#put(key, { kind: 'event', shared });
    this.#reached = { epoch: this.#reached.epoch, offset: event.position };
  }

  #enqueueMeasures(values: Readonly<Record<string, unknown>>, position: LogPosition): void {
    const waiting = this.#waiting.get('measures');
    const earlier = waiting?.kind === 'measures' ? waiting.values : {};
    // Never behind an event that waits before it: a client may resume from the last position it saw.
    if (position.offset > this.#reached.offset) this.#reached = position;
    this.#put('measures', { kind: 'measures', values: { ...earlier, ...values }, position: this.#reached });
  }

  #put(key: string, waiting: Waiting): void {
    this.#waiting.delete(key);
    if (this.#waiting.size >= this.parts.limits.waitingPerSubscription) this.#lag();
    else this.#waiting.set(key, waiting);
  }

  #lag(): void {
    this.#lagging = true;
    this.#waiting.clear();
    this.#held &&= [];
    this.parts.onlooker.wake();
  }

  #permitted(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const { channel, filters, onlooker } = this.parts;
    if (!measuresInside(channel, filters, onlooker.scope)) return {};
    return Object.fromEntries(
      Object.entries(values).filter(([name]) => {
        const permission = channel.measures[name]?.permission;
        return !permission || onlooker.permissions.has(permission);
      }),
    );
  }

  #textOf(waiting: Waiting): string | undefined {
    const { id, channel } = this.parts;
    if (waiting.kind === 'event') {
      if (!this.#maySee(waiting.shared.event)) return undefined;
      return `{"type":"${channel.eventFrame ?? 'data_change'}","id":${JSON.stringify(id)},${waiting.shared.textFor(channel)}`;
    }
    const data = this.#permitted(waiting.values);
    if (Object.keys(data).length === 0) return undefined;
    const { position } = waiting;
    return JSON.stringify({ type: 'metrics_update', id, channel: channel.name, data, position } satisfies ServerFrame);
  }
}
