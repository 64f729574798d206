import { todayIn } from '#clock';
import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx } from '#db';
import { findCustomers } from '#master-data';
import { amountOf, type Money, moneyFromNumeric } from '#money';
import { notFound } from '#problem';
import { scopeFilter } from '#scope';
import { recordChange } from '../settlement-events.ts';
import { journalScope } from '../settlement-scope.ts';
import type { GlAccount } from './domain/gl-mapping.ts';
import {
  type JournalAccount,
  type JournalKind,
  type JournalLine,
  type LineSubject,
  postingDateOf,
  requireBalanced,
  totalOf,
} from './domain/journal.ts';
import { toGlAccounts } from './gl-accounts.ts';
import { findPeriod } from './period-store.ts';

type Tx = TenantTx<Context>;

/** A journal batch of one period and currency; `preparing` while a run still fills it. */
export interface Journal {
  id: string;
  kind: JournalKind;
  periodId: string;
  fiscalYear: number;
  period: number;
  /** The day that it posts on ({@link postingDateOf}). */
  postingOn: string;
  currency: string;
  /** Σ debits = Σ credits, decimal as stored. */
  total: string;
  state: 'preparing' | 'prepared' | 'approved' | 'posted' | 'exported';
  /** The accrual run that filled it. */
  runId: string | null;
  /** The version of the mapping that named its accounts; null before there was one. */
  glMapping: number | null;
  preparedBy: string;
  preparedAt: Date;
  approvedBy: string | null;
  postedBy: string | null;
  postedAt: Date | null;
  exportedAt: Date | null;
  version: number;
}

const columns = sql`journal.id, journal.kind, journal.period_id as "periodId", period.fiscal_year as "fiscalYear",
  period.period, coalesce(journal.posting_on, period.ends_on) as "postingOn", journal.currency, journal.total, journal.state,
  journal.prepared_by as "preparedBy", journal.prepared_at as "preparedAt", journal.approved_by as "approvedBy",
  journal.posted_by as "postedBy", journal.posted_at as "postedAt", journal.exported_at as "exportedAt", journal.version, journal.run_id as "runId", journal.gl_mapping as "glMapping"`;
const from = sql`settlement.journal join settlement.period on period.id = journal.period_id`;

