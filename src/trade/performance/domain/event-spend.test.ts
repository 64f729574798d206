import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amountOf, Decimal, money } from '#money';
import { atReachedTier, eventSpend, requireRatesBelowPrices, shelfPriceOf } from './event-spend.ts';
import type { EventProduct, EventTactic } from './event-tactic.ts';
import { type Mechanic, mechanics } from './mechanic.ts';
import { retailerMargin } from './retailer-margin.ts';
import { tacticFigure } from './tactic-figure.ts';
import { lumpSumOf, moneyThrough, worthPerCase } from './tactic-money.ts';

const d = (value: string | number) => new Decimal(value);
const usd = (amount: string) => money(amount, 'USD');
const product: EventProduct = {
  productId: 'p',
  unitsPerCase: d(12),
  listPrice: usd('30.00'),
  onInvoiceTerms: usd('2.00'),
  cost: usd('16.00'),
  baselineUnits: d(1200),
  units: d(2400),
  shippedCases: d(150),
};
const tactic = (mechanic: Mechanic, per: 'case' | 'unit' | 'percent', amount: string): EventTactic => ({
  key: mechanic,
  mechanic,
  productIds: ['p'],
  rate: { amount: d(amount), currency: 'USD', per },
  lumpSum: null,
  passThrough: d(1),
  fundSplit: [{ fundId: 'f', share: d(1) }],
});
const cost = (one: EventTactic, of: EventProduct = product) => amountOf(eventSpend([one], [of], 'USD').total);

test('each mechanic counts its rate on its own volume: scans by units sold, bill-backs and off-invoice by cases shipped', () => {
  assert.equal(cost(tactic('scan_back', 'unit', '0.25')), '600.00');
  assert.equal(cost(tactic('scan_back', 'case', '3')), '600.00');
  assert.equal(cost(tactic('temporary_price_reduction', 'unit', '0.25')), '600.00');
  assert.equal(cost(tactic('bill_back', 'case', '3')), '450.00');
  assert.equal(cost(tactic('off_invoice', 'unit', '0.25')), '450.00');
});

/** One vector a row of domain.md's table: 2 400 units (200 cases) sold, 150 cases shipped, list 30.00, invoice 28.00. */
const vectors: Record<Mechanic, [what: Partial<EventTactic>, spend: string, volume: string | null][]> = {
  off_invoice: [
    [rate('case', '3'), '450.00', '150'],
    [rate('percent', '10', 'invoice'), '420.00', '150'],
  ],
  bill_back: [[rate('percent', '10'), '450.00', '150']],
  scan_back: [[rate('unit', '0.25'), '600.00', '2400']],
  temporary_price_reduction: [
    [rate('unit', '0.25'), '600.00', '2400'],
    [{ ...rate('case', '3'), fundingBasis: 'shipments' }, '450.00', '150'],
  ],
  feature: [[{ lumpSum: usd('500.00') }, '500.00', null]],
  display: [[{ lumpSum: usd('25.00'), stores: 40 }, '1000.00', null]],
  demo: [[{ lumpSum: usd('80.50'), stores: 3 }, '241.50', null]],
  co_op: [[{ lumpSum: usd('1200.00') }, '1200.00', null]],
  slotting: [[{ lumpSum: usd('5000.00') }, '5000.00', null]],
  everyday_low_price: [[rate('case', '1.10'), '165.00', '150']],
  volume_rebate: [
    [{ ...rate('percent', '0'), tiers: tiers('retroactive') }, '90.00', '150'],
    [{ ...rate('percent', '0'), tiers: tiers('incremental') }, '45.00', '150'],
  ],
  multibuy: [[{ ...rate('unit', '0.50'), redemptionRate: d('0.3') }, '360.00', '720']],
  coupon: [[{ ...rate('unit', '1.00'), redemptionRate: d('0.02') }, '48.00', '48']],
  distributor_chargeback: [[rate('case', '2'), '400.00', '200']],
};

