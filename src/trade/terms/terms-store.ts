import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, sql, type TenantTx } from '#db';
import { Decimal } from '#money';
import { scopeFilter } from '#scope';
import type { ConditionResult, ScopedLine, TermLine, TermTiers } from './domain/term-line.ts';
import { inTradingCurrency, type TermsFx } from './domain/terms-fx.ts';
import { agreementScope } from './terms-scope.ts';

type Tx = TenantTx<Context>;

/** Who, what, in which currency: what no version of an agreement changes. */
export interface Agreement {
  id: string;
  code: string;
  customerId: string;
  productId: string | null;
  currency: string;
  /** Number of its newest version. */
  version: number;
}

/** One version of what was agreed. */
export interface AgreementVersion {
  id: string;
  agreementId: string;
  number: number;
  name: string;
  validFrom: string;
  validTo: string | null;
  note: string;
  madeBy: string;
  madeAt: Date;
  agreedBy: string | null;
  agreedAt: Date | null;
  supersededAt: Date | null;
  /** What its amounts are converted at; null where they are in the customer's currency. */
  fx: TermsFx | null;
  lines: TermLine[];
}

type NewVersion = Omit<AgreementVersion, 'madeBy' | 'madeAt' | 'agreedBy' | 'agreedAt' | 'supersededAt'>;

interface LineRow extends Omit<TermLine, 'rate' | 'tiers'> {
  versionId: string;
  rate: string | null;
  tiers: { from: string; rate: string }[] | null;
  tierMethod: TermTiers['method'] | null;
  tierMeasure: TermTiers['measure'] | null;
}

const agreementColumns = sql`agreement.id, agreement.code, agreement.customer_id as "customerId",
  agreement.product_id as "productId", agreement.currency, agreement.version`;
const versionColumns = sql`version.id, version.agreement_id as "agreementId", version.number, version.name,
  version.valid_from as "validFrom", version.valid_to as "validTo", version.note, version.made_by as "madeBy",
  version.made_at as "madeAt", version.agreed_by as "agreedBy", version.agreed_at as "agreedAt",
  version.superseded_at as "supersededAt", version.fx`;
const lineColumns = sql`line.version_id as "versionId", line.code, line.kind, line.basis, trim_scale(line.rate)::text as rate,
  line.tiers, line.tier_method as "tierMethod", line.tier_measure as "tierMeasure", line.condition, line.payment`;

function toLine({ code, kind, basis, rate, tiers, tierMethod, tierMeasure, condition, payment }: LineRow): TermLine {
  const steps = tiers?.map((step) => ({ from: new Decimal(step.from), rate: new Decimal(step.rate) }));
  return {
    ...{ code, kind, basis, condition, payment, rate: rate === null ? null : new Decimal(rate) },
    tiers: steps && tierMethod && tierMeasure ? { method: tierMethod, measure: tierMeasure, steps } : null,
  };
}

/** Stores an agreement without a version; answers whether its code was free. */
export async function insertAgreement(tx: Tx, agreement: Agreement): Promise<boolean> {
  const { id, code, customerId, productId, currency, version } = agreement;
  const inserted = await tx.run(sql`
    insert into terms.agreement (tenant_id, id, code, customer_id, product_id, currency, version, created_at)
    values (${tx.context.tenant.id}, ${id}, ${code}, ${customerId}, ${productId}, ${currency}, ${version}, ${tx.context.clock.now()})
    on conflict (tenant_id, code) do nothing`);
  return inserted === 1;
}

/** Moves an agreement on to its next version number. */
export async function updateAgreementVersion(tx: Tx, id: string, version: number): Promise<void> {
  await tx.run(sql`update terms.agreement set version = ${version} where id = ${id}`);
}

