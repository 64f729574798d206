import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '#clock';
import { ConfigError, readConfig } from '#config';
import { makeContext, systemActor, type TenantFacts } from '#context';
import { sql } from '#db';
import { EmbeddedPostgresError } from '#embedded-postgres';
import { fileOnDisk } from '#master-data';
import { Problem } from '#problem';
import { createTenant, setAuditSecret, verifyAudit } from '#security';
import { makeLogger } from '#telemetry';
import { imports } from './imports.ts';
import { openStore, type Store } from './open-store.ts';
import { serve } from './serve.ts';

const usage = `Usage: npx tradeai <command>

  start                                   run the server (as npm start)
  tenant create <slug> --admin <email>    make a tenant; prints a one-time link for its first administrator
      [--name <name>] [--time-zone <IANA name>] [--currency <ISO 4217>]
  import <file> --kind <kind> --tenant <slug> [--mapping <file>]
                                          load a CSV or XLSX file, also gzipped
  audit verify [--tenant <slug>]          check that no audit entry was altered
  doctor                                  check settings, database and migrations

  --json   print the result as one JSON line at the end
`;

/** Something the person at the console got wrong: one line, exit 2. */
class UsageError extends Error {}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  strict: true,
  options: {
    admin: { type: 'string' },
    name: { type: 'string' },
    'time-zone': { type: 'string' },
    currency: { type: 'string' },
    kind: { type: 'string' },
    tenant: { type: 'string' },
    mapping: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** Progress goes to stderr: stdout belongs to the result. */
const progress = (line: string) => process.stderr.write(`${line}\n`);

function required(name: 'admin' | 'kind' | 'tenant'): string {
  const value = options[name];
  if (!value) throw new UsageError(`--${name} is missing.`);
  return value;
}

async function withStore<T>(work: (store: Store, publicUrl: string) => Promise<T>): Promise<T> {
  const config = readConfig(process.env);
  const store = await openStore(config, makeLogger(config.logLevel), { besideServer: true });
  setAuditSecret(store.secretKey);
  try {
    return await work(store, config.publicUrl ?? `http://localhost:${config.port}`);
  } finally {
    await store.close();
  }
}

async function tenantBySlug(store: Store, slug: string): Promise<TenantFacts> {
  const tenant = await store.db.system((tx) =>
    tx.maybe<TenantFacts>(
      sql`select id, slug, time_zone as "timeZone", currency from identity.tenant where slug = ${slug}`,
    ),
  );
  if (!tenant) throw new UsageError(`There is no tenant ${slug}.`);
  return tenant;
}

async function createTenantCommand(slug: string | undefined): Promise<Record<string, unknown>> {
  if (!slug) throw new UsageError('tenant create needs a slug.');
  const adminEmail = required('admin');
  return withStore(async ({ db }, publicUrl) => {
    const { tenantId, link } = await createTenant(db, systemClock, {
      slug,
      adminEmail,
      publicUrl,
      name: options.name,
      timeZone: options['time-zone'],
      currency: options.currency,
    });
    progress(
      `The tenant ${slug} is there. ${adminEmail} signs in for the first time with this link, which works once:\n${link}`,
    );
    return { tenantId, slug, link };
  });
}

function readMapping(path: string | undefined): unknown {
  if (!path) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`The mapping file ${path} cannot be read: ${(error as Error).message}.`);
  }
}

async function importCommand(file: string | undefined): Promise<Record<string, unknown>> {
  if (!file) throw new UsageError('import needs a file.');
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new UsageError(`There is no file ${file}.`);
  const [kind, slug, mapping] = [required('kind'), required('tenant'), readMapping(options.mapping)];
  return withStore(async (store) => {
    const tenant = await tenantBySlug(store, slug);
    const context = makeContext({
      tenant,
      actor: systemActor,
      clock: systemClock,
      db: store.db,
      log: makeLogger('warn'),
    });
    let told = -1;
    const result = await imports.runImport(context, {
      kind,
      fileName: basename(file),
      source: fileOnDisk(file),
      mapping,
      onProgress: ({ done, rows }) => {
        const percent = Math.floor(done * 10) * 10;
        if (percent > told)
          progress(`${percent} %  ${rows.read} rows read, ${rows.stored} stored, ${rows.quarantined} in quarantine`);
        told = Math.max(told, percent);
      },
    });
    if (result.status !== 'finished') {
      throw new UsageError(
        result.errors.map((error) => (typeof error === 'string' ? error : JSON.stringify(error))).join('; ') ||
          'The file was refused.',
      );
    }
    const { read, stored, unchanged, quarantined } = result.rows;
    progress(`${file}: ${read} rows read, ${stored} stored, ${unchanged} unchanged, ${quarantined} in quarantine`);
    return { ...result };
  });
}

async function verifyCommand(): Promise<Record<string, unknown>> {
  return withStore(async (store) => {
    const tenants = options.tenant
      ? [await tenantBySlug(store, options.tenant)]
      : await store.db.system((tx) =>
          tx.many<TenantFacts>(
            sql`select id, slug, time_zone as "timeZone", currency from identity.tenant order by slug`,
          ),
        );
    const checked = [];
    for (const tenant of tenants) {
      const { entries, bad } = await verifyAudit(store.db, tenant.id);
      progress(`${tenant.slug}: ${entries} entries, ${bad.length} altered`);
      checked.push({ tenant: tenant.slug, entries, bad });
    }
    if (checked.some(({ bad }) => bad.length > 0)) process.exitCode = 1;
    return { tenants: checked };
  });
}

async function doctorCommand(): Promise<Record<string, unknown>> {
  return withStore(async (store) => {
    const { version } = await store.db.system((tx) =>
      tx.one<{ version: string }>(sql`select current_setting('server_version') as version`),
    );
    progress(
      `Settings are fine. PostgreSQL ${version} answers. ${store.migrated.length} migrations applied just now; the schema is up to date.`,
    );
    return { database: version, migrated: store.migrated, dataDir: store.dataDir, node: process.version };
  });
}

async function run(): Promise<Record<string, unknown> | undefined> {
  const [command, second, third] = positionals;
  if (options.help || !command) {
    process.stdout.write(usage);
    return undefined;
  }
  if (command === 'start') {
    await serve(process.env);
    return undefined;
  }
  if (command === 'tenant' && second === 'create') return createTenantCommand(third);
  if (command === 'import') return importCommand(second);
  if (command === 'audit' && second === 'verify') return verifyCommand();
  if (command === 'doctor') return doctorCommand();
  throw new UsageError(`There is no command ${positionals.join(' ')}. npx tradeai --help shows them all.`);
}

try {
  const result = await run();
  if (result && options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
} catch (error) {
  const plain =
    error instanceof UsageError ||
    error instanceof ConfigError ||
    error instanceof EmbeddedPostgresError ||
    error instanceof Problem;
  if (!plain) throw error;
  process.stderr.write(`${error instanceof Problem ? error.detail : error.message}\n`);
  process.exitCode = 2;
}
