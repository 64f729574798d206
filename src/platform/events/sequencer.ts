import { type Database, sql } from '#db';

/** Events given a position in one transaction at most; keeps that transaction far below a second. */
const batchSize = 1_000;

/**
 * Moves committed outbox rows into the log with gapless positions, one process at a time. A row is taken only when
 * every transaction that began before it has ended (xid below the snapshot's xmin), so order never changes behind a
 * reader. Answers how many rows it moved and whether others still wait for a transaction to end.
 */
export async function sequence(db: Database): Promise<{ moved: number; waiting: boolean }> {
  return db.system(async (tx) => {
    const lock = await tx.one<{ held: boolean }>(
      sql`select pg_try_advisory_xact_lock(hashtext('event.sequencer')) as held`,
    );
    if (!lock.held) return { moved: 0, waiting: true };
    const moved = await tx.run(sql`
      with ready as (
        delete from event.outbox where (tenant_id, id) in (
          select tenant_id, id from event.outbox where xid < pg_snapshot_xmin(pg_current_snapshot())
          order by xid, seq limit ${batchSize})
        returning *),
      last as (select coalesce(max(position), 0) as position from event.log)
      insert into event.log (position, tenant_id, id, type, version, subject_type, subject_id, data, actor_id, request_id, traceparent, occurred_at)
      select last.position + row_number() over (order by ready.xid, ready.seq), ready.tenant_id, ready.id, ready.type,
        ready.version, ready.subject_type, ready.subject_id, ready.data, ready.actor_id, ready.request_id,
        ready.traceparent, ready.occurred_at
      from ready, last`);
    const rest = await tx.one<{ waiting: boolean }>(sql`select exists (select 1 from event.outbox) as waiting`);
    return { moved, waiting: rest.waiting };
  });
}