function rate(per: 'case' | 'unit' | 'percent', amount: string, percentOf: 'list' | 'invoice' = 'list') {
  return { rate: { amount: d(amount), currency: 'USD', per, percentOf } };
}

/** 1 % of list from 50 cases, 2 % from 100. */
function tiers(method: 'retroactive' | 'incremental') {
  const steps = [
    { from: d(50), rate: d(1) },
    { from: d(100), rate: d(2) },
  ];
  return { method, steps };
}

for (const mechanic of mechanics) {
  test(`${mechanic} costs what its row of the table says`, () => {
    for (const [terms, spend, volume] of vectors[mechanic]) {
      const one = { ...tactic(mechanic, 'unit', '0'), rate: null, ...terms };
      const { tactics } = eventSpend([one], [product], 'USD');
      assert.equal(amountOf(tactics[0]!.spend), spend);
      assert.equal(tactics[0]!.volume?.toString() ?? null, volume);
    }
  });
}

test('what a tactic is planned to cost is what it has earned when the planned volume has come, for every mechanic', () => {
  for (const mechanic of mechanics) {
    for (const [terms] of vectors[mechanic]) {
      const one = { ...tactic(mechanic, 'unit', '0'), rate: null, ...terms };
      const [planned] = eventSpend([one], [product], 'USD').tactics;
      assert.ok(planned);
      const perCase = one.rate ? worthPerCase(one.rate, product).times(one.tiers ? 1 : one.rate.amount) : d(0);
      const earned = moneyThrough(
        {
          ...{ currency: 'USD', startsOn: '2026-05-04', endsOn: '2026-05-17', lumpSumRecognised: 'straight_line' },
          volumes: planned.volume
            ? [{ on: '2026-05-04', volume: planned.volume, rate: planned.unit === 'unit' ? perCase.div(12) : perCase }]
            : [],
          lumpSum: one.lumpSum && lumpSumOf(one, 'USD'),
          ...(one.tiers ? { tiers: one.tiers } : {}),
        },
        '2026-12-31',
      );
      assert.deepEqual(earned, planned.spend, mechanic);
    }
  }
});

test('what a tactic costs explains itself: the rate that was reached, the volume, and what limits it', () => {
  const one = {
    ...tactic('volume_rebate', 'percent', '0'),
    ...{ tiers: tiers('retroactive'), cap: usd('80.00'), lumpSum: usd('5.00'), stores: 2 },
  };
  const { tactics } = eventSpend([one], [product], 'USD');
  const { value, formula, inputs } = tacticFigure(one, tactics[0]!);
  assert.deepEqual(value, { amount: '80.00', currency: 'USD' });
  assert.equal(formula, 'Σ products rate × volume + lump sum × stores, no more than the cap');
  assert.deepEqual(
    inputs.map((input) => [input.name, input.value]),
    [
      ['rate', '2'],
      ['volume', '150'],
      ['lump sum', '5.00'],
      ['stores', '2'],
      ['cap', '80.00'],
    ],
  );
});

test('depletions count where they are known, and a tactic with dates of its own counts its own days', () => {
  const counted = new Map([['one', { cases: d(120), assumed: false }]]);
  const chargeback = { ...tactic('distributor_chargeback', 'case', '2'), key: 'one' };
  const { tactics } = eventSpend([chargeback], [{ ...product, counted }], 'USD');
  assert.deepEqual([amountOf(tactics[0]!.spend), tactics[0]!.assumption], ['240.00', null]);
  assert.match(eventSpend([chargeback], [product], 'USD').tactics[0]!.assumption ?? '', /Depletions are not known/);
  assert.equal(cost({ ...tactic('scan_back', 'case', '3'), key: 'one' }, { ...product, counted }), '360.00');
});

