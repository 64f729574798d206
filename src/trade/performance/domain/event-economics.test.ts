import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { amountOf, Decimal, money, sum } from '#money';
import { type EventInput, priceEvent } from './event-economics.ts';
import type { EventProduct, EventTactic } from './event-tactic.ts';

const d = (value: string | number) => new Decimal(value);
const usd = (amount: string) => money(amount, 'USD');
const fund = [{ fundId: 'f', share: d(1) }];

const product: EventProduct = {
  productId: 'p',
  unitsPerCase: d(1),
  listPrice: usd('30.00'),
  onInvoiceTerms: usd('1.50'),
  standingTerms: usd('0.60'),
  cost: usd('16.00'),
  baselineUnits: d(2000),
  units: d(3400),
  shippedCases: null,
};
const scanBack: EventTactic = {
  key: '0',
  mechanic: 'scan_back',
  productIds: ['p'],
  rate: { amount: d('4.00'), currency: 'USD', per: 'case' },
  lumpSum: null,
  passThrough: d(1),
  fundSplit: fund,
};
const display: EventTactic = { ...scanBack, key: '1', mechanic: 'display', rate: null, lumpSum: usd('2000.00') };
const worked: EventInput = {
  currency: 'USD',
  tactics: [scanBack, display],
  products: [product],
  dip: [{ productId: 'p', cases: d(400), contributionPerCase: d('11.90') }],
  cannibalisation: [{ productId: 'sister', cases: d(150), contributionPerCase: d('10.00') }],
  halo: [{ productId: 'other', cases: d(50), contributionPerCase: d('8.00') }],
};
const amounts = (input: EventInput) =>
  Object.fromEntries(
    Object.entries(priceEvent(input).figures).map(([name, { value }]) => [
      name,
      value !== null && typeof value === 'object' ? value.amount : value,
    ]),
  );

test('event spend is made of what each tactic costs, never of itself', () => {
  const { inputs, value } = priceEvent(worked).figures.eventSpend;
  assert.deepEqual(
    inputs.map((input) => [input.name, input.value]),
    [
      ['1. scan back', '13600.00'],
      ['2. display', '2000.00'],
    ],
  );
  assert.deepEqual(value, { amount: '15600.00', currency: 'USD' });
});

test('the worked event comes out to the cent', () => {
  assert.deepEqual(amounts(worked), {
    incrementalVolume: '1400',
    lift: '0.7000',
    liftMultiple: '1.7000',
    eventSpend: '15600.00',
    subsidisedBase: '8000.00',
    incrementalContribution: '16660.00',
    grossProfit: '1060.00',
    grossRoi: '0.0679',
    dipContribution: '4760.00',
    cannibalisationContribution: '1500.00',
    haloContribution: '400.00',
    netIncrementalContribution: '10800.00',
    netProfit: '-4800.00',
    netRoi: '-0.3077',
    costPerIncrementalUnit: '11.142857',
    breakEvenLift: '0.6329',
    breakEvenVolume: '1265.822785',
    tradeRate: '0.2229',
    merchandisingEfficiency: '0.4118',
    // (11.90 × 3 400 − 15 600) / (30 × 3 400)
    eventMargin: '0.2437',
  });
});

test('where spend does not follow volume in a straight line no break-even is told, and the base costs no more than the cap', () => {
  const capped = amounts({ ...worked, tactics: [{ ...scanBack, cap: usd('7000.00') }, display] });
  assert.deepEqual([capped.eventSpend, capped.subsidisedBase], ['9000.00', '7000.00']);
  assert.deepEqual([capped.breakEvenLift, capped.breakEvenVolume], [null, null]);
  const steps = [{ from: d(3000), rate: d('4.00') }];
  const rebate: EventTactic = { ...scanBack, mechanic: 'volume_rebate', tiers: { method: 'retroactive', steps } };
  const tiered = amounts({ ...worked, tactics: [rebate, display] });
  // 3 400 cases reach the tier, the 2 000 of the baseline would not have.
  assert.deepEqual([tiered.eventSpend, tiered.subsidisedBase, tiered.breakEvenLift], ['15600.00', '0.00', null]);
});

test('the worked event sold by the unit, twelve to a case, gives the same money', () => {
  const inUnits: EventInput = {
    ...worked,
    products: [{ ...product, unitsPerCase: d(12), baselineUnits: d(24_000), units: d(40_800) }],
  };
  assert.deepEqual(amounts(inUnits), amounts(worked));
});

test('a return on nothing spent is not a number', () => {
  const { figures } = priceEvent({ ...worked, tactics: [] });
  assert.equal(figures.grossRoi.value, null);
  assert.equal(figures.netRoi.value, null);
  assert.deepEqual(figures.eventSpend.value, { amount: '0.00', currency: 'USD' });
});

