import type { Context } from '#context';
import type { TenantTx } from '#db';
import { Problem } from '#problem';
import { type FiscalPeriod, lockPeriod, periodOn, readCloseObstacles, savePeriod } from './period-store.ts';
import { recordChange } from './settlement-events.ts';

interface PeriodChange {
  id: string;
  ifMatch: number | undefined;
  reason?: string;
}

type Decide = (
  tx: TenantTx<Context>,
  period: FiscalPeriod,
) => Promise<{ happened: string; to: Partial<FiscalPeriod> }> | { happened: string; to: Partial<FiscalPeriod> };

async function changePeriod(context: Context, { id, ifMatch, reason }: PeriodChange, decide: Decide) {
  return context.db.transact(context, async (tx) => {
    const period = await lockPeriod(tx, id, 'update');
    if (ifMatch !== undefined && ifMatch !== period.version) throw new Problem('version.conflict');
    const { happened, to } = await decide(tx, period);
    const saved = await savePeriod(tx, { ...period, ...to });
    const { state, fiscalYear, period: number } = saved;
    await recordChange(tx, {
      ...{ entityType: 'period', entityId: id, happened, reason },
      before: { state: period.state },
      after: { state, fiscalYear, period: number },
    });
    return saved;
  });
}

function wrongState(period: FiscalPeriod, wanted: string): never {
  const name = `FY${period.fiscalYear} P${period.period}`;
  throw new Problem('state.conflict', { detail: `${name} is ${period.state.replace('_', ' ')}, not ${wanted}.` });
}

/** Enters the fiscal period of a date into the books, where it is not there yet. Throws `calendar.missing`. */
export async function openPeriod(context: Context, date: string): Promise<FiscalPeriod> {
  return context.db.transact(context, (tx) => periodOn(tx, date));
}

/** open → soft_closed: settlements go to the next open period; accruals and their approval still go in. */
export async function softClosePeriod(context: Context, change: PeriodChange): Promise<FiscalPeriod> {
  return changePeriod(context, change, (_tx, period) => {
    if (period.state !== 'open') wrongState(period, 'open');
    return { happened: 'soft_closed', to: { state: 'soft_closed' } };
  });
}

/** soft_closed → closed, once earlier periods are closed and every journal is posted; 422 says what is missing. */
export async function closePeriod(context: Context, change: PeriodChange): Promise<FiscalPeriod> {
  return changePeriod(context, change, async (tx, period) => {
    if (period.state !== 'soft_closed') wrongState(period, 'soft closed');
    const obstacles = await readCloseObstacles(tx, period);
    if (obstacles.openBefore > 0 || obstacles.unposted > 0) {
      throw new Problem('rule.violated', {
        detail: `Not ready to close: ${obstacles.openBefore} earlier periods are not closed, ${obstacles.unposted} journals are not posted.`,
        extra: { obstacles },
      });
    }
    return { happened: 'closed', to: { state: 'closed' } };
  });
}

/**
 * closed → open takes two people: the first call asks for it, the same call by somebody else does it. Throws
 * `approval.own_work` when one person calls twice.
 */
export async function reopenPeriod(context: Context, change: PeriodChange): Promise<FiscalPeriod> {
  return changePeriod(context, change, (_tx, period) => {
    if (period.state !== 'closed') wrongState(period, 'closed');
    if (period.reopenAskedBy === null) return { happened: 'reopen_asked', to: { reopenAskedBy: context.actor.id } };
    if (period.reopenAskedBy === context.actor.id) throw new Problem('approval.own_work');
    return { happened: 'reopened', to: { state: 'open', reopenAskedBy: null } };
  });
}
