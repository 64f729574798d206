import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import pg from 'pg';
import { type Clock, fixedClock } from '#clock';
import { type Actor, type Context, makeContext, type TenantFacts } from '#context';
import { type Database, migrate, openDatabase } from '#db';
import { type AnyRoute, makeHttpServer } from '#http';
import { migrateJobs } from '#jobs';
import { type Permission, permissions } from '#module';
import { Problem } from '#problem';
import { openKeys, setAuditSecret, setKeyring, setSecurityEventSecret } from '#security';
import { makeLogger } from '#telemetry';
import { migrationSources } from '../src/apps/migration-sources.ts';
import { testDataDir } from './data-folder.ts';
import { createDatabaseFromTemplate, ensureTemplate } from './postgres/index.ts';

/** The secret key of every test. */
export const testSecretKey = 'a-secret-key-for-tests-only-32-characters';

/** The two tenants that every test database holds, so that isolation can be tried everywhere. */
export const testTenants: Record<'a' | 'b', TenantFacts> = {
  a: { id: '0190a000-0000-7000-8000-00000000000a', slug: 'alpha', timeZone: 'America/New_York', currency: 'USD' },
  b: { id: '0190a000-0000-7000-8000-00000000000b', slug: 'beta', timeZone: 'Europe/Berlin', currency: 'USD' },
};

async function prepareTemplate(url: string): Promise<void> {
  await migrate(url, testSecretKey, migrationSources);
  const db = openDatabase(url, testSecretKey, () => undefined);
  await migrateJobs(db.systemUrl, makeLogger('silent'));
  await db.close();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const tenant of Object.values(testTenants)) {
    await client.query(
      'insert into identity.tenant (id, slug, name, time_zone, currency, created_at) values ($1, $2, $2, $3, $4, now())',
      [tenant.id, tenant.slug, tenant.timeZone, tenant.currency],
    );
  }
  await client.end();
}

/** Named by what is in it: a server that outlives the run keeps one template per state of the migrations. */
function templateName(): string {
  const hash = createHash('sha256').update(JSON.stringify(testTenants));
  for (const { folder } of migrationSources) {
    for (const name of readdirSync(folder)
      .filter((file) => file.endsWith('.sql'))
      .sort()) {
      hash.update(name).update(readFileSync(new URL(name, folder)));
    }
  }
  return `template_${hash.digest('hex').slice(0, 16)}`;
}

/** A migrated database of its own, and contexts to work in it. */
export interface TestHouse {
  /** The owner's address (superuser): for looking behind row-level security. */
  url: string;
  db: Database;
  clock: ReturnType<typeof fixedClock>;
  /** A context of tenant `a` with every permission, unless told otherwise. */
  context(options?: { tenant?: 'a' | 'b'; permissions?: readonly Permission[]; userId?: string }): Context;
  /** An HTTP server with the given routes; the bearer token is `a` or `b`: every permission there. */
  server(routes: readonly AnyRoute[]): ReturnType<typeof makeHttpServer>;
}

function actorWith(userId: string, granted: readonly Permission[]): Actor {
  return { kind: 'user', id: userId, name: 'Test', roles: [], permissions: new Set<string>(granted) };
}

/** Gives this process the keys of a database, as a server on it has them that the tests start. */
export function takeTestKeys(db: Database, clock: Clock): void {
  const folder = join(testDataDir, 'keys');
  setKeyring(openKeys(db, clock, { provider: 'environment', folder, secretKey: testSecretKey, encryptionKeys: [] }));
}

/** Clones the migrated template; everything is gone when the test ends. */
export async function testHouse(t: Pick<TestContext, 'after'>, now = '2026-06-15T12:00:00Z'): Promise<TestHouse> {
  const template = templateName();
  await ensureTemplate(template, prepareTemplate);
  const { url, drop } = await createDatabaseFromTemplate(template);
  setAuditSecret(testSecretKey);
  setSecurityEventSecret(testSecretKey);
  const clock = fixedClock(now);
  const log = makeLogger(process.env.TRADEAI_LOG_LEVEL ?? 'silent');
  const db = openDatabase(url, testSecretKey, () => undefined);
  takeTestKeys(db, clock);
  t.after(async () => {
    await db.close();
    await drop();
  });
  const userId = randomUUID();
  return {
    url,
    db,
    clock,
    context: (options = {}) =>
      makeContext({
        tenant: testTenants[options.tenant ?? 'a'],
        actor: actorWith(options.userId ?? userId, options.permissions ?? permissions),
        clock,
        db,
        log,
      }),
    server: async (routes) => {
      const app = await makeHttpServer({
        db,
        clock,
        log,
        routes,
        trustProxy: false,
        authenticate: async (bearer) => {
          if (bearer !== 'a' && bearer !== 'b') throw new Problem('auth.token_invalid');
          return {
            tenant: testTenants[bearer],
            actor: actorWith(userId, permissions),
            signIn: { id: userId, provedAt: clock.now(), provedBy: 'password', demand: null },
          };
        },
      });
      t.after(() => app.close());
      return app;
    },
  };
}