test('an event that gives away all of its contribution never breaks even', () => {
  const rate = { amount: d('11.90'), currency: 'USD', per: 'case' as const };
  const { figures } = priceEvent({ ...worked, tactics: [{ ...scanBack, rate }] });
  assert.equal(figures.breakEvenLift.value, null);
  assert.equal(figures.breakEvenVolume.value, null);
});

test('a component without an estimate is named as not estimated and never shown as zero', () => {
  const { figures } = priceEvent({ ...worked, halo: null, dip: null });
  assert.equal(figures.haloContribution.value, null);
  assert.equal(figures.dipContribution.value, null);
  assert.deepEqual(figures.netProfit.notEstimated, ['dip', 'halo']);
  assert.deepEqual(figures.netProfit.value, { amount: '-440.00', currency: 'USD' });
  assert.deepEqual(
    figures.netProfit.inputs.find(({ name }) => name === 'dip'),
    { name: 'dip', value: null, source: 'volumes' },
  );
  assert.equal(figures.grossProfit.notEstimated, undefined);
});

test('the interval of the incremental volume becomes the interval of profit, the smaller end first', () => {
  const { figures } = priceEvent({ ...worked, incrementalUnits: { low: d(1000), high: d(1800) } });
  // Each case more earns 11.90 − 4.00.
  assert.deepEqual(figures.grossProfit.low, { amount: '-2100.00', currency: 'USD' });
  assert.deepEqual(figures.grossProfit.high, { amount: '4220.00', currency: 'USD' });
  assert.equal(figures.costPerIncrementalUnit.low, '9.555556');
  assert.equal(figures.costPerIncrementalUnit.high, '14.000000');
});

test('an interval that reaches below selling nothing ends at nothing sold', () => {
  const { figures } = priceEvent({ ...worked, incrementalUnits: { low: d(-9000), high: d(2000) } });
  assert.deepEqual(figures.eventSpend.low, { amount: '2000.00', currency: 'USD' });
  assert.deepEqual(figures.grossProfit.low, { amount: '-25800.00', currency: 'USD' });
});

test('a price in another currency than the event is refused', () => {
  const yen = { ...product, cost: money('1600', 'JPY') };
  assert.throws(() => priceEvent({ ...worked, products: [yen] }), { code: 'money.currency_mismatch' });
});

test('every figure names its formula, its version and its inputs', () => {
  for (const figure of Object.values(priceEvent(worked).figures)) {
    assert.ok(figure.formula.length > 0);
    assert.equal(figure.formulaVersion, 'event-economics/1');
    assert.ok(figure.inputs.length > 0 && figure.inputs.every(({ value, source }) => value !== null && source !== ''));
  }
});

test('ratios of several products are taken of the sums, not averaged', () => {
  const second = { ...product, productId: 'q', baselineUnits: d(100), units: d(400) };
  const tactics = [{ ...scanBack, productIds: ['p', 'q'] }];
  const { figures } = priceEvent({ ...worked, products: [product, second], tactics });
  assert.equal(figures.lift.value, '0.8095');
});

test('gross profit is the incremental contribution less what was spent, whatever the event', () => {
  const cents = fc.integer({ min: 1, max: 10_000 });
  fc.assert(
    fc.property(cents, cents, fc.nat(100_000), fc.nat(100_000), fc.nat(500), (list, rate, baseline, units, lump) => {
      const one: EventProduct = {
        productId: 'p',
        unitsPerCase: d(7),
        listPrice: money((list / 100).toFixed(2), 'USD'),
        cost: usd('1.00'),
        baselineUnits: d(baseline),
        units: d(units),
        shippedCases: null,
      };
      const tactic: EventTactic = {
        ...scanBack,
        rate: { amount: d(rate).div(1000), currency: 'USD', per: 'unit' },
        lumpSum: usd(`${lump}.00`),
        fundSplit: [
          { fundId: 'b', share: d('0.3') },
          { fundId: 'a', share: d('0.7') },
        ],
      };
      const { figures, spend } = priceEvent({ ...worked, tactics: [tactic], products: [one], halo: null });
      const value = (name: 'grossProfit' | 'incrementalContribution' | 'eventSpend') =>
        d((figures[name].value as { amount: string }).amount);
      assert.ok(value('grossProfit').eq(value('incrementalContribution').minus(value('eventSpend'))));
      const parts = spend.byFund.map(({ amount }) => amount);
      assert.equal(amountOf(sum(parts, 'USD')), amountOf(spend.total));
    }),
  );
});

test('the inputs shown beside incremental contribution multiply to it, also over products of different margin', () => {
  const dear: EventProduct = { ...product, productId: 'q', cost: usd('4.00'), baselineUnits: d(500), units: d(2500) };
  const { figures } = priceEvent({ ...worked, products: [product, dear] });
  const { value, inputs } = figures.incrementalContribution;
  const shown = (name: string) => d(inputs.find((input) => input.name === name)?.value ?? 'NaN');
  assert.ok(value !== null && typeof value === 'object');
  assert.equal(shown('I').times(shown('m')).toFixed(2), value.amount);
});
