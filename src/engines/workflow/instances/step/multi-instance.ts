import type { Activity } from '../../definitions/process-model.ts';
import type { MultiRuns, Run, Token, Value } from '../instance-state.ts';
import type { Walk } from './walk.ts';

/** Runs of one activity side by side at most: each opens what it asks for in the same transaction. */
const mostAtOnce = 500;

/** Whether a token is one run of a multi-instance activity that is no sub-process: it stands where its owner stands. */
export function isOneOfMany(walk: Walk, token: Token): boolean {
  const owner = walk.runs.get(token.run)?.owner;
  return owner !== undefined && walk.tokens.get(owner)?.node === token.node;
}

/** Begins an activity once for each element of its list; answers its token where the list is empty: it is over then. */
export function beginMulti(walk: Walk, token: Token, node: Activity): Token | undefined {
  const list = node.multi && walk.evaluate(node.multi.over, walk.variables(token.run));
  if (!Array.isArray(list)) throw new Error(`What ${node.name ?? node.id} runs over is not a list.`);
  const items = list as readonly Value[];
  if (items.length > mostAtOnce && !node.multi?.sequential) {
    throw new Error(`${node.name ?? node.id} would run ${items.length} times at once: ${mostAtOnce} are the most.`);
  }
  const multi: MultiRuns = { items, begun: 0, done: 0, collected: items.map(() => null) };
  const owner = walk.rest(token, 'outside', { multi });
  if (items.length === 0) return owner;
  for (let left = node.multi?.sequential ? 1 : items.length; left > 0; left--) beginNext(walk, owner.id, node);
  return undefined;
}

function beginNext(walk: Walk, ownerId: number, node: Activity): void {
  const owner = walk.tokens.get(ownerId);
  if (!owner?.multi || !node.multi) return;
  const at = owner.multi.begun;
  if (node.multi.as in walk.variables(owner.run)) {
    throw new Error(`${node.name ?? node.id} repeats over "${node.multi.as}", which has a value already.`);
  }
  const variables = { [node.multi.as]: owner.multi.items[at] ?? null };
  walk.put({ ...owner, multi: { ...owner.multi, begun: at + 1 } });
  if (node.kind === 'sub-process') walk.beginInside(node.body.nodes, { owner: ownerId, variables, at });
  else walk.spawn(node.id, walk.beginRun({ owner: ownerId, variables, at }).id);
}

/** Counts a run that is over, and begins the next one in a row; answers the activity's token where that is over too. */
export function countRun(walk: Walk, run: Run, owner: Token, node: Activity): Token | undefined {
  if (!owner.multi || !node.multi) {
    walk.runs.delete(run.id);
    return owner;
  }
  const { collect, until } = node.multi;
  if (owner.rests === 'incident') {
    // It begins anew when it is mended: what was under way counts no more.
    walk.runs.delete(run.id);
    return undefined;
  }
  const given = collect ? walk.evaluate(collect.value, walk.variables(run.id)) : null;
  const done = owner.multi.done + 1;
  const total = owner.multi.items.length;
  const counts = { completed: done, remaining: total - done, total };
  const what = `What ends "${node.name ?? node.id}" early`;
  const isOver = done === total || (until !== undefined && walk.holds(what, until, walk.variables(owner.run, counts)));
  walk.runs.delete(run.id);
  const collected = owner.multi.collected.map((value, at) => (at === run.at ? given : value));
  const after = walk.put({ ...owner, multi: { ...owner.multi, done, collected } });
  if (isOver) return after;
  if (node.multi.sequential) beginNext(walk, owner.id, node);
  return undefined;
}
