import type { Tx } from '#db';
import { Problem } from '#problem';
import { appendAudit } from '../audit/record-audit.ts';
import { appendSecurityEvent } from '../detection/record-security-event.ts';
import type { Caller, SecurityParts } from '../security-parts.ts';
import {
  confirmTotp,
  deleteTotp,
  factorsOf,
  findTotp,
  insertTotp,
  replaceRecoveryCodes,
  takeStep,
} from './factor-store.ts';
import { emailOf, type Owner, tenantsOf } from './owner.ts';
import { requireAdmission } from './sign-in.ts';
import { newRecoveryCodes, newTotpSecret, recoveryMac, sealTotpSecret, stepOf, totpUri } from './verify-code.ts';

/** What a generator app needs, shown this once. */
export interface TotpEnrolment {
  /** Base32. */
  secret: string;
  /** `otpauth://totp/…`, as a QR code shows it. */
  uri: string;
}

/** Begins to set up a code generator; nothing changes before {@link confirmTotpEnrolment}. */
export async function beginTotp(parts: SecurityParts, owner: Owner): Promise<TotpEnrolment> {
  const secret = newTotpSecret();
  const id = parts.newId();
  const account = await emailOf(parts.db, owner.personId);
  const sealed = await sealTotpSecret(owner.personId, id, secret);
  await parts.db.system((tx) =>
    insertTotp(tx, { id, personId: owner.personId, secret: sealed, now: parts.clock.now() }),
  );
  return { secret, uri: totpUri(secret, account) };
}

/**
 * Puts the generator in force by its first code, in place of an earlier one. Answers fresh recovery codes where the
 * person had none. Throws `auth.invalid_credentials` for a wrong code, `state.conflict` where nothing was begun.
 */
export async function confirmTotpEnrolment(
  parts: SecurityParts,
  caller: Caller,
  owner: Owner,
  code: string,
): Promise<{ recoveryCodes: string[] | null }> {
  const { db, clock, throttle } = parts;
  const attempt = { personId: owner.personId, address: caller.address };
  requireAdmission(await throttle.admitCode(attempt));
  const waiting = await db.system((tx) => findTotp(tx, owner.personId, 'waiting'));
  if (!waiting) throw new Problem('state.conflict', { detail: 'Begin with a new QR code.' });
  const step = await stepOf(parts, owner.personId, waiting, code.replace(/\s/g, ''));
  if (step === undefined) throw new Problem('auth.invalid_credentials', { detail: 'The code is wrong.' });
  await throttle.codeSucceeded(attempt);
  const recoveryCodes = await db.system(async (tx) => {
    if (!(await takeStep(tx, waiting.id, step))) throw new Problem('auth.invalid_credentials');
    await confirmTotp(tx, owner.personId, waiting.id, clock.now());
    await noteFactor(parts, tx, caller, owner, { added: true, factor: 'totp' });
    const { recoveryCodes: left } = await factorsOf(tx, owner.personId);
    return left > 0 ? null : storeRecoveryCodes(parts, tx, owner.personId);
  });
  parts.sessions.forgetPerson(owner.personId);
  return { recoveryCodes };
}

/** Removes the code generator; recovery codes go with the last factor. Harmless where there is none. */
export async function removeTotp(parts: SecurityParts, caller: Caller, owner: Owner): Promise<void> {
  await parts.db.system(async (tx) => {
    if (!(await deleteTotp(tx, owner.personId))) return;
    await dropUselessCodes(tx, owner.personId, parts.clock.now());
    await noteFactor(parts, tx, caller, owner, { added: false, factor: 'totp' });
  });
  parts.sessions.forgetPerson(owner.personId);
}

/** Makes ten new recovery codes; the ones before stop working. Throws `state.conflict` for nobody's second factor. */
export async function renewRecoveryCodes(parts: SecurityParts, caller: Caller, owner: Owner): Promise<string[]> {
  return parts.db.system(async (tx) => {
    const { totp, passkeys } = await factorsOf(tx, owner.personId);
    if (!totp && passkeys === 0) {
      throw new Problem('state.conflict', { detail: 'Recovery codes stand in for a second factor: set one up first.' });
    }
    await noteFactor(parts, tx, caller, owner, { added: true, factor: 'recovery_code' });
    return storeRecoveryCodes(parts, tx, owner.personId);
  });
}

/** Stores fresh recovery codes in place of earlier ones. */
export async function storeRecoveryCodes(parts: SecurityParts, tx: Tx, personId: string): Promise<string[]> {
  const codes = newRecoveryCodes();
  const macs = codes.map((code) => recoveryMac(parts, personId, code));
  await replaceRecoveryCodes(tx, personId, macs, parts.clock.now());
  return codes;
}

/** Recovery codes stand in for a second factor: without one they go. */
export async function dropUselessCodes(tx: Tx, personId: string, now: Date): Promise<void> {
  const { totp, passkeys } = await factorsOf(tx, personId);
  if (!totp && passkeys === 0) await replaceRecoveryCodes(tx, personId, [], now);
}

/** Writes a change of factors into the audit of every tenant of the person, and tells those who watch. */
export async function noteFactor(
  parts: SecurityParts,
  tx: Tx,
  caller: Caller,
  owner: Owner,
  change: { added: boolean; factor: 'totp' | 'passkey' | 'recovery_code' },
): Promise<void> {
  const scope = { requestId: caller.requestId, at: parts.clock.now(), newId: parts.newId };
  const { personId, sessionId } = owner;
  for (const tenantId of await tenantsOf(tx, personId)) {
    await appendAudit(
      tx,
      { ...scope, tenantId, actorId: personId },
      {
        action: change.added ? 'factor.added' : 'factor.removed',
        entityType: 'person',
        entityId: personId,
        after: { factor: change.factor },
      },
    );
  }
  await appendSecurityEvent(
    tx,
    { ...scope, tenantId: owner.tenantId },
    {
      kind: change.added ? 'factor.added' : 'factor.removed',
      personId,
      sessionId,
      address: caller.address,
      device: caller.device,
      detail: { factor: change.factor },
    },
  );
}
