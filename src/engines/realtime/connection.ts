import type { RawData, WebSocket } from 'ws';
import type { Context, Scope, TenantFacts } from '#context';
import { isUnavailable } from '#db';
import type { Authenticated } from '#http';
import { Problem } from '#problem';
import type { Logger } from '#telemetry';
import { type AnyChannel, measuresInside } from './channel.ts';
import { countEvents } from './event-history.ts';
import type { Hub } from './hub.ts';
import type { Limits } from './limits.ts';
import { Outbox } from './outbox.ts';
import { parseFilters, parseFrame } from './parse-frame.ts';
import {
  type ByeCode,
  type ClientFrame,
  type ClientFrameOf,
  closeCodes,
  protocolName,
  type ServerFrame,
} from './protocol.ts';
import { restartSubscription, startSubscription } from './start-subscription.ts';
import type { Onlooker, Subscription } from './subscription.ts';

/** What a connection needs from the engine. */
export interface ConnectionParts {
  id: string;
  socket: WebSocket;
  /** The token of a bearer subprotocol. */
  bearer: string | undefined;
  hub: Hub;
  channels: ReadonlyMap<string, AnyChannel>;
  limits: Limits;
  log: Logger;
  authenticate(bearer: string): Promise<Authenticated>;
  contextFor(tenant: TenantFacts): Context;
  /** Whether one more socket of this tenant and person is within the limits. */
  admits(who: Authenticated): boolean;
  /** Called once, when the socket is gone. */
  onGone(): void;
}

const nothing: ReadonlySet<string> = new Set();
/** When a client may come back that was refused for its token (with another one), for want of room or of a database. */
const retryAfterMs = { unauthorised: 1_000, crowded: 5_000, unavailable: 2_000 };

/** One socket: sign-in, the frames of its client one after another, its subscriptions. */
export class Connection implements Onlooker {
  readonly #parts: ConnectionParts;
  readonly #outbox: Outbox;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #signInTimer: NodeJS.Timeout;
  #who: Authenticated | undefined;
  #token = '';
  #ended = false;
  #alive = true;
  #framesThisSecond = 0;
  #waitingFrames = 0;
  #failedRechecks = 0;
  #line: Promise<void> = Promise.resolve();

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    const { socket, limits } = parts;
    this.#outbox = new Outbox(socket, limits, this.#subscriptions);
    this.#outbox.onEmpty = () => this.#restartLagging();
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('pong', () => {
      this.#alive = true;
    });
    socket.on('error', (error) => parts.log.debug({ err: error, connection: parts.id }, 'realtime: socket error'));
    socket.on('close', () => this.#gone());
    this.#signInTimer = setTimeout(() => this.bye('auth.timeout', closeCodes.unauthorised), limits.signInMs);
    const { bearer } = parts;
    if (bearer !== undefined) this.#queue(() => this.#signIn(bearer));
  }

  /** Who has signed in; undefined before. */
  get who(): Authenticated | undefined {
    return this.#who;
  }

  get permissions(): ReadonlySet<string> {
    return this.#who?.actor.permissions ?? nothing;
  }

  /** The part of the tenant that its person is kept to by now. */
  get scope(): Scope | undefined {
    return this.#who?.actor.scope;
  }

  wake(): void {
    this.#outbox.wake();
  }

  /** Begins another second of the frame limit. */
  beginSecond(): void {
    this.#framesThisSecond = 0;
  }

