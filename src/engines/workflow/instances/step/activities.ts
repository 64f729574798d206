import type { Activity } from '../../definitions/process-model.ts';
import type { Happening, Token } from '../instance-state.ts';
import { activityOver } from './leave.ts';
import { beginMulti, isOneOfMany } from './multi-instance.ts';
import { isActivity, NotAwaitedError, type Walk } from './walk.ts';

/** A token comes to an activity: what is at its edge is awaited, then it is opened, once or for each element of its list. */
export function enterActivity(walk: Walk, token: Token, node: Activity): void {
  const isOne = isOneOfMany(walk, token);
  if (!isOne) awaitEdges(walk, token);
  if (node.multi && !isOne) {
    const over = beginMulti(walk, token, node);
    if (over) activityOver(walk, over);
    return;
  }
  walk.rest(token, 'outside');
  if (node.kind === 'sub-process') walk.beginInside(node.body.nodes, { owner: token.id, variables: {} });
  else walk.commands.push({ do: 'open', token: token.id, node: node.id, variables: walk.variables(token.run) });
}

function awaitEdges(walk: Walk, token: Token): void {
  for (const { id, event } of walk.place(token).boundaries) {
    if (event.type === 'error' || event.type === 'escalation') continue;
    walk.commands.push({ do: 'await', token: token.id, event: id });
  }
}

/** An activity that waited has its answer. */
export function completed(walk: Walk, token: Token, { set, result }: Extract<Happening, { type: 'completed' }>): void {
  const { node } = walk.place(token);
  if (token.rests !== 'outside' || token.multi || !isActivity(node) || node.kind === 'sub-process') {
    throw new NotAwaitedError(`${node.name ?? node.id} does not wait for an answer`);
  }
  walk.set(token.run, set ?? {});
  if (result !== undefined && 'result' in node && node.result) walk.set(token.run, { [node.result]: result });
  activityOver(walk, token);
}
