import type { FiscalWeek } from './fiscal-weeks.ts';
import type { DemoAgreement, DemoCondition, DemoShipment, DemoTermLine, DemoTerms } from './maker.ts';

/** What a banner takes off every case, percent of list, and how its yearly rebate grows; null: it has none. */
interface BannerTerms {
  onInvoice: number;
  /** Standing rebate for its sell-out data. */
  data: number | null;
  /** For full pallets ordered 48 hours ahead. */
  logistics: number | null;
  /** On-invoice discount of one category, in the place of the general one. */
  category: { code: string; onInvoice: number } | null;
}

const banners: Readonly<Record<string, BannerTerms>> = {
  HGM: { onInvoice: 3, data: 0.5, logistics: 1, category: null },
  BVL: { onInvoice: 2.5, data: null, logistics: 1, category: null },
  OMN: { onInvoice: 4.5, data: 0.5, logistics: 1, category: { code: 'JCE', onInvoice: 3.5 } },
  IRW: { onInvoice: 5, data: null, logistics: null, category: null },
  CNR: { onInvoice: 2, data: null, logistics: 1, category: null },
};

/** The banner whose pallets were not full in the last period. */
const careless = 'CNR';

const percentOfList = (code: string, kind: DemoTermLine['kind'], ratePercent: number): DemoTermLine => ({
  ...{ code, kind, basis: 'percent_of_list', ratePercent, tiers: null, condition: null },
});

function everydayAgreements(code: string, terms: BannerTerms, validFrom: string): DemoAgreement[] {
  const { onInvoice, data, logistics, category } = terms;
  const pallets = 'Full pallets, ordered 48 hours ahead, 95 % of the orders';
  const lines = [
    percentOfList('ON-INVOICE', 'on_invoice', onInvoice),
    ...(data === null ? [] : [percentOfList('DATA', 'off_invoice', data)]),
    ...(logistics === null ? [] : [{ ...percentOfList('LOGISTICS', 'conditional', logistics), condition: pallets }]),
  ];
  const common = { customerCode: code, validFrom, validTo: null };
  const everyday = { ...common, code: `${code}-EVERYDAY`, name: 'Everyday terms', productCode: null, lines };
  if (!category) return [everyday];
  return [
    everyday,
    {
      ...{ ...common, code: `${code}-${category.code}`, name: 'Everyday terms, category', productCode: category.code },
      lines: [percentOfList('ON-INVOICE', 'on_invoice', category.onInvoice)],
    },
  ];
}

/** Thresholds around last year's cases, in steps that people write into contracts. */
function volumeTiers(lastYearCases: number): { from: number; rate: number }[] {
  const rounded = (factor: number) => Math.max(500, Math.round((lastYearCases * factor) / 500) * 500);
  return [
    { from: rounded(0.9), rate: 0.5 },
    { from: rounded(1), rate: 1 },
    { from: rounded(1.1), rate: 1.5 },
  ];
}

function yearlyAgreement(code: string, year: readonly FiscalWeek[], lastYearCases: number): DemoAgreement {
  const { fiscalYear, startsOn } = year[0]!;
  const tiered = { ratePercent: null, condition: null } as const;
  return {
    ...{
      code: `${code}-${fiscalYear}`,
      name: `Joint business plan ${fiscalYear}`,
      customerCode: code,
      productCode: null,
    },
    ...{ validFrom: startsOn, validTo: year.at(-1)!.endsOn },
    lines: [
      {
        ...tiered,
        code: 'VOLUME',
        kind: 'volume_rebate',
        basis: 'percent_of_invoice',
        tiers: volumeTiers(lastYearCases),
      },
      {
        ...{ ...tiered, code: 'GROWTH', kind: 'growth', basis: 'percent_of_list' },
        tiers: [
          { from: 3, rate: 0.5 },
          { from: 8, rate: 1 },
        ],
      },
    ],
  };
}

/** Everyday terms of every banner since the first day of the calendar: what truth and sell-in know of. */
export function makeEverydayTerms(calendar: readonly FiscalWeek[], today: string): DemoTerms {
  const agreements = Object.entries(banners).flatMap(([code, terms]) =>
    everydayAgreements(code, terms, calendar[0]!.startsOn),
  );
  const over = [...Map.groupBy(calendar, (week) => `${week.fiscalYear}|${week.period}`).values()]
    .map((weeks) => ({ first: weeks[0]!, endsOn: weeks.at(-1)!.endsOn }))
    .filter(({ endsOn }) => endsOn < today)
    .slice(-3);
  const conditions = agreements
    .filter(({ lines }) => lines.some(({ code }) => code === 'LOGISTICS'))
    .flatMap(({ code, customerCode }) =>
      over.map(({ first, endsOn }, i): DemoCondition => {
        const { fiscalYear, period, startsOn } = first;
        const met = customerCode !== careless || i < over.length - 1;
        return { agreementCode: code, lineCode: 'LOGISTICS', fiscalYear, period, startsOn, endsOn, met };
      }),
    );
  return { agreements, conditions };
}

/** The joint business plans of the fiscal year that holds `today`, with tiers around what was shipped last year. */
export function makeYearlyTerms(
  calendar: readonly FiscalWeek[],
  today: string,
  shipments: readonly DemoShipment[],
): DemoAgreement[] {
  const now = calendar.find(({ startsOn, endsOn }) => startsOn <= today && today <= endsOn)!;
  const year = calendar.filter(({ fiscalYear }) => fiscalYear === now.fiscalYear);
  const before = calendar.filter(({ fiscalYear }) => fiscalYear === now.fiscalYear - 1);
  const [from, to] = [before[0]!.startsOn, before.at(-1)!.endsOn];
  return Object.keys(banners).map((code) => {
    const mine = shipments.filter(
      ({ customerCode, periodStart }) =>
        customerCode.startsWith(`${code}-`) && from <= periodStart && periodStart <= to,
    );
    return yearlyAgreement(
      code,
      year,
      mine.reduce((sum, { cases }) => sum + cases, 0),
    );
  });
}

/**
 * What the everyday terms take off a case in cents, at a customer on a day: each sum rounded once, as the product does. The
 * nearer agreement (a category's) goes before the general one; a condition counts unless it was unmet on the day.
 */
export function everydayTermsMinor(
  { agreements, conditions }: DemoTerms,
  { customerCode, categoryCode, date }: { customerCode: string; categoryCode: string; date: string },
  listPriceMinor: number,
): number {
  const banner = customerCode.split('-')[0];
  const found = agreements.filter((one) => one.customerCode === banner && one.validFrom <= date);
  const general = found.find(({ productCode }) => productCode === null);
  const nearer = found.find(({ productCode }) => productCode === categoryCode);
  const unmet = conditions.some(
    (one) => one.agreementCode === general?.code && !one.met && one.startsOn <= date && date <= one.endsOn,
  );
  const percent = (of: DemoAgreement | undefined, kinds: readonly DemoTermLine['kind'][]) =>
    (of?.lines ?? [])
      .filter(({ kind }) => kinds.includes(kind))
      .reduce((sum, { ratePercent }) => sum + (ratePercent ?? 0), 0);
  const minor = (rate: number) => Math.round((listPriceMinor * rate) / 100);
  const standing = percent(general, unmet ? ['off_invoice'] : ['off_invoice', 'conditional']);
  return minor(percent(nearer ?? general, ['on_invoice'])) + minor(standing);
}
