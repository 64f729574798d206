import { sql } from '#db';
import { Problem } from '#problem';
import type { Caller, SecurityParts } from '../security-parts.ts';
import { choosePassword } from './choose-password.ts';
import { verifyPassword } from './password.ts';
import { setPassword } from './reset-password.ts';
import { requireAdmission } from './sign-in.ts';

/** Changes a signed-in person's password and ends all their other sessions. Throws `auth.invalid_credentials`. */
export async function changePassword(
  parts: SecurityParts,
  caller: Caller,
  input: { personId: string; sessionId: string; password: string; newPassword: string },
): Promise<void> {
  const { db, throttle } = parts;
  const { email, hash } = await db.system((tx) =>
    tx.one<{ email: string; hash: string }>(sql`select p.email, w.hash from identity.person p
      join identity.password w on w.person_id = p.id where p.id = ${input.personId}`),
  );
  const attempt = { email, address: caller.address };
  requireAdmission(await throttle.admitSignIn(attempt));
  if (!(await verifyPassword(input.password, hash))) throw new Problem('auth.invalid_credentials');
  await throttle.succeeded(attempt);
  const chosen = await choosePassword(input.newPassword, email);
  await db.system((tx) =>
    setPassword(parts, tx, caller, { personId: input.personId, hash: chosen, keepSession: input.sessionId }),
  );
}