/** A page of journals, the latest first. */
export function listJournals(tx: Tx, request: ListRequest, where: RawBuilder<unknown>[]): Promise<Page<Journal>> {
  const list = {
    ...{ columns, from, where: [...where, scopeFilter(tx.context, journalScope)] },
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

/** A line as it is stored; without an account of the general ledger where it is older than the mapping. */
export interface StoredLine extends LineSubject {
  position: number;
  account: JournalAccount;
  side: 'debit' | 'credit';
  amount: Money;
  customerCode: string;
  glAccount: string | null;
  costCentre: string | null;
}

/** The lines of a journal in their order, `limit` of them from a position on; all where there is none. */
export async function readLines(
  tx: Tx,
  journal: Journal,
  { from: first = 0, limit = null }: { from?: number; limit?: number | null } = {},
): Promise<StoredLine[]> {
  const rows = await tx.many<Omit<StoredLine, 'amount' | 'customerCode'> & { amount: string }>(sql`
    select line.position, line.account, line.side, line.amount, line.customer_id as "customerId",
      line.promotion_id as "promotionId", line.tactic_id as "tacticId", line.gl_account as "glAccount",
      line.cost_centre as "costCentre"
    from settlement.journal_line line where line.journal_id = ${journal.id} and line.position >= ${first} order by line.position limit ${limit}`);
  const ids = [...new Set(rows.map(({ customerId }) => customerId))];
  const codes = new Map((await findCustomers(tx, { ids })).map(({ id, code }) => [id, code]));
  return rows.map((row) => ({
    ...row,
    amount: moneyFromNumeric(row.amount, journal.currency),
    customerCode: codes.get(row.customerId) ?? '',
  }));
}

/** Lines of one batch: some hundred kilobytes. */
const batchLines = 2_000;

/** All lines of a posted journal, which never changes, batch by batch, each read in a transaction of its own. */
export async function* lineBatches(context: Context, journal: Journal): AsyncIterable<StoredLine[]> {
  let from: number | null = 0;
  while (from !== null) {
    const first: number = from;
    const lines = await context.db.read(context, (tx) => readLines(tx, journal, { from: first, limit: batchLines }));
    if (lines.length > 0) yield lines;
    from = lines.length < batchLines ? null : lines.at(-1)!.position + 1;
  }
}

/** How many lines a journal has. */
export async function countLines(tx: Tx, journal: Journal): Promise<number> {
  const { lines } = await tx.one<{ lines: number }>(
    sql`select count(*)::int as lines from settlement.journal_line where journal_id = ${journal.id}`,
  );
  return lines;
}

/** What a new journal is about. */
export interface NewJournal {
  kind: JournalKind;
  periodId: string;
  currency: string;
}

async function postingDay(tx: Tx, { kind, periodId }: NewJournal): Promise<string> {
  const { clock, tenant } = tx.context;
  return postingDateOf(kind, await findPeriod(tx, periodId), todayIn(clock, tenant.timeZone));
}

async function insertHead(
  tx: Tx,
  journal: NewJournal,
  filled: { total: string; runId: string | null; postingOn: string },
  glMapping: number,
) {
  const { tenant, actor, clock, newId } = tx.context;
  const id = newId();
  const state = filled.runId === null ? 'prepared' : 'preparing';
  await tx.run(sql`insert into settlement.journal (tenant_id, id, kind, period_id, currency, total, state, prepared_by,
      prepared_at, run_id, gl_mapping, posting_on)
    values (${tenant.id}, ${id}, ${journal.kind}, ${journal.periodId}, ${journal.currency}, ${filled.total}, ${state},
      ${actor.id}, ${clock.now()}, ${filled.runId}, ${glMapping}, ${filled.postingOn})`);
  return id;
}

async function insertLines(tx: Tx, journalId: string, from: number, lines: readonly (JournalLine & GlAccount)[]) {
  const rows = lines.map(({ amount, ...line }, index) => ({
    ...line,
    position: from + index,
    amount: amountOf(amount),
  }));
  await tx.run(sql`
    insert into settlement.journal_line (tenant_id, journal_id, position, account, side, amount, customer_id, promotion_id,
      tactic_id, gl_account, cost_centre)
    select ${tx.context.tenant.id}, ${journalId}, line.position, line.account, line.side, line.amount, line."customerId",
      line."promotionId", line."tacticId", line."glAccount", line."costCentre"
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as line (position integer, account text, side text,
      amount numeric, "customerId" uuid, "promotionId" uuid, "tacticId" uuid, "glAccount" text, "costCentre" text)`);
}

/** Tells of a journal that is ready for approval. */
async function tellPrepared(tx: Tx, id: string, journal: NewJournal, total: string): Promise<void> {
  await recordChange(tx, {
    ...{ entityType: 'journal', entityId: id, happened: 'prepared' },
    after: { kind: journal.kind, periodId: journal.periodId, total, currency: journal.currency },
  });
}

/**
 * Prepares a journal with its lines, each with the account of the general ledger that it goes to. Throws `rule.violated`
 * unless they balance, `gl_mapping.missing` where the mapping names no account. The period must be held.
 */
export async function insertJournal(tx: Tx, journal: NewJournal, lines: readonly JournalLine[]): Promise<string> {
  requireBalanced(lines, journal.currency);
  const postingOn = await postingDay(tx, journal);
  const { mapping, resolved } = await toGlAccounts(tx, postingOn, lines);
  const total = amountOf(totalOf(lines, 'debit', journal.currency));
  const id = await insertHead(tx, journal, { total, runId: null, postingOn }, mapping);
  await insertLines(tx, id, 0, resolved);
  await tellPrepared(tx, id, journal, total);
  return id;
}

/** Adds a batch of lines that balance to the journal that a run fills, which is begun with the first of them. */
export async function addToRunJournal(
  tx: Tx,
  runId: string,
  journal: NewJournal,
  lines: readonly JournalLine[],
): Promise<string> {
  requireBalanced(lines, journal.currency);
  const postingOn = await postingDay(tx, journal);
  const { mapping, resolved } = await toGlAccounts(tx, postingOn, lines);
  const begun = await tx.maybe<{ id: string; lines: number }>(sql`
    select id, (select coalesce(max(position) + 1, 0) from settlement.journal_line line where line.journal_id = journal.id) as lines
    from settlement.journal where run_id = ${runId} and kind = ${journal.kind} and currency = ${journal.currency}
      and gl_mapping = ${mapping} for update`);
  const id = begun?.id ?? (await insertHead(tx, journal, { total: '0', runId, postingOn }, mapping));
  await insertLines(tx, id, begun?.lines ?? 0, resolved);
  const added = amountOf(totalOf(lines, 'debit', journal.currency));
  await tx.run(sql`update settlement.journal set total = total + ${added}::numeric where id = ${id}`);
  return id;
}

/** preparing → prepared for every journal of a run: from now on somebody else may approve them. Answers their ids. */
export async function finishRunJournals(tx: Tx, runId: string): Promise<string[]> {
  const journals = await tx.many<{
    id: string;
    kind: JournalKind;
    periodId: string;
    currency: string;
    total: string;
  }>(sql`
    update settlement.journal set state = 'prepared' where run_id = ${runId} and state = 'preparing'
    returning id, kind, period_id as "periodId", currency, total`);
  journals.sort((a, b) => (`${a.kind} ${a.currency}` < `${b.kind} ${b.currency}` ? -1 : 1));
  for (const { id, total, ...journal } of journals) {
    await tellPrepared(tx, id, journal, amountOf(moneyFromNumeric(total, journal.currency)));
  }
  return journals.map(({ id }) => id);
}

/** Overwrites the state of a locked journal and counts its version up. */
export async function saveJournal(tx: Tx, journal: Journal): Promise<void> {
  await tx.run(sql`update settlement.journal set state = ${journal.state}, approved_by = ${journal.approvedBy},
    posted_by = ${journal.postedBy}, posted_at = ${journal.postedAt}, exported_at = ${journal.exportedAt},
    version = version + 1 where id = ${journal.id}`);
}
