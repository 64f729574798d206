import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import pg from 'pg';
import { z } from 'zod';
import { makeContext, systemActor } from '#context';
import { sql } from '#db';
import { EventLog, emit } from '#events';
import { type Permission, permissions } from '#module';
import { Problem } from '#problem';
import { makeLogger } from '#telemetry';
import { type TestHouse, testHouse, testTenants } from '../../../test/house.ts';
import { alertsChannel } from './alerts-channel.ts';
import type { AnyChannel, Channel } from './channel.ts';
import type { Limits } from './limits.ts';
import { createRealtime, type Realtime, socketPath } from './realtime.ts';

const log = makeLogger('silent');

/** A counter per tenant: state that changes together with its event. */
const counterTable = `
  create schema counting;
  grant usage on schema counting to tradeai_app;
  create table counting.counter (tenant_id uuid primary key, total integer not null);
  call platform.protect_tenant_table('counting.counter');`;

/** The total and the events of the counter. */
export const counting: Channel<{ kind?: string | undefined }> = {
  name: 'counting',
  permission: 'analytics:read',
  filters: z.strictObject({ kind: z.string().optional() }),
  measures: {
    total: {
      changedBy: ['counting.counter'],
      read: async (tx) => (await tx.maybe<{ total: number }>(sql`select total from counting.counter`))?.total ?? 0,
    },
    secret: { changedBy: [], permission: 'funds:read', read: async () => 'of funds' },
  },
  events: [{ type: 'counting.counter' }, { type: 'counting.fund', permission: 'funds:read' }],
  recentEvents: 10_000,
  eventData: ({ kind }): Record<string, string> => (kind === undefined ? {} : { kind }),
};

/** A realtime engine on a real socket, event log and database. */
export interface TestServer {
  house: TestHouse;
  url: string;
  realtime: Realtime;
  eventLog: EventLog;
  /** Tokens that are no longer valid. */
  revoked: Set<string>;
  /** Counts one up in a tenant, with its event; `data` goes along. */
  count(tenant: 'a' | 'b', data?: Record<string, unknown>, type?: string): Promise<void>;
}

const inside = { roots: [], within: new Set(['inside']), above: new Set<string>(), wide: false };

/** Starts one. The token is `a` or `b` (everything there), or `a:permission,…`; `a#2` is another person. */
export async function testServer(
  t: TestContext,
  options: { limits?: Partial<Limits>; channels?: AnyChannel[]; origins?: string[] } = {},
): Promise<TestServer> {
  let stop = async (): Promise<void> => undefined;
  // Before the house's own, which ends the database.
  t.after(() => stop());
  const house = await testHouse(t);
  const owner = new pg.Client({ connectionString: house.url });
  await owner.connect();
  await owner.query(counterTable);
  await owner.end();
  const revoked = new Set<string>();
  const tenant = async (id: string) => Object.values(testTenants).find((known) => known.id === id) ?? testTenants.a;
  const eventLog = new EventLog({ db: house.db, clock: house.clock, log, tenant }, []);
  await eventLog.start();
  const people = new Map<string, string>();
  const realtime = createRealtime({
    eventLog,
    channels: options.channels ?? [counting, alertsChannel('analytics:read', [{ type: 'counting.alert' }])],
    clock: house.clock,
    log,
    contextFor: (facts) => makeContext({ tenant: facts, actor: systemActor, clock: house.clock, db: house.db, log }),
    authenticate: async (bearer) => {
      const [, slug, person = '1', granted] = /^([ab])(?:#(\w+))?(?::(.+))?$/.exec(bearer) ?? [];
      if (!slug || revoked.has(bearer)) throw new Problem('auth.token_invalid');
      const id = people.get(`${slug}${person}`) ?? randomUUID();
      people.set(`${slug}${person}`, id);
      const allowed = granted === undefined || granted === 'kept' ? permissions : (granted.split(',') as Permission[]);
      const scope = granted === 'kept' ? { customer: inside, product: null } : undefined;
      return {
        tenant: testTenants[slug as 'a' | 'b'],
        actor: { kind: 'user', id, name: 'Test', roles: [], permissions: new Set<string>(allowed), scope },
        signIn: null,
      };
    },
    ...(options.limits ? { limits: options.limits } : {}),
    ...(options.origins ? { origins: options.origins } : {}),
  });
  const server = createServer((_request, response) => response.writeHead(404).end());
  realtime.attach(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stop = async () => {
    await realtime.close();
    server.close();
    await eventLog.stop();
  };
  const { port } = server.address() as AddressInfo;
  return {
    house,
    url: `ws://127.0.0.1:${port}${socketPath}`,
    realtime,
    eventLog,
    revoked,
    count: (slug, data = {}, type = 'counting.counter.counted') => countOne(house, slug, data, type),
  };
}

async function countOne(house: TestHouse, slug: 'a' | 'b', data: Record<string, unknown>, type: string): Promise<void> {
  const context = house.context({ tenant: slug });
  await house.db.transact(context, async (tx) => {
    await tx.run(sql`insert into counting.counter values (${context.tenant.id}, 1)
      on conflict (tenant_id) do update set total = counter.total + 1`);
    await emit(tx, { type, subjectType: 'counter', subjectId: context.tenant.id, data });
  });
}
