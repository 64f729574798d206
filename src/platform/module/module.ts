import type { Subscription, TimerHandler } from '#events';
import type { AnyRoute } from '#http';
import type { Job } from '#jobs';

/** What a module registers with the house. `apps` puts the modules together; nothing registers itself. */
export interface Module {
  name: string;
  routes?: readonly AnyRoute[];
  subscriptions?: readonly Subscription[];
  timers?: Readonly<Record<string, TimerHandler>>;
  /** Events that start a job after their commit: event type → job name. The payload is `{ ...event.data, subjectId }`. */
  dispatch?: Readonly<Record<string, string>>;
  // A job's payload type is its own business; the queue carries JSON.
  jobs?: readonly Job<never>[];
}
