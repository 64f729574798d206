import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx } from '#db';
import type { SalesState } from './read-sales-panel.ts';

type Tx = TenantTx<Context>;

/** The kinds of model that this module fits. */
export type ModelKind = 'promotion-response';

/** A model version as lists show it: everything but the artifact. */
export interface ModelVersion {
  id: string;
  kind: ModelKind;
  /** Counts up from 1 per kind. */
  number: number;
  status: 'fitting' | 'fitted' | 'failed';
  salesRows: number | null;
  trainedFrom: string | null;
  trainedThrough: string | null;
  /** Accuracy out of sample, the naive methods' beside it. */
  metrics: unknown;
  parameters: unknown;
  reason: string | null;
  requestedBy: string;
  requestedAt: Date;
  fittedAt: Date | null;
  supersededAt: Date | null;
}

const columns = sql`id, kind, number, status, sales_rows::float8 as "salesRows", trained_from as "trainedFrom",
  trained_through as "trainedThrough", metrics, parameters, reason, requested_by as "requestedBy",
  requested_at as "requestedAt", fitted_at as "fittedAt", superseded_at as "supersededAt"`;

const unzip = promisify(gunzip);

/** Reads a model that was stored as gzipped JSON. */
export async function unpackModel<Model>(artifact: Buffer): Promise<Model> {
  return JSON.parse((await unzip(artifact)).toString('utf8')) as Model;
}

/** Opens a version that is being fitted from now on; one at a time per tenant takes the next number. */
export async function insertFittingModel(tx: Tx, kind: ModelKind, sales: SalesState): Promise<ModelVersion> {
  const { context } = tx;
  await tx.run(sql`select pg_advisory_xact_lock(hashtext(${`performance.model_version:${context.tenant.id}`}))`);
  return tx.one<ModelVersion>(sql`
    insert into performance.model_version (tenant_id, id, kind, number, status, sales_rows, sales_recorded_at,
      requested_by, requested_at)
    select ${context.tenant.id}, ${context.newId()}, ${kind}, coalesce(max(number), 0) + 1, 'fitting', ${sales.rows},
      ${sales.recordedAt}, ${context.actor.id}, ${context.clock.now()}
    from performance.model_version where kind = ${kind}
    returning ${columns}`);
}

/** The youngest version that is being fitted on these sales, if any. */
export async function findFittingModel(tx: Tx, kind: ModelKind, sales: SalesState): Promise<ModelVersion | undefined> {
  return tx.maybe<ModelVersion>(sql`select ${columns} from performance.model_version
    where kind = ${kind} and status = 'fitting' and sales_rows = ${sales.rows}
      and sales_recorded_at is not distinct from ${sales.recordedAt} order by number desc limit 1`);
}

/** What a fit gives. */
export interface FittedModel {
  artifact: Buffer;
  trainedFrom: string;
  trainedThrough: string;
  metrics: unknown;
  parameters: unknown;
}

/** Puts a fitted version in force and supersedes the ones before it. Answers false where it was no longer being fitted. */
export async function storeFittedModel(tx: Tx, id: string, sales: SalesState, fitted: FittedModel): Promise<boolean> {
  const now = tx.context.clock.now();
  const stored = await tx.run(sql`update performance.model_version set status = 'fitted', artifact = ${fitted.artifact},
      sales_rows = ${sales.rows}, sales_recorded_at = ${sales.recordedAt}, trained_from = ${fitted.trainedFrom},
      trained_through = ${fitted.trainedThrough}, metrics = ${JSON.stringify(fitted.metrics)},
      parameters = ${JSON.stringify(fitted.parameters)}, fitted_at = ${now}
    where id = ${id} and status = 'fitting'`);
  if (stored === 0) return false;
  await tx.run(sql`update performance.model_version older set superseded_at = ${now}
    from performance.model_version newer
    where newer.id = ${id} and older.kind = newer.kind and older.number < newer.number and older.status = 'fitted'
      and older.superseded_at is null`);
  return true;
}

/** Ends a fit that came to nothing, with the reason. */
export async function storeFailedModel(tx: Tx, id: string, reason: string): Promise<void> {
  await tx.run(sql`update performance.model_version set status = 'failed', reason = ${reason}
    where id = ${id} and status = 'fitting'`);
}

/** The version that predictions are made with now, without its artifact. */
export async function findModelInForce(tx: Tx, kind: ModelKind): Promise<ModelVersion | undefined> {
  return tx.maybe<ModelVersion>(sql`select ${columns} from performance.model_version
    where kind = ${kind} and status = 'fitted' order by number desc limit 1`);
}

/** Which sales the version in force was fitted on. */
export async function findFittedSalesState(tx: Tx, kind: ModelKind): Promise<SalesState | undefined> {
  return tx.maybe<SalesState>(sql`select sales_rows::int as rows, sales_recorded_at as "recordedAt"
    from performance.model_version where kind = ${kind} and status = 'fitted' order by number desc limit 1`);
}

/** The artifact of a fitted version. */
export async function readArtifact(tx: Tx, id: string): Promise<Buffer> {
  const row = await tx.one<{ artifact: Buffer }>(
    sql`select artifact from performance.model_version where id = ${id} and status = 'fitted'`,
  );
  return row.artifact;
}

/** One version. */
export async function findModel(tx: Tx, id: string): Promise<ModelVersion | undefined> {
  return tx.maybe<ModelVersion>(sql`select ${columns} from performance.model_version where id = ${id}`);
}

/** Versions, the youngest first. */
export async function listModels(
  tx: Tx,
  request: ListRequest,
  where: RawBuilder<unknown>[],
): Promise<Page<ModelVersion>> {
  return keysetPage<ModelVersion>(
    tx,
    {
      columns,
      from: sql`performance.model_version`,
      where,
      sortable: { requestedAt: sql`requested_at` },
      id: sql`id`,
      defaultSort: '-requestedAt',
    },
    request,
  );
}
