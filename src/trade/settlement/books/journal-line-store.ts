import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx } from '#db';
import { findCustomers } from '#master-data';
import { scopeFilter } from '#scope';
import { journalScope } from '../settlement-scope.ts';
import type { JournalAccount } from './domain/journal.ts';

/** A line of any journal, for lists over many of them; the amount is decimal as stored. */
export interface ListedLine {
  /** Of the journal: with the position it is the line's. */
  id: string;
  position: number;
  account: JournalAccount;
  glAccount: string | null;
  costCentre: string | null;
  side: 'debit' | 'credit';
  customerCode: string;
  amount: string;
  currency: string;
  customerId: string;
  promotionId: string | null;
  tacticId: string | null;
}

/** A page of lines over all journals that the actor may see, in the order of their positions. */
export async function listJournalLines(
  tx: TenantTx<Context>,
  request: ListRequest,
  where: RawBuilder<unknown>[],
): Promise<Page<ListedLine>> {
  const list = {
    columns: sql`line.journal_id as id, line.position, line.account, line.gl_account as "glAccount",
      line.cost_centre as "costCentre", line.side, line.amount, journal.currency,
      line.customer_id as "customerId", line.promotion_id as "promotionId", line.tactic_id as "tacticId"`,
    from: sql`settlement.journal_line line join settlement.journal on journal.id = line.journal_id`,
    where: [...where, scopeFilter(tx.context, journalScope)],
    sortable: { position: sql`line.position` },
    id: sql`line.journal_id`,
    defaultSort: 'position',
  };
  const page = await keysetPage<Omit<ListedLine, 'customerCode'>>(tx, list, request);
  const customers = await findCustomers(tx, { ids: [...new Set(page.items.map(({ customerId }) => customerId))] });
  const codes = new Map(customers.map(({ id, code }) => [id, code]));
  return { ...page, items: page.items.map((line) => ({ ...line, customerCode: codes.get(line.customerId) ?? '' })) };
}
