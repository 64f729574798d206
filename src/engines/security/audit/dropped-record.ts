import type { Database } from '#db';
import { Frontier } from './merkle-tree.ts';
import { type Span, spanLeaves } from './retention-store.ts';

/** What a signed record of dropped entries says: so many leaves, in their sequence, have this root. */
export function droppedText(
  tenantId: string,
  { retentionClass, startsAt, endsAt }: Span,
  leaves: { size: number; root: Buffer },
  at: string,
): string {
  return (
    `tradeai/audit-dropped/${tenantId}\n${retentionClass}\n${startsAt.toISOString()} ${endsAt.toISOString()}\n` +
    `${leaves.size}\n${leaves.root.toString('base64')}\ntime ${at}\n`
  );
}

/** Size and root of a span's leaves. */
export async function spanTree(db: Database, tenantId: string, span: Span): Promise<Frontier> {
  const frontier = new Frontier();
  for await (const leaf of spanLeaves((work) => db.system(work), tenantId, span)) frontier.append(leaf);
  return frontier;
}
