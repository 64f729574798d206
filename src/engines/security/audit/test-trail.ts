import { readFileSync } from 'node:fs';
import pg from 'pg';
import type { TestHouse } from '../../../../test/house.ts';
import { testSecretKey, testTenants } from '../../../../test/house.ts';
import { dropExpired } from './drop-expired.ts';
import { recordAudit } from './record-audit.ts';
import type { Span } from './retention-store.ts';
import { sealAudit } from './seal-audit.ts';
import { signingKey } from './signing-keys.ts';
import type { Doubt } from './tell-doubt.ts';

/** Writes audit entries of tenant a (or b), each with members that differ. */
export async function record(
  house: TestHouse,
  count = 1,
  options: { action?: string; tenant?: 'a' | 'b' } = {},
): Promise<void> {
  const context = house.context({ tenant: options.tenant ?? 'a' });
  await context.db.transact(context, async (tx) => {
    for (let at = 0; at < count; at++) {
      await recordAudit(tx, {
        ...{ action: options.action ?? 'promotion.changed', entityType: 'promotion', entityId: `p${at}` },
        ...{
          before: { name: 'Früh\tling "1"\\2' },
          after: { at, amount: '15600.00' },
          reason: at % 2 ? null : 'because\nso',
        },
      });
    }
  });
}

/** Seals what waits and answers the checkpoints; throws where something cannot be sealed. */
export async function seal(house: TestHouse, batchSize = 2_000): Promise<string[]> {
  const notes: string[] = [];
  const troubles: unknown[] = [];
  await sealAudit(
    { db: house.db, clock: house.clock, secretKey: testSecretKey, batchSize },
    async (note) => {
      notes.push(note);
    },
    (error) => troubles.push(error),
  );
  if (troubles.length > 0) throw troubles[0];
  return notes;
}

/** Moves the clock on. */
export function pass(house: TestHouse, days: number): void {
  house.clock.set(new Date(house.clock.now().getTime() + days * 86_400_000).toISOString());
}

/** Lets days pass in a house at work: a tenant has something sealed all the while. */
export async function live(house: TestHouse, days: number, tenant: 'a' | 'b' = 'b'): Promise<void> {
  for (let left = days; left > 0; left -= 40) {
    pass(house, Math.min(40, left));
    await record(house, 1, { tenant });
    await seal(house);
  }
}

/** Drops what is due; why something is not is added to `doubts`. */
export function dropDue(house: TestHouse, doubts: Doubt[] = []): Promise<Span[]> {
  const parts = { db: house.db, clock: house.clock, secretKey: testSecretKey };
  return dropExpired({ ...parts, onDoubt: (_, doubt) => doubts.push(doubt) });
}

/** The tenant that {@link record} writes for. */
export const tenantA = { id: testTenants.a.id, slug: testTenants.a.slug };

/** The public key that an auditor would have written down. */
export const trustedKey = signingKey(testSecretKey, 1).publicKey.toString('base64');

/** The function of the stand-alone script. */
export type VerifyExport = (
  lines: Iterable<string> | AsyncIterable<string>,
  options: { trustedKey: string; against?: readonly string[] },
) => Promise<{
  tenantId: string;
  part: boolean;
  from: number;
  entries: number;
  size: number;
  checkpoints: number;
  signedAt: string;
  faults: string[];
}>;

/** The stand-alone script, as a function and as its text. */
export const script = new URL('./verify-audit-export.mjs', import.meta.url);
export const scriptText = readFileSync(script, 'utf8');
export const verifyExport = ((await import(script.href)) as { verifyExport: VerifyExport }).verifyExport;

/**
 * Runs statements as the database's superuser, whom nothing in it holds back; answers the rows of the last. What
 * locks whole tables under a running sealer may be the side of a deadlock that PostgreSQL ends: it is run again.
 */
export async function asSuperuser(
  house: TestHouse,
  statement: string,
  parameters: unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: house.url });
  await client.connect();
  try {
    const found = await client.query(statement, parameters);
    return found.rows ?? [];
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && error.code === '40P01')) throw error;
  } finally {
    await client.end();
  }
  return asSuperuser(house, statement, parameters);
}
