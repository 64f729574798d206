import type { Context } from '#context';
import { releaseFunds } from '#funds';
import type { Job } from '#jobs';
import { amountOf } from '#money';
import { Problem } from '#problem';
import { openAmendment } from '../amendments/amendment-store.ts';
import type { Promotion } from '../domain/promotion.ts';
import type { PromotionPorts, TacticSettlement } from '../ports.ts';
import { endedPromotions, setState } from '../promotion-store.ts';
import { lockForChange, recordTransition, requireTransition } from './transition.ts';

const isOpen = ({ open, claimed }: TacticSettlement) => open.minor !== 0n || claimed.minor !== 0n;

function requireSettled(promotion: Promotion, tactics: readonly TacticSettlement[]): void {
  const open = tactics.filter(isOpen);
  if (open.length === 0) return;
  const mechanicOf = (id: string) => promotion.tactics.find((tactic) => tactic.id === id)?.mechanic ?? id;
  const told = open.map((one) => {
    const claimed = one.claimed.minor === 0n ? '' : `, claims of ${amountOf(one.claimed)} not settled`;
    return `${mechanicOf(one.tacticId)}: ${amountOf(one.open)} ${one.open.currency} open${claimed}`;
  });
  throw new Problem('promotion.unsettled', {
    detail: `Settle or release these first: ${told.join('; ')}.`,
    extra: { tacticIds: open.map(({ tacticId }) => tacticId) },
  });
}

/**
 * Closes an ended promotion; what its funds hold beyond what was earned is released for others. Throws
 * `promotion.unsettled` (422) with the tactics that still owe or are claimed, `state.conflict` while an amendment is open.
 */
export async function closePromotion(
  context: Context,
  ports: PromotionPorts,
  id: string,
  ifMatch: number | undefined,
): Promise<Promotion> {
  return context.db.transact(context, async (tx) => {
    const promotion = await lockForChange(tx, id, ifMatch);
    const state = requireTransition(promotion, 'close');
    if (await openAmendment(tx, id))
      throw new Problem('state.conflict', { detail: 'An amendment of this promotion waits for a decision.' });
    requireSettled(promotion, (await ports.settlementOf(tx, [id])).get(id) ?? []);
    const closed = await setState(tx, promotion, state);
    await releaseFunds(tx, id, 'closed');
    await recordTransition(tx, 'closed', promotion, closed, '');
    return closed;
  });
}

/** Promotions that one transaction moves on: each writes a handful of rows. */
const batchSize = 25;

/** Moves ended promotions to `in_settlement` that have been accrued through their end, or are claimed. */
async function beginSettlement(context: Context, ports: PromotionPorts): Promise<void> {
  const settling = await context.db.read(context, async (tx) => {
    const ended = await endedPromotions(tx);
    const known = await ports.settlementOf(
      tx,
      ended.map(({ id }) => id),
    );
    return ended.flatMap(({ id, endsOn }) => {
      const begun = known
        .get(id)
        ?.some((one) => one.claimed.minor > 0n || (one.accruedThrough !== null && one.accruedThrough >= endsOn));
      return begun ? [id] : [];
    });
  });
  for (let from = 0; from < settling.length; from += batchSize) {
    await context.db.transact(context, async (tx) => {
      for (const id of settling.slice(from, from + batchSize)) {
        const promotion = await lockForChange(tx, id);
        // Somebody closed it meanwhile.
        if (promotion.state !== 'ended') continue;
        const after = await setState(tx, promotion, requireTransition(promotion, 'settle'));
        await recordTransition(tx, 'settling', promotion, after, '');
      }
    });
  }
}

/** Runs when liabilities were booked or claims matched. */
export const beginSettlementJob = (ports: PromotionPorts): Job => ({
  name: 'promotions.begin-settlement',
  queue: 'promotions.settlement',
  handle: (context) => beginSettlement(context, ports),
});
