import type { Context } from '#context';
import type { TenantTx } from '#db';
import { Problem } from '#problem';
import { requireOtherHand } from '#security';
import { recordChange } from '../settlement-events.ts';
import { findJournal, type Journal, saveJournal } from './journal-store.ts';
import { lockPeriod } from './period-store.ts';

interface JournalChange {
  id: string;
  ifMatch: number | undefined;
}

type ChangedJournal = Partial<Journal> & { state: Journal['state'] };

async function changeJournal(
  context: Context,
  { id, ifMatch }: JournalChange,
  from: readonly Journal['state'][],
  to: (journal: Journal, tx: TenantTx<Context>) => Promise<ChangedJournal> | ChangedJournal,
): Promise<Journal> {
  return context.db.transact(context, async (tx) => {
    const journal = await findJournal(tx, id, true);
    if (ifMatch !== undefined && ifMatch !== journal.version) throw new Problem('version.conflict');
    if (!from.includes(journal.state)) {
      throw new Problem('state.conflict', { detail: `The journal is ${journal.state}, not ${from.join(' or ')}.` });
    }
    const changed = await to(journal, tx);
    if (changed.state === 'posted' && (await lockPeriod(tx, journal.periodId, 'share')).state === 'closed') {
      throw new Problem('state.conflict', { detail: 'The period is closed and takes nothing.' });
    }
    await saveJournal(tx, { ...journal, ...changed });
    await recordChange(tx, {
      ...{ entityType: 'journal', entityId: id, happened: changed.state },
      before: { state: journal.state },
      after: { state: changed.state, kind: journal.kind, periodId: journal.periodId },
    });
    return findJournal(tx, id);
  });
}

/** prepared → approved, by somebody else: throws `approval.own_work` for the person who prepared it. */
export async function approveJournal(context: Context, change: JournalChange): Promise<Journal> {
  return changeJournal(context, change, ['prepared'], async (journal, tx) => {
    await requireOtherHand(tx, [journal.preparedBy]);
    return { state: 'approved', approvedBy: context.actor.id };
  });
}

/** approved → posted, while the period is not closed. */
export async function postJournal(context: Context, change: JournalChange): Promise<Journal> {
  return changeJournal(context, change, ['approved'], () => ({
    ...{ state: 'posted', postedBy: context.actor.id, postedAt: context.clock.now() },
  }));
}

/** posted → exported; exporting again repeats the same file. */
export async function exportJournal(context: Context, change: JournalChange): Promise<Journal> {
  return changeJournal(context, change, ['posted', 'exported'], (journal) => ({
    ...{ state: 'exported', exportedAt: journal.exportedAt ?? context.clock.now() },
  }));
}
