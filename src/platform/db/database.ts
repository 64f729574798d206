import { createHmac } from 'node:crypto';
import {
  type CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawBuilder,
  sql,
} from 'kysely';
import pg from 'pg';
import { Problem } from '#problem';
import { type Gathered, Gathering, type Parts } from './gathered.ts';
import { type Company, RoundTrip } from './round-trip.ts';

/** Kysely serves as the SQL builder (its `sql` tag); connections and transactions are ours, for COPY and hooks. */
const compiler = new Kysely<unknown>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

// Business dates are dates, not instants: `date` stays text. `numeric` and `int8` stay text by default in pg.
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === 1082 ? (value: string) => value : pg.types.getTypeParser(oid, format),
} as pg.CustomTypesConfig;

/** The tenant for which a transaction runs, and an idempotency key that the first one of a request claims. */
export interface TenantScope {
  readonly tenant: { readonly id: string };
  readonly idempotency?: { key: string; requestHash: string; actorId: string; claimed: boolean } | undefined;
}

/**
 * One open transaction. Rows come back as the database sends them: `numeric` and `int8` as text, dates as text. With a
 * `name` the connection keeps a statement's plan: for what nearly every transaction runs, always with the same text.
 */
export interface Tx {
  /** All rows. */
  many<Row>(query: RawBuilder<Row>, name?: string): Promise<Row[]>;
  /** The only row; throws when there is not exactly one. */
  one<Row>(query: RawBuilder<Row>, name?: string): Promise<Row>;
  /** The row or undefined; throws when there are several. */
  maybe<Row>(query: RawBuilder<Row>, name?: string): Promise<Row | undefined>;
  /** Runs a statement and answers how many rows it touched. */
  run(query: RawBuilder<unknown>, name?: string): Promise<number>;
  /** Gathers a change: it is made with others in one statement, before anything could see that it is not. */
  gather<Row>(kind: Gathered<Row>, row: Row): Promise<void>;
  /** Makes a change of several parts in one statement with all that was gathered; answers the rows of `answer` as JSON has them. */
  write<Row>(parts: Parts, answer: RawBuilder<Row>): Promise<Row[]>;
  /** Runs `listener` once the transaction has committed; never when it rolls back. */
  afterCommit(listener: () => void): void;
  /** The raw connection, for COPY only. Throws before the first statement: the transaction begins with it. */
  readonly client: pg.PoolClient;
  /** Stands for this transaction, whatever wraps it. */
  readonly self: object;
}

/** A transaction of one tenant: row-level security shows that tenant's rows only. */
export interface TenantTx<Scope extends TenantScope = TenantScope> extends Tx {
  readonly context: Scope;
}

/** PostgreSQL, as the rest of the house sees it. */
export interface Database {
  /** Runs `work` in one transaction as the application's role, confined to the scope's tenant by the database. */
  transact<T, Scope extends TenantScope>(scope: Scope, work: (tx: TenantTx<Scope>) => Promise<T>): Promise<T>;
  /** Like `transact`, read-only: it claims no idempotency key and writes nothing. */
  read<T, Scope extends TenantScope>(scope: Scope, work: (tx: TenantTx<Scope>) => Promise<T>): Promise<T>;
  /** Runs `work` in one transaction as the system's role: identity, event log and jobs only. */
  system<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * Like `system`, on one of a few connections of its own: for short work that an open transaction waits for, such as
   * the first use of a key. It may wait for no transaction itself.
   */
  aside<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Connection string of the system's role, for the job runner. */
  readonly systemUrl: string;
  close(): Promise<void>;
}

/** Deadlocks and serialisation failures are the database's way to say "again": so many times at most. */
const retries = 4;
const retryableCodes = new Set(['40001', '40P01']);

/** A row was on its way into a default partition while the partition was made that it belongs to: next time it finds it. */
const isPartitionMade = ({ code, routine }: pg.DatabaseError) =>
  code === '23514' && routine === 'ExecPartitionCheckEmitError';

function isRetryable(error: unknown): boolean {
  return error instanceof pg.DatabaseError && (retryableCodes.has(error.code ?? '') || isPartitionMade(error));
}

/** Whether `error` says that the database cannot be reached at the moment. */
export function isUnavailable(error: unknown): boolean {
  const code = (error as { code?: string } | null)?.code ?? '';
  const message = error instanceof Error ? error.message : '';
  return (
    /^(08|57P0|53300)/.test(code) ||
    ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT'].includes(code) ||
    /Connection terminated|is not queryable|timeout exceeded when trying to connect/.test(message)
  );
}

