import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, sql, type TenantTx } from '#db';

type Tx = TenantTx<Context>;

/** Money on its way from one fund to another; `amount` is a decimal string. */
export interface Transfer {
  id: string;
  fromFundId: string;
  toFundId: string;
  amount: string;
  currency: string;
  note: string;
  state: 'proposed' | 'approved' | 'rejected' | 'returned';
  proposedBy: string;
  proposedAt: Date;
  decidedBy: string | null;
  decidedAt: Date | null;
  comment: string;
}

const columns = sql`transfer.id, from_fund_id as "fromFundId", to_fund_id as "toFundId", amount, currency, note, state,
  proposed_by as "proposedBy", proposed_at as "proposedAt", decided_by as "decidedBy", decided_at as "decidedAt", comment`;

/** Stores a proposal. */
export async function insertTransfer(
  tx: Tx,
  transfer: Pick<Transfer, 'id' | 'fromFundId' | 'toFundId' | 'amount' | 'currency' | 'note'>,
): Promise<Transfer> {
  const { context } = tx;
  return tx.one<Transfer>(sql`
    insert into funds.transfer (tenant_id, id, from_fund_id, to_fund_id, amount, currency, note, state, proposed_by, proposed_at)
    values (${context.tenant.id}, ${transfer.id}, ${transfer.fromFundId}, ${transfer.toFundId}, ${transfer.amount},
      ${transfer.currency}, ${transfer.note}, 'proposed', ${context.actor.id}, ${context.clock.now()})
    returning ${columns}`);
}

/** A transfer, locked. */
export async function lockTransfer(tx: Tx, id: string): Promise<Transfer | undefined> {
  return tx.maybe<Transfer>(sql`select ${columns} from funds.transfer where id = ${id} for update`);
}

/** What proposals that wait for their decision take from a fund; a decimal string. */
export async function proposedFrom(tx: Tx, fundId: string): Promise<string> {
  const { amount } = await tx.one<{ amount: string }>(sql`select coalesce(sum(amount), 0) as amount from funds.transfer
    where from_fund_id = ${fundId} and state = 'proposed'`);
  return amount;
}

/** Writes down what became of a proposal. */
export async function decideTransfer(
  tx: Tx,
  id: string,
  state: Exclude<Transfer['state'], 'proposed'>,
  comment: string,
): Promise<void> {
  const { actor, clock } = tx.context;
  await tx.run(sql`update funds.transfer set state = ${state}, comment = ${comment}, decided_by = ${actor.id},
    decided_at = ${clock.now()} where id = ${id}`);
}

/** Transfers out of or into a fund, the latest first. */
export async function listTransfers(tx: Tx, fundId: string, request: ListRequest): Promise<Page<Transfer>> {
  const list = {
    columns,
    from: sql`funds.transfer`,
    where: [sql`(from_fund_id = ${fundId} or to_fund_id = ${fundId})`],
    sortable: { proposedAt: sql`transfer.proposed_at` },
    id: sql`transfer.id`,
    defaultSort: '-proposedAt',
  };
  return keysetPage<Transfer>(tx, list, request);
}