test('a cap and a minimum hold for rate and lump sum together, and the parts still sum to what is paid', () => {
  const one = { ...tactic('scan_back', 'unit', '0.25'), lumpSum: usd('100.00'), productIds: ['p', 'q'] };
  const two = [product, { ...product, productId: 'q', units: d(0) }];
  for (const [limits, spend] of [
    [{}, '700.00'],
    [{ cap: usd('333.33') }, '333.33'],
    [{ minimum: usd('900.01') }, '900.01'],
  ] as const) {
    const { total, byProduct, byFund } = eventSpend([{ ...one, ...limits }], two, 'USD');
    assert.equal(amountOf(total), spend);
    const minor = (parts: readonly { amount: { minor: bigint } }[]) =>
      parts.reduce((all, { amount }) => all + amount.minor, 0n);
    assert.equal(minor(byProduct), total.minor);
    assert.equal(minor(byFund), total.minor);
  }
});

test('a rate above the list price of a case is refused: nobody means it', () => {
  assert.throws(() => requireRatesBelowPrices([tactic('scan_back', 'unit', '2.51')], [product], []), {
    code: 'rule.violated',
  });
  requireRatesBelowPrices([tactic('scan_back', 'unit', '2.50')], [product], []);
});

test('tactics that run on the same days never pay more for a case together than its list price', () => {
  const [scan, bill] = [tactic('scan_back', 'unit', '1.50'), tactic('bill_back', 'percent', '40')];
  const tried = (...together: EventTactic[][]) => requireRatesBelowPrices([scan, bill], [product], together);
  tried([scan, bill]);
  tried([scan], [{ ...bill, rate: tactic('bill_back', 'percent', '40.1').rate }]);
  const dearer = tactic('bill_back', 'percent', '40.1');
  assert.throws(() => tried([scan], [scan, dearer]), {
    ...{ code: 'rule.violated', message: /scan_back and bill_back together pay 30\.03 per case/ },
  });
  tried([scan, { ...dearer, productIds: ['another'] }]);
  tried([scan, { ...dearer, redemptionRate: d('0.9') }]);
});

test('a tier above the list price of a case is refused as a rate is, whether or not the volume reaches it', () => {
  const rebate = (highest: string): EventTactic => ({
    ...tactic('volume_rebate', 'case', '1'),
    tiers: { method: 'retroactive', steps: [{ from: d(1_000_000), rate: d(highest) }] },
  });
  assert.throws(() => requireRatesBelowPrices([rebate('30.01')], [product], []), { code: 'rule.violated' });
  requireRatesBelowPrices([rebate('30')], [product], []);
});

test('a tactic at the tier that its volume reaches pays by rate × volume what it pays with its tiers', () => {
  for (const method of ['retroactive', 'incremental'] as const) {
    for (const from of [1, 100, 1_000_000]) {
      const steps = [
        { from: d(0), rate: d('1') },
        { from: d(from), rate: d('2.5') },
      ];
      const rebate: EventTactic = { ...tactic('volume_rebate', 'case', '1'), tiers: { method, steps } };
      const flat = { ...atReachedTier(rebate, [product]), mechanic: 'bill_back' } as const;
      const reached = eventSpend([flat], [product], 'USD').total;
      assert.deepEqual(reached, eventSpend([rebate], [product], 'USD').total, `${method} ${from}`);
    }
  }
});

test('a percent is of the list price unless the tactic says invoice price', () => {
  assert.equal(cost(tactic('off_invoice', 'percent', '10')), '450.00');
  const ofInvoice = tactic('off_invoice', 'percent', '10');
  assert.equal(cost({ ...ofInvoice, rate: { ...ofInvoice.rate!, percentOf: 'invoice' } }), '420.00');
});

test('where shipments are not known the cases sold stand in for them, and the answer says so', () => {
  const { tactics } = eventSpend([tactic('bill_back', 'case', '3')], [{ ...product, shippedCases: null }], 'USD');
  assert.equal(amountOf(tactics[0]!.spend), '600.00');
  assert.match(tactics[0]!.assumption ?? '', /not known/);
});

