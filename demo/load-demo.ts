import { type Clock, todayIn } from '#clock';
import { type Actor, type Context, makeContext, type TenantFacts } from '#context';
import { type Database, sql } from '#db';
import { fileInMemory, type Imports } from '#master-data';
import { trainPromotionModel } from '#performance';
import { Problem } from '#problem';
import { createDemoPeople, createTenant, findPeople, type Person } from '#security';
import type { Logger } from '#telemetry';
import { agreeToTerms } from './agree-terms.ts';
import { importFiles, lastSalesFile } from './csv.ts';
import type { DemoMaker } from './maker.ts';
import { recordReasonCodes } from './record-reason-codes.ts';
import { simulateMaker } from './simulate-maker.ts';

/** The demo's seed: the same maker on every machine, its calendar ending today. */
const demoSeed = 20_260_601;
const slug = 'demo';
const timeZone = 'America/New_York';

/** What loading needs of the running house. */
export interface DemoHouse {
  db: Database;
  clock: Clock;
  log: Logger;
  imports: Pick<Imports, 'runImport'>;
  tenantBySlug(slug: string): Promise<TenantFacts>;
  /** Where links would point; nobody is invited. */
  publicUrl: string;
}

/** A line of progress for the console. */
export type Say = (line: string) => void;

/** A context in which one of the demo's people acts. */
export function contextOf(house: DemoHouse, tenant: TenantFacts, person: Person): Context {
  const actor: Actor = {
    kind: 'user',
    id: person.id,
    name: person.name,
    roles: person.roles,
    permissions: person.permissions,
  };
  const { db, clock, log } = house;
  return makeContext({ tenant, actor, clock, db, log });
}

async function demoTenant(house: DemoHouse, password: string): Promise<TenantFacts> {
  try {
    return await house.tenantBySlug(slug);
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'not_found') throw error;
  }
  const { tenantId } = await createTenant(house.db, house.clock, {
    slug,
    name: 'Demo maker',
    timeZone,
    currency: 'USD',
    publicUrl: house.publicUrl,
  });
  await createDemoPeople(house.db, house.clock, tenantId, password);
  return house.tenantBySlug(slug);
}

/** The people of the demo tenant by the part of their address before the @. */
export async function demoPeople(house: DemoHouse, tenant: TenantFacts): Promise<Map<string, Person>> {
  const people = await house.db.read({ tenant }, (tx) => findPeople(tx, {}));
  return new Map(people.map((person) => [person.email.split('@')[0] ?? '', person]));
}

function personNamed(people: Map<string, Person>, login: string): Person {
  const person = people.get(login);
  if (!person) throw new Error(`the demo has no ${login}`);
  return person;
}

async function isLoaded(house: DemoHouse, tenant: TenantFacts): Promise<boolean> {
  return house.db.read({ tenant }, async (tx) => {
    const { loaded } = await tx.one<{ loaded: boolean }>(
      sql`select exists (select 1 from master_data.import_run where file_name = ${lastFile} and status = 'finished') as loaded`,
    );
    return loaded;
  });
}

/**
 * When this file has been imported, the demo counts as loaded: earlier versions ended with it, and their demo is not
 * loaded anew. Opening balances, which follow at once, are history that nothing else waits for.
 */
const lastFile = 'promotions.csv';

/** Who brings what in: history shows people, not a machine. */
const loaderOf: Record<string, string> = {
  funds: 'finance',
  fx_rates: 'finance',
  terms: 'kam',
  promotions: 'kam',
  opening_balances: 'finance',
  deductions: 'finance',
  claims: 'finance',
};

async function importAll(house: DemoHouse, tenant: TenantFacts, maker: DemoMaker, say: Say): Promise<void> {
  const people = await demoPeople(house, tenant);
  for (const { kind, fileName, text } of importFiles(maker)) {
    const context = contextOf(house, tenant, personNamed(people, loaderOf[kind] ?? 'analyst'));
    const result = await house.imports.runImport(context, { kind, fileName, source: fileInMemory(Buffer.from(text)) });
    if (result.status !== 'finished' || result.rows.quarantined > 0) {
      throw new Error(`the demo's ${fileName} could not be loaded: ${JSON.stringify(result).slice(0, 500)}`);
    }
    say(`demo: ${fileName} ${result.rows.stored} rows`);
    if (kind === 'terms') await agreeToTerms(contextOf(house, tenant, personNamed(people, 'finance')), maker);
    if (kind === 'opening_balances') await recordReasonCodes(context, maker);
    // The fit runs in a thread of its own while the rest is loaded.
    if (fileName === lastSalesFile) await trainPromotionModel(context);
  }
}

/** What the demo loader answers: the tenant, and the simulated maker where it was loaded just now. */
export interface LoadedDemo {
  tenant: TenantFacts;
  maker: DemoMaker | null;
}

/** Loads the demo maker through the public imports where it is not there yet; an interrupted load is taken up again. */
export async function loadDemo(house: DemoHouse, options: { password: string; say: Say }): Promise<LoadedDemo> {
  const tenant = await demoTenant(house, options.password);
  if (await isLoaded(house, tenant)) return { tenant, maker: null };
  const maker = simulateMaker({ seed: demoSeed, today: todayIn(house.clock, timeZone) });
  await importAll(house, tenant, maker, options.say);
  return { tenant, maker };
}

/** The lines that tell a visitor how to sign in. */
export function demoSignIns(password: string): string[] {
  const logins = ['kam', 'marketing', 'finance', 'analyst', 'auditor', 'admin', 'director', 'legal', 'executive'];
  return [
    `  Sign in with the password ${password} as one of`,
    ...logins.map((login) => `    ${login}@demo.tradeai.example`),
  ];
}
