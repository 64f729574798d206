import { type Context, type Scope, systemActorId } from '#context';
import { sql, type TenantTx } from '#db';
import { expandScope } from '#scope';
import { reachOf } from '#security';
import { refuseFile } from './file-source.ts';
import type { AnyImportKind, KeptBy } from './import-kind.ts';
import type { MappedRecord } from './map-row.ts';

/** Looks at where the records of a row lie: those to store, or why the row lies outside. */
export type PlaceCheck = (records: readonly MappedRecord[]) => {
  records: readonly MappedRecord[];
  reasons: readonly string[];
};

type Texts = Readonly<Record<string, string>>;

const outside = (what: string, code: string) =>
  code === ''
    ? `no ${what} is named, and you are kept to a part of them`
    : `the ${what} ${code} lies outside the part that you are kept to`;

/** The codes of one tree: those inside with the code of what stands above each, and the others. */
interface TreeCodes {
  inside: ReadonlyMap<string, string>;
  others: ReadonlySet<string>;
}

type Side = 'customer' | 'product';

async function codesOf(tx: TenantTx, side: Side, scope: Scope): Promise<TreeCodes | null> {
  const kept = scope[side];
  if (!kept) return null;
  const table = sql.table(`master_data.${side}`);
  const rows = await tx.many<{ id: string; code: string; parent: string | null }>(sql`select node.id, node.code,
      above.code as parent
    from ${table} node left join ${table} above on above.tenant_id = node.tenant_id and above.id = node.parent_id`);
  const inside = rows.filter(({ id }) => kept.within.has(id));
  return {
    inside: new Map(inside.map(({ code, parent }) => [code, parent ?? ''])),
    others: new Set(rows.filter(({ id }) => !kept.within.has(id)).map(({ code }) => code)),
  };
}

/** As the import reads it: what is trimmed here alone would be judged as another record. */
const codeIn = (texts: Texts, column: string) => texts[column] ?? '';

/**
 * A node stays where it is or goes below one that lies inside; a new one is made below one, also of the same file. What a
 * mapping derives above the part is there already and stays as it is: the row is judged by what it would store.
 */
function nodeCheck(what: string, { inside, others }: TreeCodes): PlaceCheck {
  const made = new Set<string>();
  return (all) => {
    const records = all.filter(({ derived, texts }) => !derived || !others.has(codeIn(texts, 'code')));
    const fresh = new Set<string>();
    for (const { texts } of records) {
      const [code, parent] = [codeIn(texts, 'code'), codeIn(texts, 'parent_code')];
      if (others.has(code)) return { records, reasons: [outside(what, code)] };
      const stays = inside.get(code) === parent;
      const below = inside.has(parent) || made.has(parent) || fresh.has(parent);
      if (!stays && !below) return { records, reasons: [outside(what, parent)] };
      fresh.add(code);
    }
    for (const code of fresh) made.add(code);
    return { records, reasons: [] };
  };
}

/** Whether each code that a column names is one of some; `what` names the kind of thing. */
function columnCheck(what: string, column: string, { codesIn }: KeptBy, inside: { has(code: string): boolean }) {
  const read = codesIn?.[column] ?? ((text: string) => [text]);
  return (texts: Texts): string[] => {
    const codes = read(codeIn(texts, column));
    return (codes.length > 0 ? codes : ['']).filter((code) => !inside.has(code)).map((code) => outside(what, code));
  };
}

/** What looks at the columns of a row that say where it lies, and at what else it names. */
async function columnChecks(tx: TenantTx, keeps: KeptBy, scope: Scope, trees: Record<Side, TreeCodes | null>) {
  const sides = (['customer', 'product'] as const).flatMap((side) => {
    const [column, codes] = [keeps[side], trees[side]];
    return column && codes ? [columnCheck(side, column, keeps, codes.inside)] : [];
  });
  const { named } = keeps;
  return named ? [...sides, columnCheck(named.what, named.column, keeps, await named.visible(tx, scope))] : sides;
}

/** What whoever asked for an import is kept to when it runs; the product itself and the console to nothing. */
async function scopeOfAsker(tx: TenantTx<Context>, actorId: string): Promise<Scope | undefined> {
  const { actor } = tx.context;
  if (actorId === systemActorId) return undefined;
  if (actorId === actor.id) return actor.scope;
  const roots = await reachOf(tx, actorId);
  return roots ? expandScope(tx, roots) : refuseFile('Whoever asked for this import is nobody here any more.');
}

/**
 * Looks at every row of an import by somebody who is kept to a part of the tenant; undefined where they are not. Throws
 * `import.refused` for a kind whose rows belong to the whole tenant.
 */
export async function checkPlaces(
  context: Context,
  kind: AnyImportKind,
  actorId: string,
): Promise<PlaceCheck | undefined> {
  return context.db.read(context, async (tx) => {
    const scope = await scopeOfAsker(tx, actorId);
    if (!scope) return undefined;
    const { keeps } = kind;
    if (!keeps) refuseFile(`Imports of ${kind.kind} reach beyond the part that you are kept to.`);
    const trees = { customer: await codesOf(tx, 'customer', scope), product: await codesOf(tx, 'product', scope) };
    const tree = keeps.node ? trees[keeps.node] : null;
    const node = keeps.node && tree ? nodeCheck(keeps.node, tree) : undefined;
    const checks = await columnChecks(tx, keeps, scope, trees);
    return (all) => {
      const { records, reasons } = node?.(all) ?? { records: all, reasons: [] };
      return {
        records,
        reasons: [...reasons, ...records.flatMap(({ texts }) => checks.flatMap((check) => check(texts)))],
      };
    };
  });
}
