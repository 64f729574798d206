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
 * Why somebody else has to bring a version into force or out of it that the actor drafted or asks for: by what the tenant says, and for
 * whoever said that nobody has to; null: nobody has to. Who could until a week ago counts, so that nobody takes the right from all
 * others first.
 */
async function whyNotAlone(tx: Tx): Promise<string | null> {
  const { rule, inForce, designers } = await readPublishing(tx);
  const hasOther = designers > 1 || (await hasSecondPerson(tx, 'workflows:design', { everywhere: true }));
  if (inForce === 'second' || (rule === null && hasOther)) return 'somebody else who may design processes';
  const said = await findPublishing(tx);
  if (said && hasOther && (await isSameHand(tx, [said.changedBy]))) {
    return 'you said that nobody else has to look, so somebody else';
  }
  return null;
}

/**
 * Whether the actor alone brings a version into force or out of it that they, or a program of theirs, drafted or asked for. Throws
 * `approval.own_work` where a second person has to.
 */
export async function actsAlone(tx: Tx, proposed: { by: string; as: 'drafted' | 'asked for' }): Promise<boolean> {
  if (!(await isSameHand(tx, [proposed.by]))) return false;
  const why = await whyNotAlone(tx);
  if (why === null) return true;
  throw new Problem('approval.own_work', { detail: `You ${proposed.as} this: ${why} says yes to it.` });
}

/** Whether the actor needs nobody else for what they ask for. */
export const needsNobody = async (tx: Tx): Promise<boolean> => (await whyNotAlone(tx)) === null;

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
