import type { Context } from '#context';
import { type RawBuilder, sql, type TenantTx } from '#db';
import type { Duty } from '#module';
import type { KnownConflict } from './duty-matrix.ts';

type Tx = TenantTx<Context>;

/** One person who did both sides of a conflict with one record, as the audit trail tells it. */
export interface DutyBreach {
  conflict: string;
  personId: string;
  recordType: string;
  recordId: string;
  /** When they first did the first duty, and last the second. */
  firstAt: Date;
  firstAction: string;
  secondAt: Date;
  secondAction: string;
  /** By which actors of theirs: they themselves, or a program that they made. */
  firstActorId: string;
  secondActorId: string;
  /** The exception in force when they did the second. */
  exceptionId: string | null;
}

/** As many of one conflict as a report shows: beyond that it is the rule that needs looking at. */
export const mostBreaches = 500;

function tracesOf(duty: Duty): RawBuilder<unknown> {
  const selects = duty.traces.map(({ entityType, actions, records }) => {
    const columns = sql`entry.actor_id, entry.at, entry.action`;
    const matching = sql`entry.entity_type = ${entityType} and entry.action = any(${[...actions]}::text[])`;
    return records
      ? sql`select ${columns}, link.record_id from audit.entry entry join (${records}) link
          on link.entity_id = entry.entity_id where ${matching}`
      : sql`select ${columns}, entry.entity_id as record_id from audit.entry entry where ${matching}`;
  });
  return selects.length === 0
    ? sql`select null::uuid as actor_id, null::timestamptz as at, null::text as action, null::text as record_id where false`
    : sql.join(selects, sql` union all `);
}

/** Each program's people: who made it or a key of it is behind what it does. */
const hands = sql`select id as actor_id, created_by as hand_id from identity.service_account
  union select service_account_id, created_by from identity.api_key where service_account_id is not null`;

/** What was done, by the people behind it. */
function handled(traces: string): RawBuilder<unknown> {
  return sql`select done.*, coalesce(hand.hand_id, done.actor_id) as hand_id
    from ${sql.ref(traces)} done left join hand on hand.actor_id = done.actor_id`;
}

/**
 * Who did both sides of a conflict with the same record, themselves or through programs of theirs, the first
 * before the second, the latest first, at most {@link mostBreaches}; `from` and `to` (instants) say when the second was done. The product itself is nobody.
 */
export async function findBreaches(
  tx: Tx,
  conflict: KnownConflict,
  { from, to }: { from: Date; to: Date },
): Promise<DutyBreach[]> {
  return tx.many<DutyBreach>(sql`
    with hand as (${hands}), first as (${tracesOf(conflict.first)}), second as (${tracesOf(conflict.second)}),
      made as (${handled('first')}), checked as (${handled('second')})
    select ${conflict.code} as conflict, checked.hand_id as "personId",
      (array_agg(made.actor_id order by made.at))[1] as "firstActorId",
      (array_agg(checked.actor_id order by checked.at desc))[1] as "secondActorId", ${conflict.recordType} as "recordType",
      checked.record_id as "recordId", min(made.at) as "firstAt", (array_agg(made.action order by made.at))[1] as "firstAction",
      max(checked.at) as "secondAt", (array_agg(checked.action order by checked.at desc))[1] as "secondAction",
      (select exception.id from identity.duty_exception exception
        where exception.tenant_id = ${tx.context.tenant.id} and exception.person_id = checked.hand_id
          and exception.conflict = ${conflict.code} and exception.state in ('granted', 'ended')
          and exception.decided_at <= max(checked.at) and coalesce(exception.ended_at, 'infinity') > max(checked.at)
          and exception.expires_on >= (max(checked.at) at time zone ${tx.context.tenant.timeZone})::date
        order by exception.decided_at desc limit 1) as "exceptionId"
    from checked join made on made.hand_id = checked.hand_id and made.record_id = checked.record_id and made.at <= checked.at
    where checked.hand_id <> '00000000-0000-0000-0000-000000000000' and checked.at >= ${from} and checked.at < ${to}
    group by checked.hand_id, checked.record_id
    order by max(checked.at) desc, checked.record_id limit ${mostBreaches}`);
}
