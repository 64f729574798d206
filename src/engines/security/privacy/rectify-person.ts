import type { Context } from '#context';
import { Problem } from '#problem';
import { appendAudit } from '../audit/record-audit.ts';
import { appendSecurityEvent } from '../detection/record-security-event.ts';
import { type KeyScope, keyring } from '../keys/keyring.ts';
import { getPerson } from '../people/list-people.ts';
import type { Person } from '../people/people.ts';
import { updateNames } from '../people/person-names.ts';
import { requireOtherHand } from '../policy/hands.ts';
import { mailLater, type SecurityParts } from '../security-parts.ts';
import { endSessionsOf } from '../sign-in/session-store.ts';
import { openRequestRow, requireIdentity } from './privacy-requests.ts';
import { insertStep, type RequestRow, updateRequest } from './request-store.ts';
import { insertRectification, tenantsOf } from './subject-data-store.ts';

/** What was wrong, as it should be. */
export interface Rectification {
  name?: string | undefined;
  /** Lower case. Ends the person's sessions, and the former address is told. */
  email?: string | undefined;
  decision: string;
}

const otherOfficer =
  'A new e-mail opens the account: somebody else than who made sure of who asked enters it. The name needs no second person.';

/**
 * Corrects the name or e-mail of the person of a rectification request and keeps what they were, sealed under the person's
 * key. An e-mail opens the account, so two officers change one: throws `approval.own_work` for who made sure of who asked;
 * `rule.violated` for oneself and for members of another tenant too (it opens their account there), `code.taken`, `state.conflict`, `version.conflict`.
 */
export async function rectifyPerson(
  context: Context,
  parts: SecurityParts,
  requestId: string,
  input: Rectification,
  ifMatch: number | undefined,
): Promise<void> {
  const { request, before } = await context.db.transact(context, async (tx) => {
    const row = await openRequestRow(tx, requestId, ifMatch);
    requireIdentity(row);
    const { personId } = row;
    if (row.kind !== 'rectification' || !personId) {
      throw new Problem('rule.violated', {
        detail: 'Only names and e-mails of people with an account are rectified here.',
      });
    }
    if (personId === context.actor.id) {
      throw new Problem('rule.violated', { detail: 'Your own name and e-mail are rectified by somebody else.' });
    }
    const before = await getPerson(tx, personId);
    if (input.email !== undefined && input.email !== before.email && row.identityCheckedBy) {
      await requireOtherHand(tx, [row.identityCheckedBy], otherOfficer);
    }
    return { request: row, before };
  });
  const after = { name: input.name ?? before.name, email: input.email ?? before.email };
  await store(context, request, before, after, input.decision);
  parts.sessions.forgetPerson(before.id);
  if (after.email === before.email) return;
  mailLater(parts, {
    to: before.email,
    subject: 'Your e-mail for TRADEAI was changed',
    text: 'From now on you sign in with another e-mail. If you did not ask for it, tell your administrator at once.\n',
  });
}

async function store(
  context: Context,
  request: RequestRow,
  before: Person,
  after: { name: string; email: string },
  decision: string,
): Promise<void> {
  const { tenant, actor, clock, newId } = context;
  const at = clock.now();
  const id = newId();
  const fields = (['name', 'email'] as const).filter((field) => before[field] !== after[field]);
  if (fields.length === 0) throw new Problem('rule.violated', { detail: 'It says so already.' });
  await context.db.system(async (tx) => {
    if ((await tenantsOf(tx, before.id)).length > 1) {
      throw new Problem('rule.violated', {
        detail: 'They are a member elsewhere too, and correct it themselves there.',
      });
    }
    if (!(await updateNames(tx, before.id, after, at))) {
      throw new Problem('code.taken', { detail: 'Another account has this e-mail.' });
    }
    if (fields.includes('email')) await endSessionsOf(tx, before.id, 'ended_by_administrator', at);
    const scope: KeyScope = { tenantId: tenant.id, class: 'privacy', subjectId: before.id };
    const seal = (column: string, names: { name: string; email: string }) =>
      keyring().seal(scope, { table: 'privacy.rectification', column, rowId: id }, JSON.stringify(names));
    await insertRectification(tx, {
      ...{ tenantId: tenant.id, id, requestId: request.id, personId: before.id, by: actor.id, at },
      before: await seal('before', { name: before.name, email: before.email }),
      after: await seal('after', after),
    });
    const evidence = { fields };
    await updateRequest(tx, tenant.id, request, {
      ...{ state: 'done', decision, decidedAt: at, decidedBy: actor.id, evidence },
    });
    const step = { tenantId: tenant.id, id: newId(), subjectId: request.id, actorId: actor.id, at };
    await insertStep(tx, { ...step, what: 'rectify', note: decision });
    const seen = { tenantId: tenant.id, requestId: context.requestId, at, newId };
    if (fields.includes('email')) {
      await appendSecurityEvent(tx, seen, { kind: 'email.changed', personId: actor.id, subjectId: before.id });
    }
    await appendAudit(
      tx,
      { ...seen, actorId: actor.id },
      { action: 'person.rectified', entityType: 'person', entityId: before.id, after: evidence, reason: decision },
    );
  });
}
