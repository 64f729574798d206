import pg from 'pg';
import { fixedClock } from '#clock';
import { type Context, makeContext } from '#context';
import { type Database, isUnavailable, sql, type TenantTx } from '#db';
import { EventLog, emit, type Subscription, TimerLoop } from '#events';
import { commitFunds, releaseFunds, reserveFunds } from '#funds';
import { permissions } from '#module';
import { recordAudit } from '#security';
import { makeLogger } from '#telemetry';
import {
  completeTask,
  delegateTask,
  type ProcessModel,
  startWorkflow,
  type WorkflowParts,
  workflowModule,
} from '#workflow';
import { effectsOf } from '../../src/engines/workflow/instances/test-desk.ts';
import { testTenants } from '../house.ts';

type Tx = TenantTx<Context>;

/** Where approvals are played: the fund that pays and who takes part; one asks, the others decide. */
export interface Scene {
  fundId: string;
  maker: string;
  deciders: readonly string[];
}

/** Breaks the engine's promise on purpose: the chaos run has to notice. */
export type Fault = 'money-apart' | 'event-apart';

/** What every approval asks for. */
export const spend = '10.00';
/** What the records are called that are approved. */
export const subjectType = 'approval';
/** What a subscription writes down for each decision that it hears of. */
export const heardAction = 'approval.heard';

/** What becomes of an approval: by its number, so that everyone who looks expects the same. */
export const fates = ['approved', 'rejected', 'delegated', 'left', 'approved'] as const;
export const fateOf = (number: number): (typeof fates)[number] => fates[number % fates.length] ?? 'approved';

/** The id of the `number`th record; the number is its last twelve digits. */
export const subjectIdOf = (number: number): string =>
  `0190c4a0-0000-7000-8000-${number.toString(16).padStart(12, '0')}`;

const user = (id: string) => ({
  ...{ kind: 'user', id, candidates: { permission: 'promotions:approve', notActorOf: ['first'] } },
  outcomes: ['approved', 'rejected'],
});
const boundary = { kind: 'boundary', id: 'late', attachedTo: 'decide', interrupting: true };
const flowsOf = (text: string) =>
  text.split(', ').map((one) => {
    const [, from = '', to = '', condition] = /^(\S+) > (\S+)(?: if (.+))?$/.exec(one) ?? [];
    return { id: `${from}-${to}`, from, to, ...(condition ? { condition } : {}) };
  });

/** Money is reserved while somebody looks in a process of its own; then it is decided, in time or not, and settled. */
const approval = {
  ...{ code: 'chaos-approval', title: 'Approval' },
  variables: [{ name: 'patience', type: 'string' }],
  body: {
    nodes: [
      ...[
        { kind: 'start', id: 's' },
        { kind: 'parallel', id: 'fork' },
        { kind: 'parallel', id: 'join' },
      ],
      { kind: 'service', id: 'reserve', effect: 'reserve', result: 'reserved' },
      { kind: 'call', id: 'look', process: 'chaos-look' },
      ...[user('decide'), { ...boundary, event: { type: 'timer', timer: { after: '=patience' } } }],
      { kind: 'exclusive', id: 'which', default: 'which-release' },
      { kind: 'service', id: 'commit', effect: 'commit', result: 'committed' },
      { kind: 'service', id: 'release', effect: 'release', result: 'released' },
      { kind: 'send', id: 'tell', message: 'chaos-done' },
      ...[
        { kind: 'end', id: 'yes', outcome: 'approved' },
        { kind: 'end', id: 'no', outcome: 'rejected' },
      ],
    ],
    flows: flowsOf(
      's > fork, fork > reserve, fork > look, reserve > join, look > join, join > decide, decide > which, ' +
        'which > commit if decide.outcome = "approved", which > release, late > release, commit > tell, tell > yes, release > no',
    ),
  },
} as unknown as ProcessModel;

const look = {
  ...{ code: 'chaos-look', title: 'Look' },
  steps: [{ name: 'first', title: 'First look', candidates: { permission: 'promotions:approve' }, dueHours: 240 }],
};

const reserve = (tx: Tx, { fundId }: Scene, promotionId: string) =>
  reserveFunds(tx, promotionId, [{ fundId, tacticId: promotionId, amount: spend }]);

/** What service tasks do; with a fault one of them does it in a transaction of its own. */
function effectsOn(scene: Scene, fault: Fault | undefined): WorkflowParts['effects'] {
  return effectsOf({
    reserve: async (tx, _input, { subjectId }) => {
      if (fault === 'money-apart') await tx.context.db.transact(tx.context, (own) => reserve(own, scene, subjectId));
      else await reserve(tx, scene, subjectId);
      return true;
    },
    commit: async (tx, _input, { subjectId }) => {
      const money = await commitFunds(tx, subjectId, 'USD');
      const told = { type: 'chaos.approval.committed', subjectType, subjectId, data: { minor: String(money.minor) } };
      if (fault === 'event-apart') await tx.context.db.transact(tx.context, (own) => emit(own, told));
      else await emit(tx, told);
      return true;
    },
    release: async (tx, _input, { subjectId }) => {
      await releaseFunds(tx, subjectId, 'not approved');
      return true;
    },
  });
}

const heard: Subscription = {
  name: 'chaos-heard',
  types: ['workflow.task.completed'],
  handle: async (tx, { subjectId }) => {
    await recordAudit(tx, { action: heardAction, entityType: 'task', entityId: subjectId });
  },
};

interface OpenTask {
  id: string;
  step: string;
  assigneeId: string | null;
  candidates: string[];
  number: number;
}

