import { systemActorId } from '#context';
import type { Subscription } from '#events';
import type { WatchedAct } from '#module';
import { Decimal } from '#money';
import { readApprovalLimits } from './approval-limit-store.ts';
import { appendSecurityEvent } from './record-security-event.ts';

/** An amount as a share of the lowest limit that covers it, three places; null above all limits. */
export function shareOfLimit(
  amount: { amount: string; currency: string },
  limits: readonly { amount: string; currency: string }[],
): number | null {
  const value = new Decimal(amount.amount);
  const covering = limits
    .filter(({ currency }) => currency === amount.currency)
    .map((limit) => new Decimal(limit.amount))
    .filter((limit) => limit.gte(value) && limit.gt(0));
  const [lowest] = covering.sort((a, b) => a.cmp(b));
  // Only how near: no money is reckoned with it.
  return lowest ? value.div(lowest).toDecimalPlaces(3).toNumber() : null;
}

/** Turns events that modules declare as watched into security events, of people only: what the product does is no act. */
export function watchActs(watched: readonly WatchedAct[]): Subscription {
  return {
    name: 'security.watched-acts',
    types: [...new Set(watched.map(({ event }) => event))],
    handle: async (tx, event) => {
      if (event.actorId === systemActorId) return;
      const { newId } = tx.context;
      for (const { event: type, act, read } of watched) {
        const facts = type === event.type ? read(event.data, event.subjectId) : null;
        if (!facts) continue;
        const { recordId, counterpartId, amount } = facts;
        const ofLimit = amount && act === 'act.made' ? shareOfLimit(amount, await readApprovalLimits(tx)) : null;
        const scope = { tenantId: event.tenantId, at: new Date(event.occurredAt), requestId: event.requestId, newId };
        await appendSecurityEvent(tx, scope, {
          ...{ kind: act, personId: event.actorId, subjectId: recordId },
          detail: {
            ...(counterpartId ? { counterpartId } : {}),
            ...(amount ?? {}),
            ...(ofLimit === null ? {} : { ofLimit }),
          },
        });
      }
    },
  };
}

/** The decisions of the engine that runs approvals. */
export const decisionsWatched: readonly WatchedAct[] = [
  {
    event: 'workflow.task.completed',
    act: 'act.approved',
    read: ({ outcome, subjectId }) => (outcome === 'approved' ? { recordId: String(subjectId) } : null),
  },
];
