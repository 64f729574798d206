import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { InjectOptions } from 'fastify';
import pg from 'pg';
import { makeHttpServer } from '#http';
import { makeOutbound } from '#outbound';
import { makeLogger } from '#telemetry';
import { type TestHouse, testHouse, testSecretKey, testTenants } from '../../../test/house.ts';
import { createSecurity, type Security } from './create-security.ts';
import type { Mail } from './mail/mail.ts';
import { type CreatedDemoPerson, createDemoPeople } from './people/create-demo-people.ts';

/** Kept to nothing: the whole of both trees, said in so many words. */
export const everything = { customers: null, products: null };

/** The password of everyone in these tests. */
export const password = 'correct horse battery';

/** Sign-in as a browser sees it: the access token and the refresh cookie. */
export interface Browser {
  token: string;
  cookie: string;
  user: { id: string; tenantId: string; roles: string[]; permissions: string[] };
}

/** The security engine behind a real server, with nine people in tenant a. */
export interface TestSecurity {
  house: TestHouse;
  security: Security;
  people: CreatedDemoPerson[];
  mails: Mail[];
  call(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    options?: { body?: unknown; token?: string; cookie?: string; headers?: Record<string, string>; address?: string },
  ): // biome-ignore lint/suspicious/noExplicitAny: the tests say what they expect
  Promise<{ status: number; body: any; headers: Record<string, unknown>; cookie: string | undefined }>;
  /** A download that is asked for by POST, its bytes as they came. */
  raw(url: string, token: string, body?: object): Promise<{ headers: Record<string, unknown>; rawPayload: Buffer }>;
  signIn(login: string): Promise<Browser>;
  /** Moves the clock on. */
  pass(ms: number): void;
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    // A file: a report, a script.
    return text;
  }
}

/** Starts it all; `delivers` as if a mail server were set. */
export async function testSecurity(
  t: TestContext,
  delivers = false,
  publicUrl = 'http://localhost:3000',
): Promise<TestSecurity> {
  const house = await testHouse(t);
  const { db, clock } = house;
  const mails: Mail[] = [];
  const log = makeLogger(process.env.TRADEAI_LOG_LEVEL ?? 'silent');
  const security = createSecurity({
    db,
    clock,
    secretKey: testSecretKey,
    log,
    publicUrl,
    outbound: makeOutbound({ allowPrivate: true }),
    mail: {
      delivers,
      send: async (mail) => {
        mails.push(mail);
      },
      close: () => undefined,
    },
  });
  const people = await createDemoPeople(db, clock, testTenants.a.id, password);
  const app = await makeHttpServer({
    db,
    clock,
    log,
    routes: security.routes,
    trustProxy: false,
    authenticate: security.authenticate,
  });
  await security.register(app);
  t.after(async () => {
    await app.close();
    await security.close();
  });
  const call: TestSecurity['call'] = async (method, path, options = {}) => {
    const { body, token, cookie, headers, address } = options;
    const request: InjectOptions = {
      method,
      url: path.startsWith('/scim/') ? path : `/api/v1${path}`,
      headers: {
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(cookie ? { cookie: `tradeai_refresh=${cookie}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(address ? { remoteAddress: address } : {}),
    };
    const response = await app.inject(request);
    const set = response.cookies.find(({ name }) => name === 'tradeai_refresh');
    return {
      status: response.statusCode,
      body: parsed(response.body),
      headers: response.headers,
      cookie: set?.value,
    };
  };
  return {
    house,
    security,
    people,
    mails,
    call,
    raw: (url, token, body) =>
      app.inject({
        ...{ method: 'POST', url, headers: { authorization: `Bearer ${token}` } },
        ...(body ? { payload: body } : {}),
      }),
    signIn: async (login) => {
      const body = { email: `${login}@demo.tradeai.example`, password };
      const answer = await call('POST', '/auth/login', { body });
      if (answer.status !== 200) throw new Error(`sign-in of ${login}: ${answer.status}`);
      return { token: answer.body.accessToken, cookie: answer.cookie ?? '', user: answer.body.user };
    },
    pass: (ms) => clock.set(new Date(clock.now().getTime() + ms).toISOString()),
  };
}

/**
 * Starts `requests` while a superuser holds the rows that `lock` selects, and lets go once that many database sessions
 * wait: what follows is a true race.
 */
export async function raceBehindLock<T>(
  house: TestHouse,
  lock: string,
  requests: readonly (() => Promise<T>)[],
): Promise<T[]> {
  const client = new pg.Client({ connectionString: house.url });
  await client.connect();
  try {
    await client.query('begin');
    await client.query(lock);
    const running = Promise.all(requests.map((start) => start()));
    for (let tries = 0, waiting = 0; waiting < requests.length; tries++) {
      if (tries > 1_000) throw new Error(`only ${waiting} of ${requests.length} requests came to wait`);
      await sleep(5);
      // Activity is remembered within a transaction unless told otherwise.
      await client.query('select pg_stat_clear_snapshot()');
      const { rows } = await client.query(`select count(*)::integer as waiting from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`);
      waiting = rows[0].waiting;
    }
    await client.query('rollback');
    return await running;
  } finally {
    await client.end();
  }
}
