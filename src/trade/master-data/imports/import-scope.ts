import { type Context, type Scope, systemActorId } from '#context';
import { sql, type TenantTx } from '#db';
import { expandScope } from '#scope';
import { reachOf } from '#security';
import { refuseFile } from './file-source.ts';
import type { AnyImportKind } from './import-kind.ts';

/** What is wrong with where the record of a row lies; nothing where it lies inside. */
export type PlaceCheck = (texts: Readonly<Record<string, string>>) => string[];

const outside = (what: string, code: string) =>
  code === ''
    ? `no ${what} is named, and you are kept to a part of them`
    : `the ${what} ${code} lies outside the part that you are kept to`;

/** The codes of one tree: those inside with the code of what stands above each, and the others. */
interface TreeCodes {
  inside: ReadonlyMap<string, string>;
  others: ReadonlySet<string>;
}

async function codesOf(tx: TenantTx, side: 'customer' | 'product', scope: Scope): Promise<TreeCodes | null> {
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
const codeIn = (texts: Readonly<Record<string, string>>, column: string) => texts[column] ?? '';

/** A node stays where it is or goes below one that lies inside; a new one is made below one, also of the same file. */
function nodeCheck(what: string, { inside, others }: TreeCodes): PlaceCheck {
  const made = new Set<string>();
  return (texts) => {
    const [code, parent] = [codeIn(texts, 'code'), codeIn(texts, 'parent_code')];
    if (others.has(code)) return [outside(what, code)];
    const stays = inside.get(code) === parent;
    if (!stays && !inside.has(parent) && !made.has(parent)) return [outside(what, parent)];
    made.add(code);
    return [];
  };
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
    const [customers, products] = [await codesOf(tx, 'customer', scope), await codesOf(tx, 'product', scope)];
    const sides = [
      { what: 'customer', column: keeps.customer, codes: customers },
      { what: 'product', column: keeps.product, codes: products },
    ];
    const nodes = keeps.node === 'customer' ? customers : products;
    const node = keeps.node && nodes ? nodeCheck(keeps.node, nodes) : undefined;
    return (texts) => [
      ...(node?.(texts) ?? []),
      ...sides.flatMap(({ what, column, codes }) => {
        if (!column || !codes) return [];
        const code = codeIn(texts, column);
        return codes.inside.has(code) ? [] : [outside(what, code)];
      }),
    ];
  });
}