test('a tactic rounds once, after its products are summed', () => {
  const thirds = ['a', 'b', 'c'].map((productId) => ({ ...product, productId, units: d(1), unitsPerCase: d(1) }));
  const one = { ...tactic('scan_back', 'unit', '0.005'), productIds: ['a', 'b', 'c'] };
  const { total, byProduct } = eventSpend([one], thirds, 'USD');
  assert.equal(amountOf(total), '0.02');
  assert.deepEqual(
    byProduct.map(({ amount }) => amountOf(amount)),
    ['0.01', '0.01', '0.00'],
  );
});

test('a split over funds sums exactly, and a tie goes to the first fund by id whatever the order of the split', () => {
  const split = ['c', 'a', 'b'].map((fundId) => ({ fundId, share: d(1) }));
  const one: EventTactic = { ...tactic('display', 'unit', '1'), rate: null, lumpSum: usd('100.00'), fundSplit: split };
  assert.deepEqual(
    eventSpend([one], [product], 'USD').byFund.map(({ fundId, amount }) => [fundId, amountOf(amount)]),
    [
      ['c', '33.33'],
      ['a', '33.34'],
      ['b', '33.33'],
    ],
  );
});

test('a rate without what its mechanic counts by is refused, not guessed', () => {
  for (const mechanic of ['multibuy', 'coupon', 'volume_rebate', 'display'] as const) {
    assert.throws(() => cost(tactic(mechanic, 'unit', '0.25')), { code: 'rule.violated' });
  }
  assert.equal(cost({ ...tactic('coupon', 'unit', '0.25'), redemptionRate: d('0.1') }), '60.00');
});

test('every mechanic takes a lump sum', () => {
  for (const mechanic of mechanics) {
    assert.equal(cost({ ...tactic(mechanic, 'unit', '1'), rate: null, lumpSum: usd('7.00') }), '7.00');
  }
});

test('a rate in another currency than the price is refused', () => {
  const one = tactic('scan_back', 'unit', '1');
  assert.throws(() => cost({ ...one, rate: { ...one.rate!, currency: 'EUR' } }), { code: 'money.currency_mismatch' });
});

test('the shelf price is cut by the funded rate times the pass-through', () => {
  const passed = { ...tactic('scan_back', 'case', '6'), passThrough: d('0.8') };
  const shelf = shelfPriceOf([passed], product, d(4));
  assert.equal(shelf.shelfPrice.toFixed(2), '3.60');
  assert.equal(shelf.depth.toFixed(4), '0.1000');
  assert.equal(shelf.fundedPerUnit.toFixed(2), '0.50');
  assert.throws(() => shelfPriceOf([tactic('scan_back', 'unit', '4')], product, d(4)), { code: 'rule.violated' });
});

test('the retailer keeps its margin per unit at full pass-through and gains what it does not pass on', () => {
  const full = shelfPriceOf([tactic('scan_back', 'unit', '0.50')], product, d(4));
  const margins = retailerMargin([{ product, shelf: full }], 'USD');
  // 4.00 − 28.00 / 12 on 1200 units before, the same on 2400 units after.
  assert.equal(amountOf(margins.marginBefore), '2000.00');
  assert.equal(amountOf(margins.marginAfter), '4000.00');
  const half = shelfPriceOf([{ ...tactic('scan_back', 'unit', '0.50'), passThrough: d('0.5') }], product, d(4));
  const gained = retailerMargin([{ product, shelf: half }], 'USD');
  assert.equal(amountOf(gained.marginAfter), '4600.00');
  // 3.75 × 2400 − 28.00 / 12 × 2400 + 0.50 × 2400: the figure says what it is made of.
  assert.deepEqual(
    gained.figures.marginAfter.inputs.map(({ name, value }) => [name, value]),
    [
      ['shelf sales', '9000.00'],
      ['paid to us', '5600.00'],
      ['funded rates', '1200.00'],
    ],
  );
  assert.equal(gained.figures.percentAfter.value, gained.percentAfter);
});
