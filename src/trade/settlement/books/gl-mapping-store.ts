import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import { type GlMapping, type GlMappingLine, houseGlMapping } from './domain/gl-mapping.ts';

type Tx = TenantTx<Context>;

interface MappingHead {
  id: string;
  number: number;
  validFrom: string;
}

const head = sql`gl_mapping.id, gl_mapping.number, gl_mapping.valid_from as "validFrom"`;

async function withLines(tx: Tx, found: MappingHead | undefined): Promise<GlMapping> {
  if (!found) return houseGlMapping;
  const lines = await tx.many<GlMappingLine>(sql`select movement, mechanic, customer_id as "customerId",
      debit_account as "debitAccount", credit_account as "creditAccount", cost_centre as "costCentre"
    from settlement.gl_mapping_line where mapping_id = ${found.id} order by position`);
  return { number: found.number, validFrom: found.validFrom, lines };
}

/** The mapping in force on a posting date: the house's own where the tenant has none for it yet. */
export async function glMappingOn(tx: Tx, on: string): Promise<GlMapping> {
  const found = await tx.maybe<MappingHead>(sql`select ${head} from settlement.gl_mapping
    where valid_from <= ${on}::date order by valid_from desc, number desc limit 1`);
  return withLines(tx, found);
}

/** The mapping that was recorded last, whenever it holds from. */
export async function latestGlMapping(tx: Tx): Promise<GlMapping> {
  const found = await tx.maybe<MappingHead>(
    sql`select ${head} from settlement.gl_mapping order by number desc limit 1`,
  );
  return withLines(tx, found);
}

/** Stores a version of the mapping and answers its id; null where its number is taken. */
export async function insertGlMapping(tx: Tx, mapping: GlMapping): Promise<string | null> {
  const { tenant, actor, clock, newId } = tx.context;
  const id = newId();
  const stored =
    await tx.run(sql`insert into settlement.gl_mapping (tenant_id, id, number, valid_from, recorded_by, recorded_at)
    values (${tenant.id}, ${id}, ${mapping.number}, ${mapping.validFrom}, ${actor.id}, ${clock.now()})
    on conflict (tenant_id, number) do nothing`);
  if (stored === 0) return null;
  const rows = mapping.lines.map((line, position) => ({ ...line, position }));
  await tx.run(sql`insert into settlement.gl_mapping_line (tenant_id, mapping_id, position, movement, mechanic, customer_id,
      debit_account, credit_account, cost_centre)
    select ${tenant.id}, ${id}, position, movement, mechanic, "customerId", "debitAccount", "creditAccount", "costCentre"
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as line (position integer, movement text, mechanic text,
      "customerId" uuid, "debitAccount" text, "creditAccount" text, "costCentre" text)`);
  return id;
}
