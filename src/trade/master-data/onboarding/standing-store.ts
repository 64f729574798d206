import type { Context } from '#context';
import { sql, type TenantTx } from '#db';

type Tx = TenantTx<Context>;

/** How a customer stands who went through onboarding; amounts are decimal strings in `currency`. */
export interface Standing {
  customerId: string;
  state: 'onboarding' | 'active' | 'refused' | 'returned';
  requestedLimit: string;
  /** Null until it is granted. */
  creditLimit: string | null;
  currency: string;
  conditions: string;
  requestedBy: string;
  requestedAt: Date;
  decidedAt: Date | null;
  version: number;
}

const columns = sql`customer_id as "customerId", state, requested_limit as "requestedLimit", credit_limit as "creditLimit",
  currency, conditions, requested_by as "requestedBy", requested_at as "requestedAt", decided_at as "decidedAt", version`;

/** How a customer stands; undefined for one that never went through onboarding: active, with no credit limit. */
export async function findStanding(tx: TenantTx, customerId: string): Promise<Standing | undefined> {
  return tx.maybe<Standing>(
    sql`select ${columns} from master_data.customer_standing where customer_id = ${customerId}`,
  );
}

/** The same, locked. */
export async function lockStanding(tx: Tx, customerId: string): Promise<Standing | undefined> {
  return tx.maybe<Standing>(
    sql`select ${columns} from master_data.customer_standing where customer_id = ${customerId} for update`,
  );
}

/** Writes that onboarding begins, anew where it ended before: what was granted then holds no more, the trail keeps it. */
export async function beginStanding(
  tx: Tx,
  { customerId, requestedLimit, currency }: Pick<Standing, 'customerId' | 'requestedLimit' | 'currency'>,
): Promise<Standing> {
  const { tenant, actor, clock } = tx.context;
  return tx.one<Standing>(sql`
    insert into master_data.customer_standing as standing
      (tenant_id, customer_id, state, requested_limit, currency, requested_by, requested_at)
    values (${tenant.id}, ${customerId}, 'onboarding', ${requestedLimit}, ${currency}, ${actor.id}, ${clock.now()})
    on conflict (tenant_id, customer_id) do update set state = 'onboarding', requested_limit = excluded.requested_limit,
      credit_limit = null, currency = excluded.currency, conditions = '', requested_by = excluded.requested_by,
      requested_at = excluded.requested_at, decided_at = null, version = standing.version + 1
    returning ${columns}`);
}

/** Writes what onboarding came to. */
export async function endStanding(
  tx: Tx,
  { customerId, state, creditLimit, conditions }: Pick<Standing, 'customerId' | 'state' | 'creditLimit' | 'conditions'>,
): Promise<Standing> {
  return tx.one<Standing>(sql`update master_data.customer_standing set state = ${state}, credit_limit = ${creditLimit},
    conditions = ${conditions}, decided_at = ${tx.context.clock.now()}, version = version + 1
    where customer_id = ${customerId} returning ${columns}`);
}
