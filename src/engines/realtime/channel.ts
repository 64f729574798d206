import type { z } from 'zod';
import type { Context, Scope } from '#context';
import type { TenantTx } from '#db';
import type { StoredEvent } from '#events';
import type { Permission } from '#module';
import { inScope } from '#scope';

/** A figure of a channel: an absolute value, read again after the events that may change it. */
export interface Measure<Filters> {
  /** Event types, or their beginnings (`promotions.promotion`), after which the value may be another. */
  changedBy: readonly string[];
  /** Needed beside the channel's own permission. */
  permission?: Permission;
  /** Read again so often without any event: for figures that move with time. */
  everyMs?: number;
  /** Whether the measure means something under these filters; always, when absent. */
  appliesTo?(filters: Filters): boolean;
  /** The value as JSON (no bigint). Runs as the system in the tenant's transaction. */
  read(tx: TenantTx<Context>, filters: Filters): Promise<unknown>;
}

/** Which events a channel passes on, and who may see them. */
export interface EventRule {
  /** An event type or its beginning up to a dot: `funds.entry`. */
  type: string;
  /** Needed beside the channel's own permission. */
  permission?: Permission;
}

/** What clients may subscribe to; modules declare channels, `apps` hands them to the engine. */
export interface Channel<Filters> {
  name: string;
  permission: Permission;
  /** Filters of a subscription; they must parse from `{}`. */
  filters: z.ZodType<Filters>;
  measures: Readonly<Record<string, Measure<Filters>>>;
  events: readonly EventRule[];
  /** The frame that carries an event: `data_change` when absent. */
  eventFrame?: 'data_change' | 'alerts_update';
  /** How many of the last events the snapshot holds as `recentEvents`; none when absent. */
  recentEvents?: number;
  /** What the data of an event must hold to pass the filters, `{ customerId }`; all events pass when absent. */
  eventData?(filters: Filters): Readonly<Record<string, string>>;
}

/** A channel whose filter type is erased, as the engine holds it. */
// biome-ignore lint/suspicious/noExplicitAny: the filters of a channel are its own business
export type AnyChannel = Channel<any>;

/** Whether an event type is `type` or begins with it up to a dot. */
export function isOfType(eventType: string, type: string): boolean {
  return eventType === type || eventType.startsWith(`${type}.`);
}

/** Whether someone with these permissions sees events of this type on the channel. */
export function sees(channel: AnyChannel, eventType: string, permissions: ReadonlySet<string>): boolean {
  return channel.events.some(
    (rule) => isOfType(eventType, rule.type) && (!rule.permission || permissions.has(rule.permission)),
  );
}

const nodeOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** Whether data that may say `customerId` and `productId` lies in the part that somebody is kept to; what does not say, does not. */
export function liesInside(data: Readonly<Record<string, unknown>>, scope: Scope | undefined): boolean {
  return inScope(scope, { customer: nodeOf(data.customerId), product: nodeOf(data.productId) });
}

/** Whether figures under these filters are of the part that somebody is kept to and of nothing else. */
export function measuresInside(channel: AnyChannel, filters: unknown, scope: Scope | undefined): boolean {
  return liesInside(channel.eventData?.(filters) ?? {}, scope);
}

/** Whether an event's data holds what the filters of a subscription ask for. */
export function passes(channel: AnyChannel, event: StoredEvent, filters: unknown): boolean {
  return Object.entries(channel.eventData?.(filters) ?? {}).every(([name, value]) => event.data[name] === value);
}
