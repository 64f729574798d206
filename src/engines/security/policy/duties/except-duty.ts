import { todayIn } from '#clock';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { notFound, Problem } from '#problem';
import { recordAudit } from '../../audit/record-audit.ts';
import { findPeople } from '../../people/people.ts';
import { requireOtherHand } from '../hands.ts';
import { type DutyException, insertException, lockException, updateException } from './duty-exception-store.ts';
import { knownConflicts } from './duty-matrix.ts';
import { endGranted } from './end-exceptions.ts';

type Tx = TenantTx<Context>;

async function record(tx: Tx, exception: DutyException, happened: string, reason?: string): Promise<void> {
  const { id, personId, conflict, state, expiresOn } = exception;
  await recordAudit(tx, {
    action: `duty_exception.${happened}`,
    entityType: 'duty_exception',
    entityId: id,
    after: { personId, conflict, state, expiresOn },
    reason,
  });
}

/** Asks for an exception for somebody. Throws `rule.violated` for an unknown conflict or a day that has passed. */
export async function askException(
  context: Context,
  input: Pick<DutyException, 'personId' | 'conflict' | 'reason' | 'expiresOn'>,
): Promise<DutyException> {
  if (!knownConflicts().some(({ code }) => code === input.conflict)) notFound('conflict of duties', input.conflict);
  if (input.expiresOn < todayIn(context.clock, context.tenant.timeZone)) {
    throw new Problem('rule.violated', { errors: [{ path: 'expiresOn', message: 'has passed' }] });
  }
  return context.db.transact(context, async (tx) => {
    if ((await findPeople(tx, { ids: [input.personId] })).length === 0) notFound('person', input.personId);
    const exception: DutyException = {
      ...input,
      ...{ id: context.newId(), state: 'asked', askedBy: context.actor.id, askedAt: context.clock.now() },
      ...{ decidedBy: null, decidedAt: null, endedAt: null, version: 1 },
    };
    await insertException(tx, exception);
    await record(tx, exception, 'asked', input.reason);
    return exception;
  });
}

async function lockAt(tx: Tx, id: string, ifMatch: number | undefined): Promise<DutyException> {
  const before = (await lockException(tx, id)) ?? notFound('exception', id);
  if (ifMatch !== undefined && ifMatch !== before.version) throw new Problem('version.conflict');
  return before;
}

async function change(
  tx: Tx,
  before: DutyException,
  to: Partial<DutyException>,
  happened: string,
  reason?: string,
): Promise<DutyException> {
  const after = { ...before, ...to, version: before.version + 1 };
  await updateException(tx, after);
  await record(tx, after, happened, reason);
  return after;
}

/**
 * Grants or refuses an exception. Throws `approval.own_work` for who asked and for whom it is, `state.conflict` where it
 * was decided before.
 */
export function decideException(
  context: Context,
  id: string,
  ifMatch: number | undefined,
  { outcome, comment }: { outcome: 'granted' | 'refused'; comment?: string | undefined },
): Promise<DutyException> {
  return context.db.transact(context, async (tx) => {
    const before = await lockAt(tx, id, ifMatch);
    await requireOtherHand(tx, [before.askedBy, before.personId]);
    if (before.state !== 'asked') {
      throw new Problem('state.conflict', { detail: `The exception is ${before.state} already.` });
    }
    const to = { state: outcome, decidedBy: context.actor.id, decidedAt: context.clock.now() };
    return change(tx, before, to, outcome, comment);
  });
}

/**
 * Ends an exception before its day; roles that were given under it and open its conflict are taken back. Throws
 * `state.conflict` where it is over, `rule.violated` where no administrator would be left.
 */
export function endException(context: Context, id: string, ifMatch: number | undefined): Promise<DutyException> {
  return context.db.transact(context, async (tx) => {
    const before = await lockAt(tx, id, ifMatch);
    if (before.state === 'ended' || before.state === 'refused') {
      throw new Problem('state.conflict', { detail: `The exception is ${before.state} already.` });
    }
    if (before.state === 'granted') return endGranted(tx, before, 'ended');
    return change(tx, before, { state: 'ended', endedAt: context.clock.now() }, 'ended');
  });
}
