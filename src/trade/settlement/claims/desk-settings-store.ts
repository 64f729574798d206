import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import { amountOf, type Money, moneyFromNumeric } from '#money';

type Tx = TenantTx<Context>;

/** Up to which amount items with exact evidence are settled without a person, and who said so. */
export interface AutoSettlement {
  /** Null: off. */
  limit: Money | null;
  setBy: string;
  setAt: Date;
}

/** The setting in force; undefined where nobody ever set it: off. */
export async function readAutoSettlement(tx: Tx): Promise<AutoSettlement | undefined> {
  const row = await tx.maybe<{ amount: string | null; currency: string; setBy: string; setAt: Date }>(sql`
    select limit_amount as amount, currency, set_by as "setBy", set_at as "setAt" from settlement.auto_settlement
    order by set_at desc, id desc limit 1`);
  if (!row) return undefined;
  return {
    limit: row.amount === null ? null : moneyFromNumeric(row.amount, row.currency),
    setBy: row.setBy,
    setAt: row.setAt,
  };
}

/** Records a new setting; earlier ones stay. */
export async function insertAutoSettlement(tx: Tx, limit: Money | null): Promise<void> {
  const { tenant, actor, clock, newId } = tx.context;
  await tx.run(sql`insert into settlement.auto_settlement (tenant_id, id, limit_amount, currency, set_by, set_at)
    values (${tenant.id}, ${newId()}, ${limit && amountOf(limit)}, ${limit?.currency ?? tenant.currency}, ${actor.id},
      ${clock.now()})`);
}

/** What a person may write off at most. */
export interface WriteOffLimit {
  personId: string;
  limit: Money;
  setBy: string;
  setAt: Date;
}

/** The limits in force, by person; people without one have the default. */
export async function readWriteOffLimits(tx: Tx, personId?: string): Promise<WriteOffLimit[]> {
  const ofPerson = personId ? sql`where person_id = ${personId}` : sql``;
  const rows = await tx.many<Omit<WriteOffLimit, 'limit'> & { amount: string; currency: string }>(sql`
    select distinct on (person_id) person_id as "personId", amount, currency, set_by as "setBy", set_at as "setAt"
    from settlement.write_off_limit ${ofPerson} order by person_id, set_at desc, id desc`);
  return rows.map(({ amount, currency, ...row }) => ({ ...row, limit: moneyFromNumeric(amount, currency) }));
}

/** Records a person's new limit; earlier ones stay. */
export async function insertWriteOffLimit(tx: Tx, personId: string, limit: Money): Promise<void> {
  const { tenant, actor, clock, newId } = tx.context;
  await tx.run(sql`insert into settlement.write_off_limit (tenant_id, id, person_id, amount, currency, set_by, set_at)
    values (${tenant.id}, ${newId()}, ${personId}, ${amountOf(limit)}, ${limit.currency}, ${actor.id}, ${clock.now()})`);
}