interface Standing {
  /** How many approvals there are: they are numbered from 0. */
  begun: number;
  running: number;
  open: OpenTask[];
  /** Whether events are still on their way to the subscription. */
  isTelling: boolean;
}

const numberIn = (subjectId: string): number => Number.parseInt(subjectId.slice(-12), 16);

/**
 * A commit that was under way when its connection was lost can be carried out after the next turn has looked: the database then
 * refuses to begin the same approval twice, and the turn after finds it.
 */
const isBegunAfterAll = (error: unknown) =>
  error instanceof pg.DatabaseError && error.constraint === 'instance_running';

/** How many approvals are under way at once. */
const atOnce = 3;
const turnMs = 1_000;

/** Plays approvals on a database whose sessions may end at any moment: each turn looks at what is there and goes on from it. */
export class Approvals {
  readonly #db: Database;
  readonly #onDone: (id: string) => void;
  readonly #scene: Scene;
  readonly #clock: ReturnType<typeof fixedClock>;
  readonly #timers: TimerLoop;
  readonly #log: EventLog;

  /** `onDone` hears of what was answered as done: a record that was asked for, a task that was decided. */
  constructor(db: Database, scene: Scene, startAt: string, onDone: (id: string) => void, fault?: Fault) {
    this.#onDone = onDone;
    this.#db = db;
    this.#scene = scene;
    this.#clock = fixedClock(startAt);
    const process = { definition: look, settle: async () => undefined };
    const module = workflowModule([process], { effects: effectsOn(scene, fault) });
    const log = makeLogger('silent');
    const parts = { db, clock: this.#clock, log, tenant: async () => testTenants.a };
    this.#timers = new TimerLoop({ ...parts, handlers: module.timers ?? {} });
    this.#log = new EventLog(parts, [heard]);
  }

  async start(): Promise<void> {
    await this.#log.start();
  }

  async stop(): Promise<void> {
    await this.#log.stop();
  }

  as(id: string): Context {
    const actor = { kind: 'user' as const, id, name: 'Chaos', roles: [], permissions: new Set<string>(permissions) };
    const log = makeLogger('silent');
    return makeContext({ tenant: testTenants.a, actor, clock: this.#clock, db: this.#db, log });
  }

  /** One turn: what is due fires, somebody acts. Answers false when all that was begun has ended and was told, and no more is to begin. */
  async turn(beginsMore: boolean): Promise<boolean> {
    this.#clock.set(new Date(this.#clock.now().getTime() + turnMs).toISOString());
    try {
      await this.#timers.fireDue();
      const { begun, running, open, isTelling } = await this.#look();
      if (beginsMore && running < atOnce) await this.#begin(begun);
      else if (running > 0) await this.#act(open);
      else return beginsMore || isTelling;
    } catch (error) {
      if (!isUnavailable(error) && !isBegunAfterAll(error)) throw error;
    }
    return true;
  }

  async #look(): Promise<Standing> {
    const context = this.as(this.#scene.maker);
    return context.db.read(context, async (tx) => {
      const counted = await tx.one<{ begun: number; running: number }>(sql`select count(*)::int as begun,
        count(*) filter (where state = 'running')::int as running
        from workflow.instance where subject_type = ${subjectType} and parent_instance_id is null`);
      const open = await tx.many<
        OpenTask & { subjectId: string }
      >(sql`select task.id, task.step, assignee_id as "assigneeId",
          subject_id as "subjectId", array(select person_id from workflow.candidate where task_id = task.id) as candidates
        from workflow.task join workflow.instance on instance.id = instance_id
        where task.state in ('open', 'claimed') and subject_type = ${subjectType} order by task.created_at, task.id`);
      const { telling } = await tx.one<{ telling: boolean }>(sql`select
        (select count(*) from audit.entry where action = ${heardAction})
          < (select count(*) from workflow.task where state = 'completed') as telling`);
      return {
        ...counted,
        open: open.map((task) => ({ ...task, number: numberIn(task.subjectId) })),
        isTelling: telling,
      };
    });
  }

  /** Asks for an approval: the request's own traces and the process in one transaction. */
  async #begin(number: number): Promise<void> {
    const context = this.as(this.#scene.maker);
    const subjectId = subjectIdOf(number);
    await context.db.transact(context, async (tx) => {
      await recordAudit(tx, { action: 'approval.requested', entityType: subjectType, entityId: subjectId });
      await emit(tx, { type: 'chaos.approval.requested', subjectType, subjectId, data: {} });
      await startWorkflow(tx, {
        ...{ definition: approval, subjectType, subjectId, currency: 'USD', makers: [context.actor.id] },
        ...{ variables: { patience: fateOf(number) === 'left' ? 'PT20S' : 'P30D' }, title: 'An approval', summary: {} },
      });
    });
    this.#onDone(subjectId);
  }

  /** The oldest open task that somebody takes: what is left alone waits for its timer. */
  async #act(open: readonly OpenTask[]): Promise<void> {
    const task = open.find(({ step, number }) => step !== 'decide' || fateOf(number) !== 'left');
    if (!task) return;
    const fate = fateOf(task.number);
    const [first, second] = this.#scene.deciders.filter((person) => task.candidates.includes(person));
    const holder = this.as(task.assigneeId ?? first ?? '');
    if (task.step === 'decide' && fate === 'delegated' && task.assigneeId === null) {
      await delegateTask(holder, task.id, second ?? '');
      return;
    }
    const outcome = task.step === 'decide' && fate === 'rejected' ? 'rejected' : 'approved';
    await completeTask(holder, [], task.id, { outcome, comment: 'chaos' });
    this.#onDone(task.id);
  }
}