/** Stores a version with its lines, as a draft made by the actor. */
export async function insertVersion(tx: Tx, version: NewVersion): Promise<void> {
  const { tenant, clock, actor } = tx.context;
  await tx.run(sql`
    insert into terms.agreement_version (tenant_id, id, agreement_id, number, name, valid_from, valid_to, note, fx,
      made_by, made_at)
    values (${tenant.id}, ${version.id}, ${version.agreementId}, ${version.number}, ${version.name}, ${version.validFrom},
      ${version.validTo}, ${version.note}, ${version.fx && JSON.stringify(version.fx)}, ${actor.id}, ${clock.now()})`);
  const lines = version.lines.map(({ tiers, rate, ...line }, position) => ({
    ...line,
    position,
    rate: rate?.toString() ?? null,
    tiers: tiers?.steps.map((step) => ({ from: step.from.toString(), rate: step.rate.toString() })) ?? null,
    tierMethod: tiers?.method ?? null,
    tierMeasure: tiers?.measure ?? null,
  }));
  await tx.run(sql`
    insert into terms.line (tenant_id, version_id, code, position, kind, basis, rate, tiers, tier_method, tier_measure, condition, payment)
    select ${tenant.id}, ${version.id}, code, position, kind, basis, rate, nullif(tiers, 'null'), "tierMethod", "tierMeasure", condition, payment
    from jsonb_to_recordset(${JSON.stringify(lines)}::jsonb) as line (code text, position integer, kind text, basis text,
      rate numeric, tiers jsonb, "tierMethod" text, "tierMeasure" text, condition text, payment text)`);
}

/** Agreements by id or code, locked until the transaction ends where `lock`. */
export async function findAgreements(
  tx: Tx,
  by: { ids: readonly string[] } | { codes: readonly string[] },
  lock = false,
): Promise<Agreement[]> {
  const match =
    'ids' in by ? sql`id = any(${by.ids as string[]}::uuid[])` : sql`code = any(${by.codes as string[]}::text[])`;
  return tx.many<Agreement>(sql`select ${agreementColumns} from terms.agreement agreement where ${match}
    order by code ${lock ? sql`for update` : sql``}`);
}

/** Versions of agreements with their lines, newest first. */
export async function findVersions(tx: Tx, agreementIds: readonly string[]): Promise<AgreementVersion[]> {
  const versions = await tx.many<Omit<AgreementVersion, 'lines'>>(sql`select ${versionColumns}
    from terms.agreement_version version where agreement_id = any(${agreementIds as string[]}::uuid[])
    order by agreement_id, number desc`);
  const lines = Map.groupBy(
    await tx.many<LineRow>(sql`select ${lineColumns} from terms.line
      where version_id = any(${versions.map(({ id }) => id)}::uuid[]) order by position`),
    ({ versionId }) => versionId,
  );
  return versions.map((version) => ({ ...version, lines: (lines.get(version.id) ?? []).map(toLine) }));
}

/** Marks a draft as agreed by the actor. */
export async function markAgreed(tx: Tx, versionId: string): Promise<void> {
  const { actor, clock } = tx.context;
  await tx.run(
    sql`update terms.agreement_version set agreed_by = ${actor.id}, agreed_at = ${clock.now()} where id = ${versionId}`,
  );
}

/** Closes a version: from now on it is history. */
export async function markSuperseded(tx: Tx, versionId: string): Promise<void> {
  await tx.run(
    sql`update terms.agreement_version set superseded_at = ${tx.context.clock.now()} where id = ${versionId}`,
  );
}

/** Which agreements a list shows. */
export interface AgreementFilter {
  customerIds?: readonly string[] | undefined;
  search?: string | undefined;
  /** Agreements with a draft that waits for somebody's yes. */
  open?: boolean | undefined;
}

/** A page of agreements by code. */
export function listAgreements(tx: Tx, filter: AgreementFilter, request: ListRequest): Promise<Page<Agreement>> {
  const where = [scopeFilter(tx.context, agreementScope)];
  if (filter.customerIds) where.push(sql`agreement.customer_id = any(${filter.customerIds as string[]}::uuid[])`);
  if (filter.search) {
    const like = `%${filter.search}%`;
    where.push(sql`(agreement.code ilike ${like} or exists (select from terms.agreement_version version
      where version.agreement_id = agreement.id and version.superseded_at is null and version.name ilike ${like}))`);
  }
  if (filter.open) {
    where.push(sql`exists (select from terms.agreement_version version where version.agreement_id = agreement.id
      and version.agreed_at is null and version.superseded_at is null)`);
  }
  const list = {
    columns: agreementColumns,
    from: sql`terms.agreement agreement`,
    where,
    sortable: { code: sql`agreement.code`, createdAt: sql`agreement.created_at` },
    id: sql`agreement.id`,
    defaultSort: 'code',
  };
  return keysetPage<Agreement>(tx, list, request);
}

