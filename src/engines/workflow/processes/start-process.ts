import type { Context } from '#context';
import { notFound, Problem } from '#problem';
import type { ProcessModel } from '../definitions/process-model.ts';
import type { Values } from '../instances/instance-state.ts';
import { findInForce } from '../versions/version-store.ts';
import { beginProcess } from './begin-process.ts';
import { requireStartable } from './shipped-process.ts';

/** What starting a published process by its code takes. */
export interface StartProcess {
  process: string;
  title: string;
  variables: Values;
  /** The currency that personal limits are compared in; absent: the tenant's. */
  currency?: string | undefined;
  /** The start event; absent: the one without an event. */
  at?: string | undefined;
}

/**
 * Begins an instance of a published process that is about itself; whoever starts it decides none of it. Answers its id. Throws
 * `not_found`, `request.malformed` where the variables do not fit, `rule.violated` where nobody eligible remains.
 */
export async function startProcess(context: Context, start: StartProcess): Promise<string> {
  const { process, title, variables, currency = context.tenant.currency, at } = start;
  requireStartable(process);
  return context.db.transact(context, async (tx) => {
    const { model: body } =
      (await findInForce<ProcessModel>(tx, 'process', process)) ?? notFound('published process', process);
    const starts = body.body.nodes.filter((node) => node.kind === 'start');
    if (!starts.some((node) => (at === undefined ? !node.event : node.id === at))) {
      const named = starts.map(({ id }) => id).join(', ');
      throw new Problem('rule.violated', {
        detail: `The process begins by ${named}.`,
        errors: [{ path: 'at', message: 'is no start of the process' }],
      });
    }
    return beginProcess(tx, body, { title, variables, currency, makers: [context.actor.id], at });
  });
}
