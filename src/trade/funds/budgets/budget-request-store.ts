import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, sql, type TenantTx } from '#db';

type Tx = TenantTx<Context>;

/** Money that somebody asks a fund to be given; `amount` is a decimal string. */
export interface BudgetRequest {
  id: string;
  fundId: string;
  amount: string;
  currency: string;
  note: string;
  state: 'requested' | 'approved' | 'rejected' | 'returned';
  requestedBy: string;
  requestedAt: Date;
  decidedBy: string | null;
  decidedAt: Date | null;
  comment: string;
}

const columns = sql`budget_request.id, fund_id as "fundId", amount, currency, note, state, requested_by as "requestedBy",
  requested_at as "requestedAt", decided_by as "decidedBy", decided_at as "decidedAt", comment`;

/** Stores a request. */
export async function insertBudgetRequest(
  tx: Tx,
  { id, fundId, amount, currency, note }: Pick<BudgetRequest, 'id' | 'fundId' | 'amount' | 'currency' | 'note'>,
): Promise<BudgetRequest> {
  const { tenant, actor, clock } = tx.context;
  return tx.one<BudgetRequest>(sql`
    insert into funds.budget_request (tenant_id, id, fund_id, amount, currency, note, state, requested_by, requested_at)
    values (${tenant.id}, ${id}, ${fundId}, ${amount}, ${currency}, ${note}, 'requested', ${actor.id}, ${clock.now()})
    returning ${columns}`);
}

/** A request, locked. */
export async function lockBudgetRequest(tx: Tx, id: string): Promise<BudgetRequest | undefined> {
  return tx.maybe<BudgetRequest>(sql`select ${columns} from funds.budget_request where id = ${id} for update`);
}

/** Writes down what became of a request. */
export async function decideBudgetRequest(
  tx: Tx,
  id: string,
  state: Exclude<BudgetRequest['state'], 'requested'>,
  comment: string,
): Promise<void> {
  const { actor, clock } = tx.context;
  await tx.run(sql`update funds.budget_request set state = ${state}, comment = ${comment}, decided_by = ${actor.id},
    decided_at = ${clock.now()} where id = ${id}`);
}

/** Requests for a fund, the latest first. */
export async function listBudgetRequests(tx: Tx, fundId: string, request: ListRequest): Promise<Page<BudgetRequest>> {
  const list = {
    columns,
    from: sql`funds.budget_request`,
    where: [sql`fund_id = ${fundId}`],
    sortable: { requestedAt: sql`budget_request.requested_at` },
    id: sql`budget_request.id`,
    defaultSort: '-requestedAt',
  };
  return keysetPage<BudgetRequest>(tx, list, request);
}
