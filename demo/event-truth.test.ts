import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Decimal, money, toDecimal } from '#money';
import type { EventProduct, EventTactic } from '#performance';
import { eventSpend } from '#performance';
import { accountsBelow } from './customers.ts';
import type { DemoMaker, DemoPromotion } from './maker.ts';
import { priceOn } from './products.ts';
import { DEMO_NOISE, simulateMaker } from './simulate-maker.ts';

const dollars = (minor: number): string => new Decimal(minor).div(100).toFixed(2);

function productsOf(maker: DemoMaker, promotion: DemoPromotion): EventProduct[] {
  const accounts = accountsBelow(maker.customers, promotion.customerCode);
  const weeks = maker.sellOut.weekStart.length;
  return promotion.productCodes.map((code) => {
    const price = priceOn(maker.prices, code, promotion.startsOn);
    let units = 0;
    maker.sellOut.series.forEach((series, s) => {
      if (series.productCode !== code || !accounts.includes(series.customerCode)) return;
      maker.sellOut.weekStart.forEach((day, week) => {
        if (promotion.startsOn <= day && day <= promotion.endsOn)
          units += Math.max(0, maker.sellOut.units[s * weeks + week]!);
      });
    });
    const shippedCases = maker.shipments
      .filter((s) => s.productCode === code && accounts.includes(s.customerCode))
      .filter((s) => promotion.shipStartsOn <= s.periodStart && s.periodStart <= promotion.shipEndsOn)
      .reduce((sum, s) => sum + s.cases, 0);
    return {
      productId: code,
      unitsPerCase: new Decimal(maker.products.find((p) => p.code === code)!.unitsPerCase!),
      listPrice: money(dollars(price.listPriceMinor), 'USD'),
      cost: money(dollars(price.costMinor), 'USD'),
      baselineUnits: new Decimal(0),
      units: new Decimal(units),
      shippedCases: new Decimal(shippedCases),
    };
  });
}

test("the true spend is the product's own formula on the true volumes, to the cent", () => {
  const maker = simulateMaker({ seed: 5, today: '2026-11-23', noise: { ...DEMO_NOISE, missingShare: 0 } });
  const promotions = new Map(maker.promotions.map((p) => [p.code, p]));
  let checked = 0;
  for (const truth of maker.truth.events) {
    const promotion = promotions.get(truth.code)!;
    const repriced = maker.prices.some(
      (p) =>
        p.validFrom > promotion.shipStartsOn &&
        p.validFrom <= promotion.endsOn &&
        promotion.productCodes.includes(p.productCode),
    );
    if (repriced) continue;
    const tactics = promotion.tactics.map(
      (tactic, i): EventTactic => ({
        key: String(i),
        mechanic: tactic.mechanic,
        productIds: promotion.productCodes,
        rate: tactic.rate && {
          amount: new Decimal(tactic.rate.value).div(tactic.rate.per === 'percent' ? 1 : 100),
          currency: 'USD',
          per: tactic.rate.per,
        },
        lumpSum: tactic.lumpSumMinor === null ? null : money(dollars(tactic.lumpSumMinor), 'USD'),
        passThrough: new Decimal(tactic.passThrough ?? 1),
        fundSplit: [{ fundId: promotion.fundCode, share: new Decimal(1) }],
      }),
    );
    const spend = toDecimal(eventSpend(tactics, productsOf(maker, promotion), 'USD').total);
    // a percent of a list price is a fraction of a cent per case: the simulator rounds per case, the product once
    const percent = promotion.tactics.some((t) => t.rate?.per === 'percent');
    const within = percent ? spend.times(0.002) : new Decimal(0);
    assert.ok(
      spend.minus(dollars(truth.spendMinor)).abs().lte(within),
      `${truth.code}: ${spend} and ${dollars(truth.spendMinor)}`,
    );
    checked++;
  }
  assert.ok(checked > 150, `${checked} events`);
});
