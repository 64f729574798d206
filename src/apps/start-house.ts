import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { type Clock, systemClock } from '#clock';
import type { Config } from '#config';
import { makeContext, systemActor } from '#context';
import { EventLog, type Subscription, TimerLoop } from '#events';
import { makeHttpServer } from '#http';
import { InvariantLoop } from '#invariants';
import { type Job, type JobQueue, startJobs } from '#jobs';
import type { Module } from '#module';
import { createRealtime } from '#realtime';
import { createSecurity, listTenants, makeMailer, type Security } from '#security';
import type { Logger } from '#telemetry';
import { channels } from './channels.ts';
import { invariants, modules } from './modules.ts';
import { openStore, type Store } from './open-store.ts';
import { type ProcessState, registerSystemRoutes } from './system-routes.ts';
import { serveWeb } from './web-assets.ts';

/** A running TRADEAI process. */
export interface House {
  clock: Clock;
  log: Logger;
  store: Store;
  security: Security;
  jobs: JobQueue;
  app: FastifyInstance;
  /** Where it listens, `http://localhost:3000`. */
  url: string;
  /** Takes connections from now on. */
  listen(): Promise<string>;
  /** Drains: no new work, what is under way is finished, then everything is closed. */
  close(): Promise<void>;
}

/** Jobs at once: one long fit must not keep imports waiting. */
const jobConcurrency = 2;
/** How often what has expired is swept. */
const sweepMs = 10 * 60_000;

/** Events that start jobs, as one subscription: the job is added after the event's commit, once per event. */
function dispatcher(all: readonly Module[], queue: () => JobQueue): Subscription {
  const dispatched = all.flatMap((module) => Object.entries(module.dispatch ?? {}));
  return {
    name: 'jobs.dispatch',
    types: [...new Set(dispatched.map(([type]) => type))],
    handle: async (tx, event) => {
      // Several modules may each start a job after the same event.
      for (const [type, job] of dispatched) {
        if (type !== event.type) continue;
        const payload = { ...event.data, subjectId: event.subjectId };
        await queue().add(tx.context.tenant.id, job, payload, { key: `${event.id}:${job}` });
      }
    },
  };
}

/** Puts the house together on an open store; nothing listens yet. */
export async function startHouse(config: Config, log: Logger, clock: Clock = systemClock): Promise<House> {
  const store = await openStore(config, log, { besideServer: false });
  const { db, secretKey } = store;
  const publicUrl = config.publicUrl ?? `http://localhost:${config.port}`;
  const mail = makeMailer({
    smtpUrl: config.smtpUrl,
    from: config.mailFrom,
    announce: (text) => process.stdout.write(`${text}\n`),
  });
  const security = createSecurity({ db, clock, secretKey, log, publicUrl, mail });
  const tenant = (id: string) => security.tenantFacts(id);
  let jobs: JobQueue | undefined;
  const queue = () => {
    if (!jobs) throw new Error('jobs have not started');
    return jobs;
  };
  const eventLog = new EventLog({ db, clock, log, tenant }, [
    ...modules.flatMap((module) => module.subscriptions ?? []),
    dispatcher(modules, queue),
  ]);
  const timers = new TimerLoop({
    db,
    clock,
    log,
    tenant,
    handlers: Object.assign({}, ...modules.map((module) => module.timers ?? {})),
  });
  const realtime = createRealtime({
    eventLog,
    channels,
    authenticate: security.authenticate,
    clock,
    log,
    contextFor: (facts) => makeContext({ tenant: facts, actor: systemActor, clock, db, log }),
  });
  const state: ProcessState = { started: false, draining: false };
  const app = await makeHttpServer({
    db,
    clock,
    log,
    trustProxy: config.trustProxy,
    authenticate: security.authenticate,
    routes: [...security.routes, ...modules.flatMap((module) => module.routes ?? [])],
  });
  registerSystemRoutes(app, db, state);
  jobs = await startJobs({
    db,
    clock,
    log,
    tenant,
    jobs: modules.flatMap((module) => module.jobs ?? []) as Job[],
    concurrency: jobConcurrency,
    alone: config.databaseUrl === undefined,
  });
  await eventLog.start();
  timers.start();
  const invariantLoop = new InvariantLoop({ db, clock, log, tenants: () => listTenants(db), invariants });
  invariantLoop.start();
  const sweeper = setInterval(
    () => security.sweep().catch((error) => log.error({ err: error }, 'a sweep failed')),
    sweepMs,
  );
  const house: House = {
    clock,
    log,
    store,
    security,
    jobs,
    app,
    url: publicUrl,
    listen: async () => {
      await serveWeb(app);
      await app.listen({ port: config.port, host: config.host });
      realtime.attach(app.server);
      state.started = true;
      const { port } = app.server.address() as AddressInfo;
      house.url = config.publicUrl ?? `http://localhost:${port}`;
      return house.url;
    },
    close: async () => {
      state.draining = true;
      clearInterval(sweeper);
      await realtime.close();
      await app.close();
      await queue().stop();
      await timers.stop();
      await invariantLoop.stop();
      await eventLog.stop();
      await security.close();
      await store.close();
    },
  };
  return house;
}
