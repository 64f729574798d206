import { type Context, type Scope, systemActor } from '#context';
import { keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx } from '#db';
import { scopeFilter } from '#scope';
import type { Fund } from './domain/fund.ts';
import { fundScope } from './fund-scope.ts';

type Tx = TenantTx<Context>;

const fundColumns = sql`fund.id, fund.code, fund.name, fund.kind, fund.currency, fund.customer_id as "customerId",
  fund.product_id as "productId", fund.valid_from as "validFrom", fund.valid_to as "validTo",
  fund.source_from as "sourceFrom", fund.source_to as "sourceTo", fund.window_periods as "windowPeriods", fund.version`;

export async function findFunds(tx: Tx, ids: readonly string[]): Promise<Fund[]> {
  return tx.many<Fund>(sql`select ${fundColumns} from funds.fund where id = any(${ids as string[]}::uuid[])`);
}

export async function findFundsByCode(tx: Tx, codes: readonly string[]): Promise<Fund[]> {
  return tx.many<Fund>(sql`select ${fundColumns} from funds.fund where code = any(${codes as string[]})`);
}

/** The codes of the funds that whoever has a scope sees. */
export async function fundCodesSeen(tx: TenantTx, scope: Scope): Promise<ReadonlySet<string>> {
  const seen = scopeFilter({ actor: { ...systemActor, scope } }, fundScope);
  const rows = await tx.many<{ code: string }>(sql`select fund.code from funds.fund where ${seen}`);
  return new Set(rows.map(({ code }) => code));
}

/** Every fund, by code. */
export async function allFunds(tx: Tx): Promise<Fund[]> {
  return tx.many<Fund>(sql`select ${fundColumns} from funds.fund order by code`);
}

/** Locks funds in the order of their ids, so that two transactions never wait for each other in a circle. */
export async function lockFunds(tx: Tx, ids: readonly string[]): Promise<Fund[]> {
  return tx.many<Fund>(
    sql`select ${fundColumns} from funds.fund where id = any(${ids as string[]}::uuid[]) order by id for no key update`,
  );
}

export async function listFunds(tx: Tx, request: ListRequest, where: RawBuilder<unknown>[]): Promise<Page<Fund>> {
  return keysetPage<Fund>(
    tx,
    {
      columns: fundColumns,
      from: sql`funds.fund`,
      where: [...where, scopeFilter(tx.context, fundScope)],
      sortable: { code: sql`fund.code`, name: sql`fund.name collate "C"`, validFrom: sql`fund.valid_from` },
      id: sql`fund.id`,
      defaultSort: 'code',
    },
    request,
  );
}

export async function insertFund(tx: Tx, fund: Fund): Promise<boolean> {
  const rows = await tx.run(sql`
    insert into funds.fund (tenant_id, id, code, name, kind, currency, customer_id, product_id, valid_from, valid_to,
      source_from, source_to, window_periods, created_at)
    values (${tx.context.tenant.id}, ${fund.id}, ${fund.code}, ${fund.name}, ${fund.kind}, ${fund.currency},
      ${fund.customerId}, ${fund.productId}, ${fund.validFrom}, ${fund.validTo}, ${fund.sourceFrom}, ${fund.sourceTo},
      ${fund.windowPeriods}, ${tx.context.clock.now()})
    on conflict (tenant_id, code) do nothing`);
  return rows === 1;
}

export async function updateFund(tx: Tx, fund: Fund): Promise<void> {
  await tx.run(sql`update funds.fund set name = ${fund.name}, valid_from = ${fund.validFrom}, valid_to = ${fund.validTo},
    version = ${fund.version} where id = ${fund.id}`);
}
