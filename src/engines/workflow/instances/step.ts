import type { IndexedModel } from './index-model.ts';
import type { Happening, InstanceState, Token } from './instance-state.ts';
import { completed, enterActivity } from './step/activities.ts';
import { caught, enterEnd, enterThrow, escalated, passed, raise } from './step/events.ts';
import { enterGateway, join, readyInclusive } from './step/gateways.ts';
import { orStop, retried, stop, tellDeadlock } from './step/incidents.ts';
import { leave } from './step/leave.ts';
import { type Evaluate, isActivity, NotAwaitedError, type Stepped, Walk } from './step/walk.ts';

export { type Evaluate, NotAwaitedError } from './step/walk.ts';

/** Moves of one step at most: more is a loop in which nothing is waited for. */
const mostMoves = 10_000;

/** A state before anything has happened. */
export const unbegun: InstanceState = { status: 'running', next: 1, tokens: [], runs: [] };

/**
 * What happens to an instance of a model when something happens outside: its next state, and what has to be done. Pure:
 * the same arguments give the same answer, and the state that was given is not changed. Follows the token game of BPMN
 * 2.0.2, chapter 13; an inclusive join waits by §13.3.3. Throws {@link NotAwaitedError}.
 */
export function step(model: IndexedModel, state: InstanceState, happening: Happening, evaluate: Evaluate): Stepped {
  const walk = new Walk(model, state, evaluate);
  if (happening.type === 'started') start(walk, happening);
  else {
    const token = awaited(walk, happening.token);
    orStop(walk, token, () => happen(walk, token, happening));
  }
  moveAll(walk);
  return walk.answer();
}

function start(walk: Walk, { variables, at, called }: Extract<Happening, { type: 'started' }>): void {
  if (walk.runs.size > 0) throw new NotAwaitedError('the instance has begun already');
  walk.called = called === true;
  const run = walk.beginRun({ variables });
  const starts = walk.model.model.body.nodes.filter((node) => node.kind === 'start');
  const from = at === undefined ? starts.find((node) => !node.event) : starts.find((node) => node.id === at);
  if (!from) throw new NotAwaitedError(`${walk.model.model.code} does not start like that`);
  walk.spawn(from.id, run.id);
}

function awaited(walk: Walk, id: number): Token {
  const token = walk.tokens.get(id);
  if (walk.status !== 'running' || !token || token.rests === undefined || token.rests === 'join') {
    throw new NotAwaitedError('nothing waits for this');
  }
  return token;
}

function happen(walk: Walk, token: Token, happening: Exclude<Happening, { type: 'started' }>): void {
  switch (happening.type) {
    case 'completed':
      completed(walk, token, happening);
      return;
    case 'caught':
      caught(walk, token, happening);
      return;
    case 'failed':
      if (!raise(walk, token, 'error', happening.code)) stop(walk, token, happening.message);
      return;
    case 'escalated':
      escalated(walk, token, happening.code);
      return;
    case 'passed':
      passed(walk, token);
      return;
    case 'stopped':
      walk.clearInside(token);
      stop(walk, token, happening.message);
      return;
    case 'retried':
      retried(walk, token, happening);
  }
}

/** Moves every token until all rest. */
function moveAll(walk: Walk): void {
  for (let moves = 0; walk.status === 'running'; moves++) {
    const id = walk.agenda.shift();
    const token = id === undefined ? readyInclusive(walk) : walk.tokens.get(id);
    if (id !== undefined && !token) continue;
    if (!token) break;
    if (moves >= mostMoves) {
      stop(walk, token, 'The process goes round without ever waiting for anything.');
      return;
    }
    orStop(walk, token, () => (token.rests === 'join' ? join(walk, token) : enter(walk, token)));
  }
  tellDeadlock(walk);
}

function enter(walk: Walk, token: Token): void {
  const { node, outgoing } = walk.place(token);
  if (isActivity(node)) {
    enterActivity(walk, token, node);
    return;
  }
  switch (node.kind) {
    case 'start':
    case 'boundary':
      leave(walk, token);
      return;
    case 'end':
      enterEnd(walk, token, node);
      return;
    case 'throw':
      enterThrow(walk, token, node);
      return;
    case 'catch':
      walk.rest(token, 'outside');
      walk.commands.push({ do: 'await', token: token.id, event: node.id });
      return;
    case 'event':
      walk.rest(token, 'outside');
      for (const { to } of outgoing) walk.commands.push({ do: 'await', token: token.id, event: to });
      return;
    case 'exclusive':
    case 'parallel':
    case 'inclusive':
      enterGateway(walk, token);
  }
}
