import type { Gateway } from '../../definitions/process-model.ts';
import type { PlacedNode } from '../index-model.ts';
import type { Token, Values } from '../instance-state.ts';
import { leaveBy } from './leave.ts';
import type { Walk } from './walk.ts';

/** A token comes to an exclusive, inclusive or parallel gateway: it goes on, or waits for others there. */
export function enterGateway(walk: Walk, token: Token): void {
  const { node, incoming } = walk.place(token);
  if (node.kind === 'exclusive' || incoming.length < 2) {
    split(walk, token);
    return;
  }
  const waiting = walk.rest(token, 'join');
  if (node.kind === 'parallel') join(walk, waiting);
}

/** Goes on as one from a join, where all that it waits for have come; an inclusive one has been asked before. */
export function join(walk: Walk, token: Token): void {
  const { node, incoming } = walk.place(token);
  const gathered = gatheredAt(walk, token);
  if (node.kind === 'parallel' && gathered.size < incoming.length) return;
  const [first, ...others] = [...gathered.values()];
  if (!first) return;
  for (const other of others) walk.tokens.delete(other.id);
  split(walk, first);
}

function split(walk: Walk, token: Token): void {
  const { node, outgoing } = walk.place(token);
  if (node.kind !== 'exclusive' && node.kind !== 'inclusive') {
    leaveBy(walk, token, outgoing);
    return;
  }
  leaveBy(walk, token, chosen(walk, token, outgoing, node));
}

type Flows = PlacedNode['outgoing'];

/**
 * The flows whose condition holds, of an exclusive gateway the first (those behind it are not asked: BPMN 2.0.2, table 13.2), else the
 * default; throws where there is no way on, and where a condition is neither true nor false: to take the default then could pass
 * a decision by.
 */
function chosen(walk: Walk, token: Token, outgoing: Flows, { kind, default: byDefault }: Gateway): Flows {
  const variables = walk.variables(token.run);
  const open: Flows[number][] = [];
  for (const flow of outgoing) {
    if (flow.id === byDefault || !isOpen(walk, flow, variables)) continue;
    open.push(flow);
    if (kind === 'exclusive') break;
  }
  const taken = open.length > 0 ? open : outgoing.filter((flow) => flow.id === byDefault);
  if (taken.length > 0 || outgoing.length === 0) return taken;
  throw new Error('None of the conditions holds, and there is no default way.');
}

const isOpen = (walk: Walk, { id, name, condition }: Flows[number], variables: Values): boolean =>
  condition === undefined || walk.holds(`The condition of "${name ?? id}"`, condition, variables);

/** Tokens that stand at the same join in the same run, one of each flow. */
function gatheredAt(walk: Walk, token: Token): Map<string, Token> {
  const gathered = new Map<string, Token>();
  for (const one of walk.tokens.values()) {
    const here = one.rests === 'join' && one.node === token.node && one.run === token.run;
    if (here && one.via !== undefined && !gathered.has(one.via)) gathered.set(one.via, one);
  }
  return gathered;
}

/** A token at an inclusive join that need not wait any more: nothing that is under way can come by another flow. */
export function readyInclusive(walk: Walk): Token | undefined {
  for (const token of walk.tokens.values()) {
    if (token.rests !== 'join' || walk.place(token).node.kind !== 'inclusive') continue;
    if (!mayStillCome(walk, token)) return token;
  }
  return undefined;
}

/**
 * Whether a token elsewhere can still come by a flow that has none here. Whatever it can do next counts together, as soundness
 * has it (explore-net.ts): who can come by a flow that has a token already is not waited for.
 */
function mayStillCome(walk: Walk, token: Token): boolean {
  const { incoming } = walk.place(token);
  const here = gatheredAt(walk, token);
  return [...walk.tokens.values()].some((other) => {
    if (other.run !== token.run || (other.node === token.node && other.rests === 'join')) return false;
    const ahead = aheadOf(walk, other, token.node);
    return (
      incoming.some(({ id }) => !here.has(id) && ahead.has(id)) &&
      !incoming.some(({ id }) => here.has(id) && ahead.has(id))
    );
  });
}

/** Flows that a token can come by, over any edge of where it stands, without passing a node. */
function aheadOf(walk: Walk, token: Token, avoiding: string): ReadonlySet<string> {
  const { outgoing, boundaries } = walk.place(token);
  const edges = boundaries.flatMap(({ id }) => walk.model.place(id).outgoing);
  return new Set([...outgoing, ...edges].flatMap(({ id }) => [...walk.model.reachable(id, avoiding)]));
}
