import { systemActorId } from '#context';
import { sql, type Tx } from '#db';
import { Problem } from '#problem';
import { appendAudit } from '../audit/record-audit.ts';
import { appendSecurityEvent } from '../detection/record-security-event.ts';
import { emailIndexOf } from '../people/person-names.ts';
import { wholeReach } from '../policy/reach.ts';
import type { Caller, SecurityParts } from '../security-parts.ts';
import { choosePassword } from './choose-password.ts';
import { findOpenLink, insertLink, linkUrl, spendLink } from './one-time-link.ts';
import { endSessionsOf } from './session-store.ts';
import { requireAdmission } from './sign-in.ts';

const seenFrom = ({ address, device }: Caller) => ({ address, device });

/**
 * Mails a link for a new password where the e-mail is somebody's. The caller learns nothing of that: the work is done
 * after the answer. Throws `rate.limited` for too many requests.
 */
export async function requestReset(parts: SecurityParts, caller: Caller, email: string): Promise<void> {
  const { db, clock, throttle } = parts;
  requireAdmission(await throttle.admitMail({ email, address: caller.address }));
  parts.inBackground('a password reset', async () => {
    const made = await db.system(async (tx) => {
      const person = await tx.maybe<{ id: string }>(sql`select id from identity.person p
        where email_index = ${await emailIndexOf(email)} and disabled_at is null
          and exists (select 1 from identity.membership m where m.person_id = p.id and m.disabled_at is null)`);
      if (!person) return undefined;
      const scope = { tenantId: null, requestId: caller.requestId, at: clock.now(), newId: parts.newId };
      const asked = { kind: 'password.reset_requested', personId: person.id, ...seenFrom(caller) } as const;
      await appendSecurityEvent(tx, scope, asked);
      const link = { id: parts.newId(), kind: 'reset' as const, tenantId: null, personId: person.id, email };
      return insertLink(
        tx,
        { ...link, name: null, roles: [], approvalLimit: '0', reach: wholeReach, createdBy: systemActorId },
        clock.now(),
      );
    });
    if (!made) return;
    await parts.mail.send({
      to: email,
      subject: 'A new password for TRADEAI',
      text: `This link lets you choose a new password. It works once, until ${made.expiresAt.toISOString()}:\n\n${linkUrl(parts.publicUrl, 'reset', made.token)}\n\nIf you did not ask for it, nothing needs doing.\n`,
    });
  });
}

/** Sets the password of a link's person and ends all their sessions. Throws `auth.token_invalid`. */
export async function resetPassword(
  parts: SecurityParts,
  caller: Caller,
  input: { token: string; password: string },
): Promise<void> {
  const { db, clock } = parts;
  const { email } = await db.system((tx) => openReset(tx, input.token, clock.now()));
  const hash = await choosePassword(input.password, email);
  await db.system(async (tx) => {
    const link = await openReset(tx, input.token, clock.now());
    await spendLink(tx, link.id, clock.now());
    // Other links that were asked for are of no use any more, except to a thief.
    await tx.run(sql`delete from identity.one_time_link
      where person_id = ${link.personId} and kind = 'reset' and used_at is null and id <> ${link.id}`);
    await removeFactorsOfOthers(tx, link.personId);
    await setPassword(parts, tx, caller, { personId: link.personId, hash });
  });
}

/**
 * Takes away passkeys and code generators that were set up before the e-mail became what it is: whoever had the account
 * under another e-mail is not whoever proves to own this one.
 */
async function removeFactorsOfOthers(tx: Tx, personId: string): Promise<void> {
  for (const table of [sql`identity.passkey`, sql`identity.totp`, sql`identity.recovery_code`]) {
    await tx.run(sql`delete from ${table} factor using identity.person
      where person.id = ${personId} and factor.person_id = person.id and factor.created_at < person.email_changed_at`);
  }
}

async function openReset(tx: Tx, token: string, now: Date): Promise<{ id: string; personId: string; email: string }> {
  const link = await findOpenLink(tx, token, ['reset'], now);
  if (!link?.personId) {
    throw new Problem('auth.token_invalid', { detail: 'This link was used, has expired or never was.' });
  }
  return { id: link.id, personId: link.personId, email: link.email };
}

/** Stores a password, ends the person's other sessions and writes the audit entry of each of their tenants. */
export async function setPassword(
  parts: SecurityParts,
  tx: Tx,
  caller: Caller,
  change: { personId: string; hash: string; keepSession?: string },
): Promise<void> {
  const { personId, hash, keepSession } = change;
  const now = parts.clock.now();
  await tx.run(sql`insert into identity.password (person_id, hash, changed_at) values (${personId}, ${hash}, ${now})
    on conflict (person_id) do update set hash = excluded.hash, changed_at = excluded.changed_at`);
  await endSessionsOf(tx, personId, 'password_changed', now, keepSession);
  const tenants = await tx.many<{ tenantId: string }>(
    sql`select tenant_id as "tenantId" from identity.membership where person_id = ${personId} order by tenant_id`,
  );
  for (const { tenantId } of tenants) {
    const scope = { tenantId, requestId: caller.requestId, at: now, newId: parts.newId };
    await appendAudit(
      tx,
      { ...scope, actorId: personId },
      { action: 'password.changed', entityType: 'person', entityId: personId },
    );
    await appendSecurityEvent(tx, scope, { kind: 'password.changed', personId, ...seenFrom(caller) });
  }
  tx.afterCommit(() => parts.sessions.forgetPerson(personId));
}
