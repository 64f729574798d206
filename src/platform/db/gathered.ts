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

/** What stands between some texts: one node, where `sql.join` and `sql.ref` make several for each piece of every commit. */
function between<Row>(texts: readonly string[], pieces: readonly unknown[]): RawBuilder<Row> {
  return sql(Object.assign([...texts], { raw: texts }), ...pieces);
}

const quoted = (name: string) => `"${name}"`;

/** Rows as a table, in their order; `types`: of each column that of PostgreSQL, none of them an array. */
export function tableOf<Row extends object>(
  rows: readonly Row[],
  types: Readonly<Record<keyof Row & string, string>>,
): RawBuilder<unknown> {
  const names = Object.keys(types) as (keyof Row & string)[];
  const texts = names.map((name, at) => `::${types[name]}[]${at < names.length - 1 ? ', ' : ''}`);
  texts[names.length - 1] += `) as row (${names.map(quoted).join(', ')})`;
  return between(
    ['select * from unnest(', ...texts],
    names.map((name) => rows.map((row) => row[name])),
  );
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

  /**
   * Everything gathered, with further parts, as one statement that answers one row; what was gathered is forgotten. It divides by
   * zero where a part that has to touch one row does not.
   */
  take(more: Parts = {}, answer?: RawBuilder<unknown>): RawBuilder<Record<string, unknown>> {
    const parts: [string, RawBuilder<unknown>][] = [];
    const told: string[] = [];
    for (const [kind, rows] of this.#rows) {
      const made = Object.entries(kind.parts(rows as never[]));
      parts.push(...made);
      if (!kind.touchesOne) continue;
      told.push(...made.map(([name]) => `1 / (select (count(*) = 1)::int from ${quoted(name)})`));
    }
    this.#rows.clear();
    parts.push(...Object.entries(more));
    const opened = parts.map(([name], at) => `${at === 0 ? 'with ' : '), '}${quoted(name)} as (`);
    const pieces = parts.map(([, part]) => part);
    if (!answer) return between([...opened, `) select ${told.join(', ')}`], pieces);
    told.push('coalesce((select jsonb_agg(answer) from (');
    return between([...opened, `) select ${told.join(', ')}`, `) answer), '[]') as answer`], [...pieces, answer]);
  }
}
