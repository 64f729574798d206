import { Problem } from '#problem';
import { appendAudit } from '../audit/record-audit.ts';
import { appendSecurityEvent } from '../detection/record-security-event.ts';
import type { Caller, SecurityParts } from '../security-parts.ts';
import { wantsSecondFactor } from './ask-second-factor.ts';
import { emailOf, findHash, type Owner } from './owner.ts';
import { type ShownPasskey, verifyPasskey } from './passkeys.ts';
import { verifyPassword } from './password.ts';
import { noteProof } from './session-store.ts';
import { requireAdmission } from './sign-in.ts';
import { verifyCode } from './verify-code.ts';

/** How a signed-in person proves again who they are. */
export type Proof = { password: string } | { code: string } | { passkey: ShownPasskey };

/**
 * Notes in the running session that the person has proved who they are. Where a password alone
 * opens nothing at a sign-in it proves nothing here either: it is refused with `auth.second_factor_required`. Throws `auth.invalid_credentials` and `rate.limited`.
 */
export async function proveAgain(
  parts: SecurityParts,
  caller: Caller & { origin?: string | undefined },
  owner: Owner,
  proof: Proof,
): Promise<void> {
  const provedBy = await proofOf(parts, caller, owner, proof);
  await parts.db.system(async (tx) => {
    const now = parts.clock.now();
    await noteProof(tx, owner.sessionId, provedBy, now);
    const scope = { tenantId: owner.tenantId, requestId: caller.requestId, at: now, newId: parts.newId };
    await appendAudit(
      tx,
      { ...scope, actorId: owner.personId },
      { action: 'proof.given', entityType: 'session', entityId: owner.sessionId, after: { by: provedBy } },
    );
    await appendSecurityEvent(tx, scope, {
      kind: 'step_up.passed',
      personId: owner.personId,
      sessionId: owner.sessionId,
      address: caller.address,
      device: caller.device,
      detail: { factor: provedBy },
    });
  });
  parts.sessions.forget(owner.sessionId);
}

async function proofOf(
  parts: SecurityParts,
  caller: Caller & { origin?: string | undefined },
  owner: Owner,
  proof: Proof,
): Promise<string> {
  if ('passkey' in proof) {
    const { personId } = await verifyPasskey(parts, caller, proof.passkey, owner.sessionId);
    if (personId !== owner.personId)
      throw new Problem('auth.invalid_credentials', { detail: 'This is somebody else’s.' });
    return 'passkey';
  }
  if ('password' in proof) return provePassword(parts, caller, owner, proof.password);
  const attempt = { personId: owner.personId, address: caller.address };
  requireAdmission(await parts.throttle.admitCode(attempt));
  const kind = await verifyCode(parts, owner.personId, proof.code);
  if (!kind) throw new Problem('auth.invalid_credentials', { detail: 'The code is wrong or was used before.' });
  await parts.throttle.codeSucceeded(attempt);
  return kind;
}

async function provePassword(parts: SecurityParts, caller: Caller, owner: Owner, password: string): Promise<string> {
  const { personId } = owner;
  const { second, hash } = await parts.db.system(async (tx) => ({
    second: await wantsSecondFactor(tx, owner),
    hash: await findHash(tx, personId),
  }));
  if (second)
    throw new Problem('auth.second_factor_required', { detail: 'Use a code of your generator or a passkey.' });
  const attempt = { email: await emailOf(parts.db, personId), address: caller.address };
  requireAdmission(await parts.throttle.admitSignIn(attempt));
  if (!hash || !(await verifyPassword(password, hash))) throw new Problem('auth.invalid_credentials');
  await parts.throttle.succeeded(attempt);
  return 'password';
}
