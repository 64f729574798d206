import type { Happening, Token } from '../instance-state.ts';
import { NotAwaitedError, type Walk } from './walk.ts';

/** Stops a token for an administrator; where it is gone already, the activity around it. */
export function stop(walk: Walk, token: Token, message: string): void {
  let current = walk.tokens.get(token.id);
  for (let run = walk.runs.get(token.run); !current && run?.owner !== undefined; ) {
    current = walk.tokens.get(run.owner);
    run = current && walk.runs.get(current.run);
  }
  if (!current) throw new Error(message);
  walk.rest(current, 'incident');
  walk.commands.push({ do: 'incident', token: current.id, node: current.node, message });
}

/** Does what may throw for a token: a failure stops it, unless it did not wait for this at all. */
export function orStop(walk: Walk, token: Token, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (error instanceof NotAwaitedError) throw error;
    stop(walk, token, (error as Error).message);
  }
}

/** Enters a node anew that stopped with an incident. */
export function retried(walk: Walk, token: Token, { set }: Extract<Happening, { type: 'retried' }>): void {
  if (token.rests !== 'incident') throw new NotAwaitedError('there is no incident to retry');
  // What it awaited at its edge is awaited anew.
  walk.clearInside(token);
  walk.set(token.run, set ?? {});
  walk.goTo(token, token.node, token.via);
}

/** Tokens of a run that wait for one another only: an incident, since nothing outside will ever move them. */
export function tellDeadlock(walk: Walk): void {
  if (walk.status !== 'running') return;
  for (const { id } of [...walk.runs.values()]) {
    const inside = [...walk.tokens.values()].filter(({ run }) => run === id);
    const [stuck] = inside;
    if (stuck && inside.every(({ rests }) => rests === 'join')) {
      stop(walk, stuck, 'The ways that are to meet here can never all arrive.');
    }
  }
}
