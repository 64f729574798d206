import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, sql, type TenantTx } from '#db';
import { Problem } from '#problem';

/** What a rate is asked for or recorded with: a named type, two currencies and a day. */
export interface FxQuestion {
  type: string;
  from: string;
  to: string;
  on: string;
}

/** An exchange rate: one unit of `from` is `rate` (decimal string) units of `to`, from `on` until a later one. */
export interface FxRate extends FxQuestion {
  id: string;
  rate: string;
}

/** A rate as it is recorded; `source` says where it was taken from. */
export type NewFxRate = Omit<FxRate, 'id'> & { source?: string | undefined };

/** {@link FxRate} with where it was taken from (empty: not said), who recorded it, and when. */
export interface RecordedFxRate extends FxRate {
  source: string;
  recordedBy: string;
  recordedAt: Date;
}

const columns = sql`fx_rate.id, fx_rate.type, fx_rate.from_currency as "from", fx_rate.to_currency as "to",
  fx_rate.valid_on as "on", trim_scale(fx_rate.rate)::text as rate`;

/** The last rate recorded for exactly this day; undefined where there is none. */
export async function fxRateOfDay(tx: TenantTx, { type, from, to, on }: FxQuestion): Promise<FxRate | undefined> {
  return tx.maybe<FxRate>(sql`select ${columns} from master_data.fx_rate where type = ${type}
    and from_currency = ${from} and to_currency = ${to} and valid_on = ${on}::date order by seq desc limit 1`);
}

/**
 * The rate of a type in force on a day: the latest one of that day or before. It is never turned round or chained over a
 * third currency. Throws `fx.rate_missing`.
 */
export async function fxRate(tx: TenantTx, question: FxQuestion): Promise<FxRate> {
  const { type, from, to, on } = question;
  const found = await tx.maybe<FxRate>(sql`select ${columns} from master_data.fx_rate where type = ${type}
    and from_currency = ${from} and to_currency = ${to} and valid_on <= ${on}::date
    order by valid_on desc, seq desc limit 1`);
  if (found) return found;
  throw new Problem('fx.rate_missing', { detail: `There is no ${type} rate from ${from} to ${to} on ${on}.` });
}

/** Adds a rate; earlier rows stay as they are. */
export async function insertFxRate(tx: TenantTx<Context>, rate: NewFxRate & { id: string }): Promise<void> {
  const { tenant, actor, clock } = tx.context;
  await tx.run(sql`
    insert into master_data.fx_rate
      (tenant_id, id, type, from_currency, to_currency, valid_on, rate, source, recorded_by, recorded_at)
    values (${tenant.id}, ${rate.id}, ${rate.type}, ${rate.from}, ${rate.to}, ${rate.on}, ${rate.rate}, ${rate.source ?? ''},
      ${actor.id}, ${clock.now()})`);
}

/** A page of rates, the youngest day first unless `sort` says otherwise. */
export function listFxRates(
  tx: TenantTx,
  filter: { type?: string | undefined; from?: string | undefined; to?: string | undefined },
  request: ListRequest,
): Promise<Page<RecordedFxRate>> {
  const where = [];
  if (filter.type) where.push(sql`fx_rate.type = ${filter.type}`);
  if (filter.from) where.push(sql`fx_rate.from_currency = ${filter.from}`);
  if (filter.to) where.push(sql`fx_rate.to_currency = ${filter.to}`);
  const list = {
    columns: sql`${columns}, fx_rate.source, fx_rate.recorded_by as "recordedBy", fx_rate.recorded_at as "recordedAt"`,
    from: sql`master_data.fx_rate`,
    where,
    sortable: { on: sql`fx_rate.valid_on`, type: sql`fx_rate.type`, seq: sql`fx_rate.seq` },
    id: sql`fx_rate.id`,
    defaultSort: '-on',
  };
  return keysetPage<RecordedFxRate>(tx, list, request);
}
