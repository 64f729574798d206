import type { Context } from '#context';
import type { Framework } from '#module';
import { notFound, Problem } from '#problem';
import { recordAudit } from '../audit/record-audit.ts';
import { findPeople } from '../people/people.ts';
import { requireOtherHand } from '../policy/hands.ts';
import { type Finding, findFinding, insertFinding, ownersOf, updateFinding } from './compliance-store.ts';

/** What a person writes of a finding. */
export interface FindingInput {
  framework: Framework;
  title: string;
  detail: string;
  severity: Finding['severity'];
  ownerId: string | null;
  dueOn: string;
}

/** A finding that a person made. Throws `rule.violated` for an owner who is nobody here. */
export async function raiseFinding(context: Context, input: FindingInput): Promise<Finding> {
  const finding: Finding = {
    ...input,
    id: context.newId(),
    controlCode: null,
    ...{ openedAt: context.clock.now(), openedBy: context.actor.id },
    ...{ closedAt: null, closedBy: null, resolution: null, version: 1 },
  };
  await requireOwner(context, input.ownerId);
  await context.db.transact(context, async (tx) => {
    await insertFinding(tx, finding);
    const entry = { entityType: 'finding', entityId: finding.id, after: { ...input } };
    await recordAudit(tx, { action: 'compliance.finding_opened', ...entry });
  });
  return finding;
}

/** What can be changed of an open finding; a resolution closes it. */
export interface FindingChange {
  ownerId?: string | null | undefined;
  dueOn?: string | undefined;
  severity?: Finding['severity'] | undefined;
  resolution?: string | undefined;
}

/**
 * Changes or closes a finding. Throws `not_found`, `version.conflict`, `state.conflict` for a closed one, and
 * `approval.own_work` where its owner would close it: who mends does not judge the mending.
 */
export async function changeFinding(
  context: Context,
  id: string,
  change: FindingChange,
  ifMatch: number | undefined,
): Promise<Finding> {
  await requireOwner(context, change.ownerId ?? null);
  return context.db.transact(context, async (tx) => {
    const before = (await findFinding(tx, id)) ?? notFound('finding', id);
    if (ifMatch !== undefined && ifMatch !== before.version) throw new Problem('version.conflict');
    if (before.closedAt) throw new Problem('state.conflict', { detail: 'The finding is closed.' });
    const { resolution, ...rest } = Object.fromEntries(
      Object.entries(change).filter(([, value]) => value !== undefined),
    ) as FindingChange;
    const after: Finding = { ...before, ...rest, version: before.version + 1 } as Finding;
    if (resolution !== undefined) {
      // Also whose it was: handing it over first is no way around.
      const owners = [...(await ownersOf(tx, id)), ...(after.ownerId ? [after.ownerId] : [])];
      await requireOtherHand(tx, owners, 'Who mends a finding does not close it.');
      Object.assign(after, { resolution, closedAt: context.clock.now(), closedBy: context.actor.id });
    }
    await updateFinding(tx, after);
    await recordAudit(tx, {
      action: resolution === undefined ? 'compliance.finding_changed' : 'compliance.finding_closed',
      ...{ entityType: 'finding', entityId: id },
      before: { ownerId: before.ownerId, dueOn: before.dueOn, severity: before.severity },
      after: { ownerId: after.ownerId, dueOn: after.dueOn, severity: after.severity, resolution: after.resolution },
    });
    return after;
  });
}

async function requireOwner(context: Context, ownerId: string | null): Promise<void> {
  if (ownerId === null) return;
  const people = await context.db.read(context, (tx) => findPeople(tx, { ids: [ownerId] }));
  if (people.length === 0) throw new Problem('rule.violated', { detail: 'The owner is nobody of this tenant.' });
}
