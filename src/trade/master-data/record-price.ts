import type { Context } from '#context';
import { fromJson, type MoneyJson, toJson } from '#money';
import { Problem } from '#problem';
import { masterDataEvents, recordChange } from './events.ts';
import { insertPrice, type Price } from './price-store.ts';
import { findProducts } from './product-store.ts';

/** A price to be recorded: per case, over a range of dates, both inclusive. */
export interface PriceRecord {
  productId: string;
  listPrice: MoneyJson;
  cost: MoneyJson;
  validFrom: string;
  validTo?: string | null | undefined;
}

/** Records a price beside the earlier ones. Throws `rule.violated` where the product or the amounts do not fit. */
export async function recordPrice(context: Context, input: PriceRecord): Promise<Price> {
  const price = {
    productId: input.productId,
    listPrice: fromJson(input.listPrice),
    cost: fromJson(input.cost),
    validFrom: input.validFrom,
    validTo: input.validTo ?? null,
  };
  const refuse = (path: string, message: string): never => {
    throw new Problem('rule.violated', { detail: message, errors: [{ path, message }] });
  };
  if (price.listPrice.currency !== price.cost.currency) throw new Problem('money.currency_mismatch');
  if (price.listPrice.minor <= 0n) refuse('listPrice', 'A list price is above zero.');
  if (price.cost.minor < 0n) refuse('cost', 'A cost is not negative.');
  if (price.validTo !== null && price.validTo < price.validFrom) refuse('validTo', 'The range ends before it begins.');
  return context.db.transact(context, async (tx) => {
    const [product] = await findProducts(tx, { ids: [price.productId] });
    if (!product) refuse('productId', `There is no product ${price.productId}.`);
    const id = context.newId();
    await insertPrice(tx, id, price);
    const recordedAt = context.clock.now().toISOString();
    const after = { ...price, id, listPrice: toJson(price.listPrice), cost: toJson(price.cost), recordedAt };
    await recordChange(tx, { type: masterDataEvents.priceRecorded, entityType: 'price', entityId: id, after });
    return after;
  });
}