/** All agreements by code, for an export. */
export function allAgreements(tx: Tx): Promise<Agreement[]> {
  return tx.many<Agreement>(sql`select ${agreementColumns} from terms.agreement agreement order by code`);
}

/** Customers that any agreement is with. */
export async function customersWithTerms(tx: Tx): Promise<string[]> {
  const rows = await tx.many<{ id: string }>(sql`select distinct customer_id as id from terms.agreement`);
  return rows.map(({ id }) => id);
}

/** What lines in force are asked for: scopes with their ancestors, a range of days, and as of when. */
export interface LineQuery {
  customerIds: readonly string[];
  /** Null: at any product. */
  productIds: readonly string[] | null;
  from: string;
  to: string;
  /** As believed at this instant; now where absent. */
  recordedAt?: Date | undefined;
}

/** Lines of the agreed versions that hold on any day of the range at one of the nodes, in their customers' currencies; one query. */
export async function findScopedLines(tx: Tx, query: LineQuery): Promise<ScopedLine[]> {
  const believed = query.recordedAt
    ? sql`version.agreed_at <= ${query.recordedAt} and (version.superseded_at is null or version.superseded_at > ${query.recordedAt})`
    : sql`version.agreed_at is not null and version.superseded_at is null`;
  const atProducts = query.productIds
    ? sql`(agreement.product_id is null or agreement.product_id = any(${query.productIds as string[]}::uuid[]))`
    : sql`true`;
  const known = query.recordedAt ? sql`and result.recorded_at <= ${query.recordedAt}` : sql``;
  type Row = LineRow &
    Pick<ScopedLine, 'agreementId' | 'agreementCode' | 'versionNumber' | 'currency' | 'customerId' | 'productId'> & {
      validFrom: string;
      validTo: string | null;
      agreedAt: Date;
      results: ConditionResult[];
      fx: TermsFx | null;
    };
  const rows = await tx.many<Row>(sql`
    select ${lineColumns}, agreement.id as "agreementId", agreement.code as "agreementCode", agreement.currency,
      version.number as "versionNumber",
      agreement.customer_id as "customerId", agreement.product_id as "productId", version.valid_from as "validFrom",
      version.valid_to as "validTo", version.agreed_at as "agreedAt", version.fx,
      case when line.kind <> 'conditional' then '[]'::jsonb else coalesce((
        select jsonb_agg(jsonb_build_object('startsOn', last.starts_on, 'endsOn', last.ends_on, 'met', last.met))
        from (select distinct on (result.starts_on) result.starts_on, result.ends_on, result.met
          from terms.condition_result result where result.agreement_id = agreement.id and result.line_code = line.code
            and result.ends_on >= ${query.from}::date and result.starts_on <= ${query.to}::date ${known}
          order by result.starts_on, result.seq desc) last), '[]'::jsonb) end as results
    from terms.agreement agreement
    join terms.agreement_version version on version.tenant_id = agreement.tenant_id and version.agreement_id = agreement.id
    join terms.line line on line.tenant_id = version.tenant_id and line.version_id = version.id
    where agreement.customer_id = any(${query.customerIds as string[]}::uuid[])
      and ${atProducts}
      and version.valid_from <= ${query.to}::date and (version.valid_to is null or version.valid_to >= ${query.from}::date)
      and ${believed}
    order by agreement.code, version.valid_from, version.number, line.position`);
  return rows.map((row) => {
    const { agreementId, agreementCode, versionId, versionNumber, currency, customerId, productId } = row;
    const line: ScopedLine = {
      ...{ ...toLine(row), agreementId, agreementCode, versionId, versionNumber, currency, customerId, productId },
      ...{ validFrom: row.validFrom, validTo: row.validTo, agreedAt: row.agreedAt.toISOString(), results: row.results },
    };
    return inTradingCurrency(line, row.fx);
  });
}
