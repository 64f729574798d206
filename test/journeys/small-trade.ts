import assert from 'node:assert/strict';

/** One request of a stranger: method, path below `/api/v1`, JSON body. */
export type Call = (
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answered>;

/** What came back. */
export interface Answered {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a stranger's view of JSON
  body: any;
  headers: Record<string, unknown>;
}

/** The ids of a small trade, made over HTTP. */
export interface SmallTrade {
  retailerId: string;
  storeId: string;
  categoryId: string;
  skuId: string;
  calendarId: string;
  fundId: string;
  otherFundId: string;
  promotionId: string;
}

async function made(call: Call, path: string, body: unknown): Promise<string> {
  const answer = await call('POST', path, body);
  assert.equal(answer.status, 201, `POST ${path}: ${JSON.stringify(answer.body)}`);
  return answer.body.id;
}

/** A draft that needs no prediction: a leaflet for a lump sum. */
export const leaflet = (trade: Omit<SmallTrade, 'promotionId'>, startsOn: string, endsOn: string) => ({
  name: 'Leaflet',
  customerId: trade.storeId,
  startsOn,
  endsOn,
  tactics: [
    {
      mechanic: 'feature',
      productIds: [trade.skuId],
      fundSplit: [
        { fundId: trade.fundId, share: '0.75' },
        { fundId: trade.otherFundId, share: '0.25' },
      ],
      lumpSum: { amount: '1000.00', currency: 'USD' },
    },
  ],
});

/** Makes a retailer with a store, a category with a SKU, a calendar, two funds and a draft promotion in `year`. */
export async function makeSmallTrade(call: Call, year: number): Promise<SmallTrade> {
  const retailerId = await made(call, '/customers', { code: 'R', name: 'Retailer', type: 'retailer' });
  const storeId = await made(call, '/customers', { code: 'S', name: 'Store', type: 'store', parentId: retailerId });
  const categoryId = await made(call, '/products', { code: 'C', name: 'Cereal', level: 'category' });
  const usd = (amount: string) => ({ amount, currency: 'USD' });
  const skuId = await made(call, '/products', {
    ...{ code: 'P', name: 'Oats', level: 'sku', parentId: categoryId, own: true, unitsPerCase: '12' },
    ...{ listPrice: usd('24.00'), cost: usd('12.00') },
  });
  await made(call, '/prices', {
    ...{ productId: skuId, listPrice: usd('24.00'), cost: usd('12.00'), validFrom: `${year - 1}-01-01` },
  });
  const calendarId = await made(call, '/calendars', {
    ...{ code: 'F', name: 'Fiscal', rule: { pattern: '4-4-5' }, fromYear: year - 1, toYear: year + 1 },
  });
  const fund = (code: string) => ({
    ...{ code, name: code, kind: 'fixed', currency: 'USD', amount: '5000.00' },
    ...{ validFrom: `${year - 1}-01-01`, validTo: `${year + 1}-12-31` },
  });
  const fundId = await made(call, '/funds', fund('F1'));
  const otherFundId = await made(call, '/funds', fund('F2'));
  const trade = { retailerId, storeId, categoryId, skuId, calendarId, fundId, otherFundId };
  const promotionId = await made(call, '/promotions', leaflet(trade, `${year}-09-07`, `${year}-09-20`));
  return { ...trade, promotionId };
}
