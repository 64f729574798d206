import { todayIn } from '#clock';
import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import type { StoredEvent } from '#events';
import type { TimeRange } from './protocol.ts';

const second = 1_000;
const hour = 3_600 * second;

/** Length and bucket of each range: 60 to 168 points, what a chart can show. */
const ranges: Record<TimeRange, { lengthMs: number; bucketMs: number }> = {
  '1h': { lengthMs: hour, bucketMs: 60 * second },
  '24h': { lengthMs: 24 * hour, bucketMs: 900 * second },
  '7d': { lengthMs: 168 * hour, bucketMs: hour },
  '30d': { lengthMs: 720 * hour, bucketMs: 6 * hour },
};

/** Counts of events by type over time: `series[type][i]` fell into `from + i × bucketMs`. */
export interface EventCounts {
  from: string;
  to: string;
  bucketMs: number;
  series: Record<string, number[]>;
  totals: Record<string, number>;
}

/** Which events are meant: types or beginnings of types up to a dot, and what their data must hold. */
export interface EventsWanted {
  types: readonly string[];
  data?: Readonly<Record<string, string>>;
}

function wanted(tx: TenantTx<Context>, { types, data = {} }: EventsWanted) {
  const beginnings = types.map((type) => `${type}.`);
  return sql`tenant_id = ${tx.context.tenant.id} and (type = any(${types as string[]}) or type ^@ any(${beginnings}))
    and data @> ${JSON.stringify(data)}::jsonb`;
}

/** The last `limit` events up to a position, newest first. */
export async function lastEvents(
  tx: TenantTx<Context>,
  events: EventsWanted,
  upTo: number,
  limit: number,
): Promise<StoredEvent[]> {
  return tx.many<StoredEvent>(sql`select position::float8 as position, id, tenant_id as "tenantId", type, version,
      subject_type as "subjectType", subject_id as "subjectId", data, actor_id as "actorId", request_id as "requestId",
      traceparent, occurred_at as "occurredAt"
    from event.log where ${wanted(tx, events)} and position <= ${upTo}
    order by position desc limit ${limit}`);
}

/** How many events happened today, in the tenant's time zone, by exact type. */
export async function countEventsToday(tx: TenantTx<Context>, events: EventsWanted): Promise<Record<string, number>> {
  const { clock, tenant } = tx.context;
  const today = todayIn(clock, tenant.timeZone);
  const rows = await tx.many<{ type: string; count: number }>(sql`select type, count(*)::int as count from event.log
    where ${wanted(tx, events)} and occurred_at >= ${today}::date::timestamp at time zone ${tenant.timeZone}
    group by type order by type`);
  return Object.fromEntries(rows.map(({ type, count }) => [type, count]));
}

/** Counts of events by type and bucket over a range that ends now. */
export async function countEvents(
  tx: TenantTx<Context>,
  events: EventsWanted,
  timeRange: TimeRange,
): Promise<EventCounts> {
  const { lengthMs, bucketMs } = ranges[timeRange];
  const to = tx.context.clock.now();
  const from = new Date(to.getTime() - lengthMs);
  const rows = await tx.many<{ type: string; bucket: number; count: number }>(sql`
    select type, least(floor(extract(epoch from occurred_at - ${from}::timestamptz) * 1000 / ${bucketMs}), ${lengthMs / bucketMs - 1})::int as bucket,
      count(*)::int as count
    from event.log where ${wanted(tx, events)} and occurred_at >= ${from} and occurred_at <= ${to}
    group by 1, 2 order by 1, 2`);
  const counts: EventCounts = { from: from.toISOString(), to: to.toISOString(), bucketMs, series: {}, totals: {} };
  for (const { type, bucket, count } of rows) {
    counts.series[type] ??= new Array<number>(lengthMs / bucketMs).fill(0);
    counts.series[type][bucket] = count;
    counts.totals[type] = (counts.totals[type] ?? 0) + count;
  }
  return counts;
}
