import type { Context } from '#context';
import { sql, type TenantTx } from '#db';

type Tx = TenantTx<Context>;

/** A stored measurement; `event` and `result` are JSON as they were written. */
export interface PostEventRow {
  id: string;
  promotionId: string;
  version: number;
  state: 'measured' | 'refused';
  formulaVersion: string;
  baselineVersion: string | null;
  event: unknown;
  result: unknown;
  measuredAt: Date;
  measuredBy: string;
}

const columns = sql`id, promotion_id as "promotionId", version, state, formula_version as "formulaVersion",
  baseline_version as "baselineVersion", event, result, measured_at as "measuredAt", measured_by as "measuredBy"`;

/** The last measurement of a promotion, or the one with this version; of those that were there at `asOf` where given. */
export async function findPostEvent(
  tx: Tx,
  promotionId: string,
  version?: number,
  asOf?: string,
): Promise<PostEventRow | undefined> {
  const which = version === undefined ? sql`true` : sql`version = ${version}`;
  const by = asOf === undefined ? sql`true` : sql`measured_at <= ${asOf}`;
  return tx.maybe<PostEventRow>(sql`select ${columns} from performance.post_event_result
    where promotion_id = ${promotionId} and ${which} and ${by} order by version desc limit 1`);
}

/** Serialises measurements of one promotion until the transaction ends. */
export async function lockPostEvents(tx: Tx, promotionId: string): Promise<void> {
  await tx.run(sql`select pg_advisory_xact_lock(hashtextextended(${`performance.post_event:${promotionId}`}, 0))`);
}

/** A measurement to store. */
export type NewPostEvent = Pick<
  PostEventRow,
  'promotionId' | 'version' | 'state' | 'formulaVersion' | 'baselineVersion' | 'event' | 'result'
>;

/** Adds a measurement; nothing is ever changed. Call under {@link lockPostEvents}. */
export async function insertPostEvent(tx: Tx, result: NewPostEvent): Promise<PostEventRow> {
  const { context } = tx;
  return tx.one<PostEventRow>(sql`
    insert into performance.post_event_result (tenant_id, id, promotion_id, version, state, formula_version,
      baseline_version, event, result, measured_at, measured_by)
    values (${context.tenant.id}, ${context.newId()}, ${result.promotionId}, ${result.version}, ${result.state},
      ${result.formulaVersion}, ${result.baselineVersion}, ${JSON.stringify(result.event)},
      ${JSON.stringify(result.result)}, ${context.clock.now()}, ${context.actor.id})
    returning ${columns}`);
}

/** Cases shipped per product to customers in periods that start within the dates; products without any are absent. */
export async function sumShipments(
  tx: Tx,
  query: { customerIds: readonly string[]; productIds: readonly string[]; from: string; to: string },
): Promise<Map<string, string>> {
  const rows = await tx.many<{ productId: string; cases: string }>(sql`
    select product_id as "productId", sum(cases)::text as cases from performance.shipment
    where customer_id = any(${query.customerIds as string[]}::uuid[]) and product_id = any(${query.productIds as string[]}::uuid[])
      and period_start between ${query.from}::date and ${query.to}::date
    group by product_id`);
  return new Map(rows.map(({ productId, cases }) => [productId, cases]));
}

/** Products that have sales facts. */
export async function productsWithSales(tx: Tx): Promise<string[]> {
  // One index probe per product: counting them off the facts would read every row.
  const rows = await tx.many<{ id: string }>(sql`
    with recursive product as (
      (select product_id as id from performance.sales order by product_id limit 1)
      union all
      select (select sales.product_id from performance.sales where sales.product_id > product.id
        order by sales.product_id limit 1) from product where product.id is not null
    ) select id from product where id is not null`);
  return rows.map(({ id }) => id);
}
