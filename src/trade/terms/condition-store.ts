import type { Context } from '#context';
import { sql, type TenantTx } from '#db';

type Tx = TenantTx<Context>;

/** The last word on a condition in a fiscal period. */
export interface RecordedCondition {
  lineCode: string;
  fiscalYear: number;
  period: number;
  startsOn: string;
  endsOn: string;
  met: boolean;
  note: string;
  recordedBy: string;
  recordedAt: Date;
}

/** Adds a word on a condition; earlier ones stay. */
export async function insertCondition(
  tx: Tx,
  agreementId: string,
  result: Omit<RecordedCondition, 'recordedBy' | 'recordedAt'>,
): Promise<void> {
  const { tenant, clock, newId, actor } = tx.context;
  await tx.run(sql`
    insert into terms.condition_result (tenant_id, id, agreement_id, line_code, fiscal_year, period, starts_on, ends_on, met, note, recorded_by, recorded_at)
    values (${tenant.id}, ${newId()}, ${agreementId}, ${result.lineCode}, ${result.fiscalYear}, ${result.period},
      ${result.startsOn}, ${result.endsOn}, ${result.met}, ${result.note}, ${actor.id}, ${clock.now()})`);
}

/** The last words on the conditions of an agreement, newest period first. */
export function findConditions(tx: Tx, agreementId: string): Promise<RecordedCondition[]> {
  return tx.many<RecordedCondition>(sql`
    select * from (select distinct on (line_code, starts_on) line_code as "lineCode", fiscal_year as "fiscalYear", period,
        starts_on as "startsOn", ends_on as "endsOn", met, note, recorded_by as "recordedBy", recorded_at as "recordedAt"
      from terms.condition_result where agreement_id = ${agreementId} order by line_code, starts_on, seq desc) last
    order by "startsOn" desc, "lineCode"`);
}
