import { Problem } from '#problem';
import type { Caller, SecurityParts } from '../security-parts.ts';
import { choosePassword } from './choose-password.ts';
import { emailOf, findHash } from './owner.ts';
import { verifyNobody, verifyPassword } from './password.ts';
import { setPassword } from './reset-password.ts';
import { requireAdmission } from './sign-in.ts';

/**
 * Changes a signed-in person's password and ends all their other sessions. Throws `auth.invalid_credentials`, also for one
 * who has none yet: they ask for a link.
 */
export async function changePassword(
  parts: SecurityParts,
  caller: Caller,
  input: { personId: string; sessionId: string; password: string; newPassword: string },
): Promise<void> {
  const { db, throttle } = parts;
  const { personId } = input;
  const hash = await db.system((tx) => findHash(tx, personId));
  const email = await emailOf(db, personId);
  const attempt = { email, address: caller.address };
  requireAdmission(await throttle.admitSignIn(attempt));
  const right = hash ? await verifyPassword(input.password, hash) : await verifyNobody(input.password);
  if (!right) throw new Problem('auth.invalid_credentials');
  await throttle.succeeded(attempt);
  const chosen = await choosePassword(input.newPassword, email);
  await db.system((tx) => setPassword(parts, tx, caller, { personId, hash: chosen, keepSession: input.sessionId }));
}
