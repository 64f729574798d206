import type { Context } from '#context';
import { emit } from '#events';
import { Problem } from '#problem';
import { findMembers, hasSecondPerson, isSameHand, recordAudit } from '#security';
import type { Tx } from '../instances/workflow-parts.ts';
import { findPublishing, type PublishingRule, writePublishing } from './publishing-store.ts';

/** How publishing stands in a tenant. */
export interface PublishingState {
  /** What the tenant has said; null: it goes by how many may design. */
  rule: PublishingRule | null;
  inForce: PublishingRule;
  /** People who may design and see the whole tenant. */
  designers: number;
  /** 0: nobody has said anything. */
  version: number;
}

async function countDesigners(tx: Tx): Promise<number> {
  const members = await findMembers(tx);
  return members.filter(
    ({ active, permissions, scope }) =>
      active && permissions.has('workflows:design') && scope.customers === null && scope.products === null,
  ).length;
}

/** How publishing stands: a second person publishes wherever there is one, unless the tenant says otherwise. */
export async function readPublishing(tx: Tx): Promise<PublishingState> {
  const said = await findPublishing(tx);
  const designers = await countDesigners(tx);
  const inForce = said?.rule ?? (designers > 1 ? 'second' : 'alone');
  return { rule: said?.rule ?? null, inForce, designers, version: said?.version ?? 0 };
}

/**
 * Whether the actor publishes alone what they, or a program of theirs, drafted. Throws `approval.own_work` where a second person
 * has to: by what the tenant says, and for whoever said that nobody has to. Who could until a week ago counts, so that nobody takes
 * the right from all others first.
 */
export async function publishesAlone(tx: Tx, draftedBy: string): Promise<boolean> {
  if (!(await isSameHand(tx, [draftedBy]))) return false;
  const { rule, inForce, designers } = await readPublishing(tx);
  const hasOther = designers > 1 || (await hasSecondPerson(tx, 'workflows:design', { everywhere: true }));
  if (inForce === 'second' || (rule === null && hasOther)) {
    throw new Problem('approval.own_work', {
      detail: 'You drafted this version: somebody else who may design processes publishes it.',
    });
  }
  const said = await findPublishing(tx);
  if (said && hasOther && (await isSameHand(tx, [said.changedBy]))) {
    throw new Problem('approval.own_work', {
      detail: 'You drafted this version, and you said that nobody else has to look: somebody else publishes it.',
    });
  }
  return true;
}

/** Says who publishes what somebody drafted. Throws `version.conflict`. */
export async function setPublishing(
  context: Context,
  rule: PublishingRule,
  ifMatch: number | undefined,
): Promise<PublishingState> {
  return context.db.transact(context, async (tx) => {
    const before = await readPublishing(tx);
    const isFresh = ifMatch === undefined || ifMatch === before.version;
    if (!isFresh || !(await writePublishing(tx, rule, before.version))) throw new Problem('version.conflict');
    const entity = { entityType: 'tenant', entityId: context.tenant.id };
    await recordAudit(tx, {
      ...{ action: 'publishing.changed', ...entity },
      ...{ before: { rule: before.rule }, after: { rule } },
    });
    await emit(tx, {
      ...{ type: 'workflow.publishing.changed', subjectType: 'tenant', subjectId: context.tenant.id },
      data: { rule, version: before.version + 1 },
    });
    return readPublishing(tx);
  });
}
