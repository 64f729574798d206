import type { PlacedNode } from '../index-model.ts';
import type { Token } from '../instance-state.ts';
import { countRun, isOneOfMany } from './multi-instance.ts';
import { isActivity, type Walk } from './walk.ts';

/** Goes on by every flow out of where a token stands; where there is none, its way ends. */
export function leave(walk: Walk, token: Token): void {
  leaveBy(walk, token, walk.place(token).outgoing);
}

/** Goes on by some flows: the token itself by the first, new ones by the others. */
export function leaveBy(walk: Walk, token: Token, flows: PlacedNode['outgoing']): void {
  const [first, ...others] = flows;
  if (!first) {
    consume(walk, token);
    return;
  }
  walk.goTo(token, first.to, first.id);
  for (const flow of others) walk.spawn(flow.to, token.run, flow.id);
}

/** Ends the way of a token; the run is over with its last one. */
export function consume(walk: Walk, token: Token): void {
  walk.tokens.delete(token.id);
  for (const other of walk.tokens.values()) if (other.run === token.run) return;
  runOver(walk, token.run);
}

/** Takes away what is in a run, which is over by that. */
export function emptyRun(walk: Walk, runId: number): void {
  walk.clearRun(runId);
  runOver(walk, runId);
}

function runOver(walk: Walk, runId: number): void {
  const run = walk.runs.get(runId);
  if (!run) return;
  const owner = run.owner === undefined ? undefined : walk.tokens.get(run.owner);
  if (!owner) {
    finish(walk, 'completed');
    return;
  }
  const { node } = walk.place(owner);
  const over = isActivity(node) ? countRun(walk, run, owner, node) : owner;
  if (over) activityOver(walk, over);
}

/** Leaves an activity that is over: what was begun for it is withdrawn, what its runs gave is set. */
export function activityOver(walk: Walk, token: Token): void {
  const { node } = walk.place(token);
  walk.clearInside(token);
  if (token.multi && isActivity(node) && node.multi?.collect) {
    walk.set(token.run, { [node.multi.collect.into]: token.multi.collected });
  }
  if (isOneOfMany(walk, token)) consume(walk, token);
  else leave(walk, token);
}

/** Ends the instance. */
export function finish(walk: Walk, status: 'completed' | 'failed', error?: string): void {
  walk.status = status;
  walk.tokens.clear();
  walk.agenda.length = 0;
  const outcome = walk.outcome === undefined ? {} : { outcome: walk.outcome };
  walk.commands.push({ do: 'end', status, ...outcome, ...(error === undefined ? {} : { error }) });
}