/** Statements of gathered changes by their text, which a connection keeps the plan of. */
const gatheredNames = new Map<string, string>();
/** How many different ones are kept: what a house gathers together is of a few dozen kinds. */
const keptGathered = 200;

function nameOfGathered(text: string): string | undefined {
  const known = gatheredNames.get(text);
  if (known !== undefined || gatheredNames.size >= keptGathered) return known;
  const name = `gathered ${gatheredNames.size}`;
  gatheredNames.set(text, name);
  return name;
}

/** Statements before which all that was gathered must be there: what they undo later is what follows. */
const bounds = /^\s*(savepoint|release)\b/;
/** Undoes what was gathered since the savepoint, which stands nowhere else. */
const undoes = /^\s*rollback to\b/;

/** A gathered change touched another number of rows than it says: its statement divides by zero then. */
function tellUntouched(error: unknown): never {
  if (error instanceof pg.DatabaseError && error.code === '22012') {
    throw new Error('a gathered change touched not exactly one row', { cause: error });
  }
  throw error;
}

/**
 * A transaction's connection, handed out once it has begun. As a getter of each transaction's own object it would give each a
 * hidden class of its own in V8, which lives in the old generation and keeps what the transaction has touched.
 */
class Session {
  isBegun = false;
  readonly #client: pg.PoolClient;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  get client(): pg.PoolClient {
    if (!this.isBegun) throw new Error('the transaction has not begun: ask something first');
    return this.#client;
  }

  /** What the database answers to a statement, with what goes with it. */
  send(statement: pg.QueryConfig, company: Company): Promise<pg.QueryResult> {
    this.isBegun = true;
    const trip = new RoundTrip(statement, company);
    this.#client.query(trip);
    return trip.answer.catch((error: Error) => {
      // pg's own trace leads to the socket.
      Error.captureStackTrace(error);
      throw error;
    });
  }
}

function makeTx(
  session: Session,
  begin: readonly string[],
  committed: (() => void)[],
): { tx: Tx; commit(): Promise<void> } {
  const gathering = new Gathering();
  const ask = async (
    { sql: text, parameters }: CompiledQuery,
    name: string | undefined,
    after: Company['after'] = [],
  ): Promise<pg.QueryResult> => {
    const statement = { text, values: [...parameters], ...(name === undefined ? {} : { name }) };
    return session.send(statement, { before: session.isBegun ? [] : begin, after });
  };
  const write = async (parts: Parts, answer?: RawBuilder<unknown>, after?: Company['after']): Promise<unknown[]> => {
    const compiled = gathering.take(parts, answer).compile(compiler);
    const { rows } = await ask(compiled, nameOfGathered(compiled.sql), after).catch(tellUntouched);
    return ((rows[0] as { answer?: unknown[] }).answer ?? []) as unknown[];
  };
  const settle = async (): Promise<void> => {
    if (!gathering.isEmpty) await write({});
  };
  const commit = async (): Promise<void> => {
    if (!gathering.isEmpty) await write({}, undefined, ['commit']);
    else if (session.isBegun) {
      const { command } = await session.send({ text: 'commit' }, {});
      if (command === 'ROLLBACK') throw new Error('a statement of the transaction had failed: nothing was committed');
    }
  };
  const query = async <Row>(builder: RawBuilder<Row>, name?: string): Promise<pg.QueryResult> => {
    const compiled = builder.compile(compiler);
    if (!gathering.isEmpty) {
      if (undoes.test(compiled.sql)) gathering.forget();
      else if (bounds.test(compiled.sql) || gathering.isSeenBy(compiled.sql)) await settle();
    }
    return ask(compiled, name);
  };
  const methods: Omit<Tx, 'client'> = {
    self: {},
    many: async (builder, name) => (await query(builder, name)).rows,
    run: async (builder, name) => (await query(builder, name)).rowCount ?? 0,
    maybe: async (builder, name) => {
      const { rows } = await query(builder, name);
      if (rows.length > 1) throw new Error(`expected at most one row, got ${rows.length}`);
      return rows[0];
    },
    one: async (builder, name) => {
      const { rows } = await query(builder, name);
      if (rows.length !== 1) throw new Error(`expected one row, got ${rows.length}`);
      return rows[0];
    },
    gather: async (kind, row) => {
      if (gathering.mustPrecede(kind)) await settle();
      gathering.add(kind, row);
    },
    write: async (parts, answer) => (await write(parts, answer)) as never,
    afterCommit: (listener) => committed.push(listener),
  };
  return { tx: Object.assign(session, methods), commit };
}

