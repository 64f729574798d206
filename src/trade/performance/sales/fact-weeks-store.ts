import type { Context } from '#context';
import { sql, type TenantTx } from '#db';

/** First days of the weeks that have facts of anybody, and when the last of those facts was recorded. */
interface FactWeeks {
  sales: string[];
  shipments: string[];
  lastRecordedAt: Date | null;
}

/** Which weeks that begin in a range of dates have sales and shipments. */
export async function readFactWeeks(
  tx: TenantTx<Context>,
  range: { startsOn: string; endsOn: string },
): Promise<FactWeeks> {
  const weeksOf = (table: 'sales' | 'shipment') =>
    tx.many<{ week: string; lastRecordedAt: Date }>(sql`
      select period_start as week, max(recorded_at) as "lastRecordedAt" from ${sql.table(`performance.${table}`)}
      where period_start between ${range.startsOn}::date and ${range.endsOn}::date group by period_start order by period_start`);
  const [sales, shipments] = [await weeksOf('sales'), await weeksOf('shipment')];
  const last = Math.max(0, ...[...sales, ...shipments].map(({ lastRecordedAt }) => lastRecordedAt.getTime()));
  const weeks = (rows: { week: string }[]) => rows.map(({ week }) => week);
  return { sales: weeks(sales), shipments: weeks(shipments), lastRecordedAt: last === 0 ? null : new Date(last) };
}
