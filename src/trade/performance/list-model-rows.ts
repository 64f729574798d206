import type { Context } from '#context';
import type { Page } from '#db';
import { notFound, Problem } from '#problem';
import { findModel, readArtifact, unpackModel } from './model-store.ts';
import { named } from './name-rows.ts';
import { describeProducts, type PromotionModel } from './response-model/promotion-model.ts';
import type { ScoredMethod } from './response-model/response-calibration.ts';

/** The weeks of one series that a model had not seen, by one method; units as decimal strings. */
export interface HeldOutSeries {
  customerId: string;
  customerName: string;
  productId: string;
  productName: string;
  weeks: number;
  actual: string;
  forecast: string;
  absoluteError: string;
}

/** What a model says of one product, as decimal strings: −d ln(units) / d ln(price), and factors of units. */
export interface ModelProduct {
  productId: string;
  productName: string;
  promotionalElasticity: string;
  regularElasticity: string;
  feature: string;
  display: string;
  featureDisplay: string;
}

interface Paging {
  limit: number;
  cursor?: string | undefined;
}

/** A fitted version's model; undefined while it is being fitted or where that failed. Throws `not_found`. */
async function openModel(context: Context, id: string): Promise<PromotionModel | undefined> {
  const artifact = await context.db.read(context, async (tx) => {
    const version = (await findModel(tx, id)) ?? notFound('model', id);
    return version.status === 'fitted' ? readArtifact(tx, id) : undefined;
  });
  return artifact && unpackModel<PromotionModel>(artifact);
}

/** A page of rows that are at hand; the cursor says how many came before. */
function pageIn<Row>(rows: readonly Row[], { limit, cursor = '0' }: Paging): Page<Row> {
  if (!/^\d{1,9}$/.test(cursor)) {
    throw new Problem('request.malformed', { errors: [{ path: 'cursor', message: 'is not a cursor of this list' }] });
  }
  const [start, end] = [Number(cursor), Number(cursor) + limit];
  return { items: rows.slice(start, end), nextCursor: end < rows.length ? String(end) : null };
}

/** Whether somebody who is kept to a part of the tenant sees a row. */
const sees =
  ({ actor }: Context) =>
  (row: { customer?: string; product: string }): boolean => {
    const { customer = null, product = null } = actor.scope ?? {};
    const inCustomers = customer === null || row.customer === undefined || customer.within.has(row.customer);
    return inCustomers && (product === null || product.within.has(row.product));
  };

/**
 * A page of the series that a method was scored on when a model version was fitted, the largest errors first: Σ
 * absolute error / Σ actual is the version's WAPE. Versions that were fitted before series were kept answer none.
 */
export async function listHoldOut(
  context: Context,
  modelId: string,
  query: Paging & { method: ScoredMethod },
): Promise<Page<HeldOutSeries>> {
  const model = await openModel(context, modelId);
  const rows = (model?.calibration.holdOut ?? [])
    .filter((one) => one.method === query.method)
    .filter(sees(context))
    .sort((a, b) => b.absoluteError - a.absoluteError)
    .map(({ customer, product, weeks, actual, forecast, absoluteError }) => ({
      ...{ customerId: customer, productId: product, weeks },
      ...{ actual: actual.toFixed(6), forecast: forecast.toFixed(6), absoluteError: absoluteError.toFixed(6) },
    }));
  return named(context, pageIn(rows, query));
}

/** A page of what a model version says of each product, the most elastic first. */
export async function listModelProducts(context: Context, modelId: string, query: Paging): Promise<Page<ModelProduct>> {
  const model = await openModel(context, modelId);
  const rows = (model ? describeProducts(model) : [])
    .filter(sees(context))
    .sort((a, b) => b.promotionalElasticity - a.promotionalElasticity)
    .map(({ product, promotionalElasticity, regularElasticity, feature, display, featureDisplay }) => ({
      productId: product,
      ...{ promotionalElasticity: promotionalElasticity.toFixed(4), regularElasticity: regularElasticity.toFixed(4) },
      ...{ feature: feature.toFixed(4), display: display.toFixed(4), featureDisplay: featureDisplay.toFixed(4) },
    }));
  return named(context, pageIn(rows, query));
}
