import type { Context } from '#context';
import { customerAncestors } from '#master-data';
import { currencyDigits, Decimal } from '#money';
import { lineKey, reachTier, readTermLines, rewardBase, type ScopedLine, termsReader, type VolumeSums } from '#terms';
import { type AccountPlan, rateOfAmount } from './domain/account-plan.ts';
import { moneyOfVolume, rateScale } from './domain/grid-inputs.ts';
import type { PlanBasis } from './domain/plan-basis.ts';
import { openGrid, type PlanPromotions } from './domain/plan-snapshot.ts';

/** Whole numbers under a line: thousandths of a case, and minor units at list and invoice price. */
interface LineSums {
  milli: number;
  listMinor: number;
  invoiceMinor: number;
}

/** A line that no single case carries (tiers or a lump sum), with the cells it holds for. */
interface YearlyLine {
  line: ScopedLine;
  cells: number[];
  year: LineSums;
  lastYear: LineSums;
  /** Minor units at list by fiscal period. */
  listByPeriod: Map<number, number>;
}

const nothing = (): LineSums => ({ milli: 0, listMinor: 0, invoiceMinor: 0 });

/** Volumes that the year is expected to end with: shipped in closed weeks, planned in the rest. */
function expectedVolumes(basis: PlanBasis, promotions: PlanPromotions, plan: AccountPlan): Int32Array {
  const weeks = basis.weeks.length;
  return openGrid(basis, promotions, plan)
    .volumes()
    .map((planned, cell) => (cell % weeks < basis.closedWeeks ? (basis.columns.actualMilli[cell] ?? 0) : planned));
}

function addTo(sums: LineSums, milli: number, list: number, onInvoiceRate: number): void {
  const listMinor = moneyOfVolume(milli, list, 1);
  sums.milli += milli;
  sums.listMinor += listMinor;
  sums.invoiceMinor += listMinor - moneyOfVolume(milli, onInvoiceRate, rateScale);
}

/** Every yearly line of the plan's cells, with what is expected to be sold under it. */
function yearlyLines(
  basis: PlanBasis,
  volumes: Int32Array,
  linesOn: (customerId: string, productId: string, on: string) => ScopedLine[],
): YearlyLine[] {
  const { accounts, products, weeks, columns } = basis;
  const found = new Map<string, YearlyLine>();
  accounts.forEach((account, a) => {
    products.forEach((product, p) => {
      weeks.forEach(({ startsOn, period }, w) => {
        const cell = (a * products.length + p) * weeks.length + w;
        const list = columns.listMinor[p * weeks.length + w] ?? 0;
        const onInvoice = columns.onInvoiceRate[cell] ?? 0;
        for (const line of linesOn(account.id, product.id, startsOn)) {
          if (line.rate !== null && line.basis !== 'lump_sum') continue;
          const known = found.get(lineKey(line)) ?? {
            ...{ line, cells: [], year: nothing(), lastYear: nothing(), listByPeriod: new Map<number, number>() },
          };
          found.set(lineKey(line), known);
          known.cells.push(cell);
          const before = known.year.listMinor;
          addTo(known.year, volumes[cell] ?? 0, list, onInvoice);
          addTo(known.lastYear, columns.lastYearMilli[cell] ?? 0, list, onInvoice);
          const sold = known.year.listMinor - before;
          known.listByPeriod.set(period, (known.listByPeriod.get(period) ?? 0) + sold);
        }
      });
    });
  });
  return [...found.values()];
}

function volumeOf({ milli, listMinor, invoiceMinor }: LineSums, currency: string): VolumeSums {
  const major = new Decimal(10).pow(currencyDigits(currency));
  return {
    cases: new Decimal(milli).div(1000),
    listSales: new Decimal(listMinor).div(major),
    invoiceSales: new Decimal(invoiceMinor).div(major),
  };
}

