import { z } from 'zod';
import type { LogPosition, StoredEvent } from '#events';
import type { ProblemCode } from '#problem';

/** Name and version of what is spoken on the socket; offered as a subprotocol it is the one selected. */
export const protocolName = 'tradeai.v1';

const frameId = z.string().min(1).max(64);
const filters = z.record(z.string().max(64), z.unknown()).optional();

/** Everything a client may send. */
export const clientFrame = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('auth'), token: z.string().min(1).max(8_192) }),
  z.strictObject({
    type: z.literal('subscribe'),
    id: frameId,
    channel: z.string().min(1).max(64),
    filters,
    mode: z.enum(['events', 'latest']).default('events'),
    resume: z.strictObject({ epoch: z.string().max(64), offset: z.number().int().min(0) }).optional(),
  }),
  z.strictObject({ type: z.literal('unsubscribe'), id: frameId }),
  z.strictObject({
    type: z.literal('get_metrics'),
    id: frameId,
    metricsType: z.string().min(1).max(64),
    timeRange: z.enum(['1h', '24h', '7d', '30d']),
    filters,
  }),
  z.strictObject({ type: z.literal('ping'), id: frameId.optional() }),
]);

/** A parsed client frame. */
export type ClientFrame = z.infer<typeof clientFrame>;
/** A client frame of one type. */
export type ClientFrameOf<Type extends ClientFrame['type']> = Extract<ClientFrame, { type: Type }>;
/** How far back `get_metrics` looks. */
export type TimeRange = ClientFrameOf<'get_metrics'>['timeRange'];

/** Why a client has to take a new snapshot in place of the events between. */
export type GapReason = 'epoch_changed' | 'position_unknown' | 'too_far_behind' | 'slow_consumer';

/** Why the server ends a socket. */
export type ByeCode = ProblemCode | 'auth.timeout' | 'server.draining' | 'client.slow';

/** Everything the server sends except the events themselves, which are written once for all subscribers. */
export type ServerFrame =
  | { type: 'connection_established'; connectionId: string; protocol: string }
  | { type: 'subscription_confirmed'; id: string; position: LogPosition; complete: boolean }
  | { type: 'initial_data'; id: string; channel: string; data: unknown; position: LogPosition }
  | { type: 'metrics_update'; id: string; channel: string; data: unknown; position: LogPosition }
  | { type: 'metrics_response'; id: string; metricsType: string; timeRange: TimeRange; data: unknown }
  | { type: 'gap'; id: string; reason: GapReason }
  | { type: 'pong'; id?: string }
  | { type: 'error'; id?: string; code: ProblemCode; message: string }
  | { type: 'bye'; code: ByeCode; retryAfterMs: number };

/** WebSocket close codes (RFC 6455, 7.4): 4xxx are ours and repeat the HTTP status. */
export const closeCodes = { unauthorised: 4401, tooMany: 4429, restart: 1012, failed: 1011 } as const;

/** An event as clients see it: the entity it is about, what happened, and the facts it carries. */
export interface Change {
  entity: string;
  /** The last word of the event's type: `approved`. */
  operation: string;
  entityId: string;
  fields: Record<string, unknown>;
  position: LogPosition;
}

/** The public form of an event. `fields` holds its data, `actorId` and `occurredAt` (ISO 8601). */
export function changeOf(event: StoredEvent, epoch: string): Change {
  return {
    entity: event.subjectType,
    operation: event.type.slice(event.type.lastIndexOf('.') + 1),
    entityId: event.subjectId,
    fields: { ...event.data, actorId: event.actorId, occurredAt: event.occurredAt },
    position: { epoch, offset: event.position },
  };
}

/** The token of a bearer subprotocol, `bearer.<token>` or `bearer, <token>`; undefined when there is none. */
export function bearerOf(subprotocols: readonly string[]): string | undefined {
  const joined = subprotocols.find((name) => name.startsWith('bearer.'));
  if (joined) return joined.slice('bearer.'.length);
  const at = subprotocols.indexOf('bearer');
  return at < 0 ? undefined : subprotocols[at + 1];
}

/**
 * The subprotocol to select: browsers end a socket whose offer is not taken up. The token is echoed only where the
 * client offered nothing else.
 */
export function selectSubprotocol(offered: ReadonlySet<string>): string | false {
  if (offered.has(protocolName)) return protocolName;
  if (offered.has('bearer')) return 'bearer';
  return [...offered].find((name) => name.startsWith('bearer.')) ?? false;
}
