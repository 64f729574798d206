import type { WebSocket } from 'ws';
import type { Limits } from './limits.ts';
import type { ServerFrame } from './protocol.ts';
import type { Subscription } from './subscription.ts';

/**
 * Sends to one socket no faster than it reads: answers first, then the subscriptions in turn, and nothing more while
 * `highWaterBytes` wait already. What waits longer is conflated or dropped by its subscription.
 */
export class Outbox {
  readonly #socket: WebSocket;
  readonly #limits: Limits;
  readonly #subscriptions: Map<string, Subscription>;
  readonly #answers: string[] = [];
  #scheduled = false;

  /** `subscriptions` is the connection's own map: what is in it is sent. */
  constructor(socket: WebSocket, limits: Limits, subscriptions: Map<string, Subscription>) {
    this.#socket = socket;
    this.#limits = limits;
    this.#subscriptions = subscriptions;
  }

  /** Called when everything has been sent: a subscription that lagged may begin anew. */
  onEmpty: () => void = () => undefined;

  /** Puts an answer in line; answers whether there was room. */
  answer(frame: ServerFrame): boolean {
    if (this.#answers.length >= this.#limits.waitingAnswers) return false;
    this.#answers.push(JSON.stringify(frame));
    this.wake();
    return true;
  }

  /** Sends soon, once for all that is put in line in this turn of the event loop. */
  wake(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#pump();
    });
  }

  /** Sends the answers now, whatever waits: before a farewell. */
  flushAnswers(): void {
    for (const text of this.#answers.splice(0)) this.#socket.send(text);
  }

  #pump(): void {
    while (this.#socket.readyState === this.#socket.OPEN && this.#socket.bufferedAmount < this.#limits.highWaterBytes) {
      const text = this.#answers.shift() ?? this.#next();
      if (text === undefined) {
        this.onEmpty();
        return;
      }
      this.#socket.send(text, (error) => {
        if (!error) this.wake();
      });
    }
  }

  #next(): string | undefined {
    for (const [id, subscription] of this.#subscriptions) {
      const text = subscription.take();
      if (text === undefined) continue;
      // To the end of the line: no subscription starves another.
      this.#subscriptions.delete(id);
      this.#subscriptions.set(id, subscription);
      return text;
    }
    return undefined;
  }
}
