import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { notFound, Problem } from '#problem';
import { appendSecurityEvent } from '../detection/record-security-event.ts';
import type { Caller, SecurityParts } from '../security-parts.ts';
import { findChallenge, openChallenge, spendChallenge } from './challenge-store.ts';
import { dropUselessCodes, noteFactor, storeRecoveryCodes } from './enrol-totp.ts';
import { factorsOf } from './factor-store.ts';
import { emailOf, type Owner } from './owner.ts';
import {
  deletePasskeys,
  findPasskey,
  insertPasskey,
  listPasskeys,
  notePasskeyUse,
  type Passkey,
  renamePasskey,
} from './passkey-store.ts';
import { requireAdmission } from './sign-in.ts';
import { readChallenge, signChallenge, spendOnce } from './signed-challenge.ts';

/** How long somebody may take to touch their authenticator. */
const challengeLifeMs = 5 * 60_000;
/** COSE algorithms that authenticators offer: EdDSA, ES256, RS256. */
const algorithms = [-8, -7, -257];
/** Passkeys of one person: phone, laptop, a key in the safe, and room to spare. */
const maxPasskeys = 20;

/** For whom authenticators keep passkeys: the host of the published address, and the pages that may ask. */
function relyingParty(parts: SecurityParts, origin: string | undefined) {
  const published = new URL(parts.publicUrl);
  // A server tried out on one's own machine may listen on any port; the browser vouches for the host.
  const local = published.hostname === 'localhost' && origin !== undefined && URL.canParse(origin);
  const here = local && new URL(origin).hostname === 'localhost' ? [origin] : [];
  return { id: published.hostname, name: 'TRADEAI', origins: [published.origin, ...here] };
}