/** What a unit of a line's base costs in a period: of list sales for a lump sum; null where it cannot be told. */
function unitRate(
  { line, year, lastYear, listByPeriod }: YearlyLine,
  currency: string,
): ((period: number) => Decimal) | null {
  const volume = volumeOf(year, currency);
  const lump = line.basis === 'lump_sum';
  if (line.rate !== null) {
    const rate = line.rate;
    return (period) => {
      const { listSales } = volumeOf({ ...nothing(), listMinor: listByPeriod.get(period) ?? 0 }, currency);
      return listSales.gt(0) ? rate.div(listSales) : new Decimal(0);
    };
  }
  const before = volumeOf(lastYear, currency);
  const reached = reachTier(line, volume, line.tiers?.measure === 'money' ? before.listSales : before.cases);
  if (!reached) return null;
  const base = lump ? volume.listSales : rewardBase(line, volume);
  const rate = base.gt(0) ? reached.amount.div(base) : new Decimal(0);
  return () => rate;
}

/** Major units that a line takes off a case. */
function perCase(line: ScopedLine, rate: Decimal, list: Decimal, invoice: Decimal): Decimal {
  if (line.basis === 'per_case') return rate;
  if (line.basis === 'lump_sum') return rate.times(list);
  return rate.times(line.basis === 'percent_of_list' ? list : invoice).div(100);
}

function fill(
  basis: PlanBasis,
  yearly: YearlyLine,
  rateIn: (period: number) => Decimal,
  rebateRate: Float64Array,
): void {
  const { weeks, products, columns, currency } = basis;
  const major = new Decimal(10).pow(currencyDigits(currency));
  const counted = new Map<string, number>();
  for (const cell of yearly.cells) {
    const week = cell % weeks.length;
    const product = ((cell - week) / weeks.length) % products.length;
    const list = columns.listMinor[product * weeks.length + week] ?? 0;
    const onInvoice = columns.onInvoiceRate[cell] ?? 0;
    const period = weeks[week]?.period ?? 0;
    const key = `${period}|${list}|${onInvoice}`;
    let rate = counted.get(key);
    if (rate === undefined) {
      const listPrice = new Decimal(list).div(major);
      const invoice = listPrice.minus(new Decimal(onInvoice).div(rateScale).div(major));
      rate = rateOfAmount(perCase(yearly.line, rateIn(period), listPrice, invoice), currency);
      counted.set(key, rate);
    }
    rebateRate[cell] = (rebateRate[cell] ?? 0) + rate;
  }
}

/**
 * The basis with what tiers and lump sums of agreements come to per case: tiers at what the year is expected to reach (facts
 * of closed weeks, the plan of the rest), lump sums spread over gross sales. Agreements of customers above the plan's are
 * named: what the others of theirs will sell is not known here.
 */
export async function withRebates(
  context: Context,
  plan: AccountPlan,
  basis: PlanBasis,
  promotions: PlanPromotions,
): Promise<PlanBasis> {
  const { book, above } = await context.db.read(context, async (tx) => ({
    book: await readTermLines(tx, {
      customerIds: basis.accounts.map(({ id }) => id),
      productIds: basis.products.map(({ id }) => id),
      from: basis.weeks[0]?.startsOn ?? '',
      to: basis.weeks.at(-1)?.endsOn ?? '',
    }),
    above: new Set((await customerAncestors(tx, plan.customerId)).slice(1)),
  }));
  const rebateRate = new Float64Array(basis.columns.rebateRate.length);
  const rebateNotes: string[] = [];
  const rebateVersions = new Set<string>();
  const hasYearly = book.lines.some(({ rate, basis: of }) => rate === null || of === 'lump_sum');
  const yearly = hasYearly ? yearlyLines(basis, expectedVolumes(basis, promotions, plan), termsReader(book)) : [];
  for (const one of yearly) {
    const { line } = one;
    const named = `${line.kind.replace('_', ' ')} ${line.code} of agreement ${line.agreementCode}`;
    const rateIn = above.has(line.customerId) ? null : unitRate(one, basis.currency);
    if (rateIn) {
      fill(basis, one, rateIn, rebateRate);
      rebateVersions.add(line.versionId);
      continue;
    }
    const why = above.has(line.customerId)
      ? 'it is agreed with a customer above'
      : 'there is no last year to grow over';
    rebateNotes.push(`The ${named} is not estimated: ${why}.`);
  }
  const termVersions = [...new Set([...basis.termVersions, ...rebateVersions])].sort();
  return { ...basis, columns: { ...basis.columns, rebateRate }, termVersions, rebateNotes };
}