interface Begin {
  tenantId: string | null;
  readOnly?: boolean;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What goes before the first statement. Transaction-local: a pooled connection that comes back carries no tenant. */
function beginning({ tenantId, readOnly }: Begin): string[] {
  const begin = readOnly ? 'begin read only' : 'begin';
  if (tenantId === null) return [begin];
  // They take no parameters, so nothing but a UUID may stand here.
  if (!uuid.test(tenantId)) throw new Error('a tenant id must be a UUID');
  return [begin, `set local tradeai.tenant_id = '${tenantId}'`];
}

async function inTransaction<T>(pool: pg.Pool, begin: Begin, work: (tx: Tx) => Promise<T>): Promise<T> {
  const statements = beginning(begin);
  const client = await pool.connect();
  const committed: (() => void)[] = [];
  const session = new Session(client);
  const { tx, commit } = makeTx(session, statements, committed);
  let broken: Error | undefined;
  try {
    const result = await work(tx);
    await commit();
    for (const listener of committed) listener();
    return result;
  } catch (error) {
    if (isUnavailable(error)) broken = error as Error;
    else if (session.isBegun)
      await client.query('rollback').catch((failure: Error) => {
        broken = failure;
      });
    throw error;
  } finally {
    client.release(broken);
  }
}

async function withRetries<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isRetryable(error) || tried >= retries) throw error;
    }
  }
}

async function claimIdempotencyKey(tx: Tx, scope: TenantScope): Promise<void> {
  const claim = scope.idempotency;
  if (!claim || claim.claimed) return;
  const claimed = await tx.run(
    sql`insert into platform.idempotency_key (tenant_id, actor_id, key, request_hash)
      values (${scope.tenant.id}, ${claim.actorId}, ${claim.key}, ${claim.requestHash}) on conflict do nothing`,
    'claim key',
  );
  if (claimed === 0)
    throw new Problem('idempotency.conflict', {
      detail: 'The first request with this key is still running: ask again in a moment for its answer.',
    });
  tx.afterCommit(() => {
    claim.claimed = true;
  });
}

/** The password of a database role of ours: derived, so that no further secret needs keeping. */
export function rolePassword(secretKey: string, role: string): string {
  return createHmac('sha256', secretKey).update(`database-role:${role}`).digest('base64url');
}

/** The owner's URL with another role's credentials. */
export function urlForRole(ownerUrl: string, role: string, secretKey: string): string {
  const url = new URL(ownerUrl);
  url.username = role;
  url.password = rolePassword(secretKey, role);
  return url.toString();
}

/** How many connections a process may hold; the embedded server admits 100 in all. */
const poolSizes = { app: 16, system: 8, aside: 2 };

/** Opens the pools of a migrated database: the application's role and the system's role, neither of which owns a table. */
export function openDatabase(ownerUrl: string, secretKey: string, onError: (error: Error) => void): Database {
  let closing = false;
  const pool = (role: string, max: number) => {
    const made = new pg.Pool({
      connectionString: urlForRole(ownerUrl, role, secretKey),
      max,
      types,
      connectionTimeoutMillis: 5_000,
      idleTimeoutMillis: 30_000,
      application_name: role,
    });
    // While everything stops, a connection that the database ends first is no news.
    const lost = (error: Error) => {
      if (!closing) onError(error);
    };
    made.on('error', lost);
    // The pool listens to idle connections only: one that ends between two statements of a transaction would otherwise
    // end the process.
    made.on('connect', (client) => client.on('error', lost));
    return made;
  };
  const app = pool('tradeai_app', poolSizes.app);
  const system = pool('tradeai_system', poolSizes.system);
  const aside = pool('tradeai_system', poolSizes.aside);
  return {
    systemUrl: urlForRole(ownerUrl, 'tradeai_system', secretKey),
    transact: (scope, work) =>
      withRetries(() =>
        inTransaction(app, { tenantId: scope.tenant.id }, async (tx) => {
          await claimIdempotencyKey(tx, scope);
          return work(Object.assign(tx, { context: scope }));
        }),
      ),
    read: (scope, work) =>
      withRetries(() =>
        inTransaction(app, { tenantId: scope.tenant.id, readOnly: true }, (tx) =>
          work(Object.assign(tx, { context: scope })),
        ),
      ),
    system: (work) => withRetries(() => inTransaction(system, { tenantId: null }, work)),
    aside: (work) => withRetries(() => inTransaction(aside, { tenantId: null }, work)),
    close: async () => {
      closing = true;
      await Promise.all([app.end(), system.end(), aside.end()]);
    },
  };
}
