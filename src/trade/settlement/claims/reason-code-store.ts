import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx } from '#db';
import { scopeFilter } from '#scope';
import { reasonCodeScope } from '../settlement-scope.ts';

type Tx = TenantTx<Context>;

/** What a retailer's reason code means, in a range of days and from when on we know it. */
export interface ReasonCode {
  id: string;
  customerId: string;
  code: string;
  category: string;
  validFrom: string;
  validTo: string | null;
  recordedBy: string;
  recordedAt: Date;
}

const columns = sql`reason_code.id, reason_code.customer_id as "customerId", reason_code.code, reason_code.category,
  reason_code.valid_from as "validFrom", reason_code.valid_to as "validTo", reason_code.recorded_by as "recordedBy",
  reason_code.recorded_at as "recordedAt"`;

/** A page of reason codes, everything ever recorded, by code. */
export function listReasonCodes(tx: Tx, request: ListRequest, where: RawBuilder<unknown>[]): Promise<Page<ReasonCode>> {
  const list = {
    columns,
    from: sql`settlement.reason_code`,
    where: [...where, scopeFilter(tx.context, reasonCodeScope)],
    sortable: { code: sql`reason_code.code`, validFrom: sql`reason_code.valid_from` },
    id: sql`reason_code.id`,
    defaultSort: 'code',
  };
  return keysetPage<ReasonCode>(tx, list, request);
}

/** Records what a code means from a day on. */
export async function insertReasonCode(tx: Tx, code: ReasonCode): Promise<void> {
  await tx.run(sql`insert into settlement.reason_code (tenant_id, id, customer_id, code, category, valid_from, valid_to,
      recorded_by, recorded_at)
    values (${tx.context.tenant.id}, ${code.id}, ${code.customerId}, ${code.code}, ${code.category},
      ${code.validFrom}::date, ${code.validTo}::date, ${code.recordedBy}, ${code.recordedAt})`);
}

/**
 * What a code means at a customer on a day: the nearest customer of its line that has the code, there the latest start,
 * there the latest record. `known` is false where nobody on the line has any code.
 */
export async function meaningOf(
  tx: Tx,
  customerLine: readonly string[],
  code: string,
  on: string,
): Promise<{ known: boolean; category: string | null }> {
  const found = await tx.maybe<{ category: string }>(sql`
    select category from (
      select distinct on (customer_id, valid_from) customer_id, valid_from, valid_to, category from settlement.reason_code
      where customer_id = any(${[...customerLine]}::uuid[]) and code = ${code} and valid_from <= ${on}::date
      order by customer_id, valid_from, recorded_at desc, id desc) latest
    where valid_to is null or valid_to >= ${on}::date
    order by array_position(${[...customerLine]}::uuid[], customer_id), valid_from desc limit 1`);
  if (found) return { known: true, category: found.category };
  const { known } = await tx.one<{ known: boolean }>(sql`
    select exists (select from settlement.reason_code where customer_id = any(${[...customerLine]}::uuid[])) as known`);
  return { known, category: null };
}
