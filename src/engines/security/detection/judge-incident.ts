import type { Context } from '#context';
import { notFound, Problem } from '#problem';
import { recordAudit } from '../audit/record-audit.ts';
import { findIncident, type IncidentState, judgeIncident, type Verdict } from './incident-store.ts';
import { requireNotAbout } from './require-not-about.ts';

/** How far people are with an incident: acknowledged, closed with a verdict, or opened again. */
export interface Judgement {
  state: IncidentState;
  verdict?: Verdict | undefined;
  note?: string | undefined;
}

/**
 * Acknowledges, closes or reopens an incident. Throws `not_found`, `version.conflict`, and `rule.violated` where it is closed
 * without a verdict or judged by somebody whom it is about.
 */
export async function changeIncident(
  context: Context,
  id: string,
  { state, verdict, note }: Judgement,
  ifMatch: number | undefined,
): Promise<void> {
  if ((state === 'closed') !== (verdict !== undefined)) {
    throw new Problem('rule.violated', {
      detail: 'An incident is closed with a verdict, and only then.',
      errors: [{ path: 'verdict', message: state === 'closed' ? 'is needed' : 'belongs to closing' }],
    });
  }
  await context.db.transact(context, async (tx) => {
    const before = (await findIncident(tx, id, true)) ?? notFound('incident', id);
    if (ifMatch !== undefined && ifMatch !== before.version) throw new Problem('version.conflict');
    await requireNotAbout(tx, before.about);
    await judgeIncident(tx, id, { state, verdict: verdict ?? null, note: note ?? before.note });
    await recordAudit(tx, {
      ...{ action: `incident.${state}`, entityType: 'incident', entityId: id, reason: note },
      before: { state: before.state, verdict: before.verdict },
      after: { state, verdict: verdict ?? null },
    });
  });
}
