import { type Database, sql } from '#db';
import { keyring } from '../keys/keyring.ts';

/** Ended sessions stay visible for so many days, spent and expired links too. */
const keepDays = 30;
/** Attempts are forgotten when they can no longer slow anyone down nor make an address familiar. */
const keepAttemptsDays = 30;
const dayMs = 86_400_000;

/** Removes sessions, links and attempts that no longer matter. */
export async function sweepIdentity(db: Database, now: Date): Promise<void> {
  const before = (days: number) => new Date(now.getTime() - days * dayMs);
  const strangers = await db.system(async (tx) => {
    const old = before(keepDays);
    await tx.run(sql`delete from identity.session where expires_at < ${old} or ended_at < ${old}`);
    const links = await tx.many<{ id: string; person_id: string | null }>(sql`delete from identity.one_time_link
      where expires_at < ${old} or used_at < ${old} returning id, person_id`);
    await tx.run(sql`delete from identity.challenge where expires_at < ${before(1 / 24)}`);
    await tx.run(sql`delete from identity.totp where confirmed_at is null and created_at < ${before(1)}`);
    await tx.run(sql`delete from identity.login_attempt
      where greatest(last_failed_at, last_succeeded_at) < ${before(keepAttemptsDays)}`);
    return links.filter((link) => link.person_id === null);
  });
  // A link to somebody without an account has a key of its own.
  for (const { id } of strangers) await keyring().eraseSubject(id);
}
