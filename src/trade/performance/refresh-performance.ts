import type { Context } from '#context';
import type { TenantTx } from '#db';
import { armTimer, disarmTimers, emit, type Subscription, type TimerHandler } from '#events';
import type { Job } from '#jobs';
import { deriveObservedEvents } from './derive-observed-events.ts';
import { findFittedSalesState } from './model-store.ts';
import { salesSettled } from './performance-events.ts';
import { readSalesState } from './read-sales-panel.ts';
import { salesStored } from './sales/index.ts';
import { requestModel } from './train-promotion-model.ts';

/** Sales count as settled when none arrived for so long: an import stores several batches a minute. */
const settleMs = 5_000;

/** Kind of the timer that waits for sales to settle. */
export const salesSettleTimer = 'performance.sales-settle';

/** Every batch of sales puts the refresh off again. */
export const waitForSales: Subscription = {
  name: 'performance.wait-for-sales',
  types: [salesStored],
  handle: async (tx) => {
    const { context } = tx;
    await disarmTimers(tx, salesSettleTimer, context.tenant.id);
    const dueAt = new Date(context.clock.now().getTime() + settleMs);
    await armTimer(tx, { kind: salesSettleTimer, subjectId: context.tenant.id, dueAt, data: {} });
  },
};

/** The timer's end starts the refresh by event, and with it the job. */
export const announceSettledSales: TimerHandler = async (tx: TenantTx<Context>) => {
  await emit(tx, { type: salesSettled, subjectType: 'tenant', subjectId: tx.context.tenant.id, data: {} });
};

/** Brings what is derived from sales up to date: observed events at once, a new model where sales changed since the last. */
export async function refreshPerformance(context: Context): Promise<void> {
  await deriveObservedEvents(context);
  const sales = await readSalesState(context);
  if (sales.rows === 0) return;
  await context.db.transact(context, async (tx) => {
    const fitted = await findFittedSalesState(tx, 'promotion-response');
    const isCurrent = fitted?.rows === sales.rows && fitted.recordedAt?.getTime() === sales.recordedAt?.getTime();
    if (!isCurrent) await requestModel(tx, sales);
  });
}

/** The job behind {@link refreshPerformance}. */
export const refreshPerformanceJob: Job<never> = {
  name: 'refresh-performance',
  queue: 'performance',
  handle: (context) => refreshPerformance(context),
};
