import { type RawBuilder, sql } from 'kysely';

/** Parts of one statement by name: what each changes it does at once with the others, and sees nothing of them. */
export type Parts = Readonly<Record<string, RawBuilder<unknown>>>;

/**
 * Changes of one kind that a transaction gathers: they are made in one statement with all else that it has gathered, before
 * the first statement that could see them, and at the latest before the commit.
 */
export interface Gathered<Row> {
  /** What stands in the text of every statement that could see them or depends on them: a schema with its point. */
  seenBy: string;
  /** The parts that make them; names are the kind's own. */
  parts(rows: readonly Row[]): Parts;
  /** Whether each part touches exactly one row, and returns it; anything else is an error. */
  touchesOne?: boolean;
  /** Kinds that may not be made by one statement with this one, because it works on what they have changed. */
  follows?: readonly Gathered<never>[];
}

/** Rows as a table, in their order; `types`: of each column that of PostgreSQL, none of them an array. */
export function tableOf<Row extends object>(
  rows: readonly Row[],
  types: Readonly<Record<keyof Row & string, string>>,
): RawBuilder<unknown> {
  const names = Object.keys(types) as (keyof Row & string)[];
  const columns = names.map((name) => sql`${rows.map((row) => row[name])}::${sql.raw(types[name])}[]`);
  return sql`select * from unnest(${sql.join(columns)}) as row (${sql.join(names.map((name) => sql.ref(name)))})`;
}

/** A statement of what was gathered, and the parts that each have to touch one row: it tells how many they did. */
export interface GatheredStatement {
  query: RawBuilder<Record<string, unknown>>;
  touchingOne: readonly string[];
}

/** What a transaction has gathered so far. */
export class Gathering {
  readonly #rows = new Map<Gathered<never>, unknown[]>();

  /** Whether anything waits that a kind has to follow. */
  mustPrecede<Row>({ follows = [] }: Gathered<Row>): boolean {
    return follows.some((kind) => this.#rows.has(kind));
  }

  add<Row>(kind: Gathered<Row>, row: Row): void {
    const rows = this.#rows.get(kind);
    if (rows) rows.push(row);
    else this.#rows.set(kind, [row]);
  }

  /** Whether a statement could see something of it. */
  isSeenBy(text: string): boolean {
    const names = text.replaceAll('"', '');
    for (const { seenBy } of this.#rows.keys()) if (names.includes(seenBy)) return true;
    return false;
  }

  get isEmpty(): boolean {
    return this.#rows.size === 0;
  }

  forget(): void {
    this.#rows.clear();
  }

  /** Everything gathered, with further parts, as one statement that answers one row; what was gathered is forgotten. */
  take(more: Parts = {}, answer?: RawBuilder<unknown>): GatheredStatement {
    const parts: [string, RawBuilder<unknown>][] = [];
    const touchingOne: string[] = [];
    for (const [kind, rows] of this.#rows) {
      const made = kind.parts(rows as never[]);
      parts.push(...Object.entries(made));
      if (kind.touchesOne) touchingOne.push(...Object.keys(made));
    }
    this.#rows.clear();
    const named = [...parts, ...Object.entries(more)].map(([name, part]) => sql`${sql.ref(name)} as (${part})`);
    const told = touchingOne.map((name) => sql`(select count(*)::int from ${sql.ref(name)}) as ${sql.ref(name)}`);
    if (answer) told.push(sql`coalesce((select jsonb_agg(answer) from (${answer}) answer), '[]') as answer`);
    const query = sql<Record<string, unknown>>`with ${sql.join(named)} select ${sql.join(told)}`;
    return { query, touchingOne };
  }
}
