import type { GeneratedClaim } from './claims-world.ts';
import { demoDesk } from './desk-claims.ts';
import { fxRates } from './fx-rates.ts';
import { type LiveTactic, liveTactics, storesOf } from './live-tactics.ts';
import type { DemoMaker, DemoPromotion, DemoTactic } from './maker.ts';
import { openingBalances } from './opening-balances.ts';
import { makeProgrammes } from './programmes.ts';

/** One import file: its kind (as in the public imports), a name and its CSV text (UTF-8, header row, CRLF-free). */
export interface ImportFile {
  kind:
    | 'customers'
    | 'products'
    | 'calendars'
    | 'prices'
    | 'funds'
    | 'fx_rates'
    | 'sales'
    | 'shipments'
    | 'terms'
    | 'promotions'
    | 'opening_balances'
    | 'deductions'
    | 'claims';
  fileName: string;
  text: string;
}

type Field = string | number | null;

function field(value: Field): string {
  if (value === null) return '';
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csv(header: readonly string[], rows: Iterable<readonly Field[]>): string {
  const lines = [header.join(',')];
  for (const row of rows) lines.push(row.map(field).join(','));
  return `${lines.join('\n')}\n`;
}

/** Cents as a decimal string: 1234 → "12.34". */
function decimal(minor: number): string {
  const whole = Math.trunc(Math.abs(minor) / 100);
  return `${minor < 0 ? '-' : ''}${whole}.${String(Math.abs(minor) % 100).padStart(2, '0')}`;
}

const flag = (value: boolean | number): string => (value ? '1' : '0');

function customersFile(maker: DemoMaker): string {
  const rows = maker.customers.map((c) => [c.code, c.name, c.parentCode, c.type, c.channel, c.currency]);
  return csv(['code', 'name', 'parent_code', 'type', 'channel', 'currency'], rows);
}

/** Own SKUs carry the price in force today; competitors' SKUs have none. */
function productsFile(maker: DemoMaker): string {
  const current = new Map(
    maker.prices
      .filter((p) => p.validFrom <= maker.today && (p.validTo === null || maker.today <= p.validTo))
      .map((p) => [p.productCode, p]),
  );
  const header = ['code', 'name', 'parent_code', 'level', 'units_per_case', 'list_price', 'cost', 'currency', 'own'];
  const rows = maker.products.map((p) => {
    const price = current.get(p.code);
    const money = price
      ? [decimal(price.listPriceMinor), decimal(price.costMinor), maker.currency]
      : [null, null, null];
    return [p.code, p.name, p.parentCode, p.level, p.unitsPerCase, ...money, p.own ? 'true' : 'false'];
  });
  return csv(header, rows);
}

function calendarsFile(maker: DemoMaker): string {
  const rows = maker.calendar.map((w) => [maker.calendarCode, w.fiscalYear, w.period, w.week, w.startsOn, w.endsOn]);
  return csv(['code', 'fiscal_year', 'period', 'week', 'starts_on', 'ends_on'], rows);
}

function pricesFile(maker: DemoMaker): string {
  const rows = maker.prices.map((p) => [
    p.productCode,
    decimal(p.listPriceMinor),
    decimal(p.costMinor),
    maker.currency,
    p.validFrom,
    p.validTo,
  ]);
  return csv(['product_code', 'list_price', 'cost', 'currency', 'valid_from', 'valid_to'], rows);
}

const FUNDS_HEADER = [
  ...['code', 'name', 'kind', 'currency', 'amount', 'valid_from', 'valid_to', 'customer_code', 'product_code'],
  ...['rate', 'rate_per', 'source_from', 'source_to'],
];

function fundsFile(maker: DemoMaker): string {
  const rows = maker.funds.map((f) => [
    ...[f.code, f.name, f.kind, maker.currency, decimal(f.amountMinor), f.validFrom, f.validTo],
    ...[f.customerCode, f.productCode, f.rate?.amount ?? null, f.rate?.per ?? null],
    ...[f.source?.from ?? null, f.source?.to ?? null],
  ]);
  return csv(FUNDS_HEADER, rows);
}

function* salesRows(maker: DemoMaker, cells: Iterable<readonly [number, number]>): Generator<Field[]> {
  const { sellOut } = maker;
  const weeks = sellOut.weekStart.length;
  for (const [cell, units] of cells) {
    const series = sellOut.series[Math.floor(cell / weeks)]!;
    yield [
      series.customerCode,
      series.productCode,
      sellOut.weekStart[cell % weeks]!,
      units,
      decimal(units * sellOut.priceMinor[cell]!),
      decimal(sellOut.priceMinor[cell]!),
      decimal(sellOut.basePriceMinor[cell]!),
      flag(sellOut.feature[cell]!),
      flag(sellOut.display[cell]!),
      flag(sellOut.priceReduction[cell]!),
      'pos',
    ];
  }
}

const SALES_HEADER = [
  ...['customer_code', 'product_code', 'period_start', 'units', 'revenue', 'price', 'base_price'],
  ...['feature', 'display', 'tpr', 'source'],
];

/** Sell-out as it was first reported: restated weeks carry their first figures, missing weeks have no row. */
function salesFile(maker: DemoMaker): string {
  const first = new Map(maker.sellOut.restated.map((r) => [r.cell, r.firstUnits]));
  const cells: [number, number][] = [];
  maker.sellOut.units.forEach((units, cell) => {
    if (units >= 0) cells.push([cell, first.get(cell) ?? units]);
  });
  return csv(SALES_HEADER, salesRows(maker, cells));
}

function restatedSalesFile(maker: DemoMaker): string {
  const cells = maker.sellOut.restated.map(({ cell }) => [cell, maker.sellOut.units[cell]!] as const);
  return csv(SALES_HEADER, salesRows(maker, cells));
}

function shipmentsFile(maker: DemoMaker): string {
  const rows = maker.shipments.map((s) => [
    s.customerCode,
    s.productCode,
    s.periodStart,
    s.cases,
    decimal(s.revenueMinor),
  ]);
  return csv(['customer_code', 'product_code', 'period_start', 'cases', 'revenue'], rows);
}

const EVENT_HEADER = [
  ...['code', 'name', 'customer_code', 'starts_on', 'ends_on', 'ship_starts_on', 'ship_ends_on', 'product_codes'],
  ...['currency', 'fund_code', 'state'],
];
const TACTIC_HEADER = [
  ...['mechanic', 'rate', 'rate_per', 'lump_sum', 'stores', 'pass_through', 'feature', 'display', 'redemption_rate'],
  ...['tier_method', 'tiers', 'cap', 'recognition', 'tactic_ends_on'],
];

function rateField(rate: DemoTactic['rate']): string | null {
  if (!rate) return null;
  return rate.per === 'percent' ? String(rate.value) : decimal(rate.value);
}

function drawnTactic(promotion: DemoPromotion, tactic: DemoTactic): LiveTactic {
  const { mechanic, rate, lumpSumMinor, passThrough, feature, display } = tactic;
  const stores = storesOf(promotion, mechanic);
  return {
    ...{ mechanic, feature: flag(feature), display: flag(display) },
    ...(rate ? { rate: rateField(rate) ?? '', rate_per: rate.per } : {}),
    ...(lumpSumMinor === null ? {} : { lump_sum: decimal(lumpSumMinor / stores) }),
    ...(lumpSumMinor !== null && stores > 1 ? { stores: String(stores) } : {}),
    ...(passThrough === null ? {} : { pass_through: String(passThrough) }),
  };
}

function programmeRows(maker: DemoMaker): Field[][] {
  return makeProgrammes(maker).flatMap(
    ({ code, name, customerCode, startsOn, endsOn, productCode, fundCode, tactics }) =>
      tactics.map((tactic) => [
        ...[
          code,
          name,
          customerCode,
          startsOn,
          endsOn,
          startsOn,
          endsOn,
          productCode,
          maker.currency,
          fundCode,
          'draft',
        ],
        ...TACTIC_HEADER.map((column) => tactic[column] ?? null),
      ]),
  );
}

/** One row a tactic; rows of one event share its code. Only the past arrives as it is: what is live is approved by people. */
function promotionsFile(maker: DemoMaker): string {
  const live = liveTactics(maker.promotions);
  const rows = maker.promotions.flatMap((p) => {
    const more = live.get(p.code);
    const tactics = [...p.tactics.map((tactic) => drawnTactic(p, tactic)), ...(more ? [more] : [])];
    return tactics.map((tactic) => [
      ...[p.code, p.name, p.customerCode, p.startsOn, p.endsOn, p.shipStartsOn, p.shipEndsOn, p.productCodes.join('|')],
      ...[maker.currency, p.fundCode, p.state === 'ended' ? 'ended' : 'draft'],
      ...TACTIC_HEADER.map((column) => tactic[column] ?? null),
    ]);
  });
  return csv([...EVENT_HEADER, ...TACTIC_HEADER], [...rows, ...programmeRows(maker)]);
}

const TERMS_HEADER = [
  ...['code', 'name', 'customer_code', 'product_code', 'currency', 'valid_from', 'valid_to'],
  ...['line_code', 'kind', 'basis', 'rate', 'tiers', 'condition'],
];

function termsFile(maker: DemoMaker): string {
  const rows = maker.terms.agreements.flatMap((agreement) => {
    const { code, name, customerCode, productCode, validFrom, validTo, lines } = agreement;
    return lines.map((line) => [
      ...[code, name, customerCode, productCode, maker.currency, validFrom, validTo],
      ...[line.code, line.kind, line.basis, line.ratePercent],
      line.tiers?.map(({ from, rate }) => `${from}:${rate}`).join('|') ?? null,
      line.condition,
    ]);
  });
  return csv(TERMS_HEADER, rows);
}

function openingBalancesFile(maker: DemoMaker): string {
  const rows = openingBalances(maker).map(({ promotionCode, position, earnedMinor, settledMinor, asOf }) => [
    ...[promotionCode, position, decimal(earnedMinor), decimal(earnedMinor), decimal(settledMinor), maker.currency],
    asOf,
  ]);
  return csv(['promotion_code', 'tactic', 'committed', 'earned', 'settled', 'currency', 'as_of'], rows);
}

function fxRatesFile(maker: DemoMaker): string {
  const rows = fxRates(maker).map(({ type, from, validOn, rate, source }) => [
    ...[type, from, maker.currency, validOn, rate, source],
  ]);
  return csv(['type', 'from_currency', 'to_currency', 'valid_on', 'rate', 'source'], rows);
}

const CLAIM_HEADER = ['customer_code', 'reference', 'amount', 'tax', 'currency', 'taken_on', 'reason_code', 'note'];

function claimsFile(maker: DemoMaker, claims: readonly GeneratedClaim[]): string {
  const rows = claims.map((claim) => [
    ...[claim.customerCode, claim.reference, decimal(claim.amountMinor), decimal(claim.taxMinor), maker.currency],
    ...[claim.takenOn, claim.reasonCode, claim.note],
  ]);
  return csv(CLAIM_HEADER, rows);
}

/** The file after which the sales are complete: a model can be fitted while the rest is loaded. */
export const lastSalesFile = 'sales-restated.csv';

/**
 * The maker as files for the public imports, in the order in which they must be loaded. The second sales file restates
 * weeks of the first.
 */
export function importFiles(maker: DemoMaker): ImportFile[] {
  const desk = demoDesk(maker);
  return [
    { kind: 'calendars', fileName: 'calendars.csv', text: calendarsFile(maker) },
    { kind: 'customers', fileName: 'customers.csv', text: customersFile(maker) },
    { kind: 'products', fileName: 'products.csv', text: productsFile(maker) },
    { kind: 'sales', fileName: 'sales.csv', text: salesFile(maker) },
    { kind: 'sales', fileName: lastSalesFile, text: restatedSalesFile(maker) },
    { kind: 'prices', fileName: 'prices.csv', text: pricesFile(maker) },
    { kind: 'fx_rates', fileName: 'fx-rates.csv', text: fxRatesFile(maker) },
    { kind: 'funds', fileName: 'funds.csv', text: fundsFile(maker) },
    { kind: 'shipments', fileName: 'shipments.csv', text: shipmentsFile(maker) },
    { kind: 'terms', fileName: 'terms.csv', text: termsFile(maker) },
    { kind: 'promotions', fileName: 'promotions.csv', text: promotionsFile(maker) },
    { kind: 'opening_balances', fileName: 'opening-balances.csv', text: openingBalancesFile(maker) },
    { kind: 'deductions', fileName: 'deductions.csv', text: claimsFile(maker, desk.deductions) },
    { kind: 'claims', fileName: 'claims.csv', text: claimsFile(maker, desk.claims) },
  ];
}
