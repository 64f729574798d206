import type { Context } from '#context';
import { findCustomers } from '#master-data';
import { Problem } from '#problem';
import { recordChange } from '../settlement-events.ts';
import { type GlMapping, type GlMappingLine, requireDistinct } from './domain/gl-mapping.ts';
import { insertGlMapping, latestGlMapping } from './gl-mapping-store.ts';

/**
 * Records the next version of the mapping; journals that are prepared from now on for posting dates from `validFrom` on go
 * by it. Throws `version.conflict`, and `rule.violated` where a line is there twice or names an unknown customer.
 */
export async function changeGlMapping(
  context: Context,
  change: { validFrom: string; lines: readonly GlMappingLine[]; ifMatch: number | undefined },
): Promise<GlMapping> {
  requireDistinct(change.lines);
  return context.db.transact(context, async (tx) => {
    const ids = [...new Set(change.lines.flatMap(({ customerId }) => customerId ?? []))];
    const known = await findCustomers(tx, { ids });
    if (known.length < ids.length) {
      throw new Problem('rule.violated', { detail: 'The mapping names a customer that is not there.' });
    }
    const latest = await latestGlMapping(tx);
    if (change.ifMatch !== undefined && change.ifMatch !== latest.number) throw new Problem('version.conflict');
    const { validFrom, lines } = change;
    const mapping = { number: latest.number + 1, validFrom, lines };
    const id = await insertGlMapping(tx, mapping);
    if (id === null) throw new Problem('version.conflict');
    await recordChange(tx, {
      ...{ entityType: 'gl_mapping', entityId: id, happened: 'changed' },
      before: latest,
      after: { number: mapping.number, validFrom, lines: lines.length },
    });
    return mapping;
  });
}
