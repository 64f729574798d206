import type { SalesPanel } from '#performance';
import type { DemoMaker } from './maker.ts';

/** The maker's sell-out as it stands now as a {@link SalesPanel}; missing weeks have no observation. */
export function makerPanel(maker: DemoMaker): SalesPanel {
  const { sellOut } = maker;
  const weeks = sellOut.weekStart.length;
  const parents = new Map(maker.customers.map((c) => [c.code, c.parentCode]));
  const products = new Map(maker.products.map((p) => [p.code, p]));
  const cells: number[] = [];
  sellOut.units.forEach((units, cell) => {
    if (units >= 0) cells.push(cell);
  });
  return {
    weekStart: [...sellOut.weekStart],
    series: sellOut.series.map((s) => {
      const product = products.get(s.productCode)!;
      return {
        customer: s.customerCode,
        customerGroup: parents.get(s.customerCode) ?? s.customerCode,
        product: s.productCode,
        productGroup: product.familyCode!,
        category: product.categoryCode,
        own: product.own,
      };
    }),
    seriesIndex: Int32Array.from(cells, (cell) => Math.floor(cell / weeks)),
    week: Int32Array.from(cells, (cell) => cell % weeks),
    units: Float64Array.from(cells, (cell) => sellOut.units[cell]!),
    price: Float64Array.from(cells, (cell) => sellOut.priceMinor[cell]! / 100),
    basePrice: Float64Array.from(cells, (cell) => sellOut.basePriceMinor[cell]! / 100),
    feature: Uint8Array.from(cells, (cell) => sellOut.feature[cell]!),
    display: Uint8Array.from(cells, (cell) => sellOut.display[cell]!),
    priceReduction: Uint8Array.from(cells, (cell) => sellOut.priceReduction[cell]!),
  };
}
