import type { Context } from '#context';
import type { TenantTx } from '#db';
import type { Subscription, TimerHandler } from '#events';
import type { CellFigure } from '#figure';
import type { AnyRoute } from '#http';
import type { Job } from '#jobs';
import type { ScopeDeclaration } from '#scope';
import type { Subject } from '#subjects';
import type { Control } from './control.ts';
import type { DutyDeclaration } from './duty.ts';
import type { PersonalData } from './personal-data.ts';
import type { WatchedAct } from './watched-act.ts';

/** A row that breaks an invariant: the id of what it belongs to, and the two numbers that do not agree. */
export interface Breach {
  /** What is broken, as `<subjectType>/<id>`: `fund/0198…`; the page links what it knows. */
  subject: string;
  detail: string;
}

/** The part of a large tenant's rows that one look takes in: after `of` looks, numbered from 0, all of them were seen. */
export interface Turn {
  number: number;
  of: number;
}

/** What must hold of a tenant's data at every moment, whatever happened. */
export interface Invariant {
  /** Stable and unique: `funds.balance-is-the-sum-of-entries`. */
  name: string;
  /** The promise in plain words. */
  statement: string;
  /**
   * Rows that break it, at most {@link maxBreaches}, by an order that stays; a read-only transaction of one tenant. With a
   * turn it may leave out what belongs to the other turns; without one it looks at everything.
   */
  findBreaches(tx: TenantTx<Context>, turn?: Turn): Promise<Breach[]>;
}

/** As many breaches of one invariant as are looked for: people mend the cause, not the list. */
export const maxBreaches = 20;

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
  /** What the house checks over and over. */
  invariants?: readonly Invariant[];
  /** What shows auditors that it is done as it must be. */
  controls?: readonly Control[];
  /** What one person is not to do twice over. */
  duties?: DutyDeclaration;
  /** By what people are kept to a part of the tenant, and what lies in it. */
  scope?: ScopeDeclaration;
  /** What its tables hold about people. */
  personalData?: readonly PersonalData[];
  /** Events that detection watches. */
  watched?: readonly WatchedAct[];
  /** What people look for and talk about. */
  subjects?: readonly Subject[];
  /** How the cells of its lists explain themselves, by `<list>.<column>`. */
  cells?: Readonly<Record<string, CellFigure>>;
}
