import { armTimer, emit } from '#events';
import { Problem } from '#problem';
import type { ThrowEvent } from '../definitions/process-model.ts';
import { findStartedBy } from '../versions/version-store.ts';
import { type Course, correlationOf, evaluateEach } from './course.ts';
import type { Values } from './instance-state.ts';
import * as instances from './instance-store.ts';
import type { Tx } from './workflow-parts.ts';

/** A message or signal to whoever waits for it. */
interface Sent {
  kind: 'message' | 'signal';
  name: string;
  correlation: string | null;
  content: Values;
  /** What the process is about that sent it, and who made that. */
  from: { type: string; id: string; makers: readonly string[] };
}

/** Instances that begin one another by what they throw, at most, while no person, moment or word from outside comes between. */
const longestChain = 10;

/** How many instances began one another up to what a transaction does now. */
const chains = new WeakMap<Tx, number>();

/** What an instance throws would begin one too many of a chain without an end. */
export class EndlessChainError extends Problem {
  constructor(name: string) {
    const detail = `By "${name}" processes begin one another without an end: ${longestChain} in a row are the most.`;
    super('rule.violated', { detail });
  }
}

/** Does what a timer brings that another instance armed by an event: what is thrown meanwhile goes on with its chain. */
export async function inChain(tx: Tx, { chain = 0 }: { chain?: unknown }, work: () => Promise<void>): Promise<void> {
  chains.set(tx, Number(chain));
  try {
    await work();
  } finally {
    // The next timer in this transaction may have come by itself.
    chains.delete(tx);
  }
}

/**
 * Sends a message or signal inside the running transaction: those that wait hear of it right after its commit, each in a
 * transaction of its own and once; the world hears of it by an event. A signal begins every published process that starts by it,
 * a message that nobody waits for the first one. Throws {@link EndlessChainError}.
 */
async function send(tx: Tx, sent: Sent): Promise<void> {
  const { kind, name, correlation, content, from } = sent;
  const waits = await instances.waitsFor(tx, { kind, name, correlation });
  const dueAt = tx.context.clock.now();
  const chain = chains.get(tx) ?? 0;
  const data = { content, chain, ...(kind === 'message' ? { sent } : {}) };
  for (const { id } of waits) await armTimer(tx, { kind: 'workflow.wait', subjectId: id, dueAt, data });
  const begun = kind === 'message' && waits.length > 0 ? [] : await findStartedBy(tx, { type: kind, [kind]: name });
  const { makers } = from;
  const starts = kind === 'message' ? begun.slice(0, 1) : begun;
  if (starts.length > 0 && chain >= longestChain) throw new EndlessChainError(name);
  for (const { id, at } of starts) {
    const begins = { at, content, makers, chain: chain + 1 };
    await armTimer(tx, { kind: 'workflow.start', subjectId: id, dueAt, data: begins });
  }
  const reached = waits.length + starts.length;
  await emit(tx, {
    type: `workflow.${kind}.sent`,
    subjectType: from.type,
    subjectId: from.id,
    data: { name, correlation, content, reached },
  });
}

/**
 * Sends a message again whose receiver has gone on before it came, by another message or in another way: to who waits longest now.
 * Where nobody does, its event says that it reached nobody. `data`: that of the timer by which it came.
 */
export async function sendAgain(tx: Tx, { sent }: { sent?: unknown }): Promise<void> {
  if (sent) await send(tx, sent as Sent);
}

/** Does what a throwing node or a send task says. */
export async function throwEvent(course: Course, event: ThrowEvent, variables: Values): Promise<void> {
  if (event.type === 'escalation') return;
  const isMessage = event.type === 'message';
  await send(course.tx, {
    kind: event.type,
    name: isMessage ? event.message : event.signal,
    correlation: isMessage ? correlationOf(course, event.correlate, variables) : null,
    content: isMessage ? evaluateEach(course, event.content, variables) : {},
    from: { type: course.row.subjectType, id: course.row.subjectId, makers: course.row.makers },
  });
}
