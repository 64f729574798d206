import type { Context } from '#context';
import type { TenantTx } from '#db';
import { notFound, Problem } from '#problem';
import { recordAudit } from '../audit/record-audit.ts';
import {
  endSessions,
  lockMembership,
  quarantineKey,
  requireStepUp,
  type Successor,
  withdrawDemand,
  withdrawLock,
  withdrawQuarantine,
} from '../sign-in/remedies.ts';
import type { Remedy } from './domain/rule.ts';
import {
  countRemedies,
  findIncident,
  type Incident,
  insertRemedy,
  lockRemedy,
  markUndone,
  otherInForce,
  type TakenRemedy,
} from './incident-store.ts';
import { recordSecurityEvent } from './record-security-event.ts';
import { requireNotAbout } from './require-not-about.ts';

type Tx = TenantTx<Context>;

/** Remedies are counted over an hour: a rule that has gone wild must not stop a company's work. */
const countedMs = 3_600_000;
const byRulesPerHour = 20;
const samePerHour = 3;

interface Means {
  /** What it is for: `person` or `key`. */
  of: 'person' | 'key';
  /** What it does carries the instant of the remedy, by which the undoing knows its own. */
  take(tx: Tx, target: string, reason: string, at: Date): Promise<unknown>;
  /** Null: nothing is left to undo, the person signs in again. */
  undo: ((tx: Tx, target: string, at: Date, next: Successor | undefined) => Promise<unknown>) | null;
}

const means: Record<Remedy, Means> = {
  end_sessions: { of: 'person', take: (tx, id) => endSessions(tx, id, 'alert'), undo: null },
  step_up: {
    of: 'person',
    take: (tx, personId, _reason, at) => requireStepUp(tx, personId, at),
    undo: withdrawDemand,
  },
  lock: { of: 'person', take: lockMembership, undo: withdrawLock },
  quarantine_key: { of: 'key', take: quarantineKey, undo: withdrawQuarantine },
};

/** Why something was done to somebody, as it stands beside what was done. */
const reasonOf = (incidentId: string) => `incident ${incidentId}`;

/** Whom a remedy of an incident is for: the one named, else the first that the incident is about. */
export function targetOf({ about }: Pick<Incident, 'about'>, kind: Remedy, named?: string): string | undefined {
  const prefix = `${means[kind].of}:`;
  const possible = about.filter((one) => one.startsWith(prefix)).map((one) => one.slice(prefix.length));
  return named === undefined ? possible[0] : possible.find((one) => one === named);
}

async function requireRate(tx: Tx, kind: Remedy, target: string, byRule: boolean): Promise<void> {
  const since = new Date(tx.context.clock.now().getTime() - countedMs);
  const { byRules, same } = await countRemedies(tx, since, { kind, target });
  if (byRule && byRules >= byRulesPerHour) {
    throw new Problem('rate.limited', {
      detail: `Rules took ${byRules} remedies in the last hour; people decide now.`,
    });
  }
  if (same >= (byRule ? 1 : samePerHour)) {
    throw new Problem('rate.limited', { detail: 'The same was done about them within the last hour.' });
  }
}

/**
 * Does something about an incident: by button, or `byRule`. Written down, audited and told either way. Throws `not_found`,
 * `rule.violated` (nobody to do it to; the last administrator is never locked), `auth.forbidden` (against oneself) and
 * `rate.limited`.
 */
export async function takeRemedy(
  context: Context,
  incidentId: string,
  { kind, target: named, byRule = false }: { kind: Remedy; target?: string | undefined; byRule?: boolean },
): Promise<void> {
  await context.db.transact(context, async (tx) => {
    const incident = (await findIncident(tx, incidentId, true)) ?? notFound('incident', incidentId);
    const target = targetOf(incident, kind, named);
    if (target === undefined) {
      throw new Problem('rule.violated', {
        detail: `This incident is about no ${means[kind].of} that this could be done to.`,
      });
    }
    if (target === context.actor.id)
      throw new Problem('auth.forbidden', { detail: 'Somebody else does this about you.' });
    await requireRate(tx, kind, target, byRule);
    const at = context.clock.now();
    await means[kind].take(tx, target, reasonOf(incidentId), at);
    const takenBy = byRule ? null : context.actor.id;
    const id = await insertRemedy(tx, { ...{ incidentId, kind, target, takenBy, at }, state: 'taken', refusal: null });
    await recordAudit(tx, {
      ...{ action: 'remedy.taken', entityType: 'incident', entityId: incidentId },
      after: { remedyId: id, kind, target, rule: byRule ? incident.rule : null },
    });
    await recordSecurityEvent(tx, {
      ...{ kind: 'remedy.taken', personId: takenBy, subjectId: target },
      detail: { remedy: kind, incidentId },
    });
  });
}

/**
 * Takes a remedy back: what was before it is there again, what others did to the same target stays. Throws `not_found`,
 * `state.conflict` where it was undone, never taken, or nothing is left of it, and `approval.own_work`.
 */
export async function undoRemedy(context: Context, incidentId: string, id: string): Promise<void> {
  await context.db.transact(context, async (tx) => {
    const remedy = await lockRemedy(tx, id);
    if (remedy?.incidentId !== incidentId) notFound('remedy', id);
    const { undo } = means[remedy.kind];
    if (remedy.state !== 'taken' || !undo) {
      throw new Problem('state.conflict', {
        detail: undo ? 'It is not in force.' : 'Whoever it was about signs in again.',
      });
    }
    await requireNotAbout(tx, (await findIncident(tx, incidentId))?.about ?? []);
    const next = await otherInForce(tx, remedy);
    await undo(tx, remedy.target, remedy.at, next && { at: next.at, reason: reasonOf(next.incidentId) });
    await markUndone(tx, id);
    await recordAudit(tx, {
      ...{ action: 'remedy.undone', entityType: 'incident', entityId: incidentId },
      before: { remedyId: id, kind: remedy.kind, target: remedy.target },
    });
    await recordSecurityEvent(tx, {
      ...{ kind: 'remedy.undone', personId: context.actor.id, subjectId: remedy.target },
      detail: { remedy: remedy.kind, incidentId },
    });
  });
}

/** What a rule does by itself: the remedy, or a note that it would have been or could not be taken. */
export async function takeByRule(
  context: Context,
  incident: Pick<Incident, 'id' | 'about'>,
  kind: Remedy,
  mode: 'act' | 'dry_run',
): Promise<void> {
  const target = targetOf(incident, kind);
  if (target === undefined) return;
  const note = (state: TakenRemedy['state'], refusal: string | null) =>
    context.db.transact(context, (tx) =>
      insertRemedy(tx, { ...{ incidentId: incident.id, kind, target, state, refusal }, takenBy: null }),
    );
  if (mode === 'dry_run') {
    await note('dry_run', null);
    return;
  }
  try {
    await takeRemedy(context, incident.id, { kind, target, byRule: true });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    context.log.warn({ incident: incident.id, kind, code: error.code }, 'detection: a remedy was not taken');
    await note('refused', String(error.detail ?? error.code));
  }
}