/** What the browser needs to make a passkey in the running session. */
export async function beginPasskey(parts: SecurityParts, owner: Owner) {
  const { db, clock } = parts;
  const existing = await db.system((tx) => listPasskeys(tx, owner.personId));
  if (existing.length >= maxPasskeys) {
    throw new Problem('rule.violated', { detail: `You have ${maxPasskeys} passkeys: remove one first.` });
  }
  const email = await emailOf(db, owner.personId);
  const party = relyingParty(parts, undefined);
  const options = await generateRegistrationOptions({
    rpName: party.name,
    rpID: party.id,
    userID: Uint8Array.from(Buffer.from(owner.personId, 'utf8')),
    userName: email,
    userDisplayName: email,
    attestationType: 'none',
    supportedAlgorithmIDs: algorithms,
    excludeCredentials: existing.map(({ credentialId, transports }) => ({ id: credentialId, transports })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
  const now = clock.now();
  const challenge = await db.system((tx) =>
    openChallenge(tx, {
      id: parts.newId(),
      kind: 'passkey_registration',
      personId: owner.personId,
      data: { sessionId: owner.sessionId, challenge: options.challenge },
      now,
      expiresAt: new Date(now.getTime() + challengeLifeMs),
    }),
  );
  return { challenge, options };
}

/** Runs a check of the library, which throws where an answer is not good. */
async function checked<T extends { verified: boolean }>(parts: SecurityParts, check: () => Promise<T>): Promise<T> {
  try {
    const result = await check();
    if (result.verified) return result;
  } catch (error) {
    parts.log.info({ err: error }, 'a passkey was refused');
  }
  throw new Problem('auth.invalid_credentials', { detail: 'The passkey was not accepted.' });
}

/**
 * Stores a passkey that the browser made. Answers recovery codes where it is the person's first second factor. Throws
 * `auth.token_invalid` for a challenge that is spent or not of this session, `auth.invalid_credentials`, `code.taken`.
 */
export async function addPasskey(
  parts: SecurityParts,
  caller: Caller & { origin?: string | undefined },
  owner: Owner,
  input: { challenge: string; name: string; response: RegistrationResponseJSON },
): Promise<{ passkey: Passkey; recoveryCodes: string[] | null }> {
  const { db, clock } = parts;
  const open = await db.system(async (tx) => {
    const found = await findChallenge(tx, 'passkey_registration', input.challenge, clock.now());
    if (found) await spendChallenge(tx, found.id, clock.now());
    return found;
  });
  if (open?.personId !== owner.personId || open.data.sessionId !== owner.sessionId) {
    throw new Problem('auth.token_invalid', { detail: 'This took too long: begin again.' });
  }
  const party = relyingParty(parts, caller.origin);
  const { registrationInfo } = await checked(parts, () =>
    verifyRegistrationResponse({
      response: input.response,
      expectedChallenge: open.data.challenge,
      expectedOrigin: party.origins,
      expectedRPID: party.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: algorithms,
    }),
  );
  if (!registrationInfo) throw new Problem('auth.invalid_credentials');
  const { credential, credentialBackedUp } = registrationInfo;
  const passkey = {
    id: parts.newId(),
    personId: owner.personId,
    credentialId: credential.id,
    publicKey: Buffer.from(credential.publicKey),
    counter: credential.counter,
    transports: credential.transports ?? [],
    backedUp: credentialBackedUp,
    name: input.name,
    createdAt: clock.now(),
  };
  const recoveryCodes = await db.system(async (tx) => {
    if (!(await insertPasskey(tx, passkey)))
      throw new Problem('code.taken', { detail: 'This passkey is known already.' });
    await noteFactor(parts, tx, caller, owner, { added: true, factor: 'passkey' });
    const { recoveryCodes: left } = await factorsOf(tx, owner.personId);
    return left > 0 ? null : storeRecoveryCodes(parts, tx, owner.personId);
  });
  parts.sessions.forgetPerson(owner.personId);
  return { passkey: { ...passkey, lastUsedAt: null }, recoveryCodes };
}

/** Gives a passkey another name. Throws `not_found`. */
export async function nameOwnPasskey(parts: SecurityParts, owner: Owner, id: string, name: string): Promise<void> {
  if (!(await parts.db.system((tx) => renamePasskey(tx, owner.personId, id, name)))) notFound('passkey', id);
}

/** Removes a passkey; recovery codes go with the last factor. Throws `not_found`. */
export async function removePasskey(parts: SecurityParts, caller: Caller, owner: Owner, id: string): Promise<void> {
  await parts.db.system(async (tx) => {
    if ((await deletePasskeys(tx, owner.personId, id)) === 0) notFound('passkey', id);
    await dropUselessCodes(tx, owner.personId, parts.clock.now());
    await noteFactor(parts, tx, caller, owner, { added: false, factor: 'passkey' });
  });
  parts.sessions.forgetPerson(owner.personId);
}

/** What a challenge to show a passkey says: what to sign, and the session that it proves again. */
interface BegunPasskey {
  challenge: string;
  sessionId: string | null;
}

/** What the browser needs to show a passkey; for a sign-in nobody is named, so that nothing is told. */
export async function askPasskey(parts: SecurityParts, sessionId: string | null) {
  const party = relyingParty(parts, undefined);
  const options = await generateAuthenticationOptions({ rpID: party.id, userVerification: 'required' });
  const begun: BegunPasskey = { challenge: options.challenge, sessionId };
  const challenge = signChallenge(parts, 'passkey', begun, challengeLifeMs);
  return { challenge, options };
}

/** A passkey as it was shown: the challenge's token and the browser's answer. */
export interface ShownPasskey {
  challenge: string;
  response: AuthenticationResponseJSON;
}

/**
 * Whose passkey was shown, with user verification, for a sign-in or to prove the session `sessionId` again. A
 * challenge is good for one sign-in. Throws `auth.token_invalid` and `auth.invalid_credentials`.
 */
export async function verifyPasskey(
  parts: SecurityParts,
  caller: Caller & { origin?: string | undefined },
  shown: ShownPasskey,
  sessionId: string | null,
): Promise<{ personId: string }> {
  const begun = readChallenge<BegunPasskey>(parts, 'passkey', shown.challenge);
  if (begun?.sessionId !== sessionId) {
    throw new Problem('auth.token_invalid', { detail: 'This took too long: begin again.' });
  }
  // Each refusal leaves a security event: an address has only so many.
  requireAdmission(await parts.throttle.admitKey(caller.address));
  const passkey = await parts.db.system((tx) => findPasskey(tx, shown.response.id));
  try {
    return await verifyKnown(parts, caller, shown, begun.challenge, passkey);
  } catch (error) {
    await parts.throttle.keyRefused(caller.address);
    await noteRefusal(parts, caller, passkey);
    throw error;
  }
}

async function verifyKnown(
  parts: SecurityParts,
  caller: { origin?: string | undefined },
  shown: ShownPasskey,
  challenge: string,
  passkey: Passkey | undefined,
): Promise<{ personId: string }> {
  if (!passkey) throw new Problem('auth.invalid_credentials', { detail: 'The passkey was not accepted.' });
  const party = relyingParty(parts, caller.origin);
  const { authenticationInfo } = await checked(parts, () =>
    verifyAuthenticationResponse({
      response: shown.response,
      expectedChallenge: challenge,
      expectedOrigin: party.origins,
      expectedRPID: party.id,
      requireUserVerification: true,
      credential: {
        id: passkey.credentialId,
        publicKey: Uint8Array.from(passkey.publicKey),
        counter: passkey.counter,
      },
    }),
  );
  const use = {
    id: passkey.id,
    before: passkey.counter,
    counter: authenticationInfo.newCounter,
    now: parts.clock.now(),
  };
  const spent = { kind: 'passkey', token: shown.challenge, lifeMs: challengeLifeMs };
  const fresh = await parts.db.system(
    async (tx) => (await spendOnce(parts, tx, spent)) && (await notePasskeyUse(tx, use)),
  );
  if (!fresh) throw new Problem('auth.invalid_credentials', { detail: 'This answer was used already.' });
  return { personId: passkey.personId };
}

async function noteRefusal(parts: SecurityParts, caller: Caller, passkey: Passkey | undefined): Promise<void> {
  const scope = { tenantId: null, at: parts.clock.now(), requestId: caller.requestId, newId: parts.newId };
  await parts.db.system((tx) =>
    appendSecurityEvent(tx, scope, {
      kind: 'sign_in.second_factor',
      outcome: 'refused',
      personId: passkey?.personId,
      address: caller.address,
      device: caller.device,
      detail: { factor: 'passkey' },
    }),
  );
}
