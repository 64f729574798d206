import pg from 'pg';

/** What pg's connection sends; its types know less than it takes. */
interface Sending {
  parse(statement: { text: string }): void;
  bind(values: object): void;
  execute(portal: { portal?: string }): void;
  sync(): void;
  submittedNamedStatements: Record<string, string>;
}

/** pg's query: `prepare` sends what one statement takes, and ends with `_getRows`. */
interface SentQuery {
  name: string | undefined;
  portal: string;
  prepare(connection: Sending): void;
  handleCommandComplete(message: unknown, connection: Sending): void;
  handleError(error: Error, connection: Sending): void;
  _getRows(connection: Sending): void;
}

const Query = pg.Query as unknown as new (
  statement: pg.QueryConfig & { queryMode: 'extended' },
  answered: (error: Error | null, result: pg.QueryResult) => void,
) => SentQuery;

/** Statements without parameters and rows that go with another one: `begin` before it, `commit` after it. */
export interface Company {
  before?: readonly string[];
  after?: readonly string[];
}

function sendPlain(connection: Sending, text: string): void {
  connection.parse({ text });
  connection.bind({});
  connection.execute({});
}

/**
 * A statement and what goes with it in one round trip, for `client.query`: `answer` is the statement's own. The server carries
 * out in turn what comes before one Sync, and leaves out all that follows an error, a `commit` too (PostgreSQL, Frontend/Backend
 * Protocol, Extended Query).
 */
export class RoundTrip extends Query {
  /** What the database answers to the statement; once this is here, what goes after it has happened as well. */
  answer: Promise<pg.QueryResult>;
  readonly text: string;
  readonly #name: string | undefined;
  readonly #before: readonly string[];
  readonly #after: readonly string[];
  #completed = 0;

  constructor(statement: pg.QueryConfig, { before = [], after = [] }: Company) {
    const { promise, resolve, reject } = Promise.withResolvers<pg.QueryResult>();
    super({ ...statement, queryMode: 'extended' }, (error, result) => (error ? reject(error) : resolve(result)));
    this.answer = promise;
    this.text = statement.text;
    this.#name = statement.name;
    this.#before = before;
    this.#after = after;
  }

  /** Whether the transaction ends with it. */
  get commits(): boolean {
    return this.text === 'commit' || this.#after.includes('commit');
  }

  override prepare(connection: Sending): void {
    for (const text of this.#before) sendPlain(connection, text);
    super.prepare(connection);
    // The client takes every statement that was parsed for the one of this name.
    if (this.#before.length > 0) this.name = undefined;
  }

  override _getRows(connection: Sending): void {
    connection.execute({ portal: this.portal });
    for (const text of this.#after) sendPlain(connection, text);
    connection.sync();
  }

  override handleCommandComplete(message: unknown, connection: Sending): void {
    const at = this.#completed++;
    if (at === this.#before.length) super.handleCommandComplete(message, connection);
    if (this.#completed === this.#before.length) this.name = this.#name;
  }

  override handleError(error: Error, connection: Sending): void {
    if (this.#name !== undefined) delete connection.submittedNamedStatements[this.#name];
    super.handleError(error, connection);
  }
}
