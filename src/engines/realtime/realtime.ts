import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '#clock';
import { type Context, idsFrom, type TenantFacts } from '#context';
import type { Authenticated } from '#http';
import type { Logger } from '#telemetry';
import type { AnyChannel } from './channel.ts';
import { Connection } from './connection.ts';
import { type EventSource, Hub } from './hub.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { makePerformanceChannel } from './performance-channel.ts';
import { bearerOf, closeCodes, selectSubprotocol } from './protocol.ts';

/** Where clients connect. */
export const socketPath = '/ws/analytics';

/** What the engine needs from the house. */
export interface RealtimeParts {
  eventLog: EventSource;
  channels: readonly AnyChannel[];
  /** Turns a bearer token into who it speaks for; throws `auth.*` problems. Asked again every few seconds. */
  authenticate(bearer: string): Promise<Authenticated>;
  clock: Clock;
  log: Logger;
  /** The system's context in a tenant, in which measures are read. */
  contextFor(tenant: TenantFacts): Context;
  limits?: Partial<Limits>;
  /** Origins of pages that may open a socket, beside pages of the very host that they ask. */
  origins?: readonly string[];
}

/** The running engine of one process. */
export interface Realtime {
  /** Serves {@link socketPath} on an HTTP server. Where nobody else takes upgrades, others are answered 404. */
  attach(server: Server): void;
  /** Drains: says `bye` to every socket, waits until they are gone, answers 503 to new ones. */
  close(): Promise<void>;
}

/** Clients come back between these, spread evenly, so that a restart is not followed by a rush. */
const comeBackMs = { from: 500, spread: 4_500, step: 37 };

/** Makes the engine: it tails the event log from now on. */
export function createRealtime(parts: RealtimeParts): Realtime {
  const limits = { ...defaultLimits, ...parts.limits };
  const hub = new Hub({ eventLog: parts.eventLog, log: parts.log, limits, contextFor: parts.contextFor });
  const connections = new Set<Connection>();
  const ofTenant = (tenantId: string) => [...connections].filter(({ who }) => who?.tenant.id === tenantId);
  const performance = makePerformanceChannel((tenantId) => ({
    sockets: ofTenant(tenantId).length,
    subscriptions: hub.subscriptionsOf(tenantId),
    logOffset: hub.position.offset,
  }));
  const channels = byName([performance.channel, ...parts.channels]);
  const newId = idsFrom(parts.clock);
  const admits = ({ tenant, actor }: Authenticated): boolean => {
    const present = ofTenant(tenant.id);
    const own = present.filter(({ who }) => who?.actor.id === actor.id);
    return present.length < limits.socketsPerTenant && own.length < limits.socketsPerActor;
  };
  const welcome = (socket: WebSocket, bearer: string | undefined): void => {
    const { authenticate, contextFor, log } = parts;
    const connection = new Connection({
      ...{ id: newId(), socket, bearer, hub, channels, limits, log, authenticate, contextFor, admits },
      onGone: () => connections.delete(connection),
    });
    connections.add(connection);
  };
  const strangers = () => [...connections].filter(({ who }) => !who).length;
  const door = makeDoor({ limits, origins: new Set(parts.origins), strangers, welcome });
  const stopTimers = startTimers(connections, parts, limits);
  return {
    attach: door.attach,
    close: async () => {
      door.shut();
      let at = 0;
      for (const connection of connections) {
        connection.bye(
          'server.draining',
          closeCodes.restart,
          comeBackMs.from + ((at++ * comeBackMs.step) % comeBackMs.spread),
        );
      }
      await door.emptied();
      stopTimers();
      performance.close();
      hub.close();
    },
  };
}

function byName(channels: readonly AnyChannel[]): ReadonlyMap<string, AnyChannel> {
  const named = new Map(channels.map((channel) => [channel.name, channel]));
  if (named.size < channels.length) throw new Error('two channels have the same name');
  return named;
}

/** Heartbeats, rechecks of rights and the frame limit's seconds; answers the way to stop them. */
function startTimers(connections: ReadonlySet<Connection>, parts: RealtimeParts, limits: Limits): () => void {
  let rechecking = false;
  const recheck = async (): Promise<void> => {
    if (rechecking) return;
    rechecking = true;
    // Sockets of one session ask once.
    const asked = new Map<string, Promise<Authenticated>>();
    const authenticate = (bearer: string): Promise<Authenticated> => {
      const answer = asked.get(bearer) ?? parts.authenticate(bearer);
      asked.set(bearer, answer);
      return answer;
    };
    try {
      for (const connection of [...connections]) await connection.recheck(authenticate);
    } finally {
      rechecking = false;
    }
  };
  const timers = [
    setInterval(() => void recheck(), limits.recheckMs),
    setInterval(() => {
      for (const connection of connections) connection.beat();
    }, limits.heartbeatMs),
    setInterval(() => {
      for (const connection of connections) connection.beginSecond();
    }, 1_000),
  ];
  for (const timer of timers) timer.unref();
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}

interface Door {
  attach(server: Server): void;
  shut(): void;
  /** Resolves when the last socket is gone. */
  emptied(): Promise<void>;
}

interface DoorParts {
  limits: Limits;
  origins: ReadonlySet<string>;
  strangers(): number;
  welcome(socket: WebSocket, bearer: string | undefined): void;
}

/** Whether a page may open a socket: one of ours, or one that is named. Programs name no origin (RFC 6455, 10.2). */
function isOwnPage({ origin, host }: IncomingMessage['headers'], origins: ReadonlySet<string>): boolean {
  if (origin === undefined || origins.has(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

/** Takes upgrades of HTTP servers. */
function makeDoor({ limits, origins, strangers, welcome }: DoorParts): Door {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.frameBytes,
    perMessageDeflate: false,
    handleProtocols: selectSubprotocol,
  });
  let open = true;
  const upgrade = (server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (request.url?.split('?')[0] !== socketPath) {
      // Another listener may know the path; when there is none, the client must not wait for ever.
      if (server.listenerCount('upgrade') === 1) refuseUpgrade(socket, 404);
      return;
    }
    if (!open || strangers() >= limits.strangers) {
      refuseUpgrade(socket, 503);
      return;
    }
    if (!isOwnPage(request.headers, origins)) {
      refuseUpgrade(socket, 403);
      return;
    }
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    sockets.handleUpgrade(request, socket, head, (accepted) => welcome(accepted, bearerOf(offered)));
  };
  return {
    attach: (server) => {
      server.on('upgrade', (request, socket, head) => upgrade(server, request, socket, head));
    },
    shut: () => {
      open = false;
    },
    emptied: async () => {
      await Promise.all([...sockets.clients].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    },
  };
}

function refuseUpgrade(socket: Duplex, status: number): void {
  const retry = status === 503 ? 'Retry-After: 2\r\n' : '';
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n${retry}Content-Length: 0\r\n\r\n`);
}
