import { armTimer, disarmTimers, type TimerHandler } from '#events';
import type { CatchEvent, ProcessModel, TimerRule } from '../definitions/process-model.ts';
import { firingOf, nextFiring } from '../instances/await-event.ts';
import { indexModel } from '../instances/index-model.ts';
import type { Values } from '../instances/instance-state.ts';
import { tryEffect } from '../instances/instance-store.ts';
import { evaluatorOf } from '../instances/running-model.ts';
import { EndlessChainError, inChain } from '../instances/throw-event.ts';
import type { Tx } from '../instances/workflow-parts.ts';
import { findVersion, type Version } from '../versions/version-store.ts';
import { type Begin, beginProcess } from './begin-process.ts';

/** Timers that begin instances at a moment. */
const byMoment = 'workflow.start-at';

/** The events at which a process begins, by the id of their node. */
const startEvents = ({ body }: ProcessModel): [string, CatchEvent][] =>
  body.nodes.flatMap((node) => (node.kind === 'start' && node.event ? [[node.id, node.event]] : []));

/** Arms what begins instances of a version that comes into force: its timers; what was armed of it before is disarmed. */
export async function armStarts(tx: Tx, { id }: Version, model: ProcessModel): Promise<void> {
  await disarmTimers(tx, byMoment, id);
  const evaluate = evaluatorOf(indexModel(model), tx.context.clock.now());
  for (const [at, event] of startEvents(model)) {
    if (event.type !== 'timer') continue;
    const firing = await firingOf({ tx, evaluate }, event.timer, {});
    await armTimer(tx, { kind: byMoment, subjectId: id, dueAt: firing.at, data: { at, again: firing.again } });
  }
}

function ruleAt(model: ProcessModel, at: string): TimerRule | undefined {
  const event = startEvents(model).find(([id]) => id === at)?.[1];
  return event?.type === 'timer' ? event.timer : undefined;
}

/** Begins an instance; one whose events would begin others without an end begins none, and stops at its start with an incident. */
async function beginOrStop(tx: Tx, model: ProcessModel, begin: Begin): Promise<void> {
  const tried = await tryEffect(tx, () => beginProcess(tx, model, begin));
  if ('value' in tried) return;
  const { error } = tried;
  if (!(error instanceof EndlessChainError)) throw error;
  await beginProcess(tx, model, { ...begin, stopped: error.message });
}

/** A moment, message or signal at which an instance begins; nothing begins on a version that is no longer in force. */
export const onStart: TimerHandler = async (tx, { subjectId, dueAt, data }) => {
  const version = await findVersion<ProcessModel>(tx, 'process', subjectId);
  if (version?.state !== 'published') return;
  const { model, title } = version;
  const at = String(data.at);
  const again = data.again as { every: string; left: number | null } | undefined;
  const rule = ruleAt(model, at);
  if (rule && again && again.left !== 0) {
    const left = again.left === null ? null : again.left - 1;
    const next = await nextFiring({ tx }, rule, dueAt, again.every);
    await armTimer(tx, { kind: byMoment, subjectId, dueAt: next, data: { at, again: { ...again, left } } });
  }
  const { content = {}, makers = [] } = data as { content?: Values; makers?: string[] };
  const { currency } = tx.context.tenant;
  const begin = { title, variables: content, currency, makers, at };
  await inChain(tx, data, () => beginOrStop(tx, model, begin));
};

/** Timers of this room. */
export const startTimers: Readonly<Record<string, TimerHandler>> = { [byMoment]: onStart, 'workflow.start': onStart };
