import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx } from '#db';
import { findCustomers } from '#master-data';
import { amountOf, moneyFromNumeric } from '#money';
import { notFound } from '#problem';
import { type JournalLine, requireBalanced, totalOf } from './domain/journal.ts';
import { recordChange } from './settlement-events.ts';

type Tx = TenantTx<Context>;

/** A journal batch of one period and currency. */
export interface Journal {
  id: string;
  kind: 'accrual' | 'release' | 'settlement' | 'write_off';
  periodId: string;
  fiscalYear: number;
  period: number;
  periodEndsOn: string;
  currency: string;
  /** Σ debits = Σ credits, decimal as stored. */
  total: string;
  state: 'prepared' | 'approved' | 'posted' | 'exported';
  preparedBy: string;
  preparedAt: Date;
  approvedBy: string | null;
  postedBy: string | null;
  postedAt: Date | null;
  exportedAt: Date | null;
  version: number;
}

const columns = sql`journal.id, journal.kind, journal.period_id as "periodId", period.fiscal_year as "fiscalYear",
  period.period, period.ends_on as "periodEndsOn", journal.currency, journal.total, journal.state,
  journal.prepared_by as "preparedBy", journal.prepared_at as "preparedAt", journal.approved_by as "approvedBy",
  journal.posted_by as "postedBy", journal.posted_at as "postedAt", journal.exported_at as "exportedAt", journal.version`;
const from = sql`settlement.journal join settlement.period on period.id = journal.period_id`;

/** A page of journals, the latest first. */
export function listJournals(tx: Tx, request: ListRequest, where: RawBuilder<unknown>[]): Promise<Page<Journal>> {
  const list = {
    ...{ columns, from, where },
    sortable: { preparedAt: sql`journal.prepared_at`, total: sql`journal.total` },
    id: sql`journal.id`,
    defaultSort: '-preparedAt',
  };
  return keysetPage<Journal>(tx, list, request);
}

/** A journal by id, locked where it is to change. Throws `not_found`. */
export async function findJournal(tx: Tx, id: string, lock = false): Promise<Journal> {
  const suffix = lock ? sql`for update of journal` : sql``;
  const journal = await tx.maybe<Journal>(sql`select ${columns} from ${from} where journal.id = ${id} ${suffix}`);
  return journal ?? notFound('journal', id);
}

/** A line with the code of the customer that it is about. */
export type StoredLine = JournalLine & { position: number; customerCode: string };

/** The lines of a journal in their order. */
export async function readLines(tx: Tx, journal: Journal): Promise<StoredLine[]> {
  const rows = await tx.many<Omit<JournalLine, 'amount'> & { amount: string; position: number }>(sql`
    select line.position, line.account, line.side, line.amount, line.customer_id as "customerId",
      line.promotion_id as "promotionId", line.tactic_id as "tacticId"
    from settlement.journal_line line where line.journal_id = ${journal.id} order by line.position`);
  const ids = [...new Set(rows.map(({ customerId }) => customerId))];
  const codes = new Map((await findCustomers(tx, { ids })).map(({ id, code }) => [id, code]));
  return rows.map((row) => ({
    ...row,
    amount: moneyFromNumeric(row.amount, journal.currency),
    customerCode: codes.get(row.customerId) ?? '',
  }));
}

/** Prepares a journal with its lines; throws `rule.violated` unless they balance. The period must be held. */
export async function insertJournal(
  tx: Tx,
  journal: { kind: Journal['kind']; periodId: string; currency: string },
  lines: readonly JournalLine[],
): Promise<string> {
  requireBalanced(lines, journal.currency);
  const { tenant, actor, clock, newId } = tx.context;
  const id = newId();
  const total = amountOf(totalOf(lines, 'debit', journal.currency));
  await tx.run(sql`insert into settlement.journal (tenant_id, id, kind, period_id, currency, total, prepared_by, prepared_at)
    values (${tenant.id}, ${id}, ${journal.kind}, ${journal.periodId}, ${journal.currency}, ${total}, ${actor.id}, ${clock.now()})`);
  const rows = lines.map(({ amount, ...line }, position) => ({ ...line, position, amount: amountOf(amount) }));
  await tx.run(sql`
    insert into settlement.journal_line (tenant_id, journal_id, position, account, side, amount, customer_id, promotion_id, tactic_id)
    select ${tenant.id}, ${id}, line.position, line.account, line.side, line.amount, line."customerId", line."promotionId", line."tacticId"
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as line (position integer, account text, side text,
      amount numeric, "customerId" uuid, "promotionId" uuid, "tacticId" uuid)`);
  await recordChange(tx, {
    ...{ entityType: 'journal', entityId: id, happened: 'prepared' },
    after: { kind: journal.kind, periodId: journal.periodId, total, currency: journal.currency },
  });
  return id;
}

/** Overwrites the state of a locked journal and counts its version up. */
export async function saveJournal(tx: Tx, journal: Journal): Promise<void> {
  await tx.run(sql`update settlement.journal set state = ${journal.state}, approved_by = ${journal.approvedBy},
    posted_by = ${journal.postedBy}, posted_at = ${journal.postedAt}, exported_at = ${journal.exportedAt},
    version = version + 1 where id = ${journal.id}`);
}
