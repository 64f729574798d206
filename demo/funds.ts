import type { FiscalWeek } from './fiscal-weeks.ts';
import type { DemoCustomer, DemoFund, DemoProduct } from './maker.ts';
import { BANNERS_WITH_FUND } from './shelf-events.ts';

/** Cents: big enough for years of the demo's spend. */
const NATIONAL_AMOUNT_MINOR = 1_500_000_000;
const CATEGORY_AMOUNT_MINOR = 800_000_000;
const BANNER_AMOUNT_MINOR = 600_000_000;
const BRAND_AMOUNT_MINOR = 200_000_000;

/** Brands with an innovation fund of their own. */
const BRANDS_WITH_FUND = ['BAR-TRAILKIN', 'JCE-ZESTWELL'];

/** The banner whose deliveries fill a fund as they happen, and the one that brings money over from last year. */
const LIVE_BANNER = 'CNR';
const PRIOR_BANNER = 'HGM';

/** Two funds of this fiscal year that shipments fill: of this year, and of the last. */
function accrualFunds(customers: readonly DemoCustomer[], calendar: readonly FiscalWeek[], today: string): DemoFund[] {
  const { fiscalYear } = calendar.find((week) => week.startsOn <= today && today <= week.endsOn)!;
  const yearOf = (year: number) => calendar.filter((week) => week.fiscalYear === year);
  const [present, past] = [yearOf(fiscalYear), yearOf(fiscalYear - 1)];
  const valid = { validFrom: present[0]!.startsOn, validTo: present.at(-1)!.endsOn, amountMinor: 0, productCode: null };
  const nameOf = (code: string): string => customers.find((x) => x.code === code)!.name;
  return [
    {
      ...{
        code: `FUND-LIVE-${LIVE_BANNER}`,
        name: `${nameOf(LIVE_BANNER)} growth fund`,
        kind: 'live_accrual' as const,
      },
      ...{ ...valid, customerCode: LIVE_BANNER, rate: { amount: '0.15', per: 'case' as const }, source: null },
    },
    {
      ...{ code: `FUND-PRIOR-${PRIOR_BANNER}`, name: `${nameOf(PRIOR_BANNER)} earned last year` },
      ...{ ...valid, kind: 'prior_period_accrual' as const, customerCode: PRIOR_BANNER },
      ...{
        rate: { amount: '0.5', per: 'percent' as const },
        source: { from: past[0]!.startsOn, to: past.at(-1)!.endsOn },
      },
    },
  ];
}

/**
 * Fixed funds: one for everything, one per category, one per big banner, two for brands; codes of broad ones sort first.
 * Two more are filled by shipments.
 */
export function makeFunds(
  customers: readonly DemoCustomer[],
  products: readonly DemoProduct[],
  calendar: readonly FiscalWeek[],
  today: string,
): DemoFund[] {
  const [validFrom, validTo] = [calendar[0]!.startsOn, calendar.at(-1)!.endsOn];
  const fund = (
    code: string,
    name: string,
    amountMinor: number,
    customerCode: string | null,
    productCode: string | null,
  ): DemoFund => ({
    ...{
      code,
      name,
      kind: 'fixed',
      amountMinor,
      validFrom,
      validTo,
      customerCode,
      productCode,
      rate: null,
      source: null,
    },
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
    ...accrualFunds(customers, calendar, today),
  ];
}
