import { bearer, onRenewed, refresh, refreshWhenDue } from '../api/request.ts';

/** Where a channel stands: what the server's frames carry. */
export interface Position {
  epoch: string;
  offset: number;
}

/** A frame of the server. */
export interface Frame {
  type: string;
  id?: string;
  channel?: string;
  data?: unknown;
  position?: Position;
  entity?: string;
  operation?: string;
  entityId?: string;
  fields?: Record<string, unknown>;
  code?: string;
  message?: string;
  reason?: string;
  retryAfterMs?: number;
  complete?: boolean;
}

export type Connection = 'connecting' | 'live' | 'offline';

interface Subscription {
  channel: string;
  listeners: Set<(frame: Frame) => void>;
  position: Position | undefined;
  /** What a listener who joins late needs: the snapshot with every change since put in. */
  snapshot: Frame | undefined;
}

const recentKept = 60;
const backoffMs = [250, 500, 1_000, 2_000, 5_000, 10_000];

/** One WebSocket for the whole page: signs in, subscribes, resumes after a break, and waits longer each time. */
class LiveSocket {
  private socket: WebSocket | null = null;
  private attempts = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private heartbeat: ReturnType<typeof setInterval> | undefined;
  private lastFrameAt = 0;
  private wanted = false;
  private stopRenewals: () => void = () => undefined;
  private readonly subscriptions = new Map<string, Subscription>();
  private readonly watchers = new Set<() => void>();
  state: Connection = 'offline';

  start(): void {
    if (this.wanted) return;
    this.wanted = true;
    // The server closes a socket whose token has expired: it hears of each new one in time.
    this.stopRenewals = onRenewed((token) => this.send({ type: 'auth', token }));
    this.connect();
  }

  stop(): void {
    this.wanted = false;
    this.stopRenewals();
    clearTimeout(this.timer);
    clearInterval(this.heartbeat);
    this.socket?.close();
    this.socket = null;
    for (const subscription of this.subscriptions.values()) {
      subscription.position = undefined;
      subscription.snapshot = undefined;
    }
    this.become('offline');
  }

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  subscribe(channel: string, listener: (frame: Frame) => void): () => void {
    let subscription = this.subscriptions.get(channel);
    if (!subscription) {
      subscription = { channel, listeners: new Set(), position: undefined, snapshot: undefined };
      this.subscriptions.set(channel, subscription);
      this.sendSubscribe(subscription);
    } else if (subscription.snapshot) listener(subscription.snapshot);
    subscription.listeners.add(listener);
    return () => {
      subscription.listeners.delete(listener);
      if (subscription.listeners.size > 0) return;
      this.subscriptions.delete(channel);
      this.send({ type: 'unsubscribe', id: channel });
    };
  }

  private become(state: Connection): void {
    this.state = state;
    for (const watcher of this.watchers) watcher();
  }

  private send(frame: object): void {
    if (this.socket?.readyState === WebSocket.OPEN && this.state === 'live') this.socket.send(JSON.stringify(frame));
  }

  private sendSubscribe(subscription: Subscription): void {
    const { channel, position } = subscription;
    this.send({ type: 'subscribe', id: channel, channel, mode: 'events', ...(position ? { resume: position } : {}) });
  }

  private connect(): void {
    const token = bearer();
    if (!this.wanted) return;
    if (!token) {
      this.later();
      return;
    }
    this.become('connecting');
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new WebSocket(`${scheme}://${location.host}/ws/analytics`);
    this.socket = socket;
    socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'auth', token })));
    socket.addEventListener('message', (event) => this.receive(socket, JSON.parse(String(event.data)) as Frame));
    socket.addEventListener('close', () => {
      if (this.socket !== socket) return;
      this.socket = null;
      clearInterval(this.heartbeat);
      if (this.wanted) this.later();
    });
  }

  private later(waitMs?: number): void {
    this.become('offline');
    clearTimeout(this.timer);
    const step = backoffMs[Math.min(this.attempts, backoffMs.length - 1)] ?? 10_000;
    this.attempts += 1;
    this.timer = setTimeout(
      () => {
        // A socket that was refused for its token gets a new one first.
        const ready = this.attempts > 1 ? refresh().catch(() => null) : Promise.resolve();
        void ready.then(() => this.connect());
      },
      (waitMs ?? step) * (0.75 + Math.random() / 2),
    );
  }

  private receive(socket: WebSocket, frame: Frame): void {
    this.lastFrameAt = performance.now();
    if (frame.type === 'connection_established') {
      // The answer to a renewal on a socket that is live: its subscriptions go on.
      if (this.state === 'live') return;
      this.attempts = 0;
      this.become('live');
      for (const subscription of this.subscriptions.values()) this.sendSubscribe(subscription);
      clearInterval(this.heartbeat);
      this.heartbeat = setInterval(() => {
        if (performance.now() - this.lastFrameAt > 45_000) socket.close();
        else this.send({ type: 'ping' });
        void refreshWhenDue();
      }, 15_000);
      return;
    }
    if (frame.type === 'bye') {
      this.socket = null;
      socket.close();
      this.later(frame.retryAfterMs);
      return;
    }
    const subscription = frame.id ? this.subscriptions.get(frame.id) : undefined;
    if (!subscription) return;
    if (frame.type === 'gap') subscription.position = undefined;
    else if (frame.position) subscription.position = frame.position;
    if (frame.type === 'initial_data') subscription.snapshot = frame;
    if (frame.type === 'metrics_update' && isObject(frame.data) && isObject(subscription.snapshot?.data)) {
      subscription.snapshot = { ...subscription.snapshot, data: { ...subscription.snapshot.data, ...frame.data } };
    }
    if (frame.type === 'data_change' && isObject(subscription.snapshot?.data)) {
      const recentEvents = [...((subscription.snapshot.data.recentEvents as Frame[] | undefined) ?? []), frame].slice(
        -recentKept,
      );
      subscription.snapshot = { ...subscription.snapshot, data: { ...subscription.snapshot.data, recentEvents } };
    }
    for (const listener of subscription.listeners) listener(frame);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The page's one live connection. */
export const live = new LiveSocket();
