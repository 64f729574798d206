import type { BoundaryNode, EndNode, ThrowNode } from '../../definitions/process-model.ts';
import type { Happening, Token } from '../instance-state.ts';
import { consume, emptyRun, finish, leave } from './leave.ts';
import { isOneOfMany } from './multi-instance.ts';
import { isActivity, NotAwaitedError, type Walk } from './walk.ts';

/** What a token awaited came: at the edge of its activity, or where it stands. */
export function caught(walk: Walk, token: Token, { event, content }: Extract<Happening, { type: 'caught' }>): void {
  const { node: at } = walk.model.place(event);
  if (at.kind === 'boundary' && at.attachedTo === token.node) {
    walk.set(token.run, content ?? {});
    takeEdge(walk, token, at);
    return;
  }
  const { node, outgoing } = walk.place(token);
  const isHere = node.id === event || (node.kind === 'event' && outgoing.some(({ to }) => to === event));
  if (!isHere || isActivity(node)) throw new NotAwaitedError(`${node.name ?? node.id} does not wait for ${event}`);
  walk.set(token.run, content ?? {});
  walk.commands.push({ do: 'withdraw', token: token.id });
  leave(walk, { ...token, node: event });
}

function takeEdge(walk: Walk, token: Token, edge: BoundaryNode): void {
  if (edge.interrupting) {
    walk.clearInside(token);
    walk.goTo(token, edge.id, undefined);
  } else walk.spawn(edge.id, token.run);
}

/** Tells an error or escalation to the nearest activity around that takes it; answers whether one does. */
export function raise(walk: Walk, from: Token, type: 'error' | 'escalation', code: string): boolean {
  for (let token: Token | undefined = from; token; ) {
    const { node, boundaries } = walk.place(token);
    const takes = (one: BoundaryNode) => one.event.type === type && (one.event.code ?? code) === code;
    // What an event itself throws is told to the activity around it.
    const edge = isActivity(node) && !isOneOfMany(walk, token) ? boundaries.find(takes) : undefined;
    if (edge) {
      takeEdge(walk, token, type === 'error' ? { ...edge, interrupting: true } : edge);
      return true;
    }
    const owner: number | undefined = walk.runs.get(token.run)?.owner;
    token = owner === undefined ? undefined : walk.tokens.get(owner);
  }
  return false;
}

/** An activity escalates and waits on: nobody lets it go on. */
export function escalated(walk: Walk, token: Token, code: string): void {
  if (!raise(walk, token, 'escalation', code) && walk.called) walk.commands.push({ do: 'escalate', code });
}

/** Escalates from a throwing event, to whoever called where nothing here takes it; answers whether the token waits for that one. */
function escalate(walk: Walk, token: Token, code: string): boolean {
  if (raise(walk, token, 'escalation', code) || !walk.called) return false;
  walk.rest(token, 'outside');
  walk.commands.push({ do: 'escalate', code, token: token.id });
  return true;
}

/** Who called has heard of an escalation: the event that threw it is over. */
export function passed(walk: Walk, token: Token): void {
  const { node } = walk.place(token);
  if (token.rests !== 'outside' || (node.kind !== 'throw' && node.kind !== 'end')) {
    throw new NotAwaitedError(`${node.name ?? node.id} waits for no leave to go on`);
  }
  if (node.kind === 'throw') leave(walk, token);
  else consume(walk, token);
}

/** A token comes to an event that throws. */
export function enterThrow(walk: Walk, token: Token, { id, event }: ThrowNode): void {
  if (event?.type === 'escalation') {
    if (escalate(walk, token, event.code)) return;
  } else if (event) walk.commands.push({ do: 'throw', node: id, variables: walk.variables(token.run) });
  if (walk.tokens.has(token.id)) leave(walk, token);
}

/** A token comes to an end: of its way, of its run, or by an error that nothing takes of the instance. */
export function enterEnd(walk: Walk, token: Token, { id, outcome, event }: EndNode): void {
  if (outcome !== undefined) walk.outcome = outcome;
  if (event?.type === 'error') {
    if (!raise(walk, token, 'error', event.code)) fail(walk, event.code);
    return;
  }
  if (event?.type === 'escalation' && escalate(walk, token, event.code)) return;
  if (event?.type === 'message' || event?.type === 'signal')
    walk.commands.push({ do: 'throw', node: id, variables: walk.variables(token.run) });
  if (event?.type === 'terminate') {
    emptyRun(walk, token.run);
    return;
  }
  if (walk.tokens.has(token.id)) consume(walk, token);
}

function fail(walk: Walk, error: string): void {
  const [root] = walk.runs.values();
  if (root) walk.clearRun(root.id);
  finish(walk, 'failed', error);
}
