import type { Context } from '#context';
import type { TenantTx } from '#db';
import { Problem } from '#problem';
import { requireOtherHand } from '#security';
import type { FactsPort } from '../ports.ts';
import { recordChange } from '../settlement-events.ts';
import { readLedgerChecks, readWorkChecks } from './close-checklist.ts';
import { insertWaivers } from './close-store.ts';
import { type CloseCheckKey, standingAgainst } from './domain/close-check.ts';
import { type FiscalPeriod, lockPeriod, periodOn, savePeriod } from './period-store.ts';

interface PeriodChange {
  id: string;
  ifMatch: number | undefined;
  reason?: string;
}

interface Decision {
  happened: string;
  to: Partial<FiscalPeriod>;
  /** What the audit entry says beside the state. */
  told?: Record<string, unknown>;
}

type Decide = (tx: TenantTx<Context>, period: FiscalPeriod) => Promise<Decision> | Decision;

async function changePeriod(context: Context, { id, ifMatch, reason }: PeriodChange, decide: Decide) {
  return context.db.transact(context, async (tx) => {
    const period = await lockPeriod(tx, id, 'update');
    if (ifMatch !== undefined && ifMatch !== period.version) throw new Problem('version.conflict');
    const { happened, to, told } = await decide(tx, period);
    const saved = await savePeriod(tx, { ...period, ...to });
    const { state, fiscalYear, period: number } = saved;
    await recordChange(tx, {
      ...{ entityType: 'period', entityId: id, happened, reason },
      before: { state: period.state },
      after: { state, fiscalYear, period: number, ...told },
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

/** A check to set aside, and why. */
export interface WaivedCheck {
  check: CloseCheckKey;
  reason: string;
}

/**
 * soft_closed → closed, once every check of the list passes or is set aside with a reason, which is kept. Throws
 * `rule.violated` (422) with the checks that stand against it; hard ones cannot be set aside.
 */
export async function closePeriod(
  context: Context,
  ports: FactsPort,
  change: PeriodChange & { waive?: readonly WaivedCheck[] },
): Promise<FiscalPeriod> {
  const waive = new Map((change.waive ?? []).map(({ check, reason }) => [check, reason]));
  const ledger = await context.db.read(context, readLedgerChecks);
  return changePeriod(context, change, async (tx, period) => {
    if (period.state !== 'soft_closed') wrongState(period, 'soft closed');
    const checks = [...(await readWorkChecks(tx, ports, period)), ...ledger];
    const failing = standingAgainst(checks, new Set(waive.keys()));
    if (failing.length > 0) {
      const told = failing.map(({ title, found }) => `${title}: ${found.replace(/\.$/, '')}`).join('; ');
      throw new Problem('rule.violated', {
        detail: `Not ready to close. ${told}.`,
        extra: { failing: failing.map(({ key, hard, found, items }) => ({ check: key, hard, found, items })) },
      });
    }
    const waived = checks.flatMap(({ key, passed, found }) => {
      const reason = waive.get(key);
      return passed || reason === undefined ? [] : [{ check: key, found, reason }];
    });
    await insertWaivers(tx, period.id, waived);
    return { happened: 'closed', to: { state: 'closed' }, told: { waived } };
  });
}

/**
 * closed → open takes two people: the first call asks for it, the same call by somebody else does it. Throws
 * `approval.own_work` when one person calls twice.
 */
export async function reopenPeriod(context: Context, change: PeriodChange): Promise<FiscalPeriod> {
  return changePeriod(context, change, async (tx, period) => {
    if (period.state !== 'closed') wrongState(period, 'closed');
    if (period.reopenAskedBy === null) return { happened: 'reopen_asked', to: { reopenAskedBy: context.actor.id } };
    await requireOtherHand(tx, [period.reopenAskedBy]);
    return { happened: 'reopened', to: { state: 'open', reopenAskedBy: null } };
  });
}
