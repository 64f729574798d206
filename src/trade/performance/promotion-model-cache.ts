import type { Context } from '#context';
import type { TenantTx } from '#db';
import { findModelInForce, readArtifact, unpackModel } from './model-store.ts';
import type { PromotionModel } from './response-model/promotion-model.ts';

/** A model ready to predict with. */
export interface LoadedModel {
  /** Id of the model version. */
  id: string;
  /** `promotion-response/3`: what figures call their baseline's version. */
  name: string;
  model: PromotionModel;
  /** Group and category of every product that the model has seen sold, by id. */
  products: ReadonlyMap<string, { productGroup: string; category: string; own: boolean }>;
  /** Ids of the leaf customers that the model has seen buy. */
  customers: ReadonlySet<string>;
}

interface CachedModel {
  id: string;
  loaded: Promise<LoadedModel>;
}

/** Models kept in memory at once, one per tenant: about 10 MB each. */
const mostModels = 16;
const cache = new Map<string, CachedModel>();

/**
 * The promotion response model in force for the context's tenant, or undefined while none has been fitted. Loaded once
 * per version and process (a few hundred milliseconds); whether a newer one is in force is asked each time.
 */
export async function loadPromotionModel(tx: TenantTx<Context>): Promise<LoadedModel | undefined> {
  const tenantId = tx.context.tenant.id;
  const inForce = await findModelInForce(tx, 'promotion-response');
  if (!inForce) return undefined;
  const known = cache.get(tenantId);
  cache.delete(tenantId);
  const current = known?.id === inForce.id ? known : { id: inForce.id, loaded: load(tx, inForce) };
  // Set anew: a Map keeps the order of insertion, so the first key is the one used longest ago.
  cache.set(tenantId, current);
  const oldest = cache.keys().next();
  if (cache.size > mostModels && !oldest.done) cache.delete(oldest.value);
  current.loaded.catch(() => {
    if (cache.get(tenantId) === current) cache.delete(tenantId);
  });
  return current.loaded;
}

/** Reads in the transaction of whoever asks first: a connection of its own could wait for those who wait for the model. */
async function load(tx: TenantTx<Context>, version: { id: string; number: number }): Promise<LoadedModel> {
  const artifact = await readArtifact(tx, version.id);
  const model = await unpackModel<PromotionModel>(artifact);
  const { customers, products, groups, categories } = model.fitted.structure;
  return {
    ...{ id: version.id, name: `promotion-response/${version.number}`, model },
    customers: new Set(customers.map(({ code }) => code)),
    products: new Map(
      products.map(({ code, group, own }) => {
        const { name, category } = groups[group]!;
        return [code, { productGroup: name, category: categories[category]!, own }];
      }),
    ),
  };
}
