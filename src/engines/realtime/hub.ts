import type { Context, TenantFacts } from '#context';
import type { LogPosition, StoredEvent } from '#events';
import type { Logger } from '#telemetry';
import type { AnyChannel } from './channel.ts';
import type { Limits } from './limits.ts';
import { type Onlooker, SharedEvent, Subscription } from './subscription.ts';
import { View } from './view.ts';

/** The event log as this engine needs it: `EventLog` of the house has this shape. */
export interface EventSource {
  readonly position: LogPosition;
  tail(listener: (events: StoredEvent[]) => void): () => void;
  readAfter(tenantId: string, offset: number, limit: number): Promise<StoredEvent[]>;
}

/** What the hub needs. */
export interface HubParts {
  eventLog: EventSource;
  log: Logger;
  limits: Limits;
  /** The system's context in a tenant, in which measures are read. */
  contextFor(tenant: TenantFacts): Context;
}

interface Room {
  subscriptions: Set<Subscription>;
  views: Map<string, { view: View; users: Set<Subscription> }>;
}

/** What a subscription asks for. */
export interface Wish {
  id: string;
  channel: AnyChannel;
  filters: unknown;
  mode: 'events' | 'latest';
  onlooker: Onlooker;
}

/** Events read at once while a client catches up. */
const replayPage = 200;

/** Leads the events of the log to the subscriptions of their tenant. Each tenant has a room of its own. */
export class Hub {
  readonly #parts: HubParts;
  readonly #rooms = new Map<string, Room>();
  readonly #stopTailing: () => void;
  readonly #reaching = new Set<() => void>();

  constructor(parts: HubParts) {
    this.#parts = parts;
    this.#stopTailing = parts.eventLog.tail((events) => this.#take(events));
  }

  /** Where the log stands, as far as this process has read it. */
  get position(): LogPosition {
    return this.#parts.eventLog.position;
  }

  /** How many subscriptions a tenant has here. */
  subscriptionsOf(tenantId: string): number {
    return this.#rooms.get(tenantId)?.subscriptions.size ?? 0;
  }

  /** A subscription that listens from now on, held until it is given its start. */
  open(tenant: TenantFacts, wish: Wish): Subscription {
    const room = this.#rooms.get(tenant.id) ?? { subscriptions: new Set(), views: new Map() };
    this.#rooms.set(tenant.id, room);
    const key = viewKey(wish);
    const shared = room.views.get(key) ?? this.#makeView(tenant, wish);
    room.views.set(key, shared);
    const subscription = new Subscription({
      ...wish,
      view: shared.view,
      limits: this.#parts.limits,
      from: this.position,
    });
    shared.users.add(subscription);
    room.subscriptions.add(subscription);
    return subscription;
  }

  /** Ends a subscription. */
  drop(tenantId: string, subscription: Subscription): void {
    subscription.ended = true;
    const room = this.#rooms.get(tenantId);
    if (!room?.subscriptions.delete(subscription)) return;
    const key = viewKey(subscription.parts);
    const shared = room.views.get(key);
    shared?.users.delete(subscription);
    if (shared?.users.size === 0) {
      shared.view.close();
      room.views.delete(key);
    }
    if (room.subscriptions.size === 0) this.#rooms.delete(tenantId);
  }

  /**
   * The tenant's events after `offset` up to `end`, oldest first; undefined when they are more than a replay may hold.
   */
  async missed(tenantId: string, offset: number, end: number): Promise<SharedEvent[] | undefined> {
    const { eventLog, limits } = this.#parts;
    const missed: SharedEvent[] = [];
    for (let after = offset; after < end; ) {
      const events = await eventLog.readAfter(tenantId, after, replayPage);
      for (const event of events) {
        if (event.position <= end) missed.push(new SharedEvent(event, eventLog.position.epoch));
      }
      if (missed.length > limits.replayEvents) return undefined;
      after = events.length < replayPage ? end : (events.at(-1)?.position ?? end);
    }
    return missed;
  }

  /** Waits until this process has read the log up to `offset`; answers whether it has. */
  async reach(offset: number): Promise<boolean> {
    if (this.position.offset >= offset) return true;
    return new Promise((resolve) => {
      const end = (reached: boolean) => {
        clearTimeout(timer);
        this.#reaching.delete(look);
        resolve(reached);
      };
      const look = () => {
        if (this.position.offset >= offset) end(true);
      };
      const timer = setTimeout(() => end(false), this.#parts.limits.reachMs);
      this.#reaching.add(look);
    });
  }

  /** Stops listening. */
  close(): void {
    this.#stopTailing();
    for (const room of this.#rooms.values()) {
      for (const { view } of room.views.values()) view.close();
    }
  }

  #makeView(tenant: TenantFacts, { channel, filters }: Wish): { view: View; users: Set<Subscription> } {
    const users = new Set<Subscription>();
    const view = new View({
      channel,
      filters,
      context: this.#parts.contextFor(tenant),
      log: this.#parts.log,
      limits: this.#parts.limits,
      position: () => this.position,
      publish: (changed, position) => {
        for (const user of users) user.offerMeasures(changed, position);
      },
    });
    return { view, users };
  }

  #take(events: readonly StoredEvent[]): void {
    for (const event of events) {
      // The tenant first, before anything else is looked at.
      const room = this.#rooms.get(event.tenantId);
      if (!room) continue;
      const shared = new SharedEvent(event, this.position.epoch);
      for (const subscription of room.subscriptions) this.#offer(subscription, shared);
      for (const { view } of room.views.values()) view.take(event.type);
    }
    for (const look of this.#reaching) look();
  }

  #offer(subscription: Subscription, shared: SharedEvent): void {
    try {
      subscription.offer(shared);
    } catch (error) {
      // A channel's own code threw: the other subscriptions and the log's loop go on.
      const { channel } = subscription.parts;
      this.#parts.log.error(
        { err: error, channel: channel.name, type: shared.event.type },
        'realtime: an event was not passed on',
      );
    }
  }
}

function viewKey({ channel, filters }: { channel: AnyChannel; filters: unknown }): string {
  return `${channel.name} ${canonical(filters)}`;
}

/** JSON with sorted member names: equal filters have equal texts. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    member && typeof member === 'object' && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
