import type { DemoCustomer, DemoFund, DemoProduct } from './maker.ts';
import { BANNERS_WITH_FUND } from './shelf-events.ts';

/** Cents: big enough for years of the demo's spend. */
const NATIONAL_AMOUNT_MINOR = 1_500_000_000;
const CATEGORY_AMOUNT_MINOR = 800_000_000;
const BANNER_AMOUNT_MINOR = 600_000_000;
const BRAND_AMOUNT_MINOR = 200_000_000;

/** Brands with an innovation fund of their own. */
const BRANDS_WITH_FUND = ['BAR-TRAILKIN', 'JCE-ZESTWELL'];

/** Fixed funds: one for everything, one per category, one per big banner, two for brands; codes of broad ones sort first. */
export function makeFunds(
  customers: readonly DemoCustomer[],
  products: readonly DemoProduct[],
  validFrom: string,
  validTo: string,
): DemoFund[] {
  const fund = (
    code: string,
    name: string,
    amountMinor: number,
    customerCode: string | null,
    productCode: string | null,
  ): DemoFund => ({
    ...{ code, name, kind: 'fixed', amountMinor, validFrom, validTo, customerCode, productCode },
  });
  const nameOf = (items: readonly { code: string; name: string }[], code: string): string =>
    items.find((x) => x.code === code)!.name;
  return [
    fund('FUND-ALL', 'National trade fund', NATIONAL_AMOUNT_MINOR, null, null),
    ...products
      .filter((p) => p.level === 'category')
      .map((c) => fund(`FUND-ALL-${c.code}`, `${c.name}, all customers`, CATEGORY_AMOUNT_MINOR, null, c.code)),
    ...BANNERS_WITH_FUND.map((code) =>
      fund(`FUND-${code}`, `${nameOf(customers, code)} joint plan`, BANNER_AMOUNT_MINOR, code, null),
    ),
    ...BRANDS_WITH_FUND.map((code) =>
      fund(`FUND-BRAND-${code}`, `${nameOf(products, code)} brand fund`, BRAND_AMOUNT_MINOR, null, code),
    ),
  ];
}
