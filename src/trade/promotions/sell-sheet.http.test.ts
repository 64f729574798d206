import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planPromotion } from './planning/plan-promotion.ts';
import { sellSheetRoutes } from './sell-sheet-routes.ts';
import { setScene } from './test-scene.ts';

test('a sell sheet pays coupons and multibuys by the redemption, names their rate, and lump sums by the store', async (t) => {
  const { house, maker, input } = await setScene(t);
  const usd = (amount: string) => ({ amount, currency: 'USD' });
  const { lumpSum: _lumpSum, ...bare } = input().tactics[0]!;
  const tactics = [
    { ...bare, mechanic: 'coupon' as const, rate: { ...usd('0.5'), per: 'unit' as const }, redemptionRate: '0.025' },
    { ...bare, mechanic: 'scan_back' as const, rate: { ...usd('0.1'), per: 'unit' as const } },
    { ...bare, mechanic: 'display' as const, lumpSum: usd('4.00'), stores: 25 },
  ];
  const { id } = await planPromotion(maker, input({ tactics }));
  const server = await house.server(sellSheetRoutes);
  const reply = await server.inject({
    url: `/api/v1/promotions/${id}/sell-sheet`,
    headers: { authorization: 'Bearer a' },
  });
  const said = ({ rate, redemptionRate, lumpSum, stores, lumpSumInAll }: Record<string, { per: string } | null>) => [
    ...[rate?.per, redemptionRate, lumpSum, stores, lumpSumInAll],
  ];
  assert.deepEqual(reply.json().payments.map(said), [
    ['redemption', '0.025', null, null, null],
    ['unit', null, null, null, null],
    [undefined, null, usd('4.00'), 25, usd('100.00')],
  ]);
});
