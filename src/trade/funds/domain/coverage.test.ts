import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outsideFund, type TacticCoverage } from './coverage.ts';
import type { Fund } from './fund.ts';

const fund: Fund = {
  ...{ id: 'f', code: 'F', name: 'F', kind: 'fixed', currency: 'USD', customerId: 'banner', productId: 'brand' },
  ...{
    validFrom: '2026-01-01',
    validTo: '2026-12-31',
    sourceFrom: null,
    sourceTo: null,
    windowPeriods: null,
    version: 1,
  },
};
const tactic: TacticCoverage = {
  ...{ currency: 'USD', startsOn: '2026-01-01', endsOn: '2026-12-31', customerLine: new Set(['store', 'banner']) },
  productLines: [['sku', 'brand', 'category'], ['brand']],
};

test('a fund covers a tactic inside its currency, days, customers and products, and says each thing that is outside', () => {
  assert.deepEqual(outsideFund(fund, tactic), []);
  assert.equal(outsideFund({ ...fund, customerId: null, productId: null }, tactic).length, 0);
  assert.equal(outsideFund(fund, { ...tactic, startsOn: '2025-12-31' }).length, 1);
  assert.equal(outsideFund(fund, { ...tactic, endsOn: '2027-01-01' }).length, 1);
  assert.equal(outsideFund(fund, { ...tactic, currency: 'EUR' }).length, 1);
  assert.equal(outsideFund(fund, { ...tactic, customerLine: new Set(['other']) }).length, 1);
  assert.deepEqual(outsideFund(fund, { ...tactic, productLines: [['category'], ['sku', 'brand']] }), [
    'F does not cover 1 of the 2 products of the tactic.',
  ]);
});
