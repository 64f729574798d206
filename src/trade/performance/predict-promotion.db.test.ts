import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Context } from '#context';
import { sql } from '#db';
import { Decimal, money } from '#money';
import { simulateMaker } from '../../../demo/simulate-maker.ts';
import { testHouse } from '../../../test/house.ts';
import { fitRequestedModel } from './fit-promotion-model.ts';
import { outcomeOf, type PlannedPromotion, type PromotionForecast, predictPromotion } from './predict-promotion.ts';
import { type StoredMaker, storeMaker } from './test-maker.ts';
import { trainPromotionModel } from './train-promotion-model.ts';

const maker = simulateMaker({ seed: 7, today: '2026-06-15' });

/** A tenant with one banner's sales of one category and a model fitted on them. */
async function fittedTenant(t: TestContext) {
  const house = await testHouse(t);
  const context = house.context();
  const part = { categories: ['BAR'], banners: ['HGM'] };
  const ids = await storeMaker({ url: house.url, newId: context.newId, tenantId: context.tenant.id }, maker, part);
  const requested = await trainPromotionModel(context);
  await fitRequestedModel(context, requested.id);
  return { house, context, ids, modelVersion: requested.id };
}

type Fitted = Awaited<ReturnType<typeof fittedTenant>>;

const listed = maker.sellOut.series
  .filter(({ customerCode, lastWeek }) => customerCode === 'HGM-EA-01' && lastWeek === 103)
  .map(({ productCode }) => productCode);
const own = maker.products.filter(
  ({ level, own: ours, categoryCode }) => level === 'sku' && ours && categoryCode === 'BAR',
);
const sold = own.filter(({ code }) => listed.includes(code));

function promotion(
  ids: StoredMaker,
  over: { rate?: string; customer?: string; products?: number; startsOn?: string; endsOn?: string } = {},
): PlannedPromotion {
  const productIds = sold.slice(0, over.products ?? 2).map(({ code }) => ids.products.get(code)!);
  return {
    customerId: ids.customers.get(over.customer ?? 'HGM-EA-01')!,
    startsOn: over.startsOn ?? '2026-06-29',
    endsOn: over.endsOn ?? '2026-07-12',
    currency: 'USD',
    tactics: [
      {
        key: 'scan',
        mechanic: 'scan_back',
        productIds,
        rate: { amount: new Decimal(over.rate ?? '0.60'), currency: 'USD', per: 'unit' },
        lumpSum: null,
        passThrough: new Decimal(1),
        fundSplit: [{ fundId: ids.customers.get('HGM')!, share: new Decimal(1) }],
        feature: false,
        display: false,
      },
      {
        key: 'display',
        mechanic: 'display',
        productIds,
        rate: null,
        lumpSum: money('250.00', 'USD'),
        passThrough: new Decimal(0),
        fundSplit: [{ fundId: ids.customers.get('HGM')!, share: new Decimal(1) }],
        feature: false,
        display: true,
      },
    ],
  };
}

async function forecast(context: Context, planned: PlannedPromotion): Promise<PromotionForecast> {
  const answer = await predictPromotion(context, planned);
  assert.equal(answer.refusal, null);
  return answer as PromotionForecast;
}

const sumOf = (texts: string[]) => texts.reduce((sum, text) => sum + Number(text), 0);
const near = (a: number, b: number) => assert.ok(Math.abs(a - b) < 0.02 * Math.max(1, Math.abs(b)), `${a} is not ${b}`);

