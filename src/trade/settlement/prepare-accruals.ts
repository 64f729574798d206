import { todayIn } from '#clock';
import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import { Problem } from '#problem';
import { earnedThrough } from './domain/accrual.ts';
import { accrualLines, type JournalLine, releaseLines } from './domain/journal.ts';
import { accrualDue, accrue, release, releaseDue } from './domain/settlement-ledger.ts';
import { insertJournal } from './journal-store.ts';
import {
  enterTactics,
  type LiabilityMovement,
  lockLiabilities,
  overdueTactics,
  recordMovements,
} from './liability-store.ts';
import { type FiscalPeriod, lockPeriod } from './period-store.ts';
import type { SettlementPorts } from './ports.ts';

type Tx = TenantTx<Context>;

/** Earlier than what was accrued already, the difference would take earned money back. */
async function requireLatest(tx: Tx, period: FiscalPeriod): Promise<void> {
  const later = await tx.maybe<{ id: string }>(sql`select period.id from settlement.period
    where period.starts_on > ${period.startsOn}::date and exists (select from settlement.accrual_entry entry
      where entry.period_id = period.id and entry.kind = 'earn') limit 1`);
  if (!later) return;
  throw new Problem('state.conflict', { detail: 'A later period has accrued already: late facts go there.' });
}

/** Preparations run one after another: whether a later period has accrued is only then known. */
async function lockPreparation(tx: Tx): Promise<void> {
  const key = `settlement.accruals:${tx.context.tenant.id}`;
  await tx.run(sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`);
}

async function findEarnings(tx: Tx, ports: SettlementPorts, period: FiscalPeriod): Promise<LiabilityMovement[]> {
  const tactics = await ports.readEarnings(tx, { startsOn: period.startsOn, endsOn: period.endsOn });
  await enterTactics(tx, tactics);
  const liabilities = await lockLiabilities(
    tx,
    tactics.map(({ tacticId }) => tacticId),
  );
  return tactics.flatMap((tactic) => {
    const liability = liabilities.get(tactic.tacticId);
    if (!liability) return [];
    if (liability.currency !== tactic.currency) {
      throw new Problem('money.currency_mismatch', {
        detail: `Tactic ${tactic.tacticId} accrued in ${liability.currency} before, now in ${tactic.currency}.`,
      });
    }
    const amount = accrualDue(liability, earnedThrough(tactic, period.endsOn));
    if (amount.minor === 0n) return [];
    return [{ kind: 'earn' as const, amount, after: { ...liability, ...accrue(liability, amount) } }];
  });
}

async function findReleases(tx: Tx, on: string): Promise<LiabilityMovement[]> {
  const liabilities = await lockLiabilities(tx, await overdueTactics(tx, on));
  return [...liabilities.values()].flatMap((liability) => {
    const amount = releaseDue(liability, liability.claimByOn, on);
    if (amount.minor === 0n) return [];
    return [{ kind: 'release' as const, amount, after: { ...liability, ...release(liability, amount) } }];
  });
}

async function prepareBatches(tx: Tx, periodId: string, movements: readonly LiabilityMovement[]): Promise<string[]> {
  const ids: string[] = [];
  for (const currency of [...new Set(movements.map(({ amount }) => amount.currency))].sort()) {
    const batch = movements.filter(({ amount }) => amount.currency === currency);
    const lines = batch.flatMap(({ kind, amount, after }): JournalLine[] =>
      kind === 'release' ? releaseLines(after, amount) : accrualLines(after, amount),
    );
    const kind = batch[0]?.kind === 'release' ? 'release' : 'accrual';
    const id = await insertJournal(tx, { kind, periodId, currency }, lines);
    await recordMovements(tx, { id, periodId }, batch);
    ids.push(id);
  }
  return ids;
}

/**
 * Prepares the accruals of a period: what each tactic has earned through its end less what was accrued before, so that
 * late and restated facts fall into the next period that is not closed; then the release of what is past its claim-by
 * date. One journal per currency and kind; none when nothing is due. Throws `state.conflict` for a closed period.
 */
export async function prepareAccruals(context: Context, ports: SettlementPorts, periodId: string): Promise<string[]> {
  return context.db.transact(context, async (tx) => {
    await lockPreparation(tx);
    const period = await lockPeriod(tx, periodId, 'share');
    if (period.state === 'closed') {
      throw new Problem('state.conflict', {
        detail: 'The period is closed and takes nothing: late facts go to the next open one.',
      });
    }
    await requireLatest(tx, period);
    const today = todayIn(context.clock, context.tenant.timeZone);
    if (today < period.startsOn) throw new Problem('rule.violated', { detail: 'The period has not begun.' });
    const accruals = await prepareBatches(tx, periodId, await findEarnings(tx, ports, period));
    const ended = today > period.endsOn;
    const on = ended ? period.endsOn : today;
    return [...accruals, ...(await prepareBatches(tx, periodId, await findReleases(tx, on)))];
  });
}
