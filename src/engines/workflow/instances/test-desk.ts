import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { Context } from '#context';
import { sql } from '#db';
import { TimerLoop } from '#events';
import { makeLogger } from '#telemetry';
import { type TestHouse, testHouse, testTenants } from '../../../../test/house.ts';
import { addPerson } from '../../../../test/people.ts';
import { onAbsence } from '../absences/follow-absence.ts';
import type { Flow, ProcessModel, ProcessNode, UserTask } from '../definitions/process-model.ts';
import { onEscalation, onTaskDue, onWait } from '../follow-timers.ts';
import { startTimers } from '../processes/start-events.ts';
import { completeTask, startWorkflow } from '../run-workflow.ts';
import { decisionsOn, type Task } from '../workflow-store.ts';
import { type Incident, incidentsOf } from './incident-store.ts';
import type { Values } from './instance-state.ts';
import { findInstance, type InstanceRow } from './instance-store.ts';
import { type Effect, workflowParts } from './workflow-parts.ts';

/** `a > b, b > c [if x]`: flows; ids are `a>b`. */
function flowsOf(text: string): Flow[] {
  return text.split(/,\s*/).map((one) => {
    const [, from = '', to = '', condition] = /^(\S+) > (\S+)(?: \[if (.+)\])?$/.exec(one.trim()) ?? [];
    return { id: `${from}>${to}`, from, to, ...(condition ? { condition } : {}) };
  });
}

/** A node of a process under test. */
export const node = (kind: string, id: string, more: object = {}): ProcessNode =>
  ({ kind, id, ...more }) as ProcessNode;

/** A task that anybody with the right to approve may take. */
export const user = (id: string, more: Partial<UserTask> = {}): ProcessNode =>
  node('user', id, { candidates: { permission: 'promotions:approve' }, outcomes: ['approved', 'rejected'], ...more });

/** A process under test; its variables by name and type. */
export const model = (
  code: string,
  nodes: readonly ProcessNode[],
  flows: string,
  variables: ProcessModel['variables'] = [],
): ProcessModel => ({ code, title: code, variables, body: { nodes, flows: flowsOf(flows) } });

/** Effects under test, by what they do. */
export const effectsOf = (does: Readonly<Record<string, Effect['perform']>>): Record<string, Effect> =>
  Object.fromEntries(
    Object.entries(does).map(([name, perform]) => [name, { title: name, inputs: {}, answers: null, perform }]),
  );

/** Instances in a database of their own, with people who decide and a clock that is moved. */
export interface InstanceDesk {
  house: TestHouse;
  maker: Context;
  anna: Context;
  bert: Context;
  cleo: Context;
  start(of: ProcessModel, variables?: Values): Promise<string>;
  row(id: string): Promise<InstanceRow>;
  /** Tasks on the instance's subject, the called instances' too. */
  tasks(id: string): Promise<Task[]>;
  /** The open task of a step. */
  open(id: string, step: string): Promise<string>;
  done(who: Context, taskId: string, outcome?: string, set?: Values): Promise<Task>;
  incidents(id: string): Promise<Incident[]>;
  /** Moves the clock on and fires what is due. */
  later(seconds: number): Promise<void>;
  publish(of: ProcessModel, version?: number): Promise<void>;
  /** Takes every process out of force. */
  retireAll(): Promise<void>;
  /** Kinds of timers that are armed. */
  waiting(): Promise<string[]>;
  /** A program that somebody made. */
  program(madeBy: Context): Promise<Context>;
}

/** A maker and three who may decide. */
export async function setInstanceDesk(t: TestContext): Promise<InstanceDesk> {
  const house = await testHouse(t);
  const person = async () => house.context({ userId: await addPerson(house, ['trade_marketing_manager'], '5000') });
  const maker = await person();
  const loop = new TimerLoop({
    ...{ db: house.db, clock: house.clock, log: makeLogger('silent') },
    tenant: async () => testTenants.a,
    handlers: {
      'workflow.task-due': onTaskDue,
      'workflow.escalation': onEscalation,
      'workflow.wait': onWait,
      'workflow.absence': onAbsence,
      ...startTimers,
    },
  });
  const row = async (id: string) => {
    const found = await maker.db.read(maker, (tx) => findInstance(tx, id));
    if (!found) throw new Error(`there is no instance ${id}`);
    return found;
  };
  const tasks = async (id: string) => {
    const { subjectId } = await row(id);
    return maker.db.read(maker, (tx) => decisionsOn(tx, subjectId));
  };
  return {
    ...{ house, maker, row, tasks, anna: await person(), bert: await person(), cleo: await person() },
    start: (definition, variables = {}) =>
      maker.db.transact(maker, (tx) =>
        startWorkflow(tx, {
          ...{ definition, subjectType: 'thing', subjectId: randomUUID(), variables, currency: 'USD' },
          ...{ makers: [maker.actor.id], title: 'A thing', summary: {} },
        }),
      ),
    open: async (id, step) => {
      const open = (await tasks(id)).filter((task) => task.step === step && task.state === 'open');
      if (!open[0]) throw new Error(`no open task ${step}: ${JSON.stringify((await row(id)).position)}`);
      return open[0].id;
    },
    done: (who, taskId, outcome = 'approved', set = {}) =>
      completeTask(who, workflowParts().processes, taskId, { outcome, comment: 'why', set }),
    incidents: (id) => maker.db.read(maker, (tx) => incidentsOf(tx, id)),
    later: async (seconds) => {
      house.clock.set(new Date(house.clock.now().getTime() + seconds * 1_000).toISOString());
      while ((await loop.fireDue()) > 0);
    },
    program: async (madeBy) => {
      const id = randomUUID();
      await madeBy.db.transact(madeBy, (tx) =>
        tx.run(sql`insert into identity.service_account (tenant_id, id, name, permissions, created_by, created_at)
          values (${madeBy.tenant.id}, ${id}, 'Loader', '{promotions:approve}', ${madeBy.actor.id}, ${house.clock.now()})`),
      );
      return house.context({ userId: id });
    },
    retireAll: () =>
      maker.db.transact(maker, async (tx) => {
        await tx.run(sql`update workflow.process set state = 'retired'`);
      }),
    waiting: async () => {
      const rows = await maker.db.read(maker, (tx) => tx.many<{ kind: string }>(sql`select kind from timer.timer`));
      return rows.map(({ kind }) => kind);
    },
    publish: (of, version = 1) =>
      maker.db.transact(maker, async (tx) => {
        await tx.run(sql`insert into workflow.process (tenant_id, id, code, version, state, hash, model, made_at, made_by)
          values (${maker.tenant.id}, ${randomUUID()}, ${of.code}, ${version}, 'published', 'of-a-test', ${JSON.stringify(of)}, ${house.clock.now()}, ${maker.actor.id})`);
      }),
  };
}
