import type { Clock } from '#clock';
import type { Actor } from '#context';
import type { Authenticated } from '#http';
import { Problem } from '#problem';
import { scopeOf } from '#scope';
import { appendSecurityEvent } from '../detection/record-security-event.ts';
import { actorOf, narrowed } from '../policy/actor-of.ts';
import type { SecurityParts } from '../security-parts.ts';
import { requireAdmission } from '../sign-in/sign-in.ts';
import { hashApiKey } from './api-key.ts';
import { findLiveKey, type LiveKey, noteUse } from './api-key-store.ts';

/** A revocation is seen after so long at the latest. */
const freshMs = 4_000;
/** Keys remembered at once. */
const maxRemembered = 5_000;
/** Use is noted so often at most: it is there to find keys that nobody uses. */
const noteEveryMs = 60_000;

interface Remembered {
  readAtMs: number;
  live: Promise<LiveKey>;
}

/** Turns API keys into who they speak for, asking the database again after 4 s. */
export interface KeyCache {
  /**
   * Throws `auth.token_invalid` for a key that opens nothing, `rate.limited` for an address that tried too many (null:
   * a socket, whose upgrade the address has paid for).
   */
  authenticate(token: string, address: string | null): Promise<Authenticated>;
  /** Forgets every key, in this process at once. */
  clear(): void;
}

/** The keys of a process. */
export function makeKeyCache(parts: SecurityParts, clock: Clock): KeyCache {
  const remembered = new Map<string, Remembered>();
  const liveKey = (token: string, address: string | null): Promise<LiveKey> => {
    const name = hashApiKey(token).toString('base64');
    const nowMs = clock.now().getTime();
    const known = remembered.get(name);
    if (known && Math.abs(nowMs - known.readAtMs) < freshMs) return known.live;
    if (remembered.size >= maxRemembered) remembered.clear();
    const live = readKey(parts, token, address);
    const entry = { readAtMs: nowMs, live };
    remembered.set(name, entry);
    live.catch(() => {
      if (remembered.get(name) === entry) remembered.delete(name);
    });
    return live;
  };
  return {
    authenticate: async (token, address) => {
      const key = await liveKey(token, address);
      // Remembered for a moment, but never beyond its end.
      if (key.expiresAt <= clock.now()) throw new Problem('auth.token_invalid', { detail: 'This key has expired.' });
      return { tenant: key.tenant, actor: await actorOfKey(parts, key), signIn: null, keyId: key.id };
    },
    clear: () => remembered.clear(),
  };
}

async function readKey(parts: SecurityParts, token: string, address: string | null): Promise<LiveKey> {
  const { db, clock, throttle, log } = parts;
  if (address !== null) requireAdmission(await throttle.admitKey(address));
  const now = clock.now();
  const found = await db.system((tx) => findLiveKey(tx, hashApiKey(token), now));
  if (!found || 'refusal' in found) {
    if (address !== null) await throttle.keyRefused(address);
    const refusal = found?.refusal ?? 'unknown';
    log.info({ keyId: found?.id, refusal }, 'an API key was refused');
    const scope = { tenantId: found?.tenantId ?? null, at: now, requestId: parts.newId(), newId: parts.newId };
    await db.system((tx) =>
      appendSecurityEvent(tx, scope, {
        kind: 'key.refused',
        outcome: 'refused',
        subjectId: found?.id,
        address,
        detail: { refusal },
      }),
    );
    throw new Problem('auth.token_invalid');
  }
  await db.system(async (tx) => {
    if (!(await noteUse(tx, found, now, noteEveryMs))) return;
    const scope = { tenantId: found.tenant.id, at: now, requestId: parts.newId(), newId: parts.newId };
    await appendSecurityEvent(tx, scope, { kind: 'key.used', subjectId: found.id, address });
  });
  return found;
}

/** A service account may do what both it and the key may; a person's key what both the person and the key may. */
async function actorOfKey(parts: SecurityParts, key: LiveKey): Promise<Actor> {
  if (key.person) {
    const actor = await actorOf(parts.db, key.tenant, key.person, parts.clock.now());
    return narrowed(actor, 'user', key.permissions);
  }
  if (!key.account) throw new Problem('auth.token_invalid');
  const { id, name, permissions, limits } = key.account;
  const scope = await scopeOf(parts.db, { tenant: key.tenant }, key.account.scope, parts.clock.now());
  const account: Actor = { kind: 'service', id, name, roles: [], permissions: new Set(permissions), scope, limits };
  return narrowed(account, 'service', key.permissions);
}
