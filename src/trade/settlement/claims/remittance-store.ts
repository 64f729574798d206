import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx } from '#db';
import { amountOf, type Money, moneyFromNumeric } from '#money';
import { scopeFilter } from '#scope';
import { remittanceScope } from '../settlement-scope.ts';

type Tx = TenantTx<Context>;

/** A payment advice of a customer. */
export interface Remittance {
  id: string;
  customerId: string;
  reference: string;
  paidOn: string;
  /** What was paid: Σ of its lines. */
  total: Money;
}

/** A line of a remittance: an invoice that was paid (above zero), or money taken off (below zero) with its deduction. */
export interface RemittanceLine {
  kind: 'invoice' | 'deduction';
  reference: string;
  amount: Money;
  itemId: string | null;
}

/** A remittance by the customer's number and day, with its lines. */
export async function findRemittance(
  tx: Tx,
  key: { customerId: string; reference: string; paidOn: string },
): Promise<{ total: Money; lines: Omit<RemittanceLine, 'itemId'>[] } | undefined> {
  const head = await tx.maybe<{ id: string; total: string; currency: string }>(sql`select id, total, currency
    from settlement.remittance where customer_id = ${key.customerId} and reference = ${key.reference}
      and paid_on = ${key.paidOn}::date`);
  if (!head) return undefined;
  const rows = await tx.many<{ kind: RemittanceLine['kind']; reference: string; amount: string }>(sql`
    select kind, reference, amount from settlement.remittance_line where remittance_id = ${head.id} order by position`);
  return {
    total: moneyFromNumeric(head.total, head.currency),
    lines: rows.map((row) => ({ ...row, amount: moneyFromNumeric(row.amount, head.currency) })),
  };
}

/** A deduction that was captured before, with the number of the remittance that it stands in; null without one. */
export interface CapturedLine {
  id: string;
  amount: Money;
  remittance: string | null;
}

/** What was captured of a customer's deductions of a day, by their numbers; unknown ones are absent. */
export async function findCapturedLines(
  tx: Tx,
  { customerId, takenOn }: { customerId: string; takenOn: string },
  references: readonly string[],
): Promise<Map<string, CapturedLine>> {
  type Row = { id: string; reference: string; amount: string; currency: string; remittance: string | null };
  const rows = await tx.many<Row>(sql`select item.id, item.reference, item.amount, item.currency,
      remittance.reference as remittance
    from settlement.item
      left join settlement.remittance_line line on line.tenant_id = item.tenant_id and line.item_id = item.id
      left join settlement.remittance on remittance.tenant_id = line.tenant_id and remittance.id = line.remittance_id
    where item.kind = 'deduction' and item.customer_id = ${customerId} and item.taken_on = ${takenOn}::date
      and item.parent_id is null and item.reference = any(${[...references]})`);
  return new Map(
    rows.map(({ reference, amount, currency, ...row }) => [
      reference,
      { ...row, amount: moneyFromNumeric(amount, currency) },
    ]),
  );
}

/** Stores a remittance with its lines. */
export async function insertRemittance(
  tx: Tx,
  remittance: Remittance,
  lines: readonly RemittanceLine[],
): Promise<void> {
  const { tenant, actor, clock } = tx.context;
  await tx.run(sql`insert into settlement.remittance (tenant_id, id, customer_id, reference, paid_on, currency, total,
      line_count, captured_by, captured_at)
    values (${tenant.id}, ${remittance.id}, ${remittance.customerId}, ${remittance.reference}, ${remittance.paidOn}::date,
      ${remittance.total.currency}, ${amountOf(remittance.total)}, ${lines.length}, ${actor.id}, ${clock.now()})`);
  const rows = lines.map((line, at) => ({ ...line, position: at + 1, amount: amountOf(line.amount) }));
  await tx.run(sql`insert into settlement.remittance_line (tenant_id, remittance_id, position, kind, reference, amount, item_id)
    select ${tenant.id}, ${remittance.id}, line.position, line.kind, line.reference, line.amount, line."itemId"
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as line (position integer, kind text, reference text,
      amount numeric, "itemId" uuid)`);
}

/** A remittance in a list: what was paid and what of it was taken off. */
export interface ListedRemittance extends Remittance {
  lineCount: number;
  /** Σ of its deducted lines, above zero. */
  deducted: Money;
  capturedAt: Date;
}

type ListedRow = Omit<ListedRemittance, 'total' | 'deducted'> & { total: string; deducted: string; currency: string };

/** A page of remittances, the latest payment first. */
export async function listRemittances(
  tx: Tx,
  request: ListRequest,
  where: RawBuilder<unknown>[],
): Promise<Page<ListedRemittance>> {
  const page = await keysetPage<ListedRow>(
    tx,
    {
      columns: sql`remittance.id, remittance.customer_id as "customerId", remittance.reference,
        remittance.paid_on as "paidOn", remittance.currency, remittance.total, remittance.line_count as "lineCount",
        remittance.captured_at as "capturedAt",
        (select coalesce(-sum(line.amount), 0) from settlement.remittance_line line
          where line.tenant_id = remittance.tenant_id and line.remittance_id = remittance.id
            and line.kind = 'deduction') as deducted`,
      from: sql`settlement.remittance`,
      where: [...where, scopeFilter(tx.context, remittanceScope)],
      sortable: { paidOn: sql`remittance.paid_on`, reference: sql`remittance.reference` },
      id: sql`remittance.id`,
      defaultSort: '-paidOn',
    },
    request,
  );
  return {
    ...page,
    items: page.items.map(({ currency, total, deducted, ...row }) => ({
      ...row,
      total: moneyFromNumeric(total, currency),
      deducted: moneyFromNumeric(deducted, currency),
    })),
  };
}
