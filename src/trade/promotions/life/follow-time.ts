import { instantOf } from '#clock';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { armTimer, disarmTimers, type TimerHandler } from '#events';
import { addDays } from '#fiscal-calendar';
import type { Promotion } from '../domain/promotion.ts';
import { nextState } from '../domain/promotion-state.ts';
import { lockPromotion, setState } from '../promotion-store.ts';
import { recordTransition } from './transition.ts';

type Tx = TenantTx<Context>;

/** Time, in the tenant's time zone, starts and ends an approved promotion. */
export async function armLifeTimers(tx: Tx, promotion: Promotion): Promise<void> {
  const { timeZone } = tx.context.tenant;
  await disarmTimers(tx, 'promotions.life', promotion.id);
  await armTimer(tx, {
    kind: 'promotions.life',
    subjectId: promotion.id,
    dueAt: instantOf(promotion.startsOn, timeZone),
    data: {},
  });
  await armTimer(tx, {
    kind: 'promotions.life',
    subjectId: promotion.id,
    dueAt: instantOf(addDays(promotion.endsOn, 1), timeZone),
    data: {},
  });
}

/** A life timer: whatever the date says by now happens; a promotion on hold waits for its resumption. */
export const onLifeTimer: TimerHandler = async (tx, timer) => {
  const promotion = await lockPromotion(tx, timer.subjectId);
  if (promotion) await followTime(tx, promotion);
};

/** Starts or ends a promotion as the present says. */
export async function followTime(tx: Tx, promotion: Promotion): Promise<Promotion> {
  const { clock, tenant } = tx.context;
  const now = clock.now();
  const over = now >= instantOf(addDays(promotion.endsOn, 1), tenant.timeZone);
  const begun = now >= instantOf(promotion.startsOn, tenant.timeZone);
  const action = over ? 'end' : begun ? 'start' : null;
  const to = action && nextState(promotion.state, action);
  if (!action || !to) return promotion;
  const after = await setState(tx, promotion, to);
  await recordTransition(tx, action === 'end' ? 'ended' : 'activated', promotion, after, '');
  return after;
}
