import { systemClock } from '#clock';
import { readConfig } from '#config';
import type { Context } from '#context';
import { makeContext, systemActor, type TenantFacts } from '#context';
import { findTenant, setAuditSecret, setCheckpointFile, setSecurityEventSecret } from '#security';
import { makeLogger } from '#telemetry';
import { checkpointFileOf } from '../data-folder.ts';
import { openStore, type Store } from '../open-store.ts';

/** Something the person at the console got wrong: one line, exit 2. */
export class UsageError extends Error {}

/** What the command line was given: positional arguments after the command's name, and options by name. */
export interface Arguments {
  rest: readonly string[];
  options: Readonly<Record<string, string | undefined>>;
  json: boolean;
}

/** A command: what it answers is printed as one JSON line where `--json` asks for it. */
export type Command = (given: Arguments) => Promise<Record<string, unknown> | undefined>;

/** Progress goes to stderr: stdout belongs to the result. */
export const progress = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** An option that must be there. */
export function required({ options }: Arguments, name: string): string {
  return options[name] || refuse(`--${name} is missing.`);
}

/** Ends the command with one line for the person at the console. */
export function refuse(line: string): never {
  throw new UsageError(line);
}

/** Runs `work` on the migrated database, beside a running server or with a database of its own. */
export async function withStore<T>(work: (store: Store, publicUrl: string) => Promise<T>): Promise<T> {
  const config = readConfig(process.env);
  const store = await openStore(config, makeLogger(config.logLevel), { besideServer: true });
  setAuditSecret(store.secretKey);
  setSecurityEventSecret(store.secretKey);
  setCheckpointFile(checkpointFileOf(config, store.dataDir));
  try {
    return await work(store, config.publicUrl ?? `http://localhost:${config.port}`);
  } finally {
    await store.close();
  }
}

/** The tenant of a slug; refuses where there is none. */
export async function tenantBySlug(store: Store, slug: string): Promise<TenantFacts> {
  return (await findTenant(store.db, { slug })) ?? refuse(`There is no tenant ${slug}.`);
}

/** The context in which the console works for a tenant: as the product itself. */
export async function consoleContext(store: Store, slug: string): Promise<Context> {
  const tenant = await tenantBySlug(store, slug);
  return makeContext({ tenant, actor: systemActor, clock: systemClock, db: store.db, log: makeLogger('warn') });
}
