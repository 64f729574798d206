import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Context } from '#context';
import { type Database, sql, type TenantScope } from '#db';
import type { PersonalData } from '#module';
import { Problem } from '#problem';
import type { Answer } from './route.ts';

type Claim = NonNullable<TenantScope['idempotency']>;

/** Longest idempotency key. */
const maxKeyLength = 200;

/** The claim of a write that carries an `Idempotency-Key`, or undefined. */
export function idempotencyClaim(request: FastifyRequest, actorId: string): Claim | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined || request.method === 'GET') return undefined;
  if (typeof key !== 'string' || key.length === 0 || key.length > maxKeyLength || /[^\x20-\x7e]/.test(key)) {
    throw new Problem('request.malformed', {
      detail: `Idempotency-Key must have 1 to ${maxKeyLength} visible characters.`,
    });
  }
  const requestHash = createHash('sha256')
    .update(`${request.method} ${request.url}\n${JSON.stringify(request.body ?? null)}`)
    .digest('hex');
  return { key, requestHash, actorId, claimed: false };
}

interface StoredAnswer {
  requestHash: string;
  status: number | null;
  etag: number | null;
  body: unknown;
}

/**
 * The stored answer of an earlier request with this key; undefined when there was none. Throws `idempotency.conflict`
 * when the key was used for another request, when that request is still running, or when its answer was not kept.
 */
export async function earlierAnswer(context: Context, claim: Claim): Promise<Answer | undefined> {
  const stored = await context.db.transact({ tenant: context.tenant }, (tx) =>
    tx.maybe<StoredAnswer>(sql`select request_hash as "requestHash", status, etag, body from platform.idempotency_key
      where actor_id = ${claim.actorId} and key = ${claim.key}`),
  );
  if (!stored) return undefined;
  if (stored.requestHash !== claim.requestHash) {
    throw new Problem('idempotency.conflict', { detail: 'This key was used for another request.' });
  }
  if (stored.status === null) {
    throw new Problem('idempotency.conflict', {
      detail:
        'The first request with this key is still running: ask again in a moment. Where this stays so, its answer was not kept: read the resource.',
    });
  }
  return { status: stored.status, body: stored.body, ...(stored.etag === null ? {} : { version: stored.etag }) };
}

/** Keeps the answer for repeats of the request. */
export async function keepAnswer(context: Context, claim: Claim, status: number, answer: Answer): Promise<void> {
  if (!claim.claimed) return;
  await context.db.transact({ tenant: context.tenant }, (tx) =>
    tx.run(sql`update platform.idempotency_key set status = ${status}, etag = ${answer.version ?? null},
      body = ${JSON.stringify(answer.body ?? null)} where actor_id = ${claim.actorId} and key = ${claim.key}`),
  );
}

/** Gives the key back after a refusal: nothing was done, so the caller may try again. */
export async function releaseClaim(context: Context, claim: Claim): Promise<void> {
  if (!claim.claimed) return;
  await context.db.transact({ tenant: context.tenant }, (tx) =>
    tx.run(
      sql`delete from platform.idempotency_key where actor_id = ${claim.actorId} and key = ${claim.key} and status is null`,
    ),
  );
}

/** Clients repeat a request within minutes; an answer may name people and is not kept longer than it helps. */
const keepHours = 24;

/** Forgets idempotency keys that nobody repeats any more, with the answers kept for them. */
export async function sweepIdempotency(db: Database, now: Date): Promise<void> {
  const before = new Date(now.getTime() - keepHours * 3_600_000);
  await db.system((tx) => tx.run(sql`delete from platform.idempotency_key where created_at < ${before}`));
}

/** What kept answers hold about people. */
export const httpData: readonly PersonalData[] = [
  {
    ...{ table: 'platform.idempotency_key', person: 'actor_id', erasure: 'expires' },
    purpose: 'Repeating a request without doing it twice',
    basis: 'legitimate interest',
    retention: `${keepHours} hours`,
    because: 'it is gone by itself',
    columns: {
      key: 'what the client called the request',
      body: 'the answer, which may name people',
      created_at: 'when',
    },
  },
];
