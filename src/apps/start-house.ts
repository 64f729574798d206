import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { type Clock, systemClock } from '#clock';
import type { Config } from '#config';
import { makeContext, systemActor } from '#context';
import { EventLog, type Subscription, TimerLoop } from '#events';
import { makeHttpServer, sweepIdempotency } from '#http';
import { InvariantLoop } from '#invariants';
import { type Job, type JobQueue, startJobs } from '#jobs';
import type { Module } from '#module';
import { makeOutbound } from '#outbound';
import { createRealtime } from '#realtime';
import {
  createSecurity,
  DetectionLoop,
  keepPolicies,
  listTenants,
  makeMailer,
  makeRefusalRecorder,
  recordCardData,
  Sealer,
  type Security,
  setCheckpointFile,
  startEvidenceLoop,
} from '#security';
import type { Logger } from '#telemetry';
import { startMailLoop, taskMails } from '#workflow';
import { channels } from './channels.ts';
import { checkpointFileOf } from './data-folder.ts';
import { controls, invariants, modules, testRecord } from './modules.ts';
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

/** Seals the audit trail; its checkpoints go into a file beside the database, and where the operator wants them too. */
function makeSealer(config: Config, store: Store, log: Logger, clock: Clock): Sealer {
  const checkpointFile = checkpointFileOf(config, store.dataDir);
  setCheckpointFile(checkpointFile);
  // The operator's own setting may name a receiver in the same network.
  const outbound = makeOutbound({ allowPrivate: true });
  const send = (url: string) => async (note: string) => {
    const headers = { 'content-type': 'text/plain; charset=utf-8' };
    const answer = await outbound.fetch(url, { method: 'POST', headers, body: note });
    await answer.body?.cancel();
    if (!answer.ok) throw new Error(`the receiver answered ${answer.status}`);
  };
  const sendCheckpoint = config.auditWebhook ? send(config.auditWebhook) : undefined;
  return new Sealer({ db: store.db, clock, log, secretKey: store.secretKey, checkpointFile, sendCheckpoint });
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
  const outbound = makeOutbound({ allowPrivate: config.outboundPrivate });
  const security = createSecurity({ db, clock, secretKey, log, publicUrl, mail, outbound });
  await keepPolicies({ db, clock });
  const sealer = makeSealer(config, store, log, clock);
  const tenant = (id: string) => security.tenantFacts(id);
  let jobs: JobQueue | undefined;
  const queue = () => {
    if (!jobs) throw new Error('jobs have not started');
    return jobs;
  };
  const eventLog = new EventLog({ db, clock, log, tenant }, [
    ...modules.flatMap((module) => module.subscriptions ?? []),
    dispatcher(modules, queue),
    // Nobody is written to without a mail server, and what happened before there was one is no news.
    ...(mail.delivers ? [taskMails] : []),
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
    authenticate: security.admit,
    clock,
    log,
    contextFor: (facts) => makeContext({ tenant: facts, actor: systemActor, clock, db, log }),
    origins: [new URL(publicUrl).origin, ...config.corsOrigins],
  });
  const state: ProcessState = { started: false, draining: false, refusesToSeal: () => sealer.refuses };
  const app = await makeHttpServer({
    db,
    clock,
    log,
    trustProxy: config.trustProxy,
    corsOrigins: config.corsOrigins,
    onCardData: recordCardData,
    onForbidden: makeRefusalRecorder(),
    authenticate: security.authenticate,
    routes: [...security.routes, ...modules.flatMap((module) => module.routes ?? [])],
  });
  await security.register(app);
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
  sealer.start();
  const invariantLoop = new InvariantLoop({ db, clock, log, tenants: () => listTenants(db), invariants });
  invariantLoop.start();
  const detection = new DetectionLoop({ db, clock, log, tenant });
  detection.start();
  const evidenceLoop = startEvidenceLoop({
    ...{ db, clock, log, tenants: () => listTenants(db), controls },
    tests: testRecord,
  });
  const mailLoop = startMailLoop({
    ...{ db, clock, log, tenant, tenants: () => listTenants(db) },
    ...{ mail, publicUrl },
  });
  const sweep = () =>
    Promise.all([security.sweep(), sweepIdempotency(db, clock.now())]).catch((error) =>
      log.error({ err: error }, 'a sweep failed'),
    );
  await sweep();
  const sweeper = setInterval(sweep, sweepMs);
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
      await timers.stop();
      // Whoever adds jobs ends before the queue does.
      await eventLog.stop();
      await queue().stop();
      await invariantLoop.stop();
      await detection.stop();
      await evidenceLoop.stop();
      await mailLoop.stop();
      await security.close();
      await sealer.stop();
      await store.close();
    },
  };
  return house;
}
