import { Problem } from '#problem';
import { appendSecurityEvent } from '../detection/record-security-event.ts';
import type { Caller, SecurityParts } from '../security-parts.ts';
import type { Caught } from './ask-second-factor.ts';
import { countAnswer, findChallenge, spendChallenge } from './challenge-store.ts';
import { requireAdmission, type SignedIn, startSession, withTokens } from './sign-in.ts';
import { type CodeKind, verifyCode } from './verify-code.ts';

/**
 * The second step of a sign-in: a code of the generator, or a recovery code. Throws `auth.token_invalid` for a challenge
 * that has expired or was tried too often, `auth.invalid_credentials` for a wrong or used code, and `rate.limited`.
 */
export async function answerSecondFactor(
  parts: SecurityParts,
  caller: Caller,
  answer: { challenge: string; code: string },
): Promise<SignedIn> {
  const { db, clock, throttle } = parts;
  const open = await db.system(async (tx) => {
    const found = await findChallenge(tx, 'second_factor', answer.challenge, clock.now());
    if (found) await countAnswer(tx, found.id);
    return found;
  });
  if (!open?.personId) {
    throw new Problem('auth.token_invalid', { detail: 'This sign-in took too long or too many tries: begin again.' });
  }
  const { personId } = open;
  const attempt = { personId, address: caller.address };
  const who = { personId, tenantId: open.data.tenantId };
  const admission = await throttle.admitCode(attempt);
  if (!admission.admitted) await noteCode(parts, caller, who, 'throttled');
  requireAdmission(admission);
  const kind = await verifyCode(parts, personId, answer.code);
  await noteCode(parts, caller, who, kind);
  if (!kind) throw new Problem('auth.invalid_credentials', { detail: 'The code is wrong or was used before.' });
  await throttle.codeSucceeded(attempt);
  const session = await db.system(async (tx) => {
    if (!(await spendChallenge(tx, open.id, clock.now()))) throw new Problem('auth.token_invalid');
    const { tenantId, methods } = open.data;
    return startSession(parts, tx, caller, { personId, tenantId, methods: [...methods, kind], provedBy: kind });
  });
  return withTokens(parts, caller, session);
}

/** Records what came of a code, for those who watch. */
async function noteCode(
  parts: SecurityParts,
  caller: Caller,
  who: Caught,
  came: CodeKind | 'throttled' | undefined,
): Promise<void> {
  const kind = came === 'throttled' ? undefined : came;
  const scope = { tenantId: who.tenantId, at: parts.clock.now(), requestId: caller.requestId, newId: parts.newId };
  await parts.db.system((tx) =>
    appendSecurityEvent(tx, scope, {
      kind: came === 'throttled' ? 'sign_in.throttled' : 'sign_in.second_factor',
      outcome: kind ? 'succeeded' : 'refused',
      personId: who.personId,
      address: caller.address,
      device: caller.device,
      ...(kind ? { detail: { factor: kind } } : {}),
    }),
  );
}
