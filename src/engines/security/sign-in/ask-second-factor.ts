import type { Tx } from '#db';
import { Problem } from '#problem';
import type { SecurityParts } from '../security-parts.ts';
import { openChallenge } from './challenge-store.ts';
import { factorsOf, requiresSecondFactor } from './factor-store.ts';

/** A person who has shown a first factor at a tenant's door. */
export interface Caught {
  personId: string;
  tenantId: string;
}

/** How long somebody may look for their phone. */
const challengeLifeS = 300;

/** Whether a password alone opens nothing: with a code generator never, with a passkey where the tenant asks for more. */
export async function wantsSecondFactor(tx: Tx, { personId, tenantId }: Caught): Promise<boolean> {
  const factors = await factorsOf(tx, personId);
  if (factors.totp) return true;
  return factors.passkeys > 0 && (await requiresSecondFactor(tx, tenantId));
}

/** The refusal that asks for a second factor, with the challenge to answer. */
export async function askSecondFactor(parts: SecurityParts, tx: Tx, who: Caught): Promise<Problem> {
  const factors = await factorsOf(tx, who.personId);
  const now = parts.clock.now();
  const challenge = await openChallenge(tx, {
    id: parts.newId(),
    kind: 'second_factor',
    personId: who.personId,
    data: { tenantId: who.tenantId, methods: ['password'] },
    now,
    expiresAt: new Date(now.getTime() + challengeLifeS * 1_000),
  });
  const methods = [
    ...(factors.totp ? ['totp'] : []),
    ...(factors.passkeys > 0 ? ['passkey'] : []),
    ...(factors.recoveryCodes > 0 ? ['recovery_code'] : []),
  ];
  return new Problem('auth.second_factor_required', { extra: { challenge, methods, expiresInS: challengeLifeS } });
}
