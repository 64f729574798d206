import { ConfigError, readConfig } from '#config';
import { MigrationError } from '#db';
import { EmbeddedPostgresError } from '#embedded-postgres';
import { makeLogger } from '#telemetry';
import { demoSignIns, loadDemo } from '../../demo/load-demo.ts';
import { playDemo } from '../../demo/play-demo.ts';
import { accountPlanPorts } from './account-plan-ports.ts';
import { imports } from './imports.ts';
import { promotionPorts } from './promotion-ports.ts';
import { type House, startHouse } from './start-house.ts';
import { buildWeb } from './web-assets.ts';

/** An orderly end must be over after so long; what hangs is left to the kernel. */
const drainLimitMs = 9_000;

const say = (line: string) => process.stdout.write(`${line}\n`);

/** One clear line and exit 2 for what the person at the console can mend. */
function refuse(error: unknown): never {
  if (error instanceof ConfigError || error instanceof EmbeddedPostgresError || error instanceof MigrationError) {
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
  throw error;
}

/** Ends the process once, however often it is asked. */
function makeStopper(house: () => House | undefined): (code: number) => void {
  let stopping = false;
  return (code) => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(code || 1), drainLimitMs).unref();
    const closed = house()?.close() ?? Promise.resolve();
    closed.then(
      () => process.exit(code),
      (error: Error) => {
        process.stderr.write(`TRADEAI could not stop cleanly: ${error.message}\n`);
        process.exit(1);
      },
    );
  };
}

/** Loads the demo at first start and lets its people go about their work. */
async function openDemo(house: House, password: string): Promise<void> {
  const { store, clock, log, security, url } = house;
  const demo = { db: store.db, clock, log, imports, tenantBySlug: security.tenantBySlug, publicUrl: url };
  const { tenant, maker } = await loadDemo(demo, { password, say });
  if (maker) await playDemo(demo, tenant, maker, say, promotionPorts, accountPlanPorts);
}

/** Runs the server until it is told to stop. */
export async function serve(env: Record<string, string | undefined>): Promise<void> {
  let house: House | undefined;
  const stop = makeStopper(() => house);
  process.on('SIGTERM', () => stop(0));
  process.on('SIGINT', () => stop(0));
  try {
    const config = readConfig(env);
    const log = makeLogger(config.logLevel);
    const web = buildWeb();
    // A build that fails while the database starts must not end the process before it can say so.
    web.catch(() => undefined);
    house = await startHouse(config, log);
    house.store.lost.then(() => {
      process.stderr.write('The database ended unexpectedly; TRADEAI stops.\n');
      stop(1);
    });
    if (config.demo) await openDemo(house, config.demoPassword);
    await web;
    const url = await house.listen();
    say(`TRADEAI ready at ${url}`);
    if (config.demo) for (const line of demoSignIns(config.demoPassword)) say(line);
  } catch (error) {
    const running = house;
    house = undefined;
    await running?.close();
    refuse(error);
  }
}

if (import.meta.main) await serve(process.env);
