import { type Context, makeContext, systemActor } from '#context';
import { sql } from '#db';
import { emit } from '#events';
import { Problem } from '#problem';
import { appendAudit, recordAudit } from '../audit/record-audit.ts';
import { recordSecurityEvent } from '../detection/record-security-event.ts';
import type { Mailer } from '../mail/mail.ts';
import { findPeople } from '../people/people.ts';
import { insertPerson } from '../people/person-names.ts';
import { findTenant } from '../people/tenants.ts';
import { administratorRole } from '../policy/roles.ts';
import type { Caller, SecurityParts } from '../security-parts.ts';
import { findChallenge, openChallenge, spendChallenge } from './challenge-store.ts';
import { type SignedIn, startSession, withTokens } from './sign-in.ts';

/** Emergency access as somebody asks for it on the command line. */
export interface BreakGlass {
  /** Why, in their words: everyone who administers the tenant reads it. */
  reason: string;
  minutes: number;
  /** The address that the link points to. */
  publicUrl: string;
}

/** The longest emergency: whoever needs more has a problem that the next one should see. */
export const maxEmergencyMinutes = 240;

/**
 * Opens emergency access to a tenant: a fresh administrator who ends by themselves, and a link that works once. Before it
 * works, the audit trail, the `alerts` channel and every administrator's mailbox know. Answers whom no mail reached.
 * Throws `request.malformed` without a reason or for a time that is too long.
 */
export async function breakGlass(
  context: Context,
  mail: Mailer,
  input: BreakGlass,
): Promise<{ link: string; expiresAt: Date; unreached: number }> {
  const { reason, minutes } = input;
  if (reason.trim().length < 10) refuse('reason', 'must say why, in 10 characters or more');
  if (!(Number.isInteger(minutes) && minutes >= 1 && minutes <= maxEmergencyMinutes)) {
    refuse('minutes', `must be 1 to ${maxEmergencyMinutes}`);
  }
  const { clock, newId, tenant, db } = context;
  const now = clock.now();
  const expiresAt = new Date(now.getTime() + minutes * 60_000);
  const personId = newId();
  const unreached = await shout(context, mail, { phase: 'opened', personId, reason, expiresAt });
  const token = await db.system(async (tx) => {
    const name = `Emergency access ${now.toISOString().slice(0, 16).replace('T', ' ')}`;
    await insertPerson(tx, {
      id: personId,
      email: `emergency-${personId}@${tenant.slug}.invalid`,
      name,
      createdAt: now,
    });
    await tx.run(sql`insert into identity.membership (tenant_id, person_id, roles, approval_limit, approval_currency,
        created_at, expires_at)
      values (${tenant.id}, ${personId}, ${[administratorRole]}, 0, ${tenant.currency}, ${now}, ${expiresAt})`);
    const scope = { tenantId: tenant.id, actorId: context.actor.id, requestId: context.requestId, at: now, newId };
    await appendAudit(tx, scope, {
      action: 'person.joined',
      entityType: 'person',
      entityId: personId,
      after: { roles: [administratorRole], by: 'break_glass', expiresAt: expiresAt.toISOString() },
    });
    const data = { tenantId: tenant.id };
    return openChallenge(tx, { id: newId(), kind: 'break_glass', personId, data, now, expiresAt });
  });
  return { link: new URL(`/emergency#token=${token}`, input.publicUrl).href, expiresAt, unreached };
}

function refuse(path: string, message: string): never {
  throw new Problem('request.malformed', { detail: `${path} ${message}`, errors: [{ path, message }] });
}

interface Alarm {
  phase: 'opened' | 'used';
  personId: string;
  reason: string | null;
  expiresAt: Date;
}

/** Tells everyone who answers for the tenant; answers how many administrators no mail reached. */
async function shout(context: Context, mail: Mailer, { phase, personId, reason, expiresAt }: Alarm): Promise<number> {
  const until = expiresAt.toISOString();
  const administrators = await context.db.transact(context, async (tx) => {
    await recordAudit(tx, {
      action: phase === 'opened' ? 'break_glass.opened' : 'break_glass.used',
      entityType: 'person',
      entityId: personId,
      after: { expiresAt: until },
      reason,
    });
    await recordSecurityEvent(tx, { kind: 'break_glass.used', personId, subjectId: personId, detail: { phase } });
    await emit(tx, {
      type: 'security.break-glass',
      subjectType: 'person',
      subjectId: personId,
      data: { phase, reason, until },
    });
    return findPeople(tx, { permission: 'users:manage' });
  });
  const { slug } = context.tenant;
  const text = `Emergency access to the tenant ${slug} was ${phase}. It ends ${until}.\n\n${
    reason ? `The reason given: ${reason}\n\n` : ''
  }If you do not know of this, end it now: disable the emergency administrator under People.\n`;
  const sent = await Promise.allSettled(
    administrators
      .filter(({ email }) => email !== '' && !email.endsWith('.invalid'))
      .map(({ email }) => mail.send({ to: email, subject: `EMERGENCY ACCESS to ${slug} ${phase}`, text })),
  );
  const failed = sent.filter((one) => one.status === 'rejected');
  for (const { reason: err } of failed) context.log.error({ err }, 'a mail about emergency access was not sent');
  return failed.length;
}

/** Takes the link of emergency access. Throws `auth.token_invalid` for one that was used, has expired or never was. */
export async function takeBreakGlass(parts: SecurityParts, caller: Caller, token: string): Promise<SignedIn> {
  const { db, clock, log } = parts;
  const open = await db.system(async (tx) => {
    const found = await findChallenge(tx, 'break_glass', token, clock.now());
    if (found) await spendChallenge(tx, found.id, clock.now());
    return found;
  });
  const tenant = open && (await findTenant(db, { id: open.data.tenantId }));
  if (!open?.personId || !tenant) {
    throw new Problem('auth.token_invalid', { detail: 'This link was used, has expired or never was.' });
  }
  const { personId } = open;
  const { expiresAt } = await db.system((tx) =>
    tx.one<{ expiresAt: Date }>(sql`select expires_at as "expiresAt" from identity.membership
      where tenant_id = ${tenant.id} and person_id = ${personId}`),
  );
  const context = makeContext({ tenant, actor: systemActor, clock, db, log, requestId: caller.requestId });
  await shout(context, parts.mail, { phase: 'used', personId, reason: null, expiresAt });
  const session = await db.system((tx) =>
    startSession(parts, tx, caller, {
      personId,
      tenantId: tenant.id,
      methods: ['break_glass'],
      provedBy: 'break_glass',
      expiresAt,
    }),
  );
  return withTokens(parts, caller, session);
}
