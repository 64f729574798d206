import type { Context } from '#context';
import type { PersonalData } from '#module';
import { Problem } from '#problem';
import { isHeldInForce } from '../audit/keeping-in-force.ts';
import { appendAudit, auditSecret } from '../audit/record-audit.ts';
import { recordSecurityEvent } from '../detection/record-security-event.ts';
import { keyring } from '../keys/keyring.ts';
import { lockMembers, requireAdministrator } from '../people/last-administrator.ts';
import { getPerson } from '../people/list-people.ts';
import { forgetNames } from '../people/person-names.ts';
import { keysKnownTo } from '../policy/program-review-store.ts';
import { eraseIdentity } from './erase-again.ts';
import { openRequestRow, requireIdentity } from './privacy-requests.ts';
import { insertStep, type RequestRow, updateRequest } from './request-store.ts';
import { countSubjectRows, endMembership, hasOtherAdministrator, isOfPerson, tenantsOf } from './subject-data-store.ts';

/** What an erasure does to one table. */
export interface ErasureLine {
  table: string;
  rows: number;
  rule: PersonalData['erasure'];
  /** Why it is kept. */
  because: string | null;
}

/** What an erasure would do, or did. */
export interface ErasurePlan {
  personId: string;
  /** True where the name goes; false where another tenant still needs it, and only this membership ends. */
  everywhere: boolean;
  lines: ErasureLine[];
  /** Why it cannot be done now; empty where it can. */
  obstacles: string[];
}

/** What erasing the person of a request would do, table by table, and what stands in the way. Throws `not_found`. */
export async function planErasure(
  context: Context,
  declared: readonly PersonalData[],
  personId: string,
): Promise<ErasurePlan> {
  const obstacles = await obstaclesTo(context, personId);
  const tenants = await context.db.system((tx) => tenantsOf(tx, personId));
  const lines: ErasureLine[] = [];
  for (const data of declared.filter(isOfPerson)) {
    const rows = await countSubjectRows(context, data, personId);
    if (rows > 0) lines.push({ table: data.table, rows, rule: data.erasure, because: data.because ?? null });
  }
  return { personId, everywhere: tenants.length <= 1, lines, obstacles };
}

async function obstaclesTo(context: Context, personId: string): Promise<string[]> {
  const obstacles: string[] = [];
  if (personId === context.actor.id) obstacles.push('Nobody erases themselves: somebody else has to.');
  await context.db.read(context, async (tx) => {
    await getPerson(tx, personId);
    if (await isHeldInForce(tx, auditSecret(), context.tenant.id)) {
      obstacles.push('A legal hold stands: who did what must stay readable until it is released (Article 17 (3) (e)).');
    }
    if (!(await hasOtherAdministrator(tx, context.tenant.id, personId))) {
      obstacles.push('The last administrator stays one: name another first.');
    }
  });
  return obstacles;
}

/**
 * Erases the person of an erasure request: sign-in and links are deleted, the membership ends, name and e-mail go, and the
 * key is destroyed, so that older copies of the database are unreadable too. What has to be kept stays under the id alone.
 * A member of another tenant too keeps their account there. Throws `rule.violated` where something stands in the way,
 * `state.conflict`, `version.conflict`.
 */
export async function erasePerson(
  context: Context,
  declared: readonly PersonalData[],
  requestId: string,
  input: { decision: string },
  ifMatch: number | undefined,
): Promise<ErasurePlan> {
  const request = await context.db.transact(context, async (tx) => {
    const row = await openRequestRow(tx, requestId, ifMatch);
    requireIdentity(row);
    return row;
  });
  const { personId } = request;
  if (request.kind !== 'erasure' || !personId) {
    throw new Problem('rule.violated', { detail: 'Only the erasure of a person with an account is done here.' });
  }
  const plan = await planErasure(context, declared, personId);
  if (plan.obstacles.length > 0) throw new Problem('rule.violated', { detail: plan.obstacles.join(' ') });
  const subjects = await eraseRows(context, request, personId, plan, input.decision);
  // The rows are gone; a process that is killed here is followed up at the next start.
  for (const subjectId of subjects) await keyring().eraseSubject(subjectId);
  forgetNames(personId);
  return plan;
}

/** Everything that the database holds, in one transaction; answers whose keys must go. */
async function eraseRows(
  context: Context,
  request: RequestRow,
  personId: string,
  plan: ErasurePlan,
  decision: string,
): Promise<string[]> {
  const { tenant, actor, clock, requestId, newId } = context;
  const now = clock.now();
  return context.db.system(async (tx) => {
    const scoped = Object.assign(tx, { context });
    await lockMembers(scoped);
    await endMembership(tx, tenant.id, personId, now);
    const keys = (await keysKnownTo(scoped, personId, now)).map(({ id }) => id);
    const left = { kind: 'person.disabled', personId: actor.id, subjectId: personId } as const;
    if (keys.length > 0) await recordSecurityEvent(scoped, { ...left, detail: { keys } });
    await requireAdministrator(scoped);
    const subjects = plan.everywhere ? [personId, ...(await eraseIdentity(tx, personId, now))] : [];
    const evidence = { everywhere: plan.everywhere, lines: plan.lines, keysDestroyed: subjects.length };
    await updateRequest(tx, tenant.id, request, {
      ...{ state: 'done', decision, decidedAt: now, decidedBy: actor.id, evidence },
    });
    const step = { tenantId: tenant.id, id: newId(), subjectId: request.id, actorId: actor.id, at: now };
    await insertStep(tx, { ...step, what: 'erase', note: decision });
    await appendAudit(
      tx,
      { tenantId: tenant.id, actorId: actor.id, requestId, at: now, newId },
      { action: 'person.erased', entityType: 'person', entityId: personId, after: evidence, reason: decision },
    );
    return subjects;
  });
}