const partsAddUp = async ({ context, ids, modelVersion }: Fitted) => {
  const answer = await forecast(context, promotion(ids));
  const { totals, weeks, products, figures } = answer;
  assert.equal(answer.modelVersion, modelVersion);
  assert.ok(Number(totals.incrementalUnits) > 0);
  assert.ok(Number(totals.incrementalLow) < Number(totals.incrementalUnits));
  assert.ok(Number(totals.incrementalUnits) < Number(totals.incrementalHigh));
  const inEvent = weeks.filter(({ promoted }) => promoted);
  near(sumOf(inEvent.map(({ incrementalUnits }) => incrementalUnits)), Number(totals.incrementalUnits));
  near(sumOf(products.map(({ predictedUnits }) => predictedUnits)), Number(totals.predictedUnits));
  near(sumOf(products.map(({ spend }) => spend.amount)), Number(answer.spend.amount));
  near(Number(totals.predictedUnits) * 0.6 + 250, Number(answer.spend.amount));
  assert.equal(inEvent.length, 2 * products.length);
  assert.equal(weeks.length, 6 * products.length);
  assert.ok(weeks.every(({ fiscalWeek }) => fiscalWeek?.startsWith('FY')));
  assert.deepEqual(figures.eventSpend.value, answer.spend);
  assert.ok(figures.netProfit.low !== undefined && figures.netProfit.inputs.length > 0);
  assert.equal(outcomeOf(answer).modelVersion, modelVersion);
  assert.ok(JSON.stringify(answer).length > 1000);
};

const ownDates = async ({ context, ids }: Fitted) => {
  const whole = promotion(ids);
  const [scan, display] = whole.tactics;
  assert.ok(scan && display);
  const firstWeek = { startsOn: '2026-06-29', endsOn: '2026-07-05' };
  const answer = await forecast(context, { ...whole, tactics: [{ ...scan, ...firstWeek }, display] });
  const full = await forecast(context, whole);
  const units = (of: PromotionForecast, weekStart: string) =>
    sumOf(of.weeks.filter((week) => week.weekStart === weekStart).map(({ predictedUnits }) => predictedUnits));
  const [first = '', second = ''] = [...new Set(answer.weeks.map(({ weekStart }) => weekStart))].sort();
  assert.equal(first, firstWeek.startsOn);
  near(units(answer, first), units(full, first));
  assert.ok(units(answer, second) < units(full, second), 'without the price cut the second week sells less');
  const scanned = answer.spendByTactic.find(({ key }) => key === 'scan');
  near(Number(scanned?.volume), units(answer, first));
  near(Number(scanned?.spend.amount), units(answer, first) * 0.6);
  const [mean, cut] = [answer, full].map(({ products }) => Number(products[0]?.shelfPrice));
  near(2 * (Number(mean) - Number(cut)), 0.6);
};

const deeperSellsMore = async ({ context, ids }: Fitted) => {
  const shallow = await forecast(context, promotion(ids, { rate: '0.20' }));
  const deep = await forecast(context, promotion(ids, { rate: '0.90' }));
  assert.ok(Number(deep.totals.incrementalUnits) > Number(shallow.totals.incrementalUnits));
  assert.ok(Number(deep.products[0]?.depth) > Number(shallow.products[0]?.depth));
  const division = await forecast(context, promotion(ids, { rate: '0.20', customer: 'HGM-EA' }));
  assert.ok(Number(division.totals.baselineUnits) > Number(shallow.totals.baselineUnits));
};

const daysCount = async ({ context, ids }: Fitted) => {
  const whole = await forecast(context, promotion(ids, { endsOn: '2026-07-05' }));
  const firstWeek = whole.weeks.filter(({ promoted }) => promoted);
  const weekStart = firstWeek[0]!.weekStart;
  const week = await forecast(context, promotion(ids, { startsOn: weekStart, endsOn: plus(weekStart, 6) }));
  const days = await forecast(context, promotion(ids, { startsOn: weekStart, endsOn: plus(weekStart, 2) }));
  near(Number(days.totals.incrementalUnits), (Number(week.totals.incrementalUnits) * 3) / 7);
  near(Number(days.totals.baselineUnits), (Number(week.totals.baselineUnits) * 3) / 7);
  // Three days of buying ahead leave less than half of a week's dip.
  assert.ok(Number(week.totals.dipUnits) > 0);
  assert.ok(Number(days.totals.dipUnits) < 0.5 * Number(week.totals.dipUnits), `dip ${days.totals.dipUnits}`);
};

const plus = (date: string, days: number) => new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10);

