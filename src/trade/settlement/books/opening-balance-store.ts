import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import { amountOf, type Money, moneyFromNumeric } from '#money';

type Tx = TenantTx<Context>;

/** What stood for a tactic when the books were taken over. */
export interface OpeningBalance {
  tacticId: string;
  committed: Money;
  earned: Money;
  settled: Money;
}

/** Opening balances of tactics, by tactic. */
export async function findOpeningBalances(tx: Tx, tacticIds: readonly string[]): Promise<Map<string, OpeningBalance>> {
  type Row = Record<'tacticId' | 'committed' | 'earned' | 'settled' | 'currency', string>;
  const rows = await tx.many<Row>(sql`select tactic_id as "tacticId", committed, earned, settled, currency
    from settlement.opening_balance where tactic_id = any(${[...tacticIds]}::uuid[])`);
  return new Map(
    rows.map(({ tacticId, currency, ...of }) => {
      const amount = (text: string) => moneyFromNumeric(text, currency);
      const { committed, earned, settled } = of;
      return [tacticId, { tacticId, committed: amount(committed), earned: amount(earned), settled: amount(settled) }];
    }),
  );
}

/** Stores opening balances that a journal booked; null: there was nothing to book. */
export async function insertOpeningBalances(
  tx: Tx,
  balances: readonly OpeningBalance[],
  journalId: string | null,
): Promise<void> {
  const { tenant, actor, clock } = tx.context;
  const rows = balances.map(({ tacticId, committed, earned, settled }) => ({
    ...{ tacticId, currency: earned.currency, committed: amountOf(committed) },
    ...{ earned: amountOf(earned), settled: amountOf(settled) },
  }));
  await tx.run(sql`
    insert into settlement.opening_balance (tenant_id, tactic_id, committed, earned, settled, currency, journal_id, recorded_by, recorded_at)
    select ${tenant.id}, "tacticId", committed, earned, settled, currency, ${journalId}, ${actor.id}, ${clock.now()}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as b ("tacticId" uuid, committed numeric, earned numeric,
      settled numeric, currency text)`);
}
