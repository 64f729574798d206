import type { Context } from '#context';
import type { TenantTx } from '#db';
import { armTimer, disarmTimers, emit, type Timer } from '#events';
import { Problem } from '#problem';
import { recordAudit } from '../audit/record-audit.ts';
import { type Breach, findBreach, insertBreach, updateBreach } from './breach-store.ts';
import { breachHours, reminderHoursLeft } from './domain/privacy-request.ts';
import { noteStep } from './privacy-requests.ts';
import { type Step, stepsOf } from './request-store.ts';

/** The timer that reminds of a breach. */
export const breachTimer = 'privacy.breach-due';
const hourMs = 3_600_000;

/** What is known of a breach when it is reported. */
export type BreachInput = Pick<Breach, 'title' | 'whatHappened' | 'risk' | 'peopleAffected' | 'measures'> & {
  /** When somebody here became aware of it; the 72 hours run from then. */
  awareAt: Date;
};

/** Takes a breach down and starts its clock. Throws `request.malformed` for an awareness to come. */
export async function reportBreach(context: Context, input: BreachInput): Promise<Breach & { steps: Step[] }> {
  const now = context.clock.now();
  if (input.awareAt > now) {
    throw new Problem('request.malformed', { errors: [{ path: 'awareAt', message: 'lies in the future' }] });
  }
  const dueAt = new Date(input.awareAt.getTime() + breachHours * hourMs);
  const breach: Breach = {
    ...input,
    ...{ id: context.newId(), dueAt, reportedBy: context.actor.id, version: 1 },
    ...{ authorityToldAt: null, lateReason: null, peopleToldAt: null, closedAt: null },
  };
  return context.db.transact(context, async (tx) => {
    await insertBreach(tx, breach);
    await noteStep(tx, breach.id, 'reported', null);
    for (const hours of reminderHoursLeft) {
      const at = new Date(dueAt.getTime() - hours * hourMs);
      if (at > now) await armTimer(tx, { kind: breachTimer, subjectId: breach.id, dueAt: at, data: { hours } });
    }
    await recordAudit(tx, {
      action: 'privacy.breach_reported',
      entityType: 'privacy_breach',
      entityId: breach.id,
      after: { awareAt: input.awareAt, dueAt, risk: input.risk, peopleAffected: input.peopleAffected },
    });
    return getBreach(tx, breach.id);
  });
}

/** Tells those who watch that the time of a breach runs out, while the authority has not been told. */
export async function remindOfBreach(tx: TenantTx<Context>, timer: Timer): Promise<void> {
  const breach = await findBreach(tx, timer.subjectId);
  if (breach.authorityToldAt || breach.closedAt) return;
  const hoursLeft = Number(timer.data.hours);
  await noteStep(
    tx,
    breach.id,
    'reminder',
    hoursLeft === 0 ? 'The 72 hours are over.' : `${hoursLeft} hours are left.`,
  );
  await emit(tx, {
    type: breachTimer,
    subjectType: 'privacy_breach',
    subjectId: breach.id,
    data: { hoursLeft, dueAt: breach.dueAt.toISOString() },
  });
}

/** A step about a breach. */
export type BreachAction =
  | { action: 'assess'; risk: Breach['risk']; peopleAffected?: number | undefined; note: string }
  | { action: 'measure'; note: string }
  | { action: 'tell_authority'; lateReason?: string | undefined; note: string }
  | { action: 'tell_people'; note: string }
  | { action: 'close'; note: string };

/**
 * Does a step about a breach. Throws `state.conflict` once it is closed, `rule.violated` where the authority is told late
 * without a reason, or it is closed before those were told whom the law names.
 */
export async function actOnBreach(
  context: Context,
  id: string,
  action: BreachAction,
  ifMatch: number | undefined,
): Promise<Breach & { steps: Step[] }> {
  return context.db.transact(context, async (tx) => {
    const before = await findBreach(tx, id, 'locked');
    if (ifMatch !== undefined && ifMatch !== before.version) throw new Problem('version.conflict');
    if (before.closedAt) throw new Problem('state.conflict', { detail: 'This breach is closed.' });
    const after = afterAction(before, action, context.clock.now());
    await updateBreach(tx, after);
    if (after.authorityToldAt || after.closedAt) await disarmTimers(tx, breachTimer, id);
    await noteStep(tx, id, action.action, action.note);
    await recordAudit(tx, {
      action: 'privacy.breach_changed',
      entityType: 'privacy_breach',
      entityId: id,
      before: auditBody(before),
      after: { step: action.action, ...auditBody(after) },
      reason: action.note,
    });
    return getBreach(tx, id);
  });
}

function afterAction(breach: Breach, action: BreachAction, now: Date): Breach {
  switch (action.action) {
    case 'assess':
      return { ...breach, risk: action.risk, peopleAffected: action.peopleAffected ?? breach.peopleAffected };
    case 'measure':
      return { ...breach, measures: [breach.measures, action.note].filter(Boolean).join('\n') };
    case 'tell_authority':
      if (now > breach.dueAt && !action.lateReason) {
        throw new Problem('rule.violated', { detail: 'The 72 hours are over: say why it is late (Article 33 (1)).' });
      }
      return { ...breach, authorityToldAt: now, lateReason: now > breach.dueAt ? (action.lateReason ?? null) : null };
    case 'tell_people':
      return { ...breach, peopleToldAt: now };
    case 'close':
      requireClosable(breach);
      return { ...breach, closedAt: now };
  }
}

/** Throws `rule.violated` for a breach that may not be closed yet. */
function requireClosable({ risk, authorityToldAt, peopleToldAt }: Breach): void {
  const refuse = (detail: string): never => {
    throw new Problem('rule.violated', { detail });
  };
  if (risk === 'unknown') refuse('Assess the risk first.');
  if (risk !== 'unlikely' && !authorityToldAt) refuse('Tell the authority first (Article 33).');
  if (risk === 'high' && !peopleToldAt) refuse('Tell those whom it concerns first (Article 34).');
}

function auditBody({ risk, peopleAffected, authorityToldAt, peopleToldAt, closedAt }: Breach) {
  return { risk, peopleAffected, authorityToldAt, peopleToldAt, closedAt };
}

/** A breach with its steps. Throws `not_found`. */
export async function getBreach(tx: TenantTx, id: string): Promise<Breach & { steps: Step[] }> {
  return { ...(await findBreach(tx, id)), steps: await stepsOf(tx, id) };
}