test('without a model, without sales or for a stranger nothing is invented', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const part = { categories: ['BAR'], banners: ['CNR'] };
  const ids = await storeMaker({ url: house.url, newId: context.newId, tenantId: context.tenant.id }, maker, part);
  const planned = { ...promotion(ids, { customer: 'CNR' }) };
  const answer = await predictPromotion(context, planned);
  assert.match(answer.refusal ?? '', /No prediction model/);
  await assert.rejects(predictPromotion(house.context({ tenant: 'b' }), planned), { code: 'not_found' });
  await assert.rejects(trainPromotionModel(house.context({ tenant: 'b' })), { code: 'prediction.refused' });
});

test('a model on too few sales is refused with the reason and never comes into force', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const weekStart = maker.sellOut.weekStart.slice(0, 20);
  const short = {
    ...maker,
    sellOut: {
      ...maker.sellOut,
      units: maker.sellOut.units.map((units, cell) => (cell % 104 < weekStart.length ? units : -1)),
    },
  };
  const part = { categories: ['BAR'], banners: ['CNR'] };
  const ids = await storeMaker({ url: house.url, newId: context.newId, tenantId: context.tenant.id }, short, part);
  const { id } = await trainPromotionModel(context);
  await fitRequestedModel(context, id);
  const model = await context.db.transact(context, (tx) =>
    tx.one<{ status: string; reason: string }>(
      sql`select status, reason from performance.model_version where id = ${id}`,
    ),
  );
  assert.equal(model.status, 'failed');
  assert.match(model.reason, /20 weeks/);
  assert.match(
    (await predictPromotion(context, promotion(ids, { customer: 'CNR' }))).refusal ?? '',
    /No prediction model/,
  );
});

const calendarCounts = async ({ context, ids }: Fitted) => {
  const planned = promotion(ids);
  const alone = await forecast(context, planned);
  const after = { ...planned, startsOn: '2026-07-20', endsOn: '2026-08-02' };
  const followed = await forecast(context, { ...planned, calendar: [after] });
  // The event's last week is 2026-07-06; of the four dip weeks only the one before the next event is left.
  assert.deepEqual(
    [...new Set(followed.weeks.filter(({ promoted }) => !promoted).map(({ weekStart }) => weekStart))],
    ['2026-07-13'],
  );
  assert.equal(followed.totals.baselineUnits, alone.totals.baselineUnits);
  const before = { ...planned, startsOn: '2026-06-15', endsOn: '2026-06-28' };
  const afterAnother = await forecast(context, { ...planned, calendar: [before] });
  assert.ok(Number(afterAnother.totals.baselineUnits) < Number(alone.totals.baselineUnits));
  const same = await forecast(context, { ...planned, calendar: [planned] });
  assert.ok(Number(same.totals.incrementalUnits) < 0.05 * Number(alone.totals.incrementalUnits));
};

const newModelSupersedes = async ({ context, modelVersion }: Fitted) => {
  const first = await trainPromotionModel(context);
  const second = await trainPromotionModel(context);
  assert.equal(second.id, first.id);
  assert.equal(first.number, 2);
  await fitRequestedModel(context, first.id);
  const rows = await context.db.transact(context, (tx) =>
    tx.many<{ id: string; inForce: boolean }>(
      sql`select id, superseded_at is null as "inForce" from performance.model_version order by number`,
    ),
  );
  assert.deepEqual(rows, [
    { id: modelVersion, inForce: false },
    { id: first.id, inForce: true },
  ]);
};

test('with a fitted model', async (t) => {
  const fitted = await fittedTenant(t);
  await t.test('lift, spend and profit are predicted, and their parts add up', () => partsAddUp(fitted));
  await t.test('a deeper cut sells more, and an event over a division is the larger for it', () =>
    deeperSellsMore(fitted),
  );
  await t.test('a tactic with dates of its own cuts the price, counts and costs on those days only', () =>
    ownDates(fitted),
  );
  await t.test('days count: an event of three days sells three sevenths of the week’s lift', () => daysCount(fitted));
  await t.test('other promotions of the calendar shorten the dip, echo in the baseline and are not counted twice', () =>
    calendarCounts(fitted),
  );
  await t.test('asking twice on the same sales fits one model, and it supersedes the one in force', () =>
    newModelSupersedes(fitted),
  );
});