  /** Asks for a sign of life; a socket that gave none since the last time is cut. */
  beat(): void {
    const { socket } = this.#parts;
    if (!this.#alive) socket.terminate();
    else if (socket.readyState === socket.OPEN) socket.ping();
    this.#alive = false;
  }

  /** Asks again who this is: a revoked session ends the socket, lost permissions end subscriptions. */
  async recheck(authenticate: (bearer: string) => Promise<Authenticated>): Promise<void> {
    if (!this.#who || this.#ended) return;
    const token = this.#token;
    try {
      const who = await authenticate(token);
      if (token === this.#token && !this.#ended) this.#renew(who);
    } catch (error) {
      if (token !== this.#token) return;
      if (error instanceof Problem && error.status < 500) return this.bye(error.code, closeCodes.unauthorised);
      this.#failedRechecks += 1;
      if (this.#failedRechecks < this.#parts.limits.failedRechecks) return;
      this.bye('service.unavailable', closeCodes.failed, retryAfterMs.unavailable);
    }
  }

  /** Says farewell and closes; `retryMs` is when the client may come back. */
  bye(code: ByeCode, closeCode: number, retryMs = retryAfterMs.unauthorised): void {
    if (this.#ended) return;
    this.#ended = true;
    const { socket, limits } = this.#parts;
    this.#outbox.flushAnswers();
    socket.send(JSON.stringify({ type: 'bye', code, retryAfterMs: retryMs } satisfies ServerFrame));
    socket.close(closeCode, code);
    setTimeout(() => socket.terminate(), limits.drainMs).unref();
    this.#dropAll();
  }

  #gone(): void {
    this.#ended = true;
    clearTimeout(this.#signInTimer);
    this.#dropAll();
    this.#parts.onGone();
  }

  #dropAll(): void {
    for (const id of [...this.#subscriptions.keys()]) this.#drop(id);
  }

  #drop(id: string): boolean {
    const subscription = this.#subscriptions.get(id);
    if (!subscription || !this.#who) return false;
    this.#subscriptions.delete(id);
    this.#parts.hub.drop(this.#who.tenant.id, subscription);
    return true;
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#ended) return;
    this.#alive = true;
    this.#framesThisSecond += 1;
    const { framesPerSecond, waitingFrames } = this.#parts.limits;
    if (this.#framesThisSecond > framesPerSecond || this.#waitingFrames >= waitingFrames) {
      this.bye('rate.limited', closeCodes.tooMany, retryAfterMs.crowded);
    } else this.#queue(() => this.#handle(data, isBinary));
  }

  /** One after another: a subscription sent right behind the token waits for the sign-in. */
  #queue(work: () => Promise<void> | void): void {
    this.#waitingFrames += 1;
    this.#line = this.#line.then(async () => {
      try {
        if (!this.#ended) await work();
      } catch (error) {
        this.#refuse(undefined, error);
      } finally {
        this.#waitingFrames -= 1;
      }
    });
  }

  #answer(frame: ServerFrame): void {
    if (!this.#ended && !this.#outbox.answer(frame)) this.bye('client.slow', closeCodes.tooMany, retryAfterMs.crowded);
  }

  #refuse(id: string | undefined, error: unknown): void {
    const problem =
      error instanceof Problem ? error : new Problem(isUnavailable(error) ? 'service.unavailable' : 'internal');
    if (problem !== error)
      this.#parts.log.error({ err: error, connection: this.#parts.id }, 'realtime: a frame failed');
    const { code, detail, errors } = problem;
    const message = [detail, ...(errors ?? []).map(({ path, message }) => `${path}: ${message}`)].join(' ');
    this.#answer({ type: 'error', ...(id === undefined ? {} : { id }), code, message });
  }

  async #handle(data: RawData, isBinary: boolean): Promise<void> {
    const { frame, id, problem } = parseFrame(data, isBinary);
    if (problem) return this.#refuse(id, problem);
    if (!this.#who && frame.type !== 'auth') {
      this.#refuse(id, new Problem('auth.required'));
      return this.bye('auth.required', closeCodes.unauthorised);
    }
    try {
      await this.#obey(frame);
    } catch (error) {
      this.#refuse(id, error);
    }
  }

  async #obey(frame: ClientFrame): Promise<void> {
    switch (frame.type) {
      case 'auth':
        return this.#signIn(frame.token);
      case 'subscribe':
        return this.#subscribe(frame);
      case 'unsubscribe':
        if (!this.#drop(frame.id)) throw new Problem('not_found', { detail: `There is no subscription ${frame.id}.` });
        return;
      case 'get_metrics':
        return this.#answerMetrics(frame);
      case 'ping':
        return this.#answer({ type: 'pong', ...(frame.id === undefined ? {} : { id: frame.id }) });
    }
  }

  async #signIn(token: string): Promise<void> {
    let who: Authenticated;
    try {
      who = await this.#parts.authenticate(token);
    } catch (error) {
      this.#refuse(undefined, error);
      if (error instanceof Problem && error.status < 500) return this.bye(error.code, closeCodes.unauthorised);
      return this.bye('service.unavailable', closeCodes.failed, retryAfterMs.unavailable);
    }
    if (this.#ended) return;
    if (this.#who && !isSame(this.#who, who)) {
      this.#refuse(undefined, new Problem('auth.forbidden', { detail: 'This socket belongs to someone else.' }));
      return this.bye('auth.forbidden', closeCodes.unauthorised);
    }
    if (!this.#who && !this.#parts.admits(who)) {
      return this.bye('rate.limited', closeCodes.tooMany, retryAfterMs.crowded);
    }
    clearTimeout(this.#signInTimer);
    this.#token = token;
    this.#renew(who);
    this.#answer({ type: 'connection_established', connectionId: this.#parts.id, protocol: protocolName });
  }

  #renew(who: Authenticated): void {
    this.#who = who;
    this.#failedRechecks = 0;
    for (const [id, { parts }] of [...this.#subscriptions]) {
      const refusal = this.#refusalOf(parts.channel);
      if (!refusal) continue;
      this.#drop(id);
      this.#refuse(id, refusal);
    }
  }

  #channel(name: string): AnyChannel {
    const channel = this.#parts.channels.get(name);
    if (!channel) throw new Problem('not_found', { detail: `There is no channel ${name}.` });
    const refusal = this.#refusalOf(channel);
    if (refusal) throw refusal;
    return channel;
  }

  #refusalOf({ permission }: AnyChannel): Problem | undefined {
    if (!this.permissions.has(permission)) {
      return new Problem('auth.forbidden', { detail: `This needs the permission ${permission}.` });
    }
    return undefined;
  }

  async #subscribe(frame: ClientFrameOf<'subscribe'>): Promise<void> {
    const { hub, limits } = this.#parts;
    const { id, mode } = frame;
    const channel = this.#channel(frame.channel);
    const filters = parseFilters(channel, frame.filters);
    if (this.#subscriptions.has(id)) throw new Problem('state.conflict', { detail: `${id} is subscribed already.` });
    if (this.#subscriptions.size >= limits.subscriptionsPerSocket) throw new Problem('rate.limited');
    if (!this.#who) throw new Problem('auth.required');
    const { tenant } = this.#who;
    const subscription = hub.open(tenant, { id, channel, filters, mode, onlooker: this });
    this.#subscriptions.set(id, subscription);
    try {
      // Answers go before the frames of subscriptions.
      await startSubscription(hub, tenant.id, subscription, frame.resume, (position, complete) =>
        this.#answer({ type: 'subscription_confirmed', id, position, complete }),
      );
    } catch (error) {
      this.#drop(id);
      throw error;
    }
  }

  #restartLagging(): void {
    for (const [id, subscription] of this.#subscriptions) {
      if (!subscription.lagging) continue;
      restartSubscription(subscription).catch((error) => {
        this.#drop(id);
        this.#refuse(id, error);
      });
    }
  }

  async #answerMetrics(frame: ClientFrameOf<'get_metrics'>): Promise<void> {
    const { id, metricsType, timeRange } = frame;
    const channel = this.#channel(metricsType);
    const filters = parseFilters(channel, frame.filters);
    const types = channel.events
      .filter(({ permission }) => !permission || this.permissions.has(permission))
      .map(({ type }) => type);
    if (!measuresInside(channel, filters, this.scope)) {
      throw new Problem('auth.forbidden', { detail: 'Counts are of more than the part that you are kept to.' });
    }
    if (types.length === 0 || !this.#who) {
      throw new Problem('request.malformed', { detail: `${metricsType} keeps no history.` });
    }
    const context = this.#parts.contextFor(this.#who.tenant);
    const data = await context.db.transact(context, (tx) =>
      countEvents(tx, { types, data: channel.eventData?.(filters) ?? {} }, timeRange),
    );
    this.#answer({ type: 'metrics_response', id, metricsType, timeRange, data });
  }
}

function isSame(a: Authenticated, b: Authenticated): boolean {
  return a.tenant.id === b.tenant.id && a.actor.id === b.actor.id;
}
