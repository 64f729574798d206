import { todayIn } from '#clock';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { addDays } from '#fiscal-calendar';
import { customerLeaves, findCustomers, findProducts, fiscalYearWeeks, type PriceOnDay, priceOn } from '#master-data';
import { Decimal, toDecimal } from '#money';
import { predictBaselines, readWeeklyShipments, type WeeklyShipment } from '#performance';
import { Problem } from '#problem';
import { caseTerms, readTermLines, type ScopedLine, termsReader } from '#terms';
import { type AccountPlan, milliOf, rateOfAmount } from './domain/account-plan.ts';
import { inColumn } from './domain/grid-inputs.ts';
import { type NamedNode, type PlanBasis, type PlanWeek, weekIndex } from './domain/plan-basis.ts';

type Tx = TenantTx<Context>;

/** Largest plan: beyond it an edit would no longer be counted while somebody waits. */
const mostCells = 1_000_000;
/** A week of last year stands 52 weeks before this year's. */
const yearDays = 364;

/** What a plan spans: who, what, when. */
interface PlanFrame {
  accounts: NamedNode[];
  products: NamedNode[];
  weeks: PlanWeek[];
  shipments: WeeklyShipment[];
  closedWeeks: number;
}

const named = ({ id, code, name }: NamedNode): NamedNode => ({ id, code, name });
const byCode = (a: NamedNode, b: NamedNode): number => (a.code < b.code ? -1 : 1);

/** Weeks from the first whose shipments have arrived: those of any account of the plan, through a week that is over. */
function closedWeeks(weeks: readonly PlanWeek[], shipments: readonly WeeklyShipment[], today: string): number {
  const over = weeks.filter(({ endsOn }) => endsOn < today).length;
  const last =
    shipments
      .map(({ periodStart }) => periodStart)
      .sort()
      .at(-1) ?? '';
  const reported = weeks.filter(({ startsOn }) => startsOn <= last).length;
  return Math.min(over, reported);
}

async function readFrame(tx: Tx, plan: AccountPlan): Promise<PlanFrame> {
  const year = await fiscalYearWeeks(tx, plan.fiscalYear);
  const weeks = year.map(({ startsOn, endsOn, period }) => ({ startsOn, endsOn, period }));
  const accountIds = await customerLeaves(tx, plan.customerId);
  const accounts = (await findCustomers(tx, { ids: accountIds })).map(named).sort(byCode);
  const all = await findProducts(tx, 'all');
  const parents = new Set(all.map(({ parentId }) => parentId));
  const products = all
    .filter(({ id, own }) => own && !parents.has(id))
    .map(named)
    .sort(byCode);
  if (products.length * accounts.length * weeks.length > mostCells) {
    throw new Problem('rule.violated', {
      detail: `The plan covers ${accounts.length} accounts × ${products.length} products; plan a customer further down.`,
    });
  }
  const from = addDays(weeks[0]?.startsOn ?? '', -yearDays);
  const to = weeks.at(-1)?.endsOn ?? '';
  const shipments = await readWeeklyShipments(tx, { customerIds: accountIds, from, to });
  const today = todayIn(tx.context.clock, tx.context.tenant.timeZone);
  const inYear = shipments.filter(({ periodStart }) => periodStart >= (weeks[0]?.startsOn ?? ''));
  return { accounts, products, weeks, shipments, closedWeeks: closedWeeks(weeks, inYear, today) };
}

/** Baselines by account: the model's answer, or its refusal. */
type Predicted = Map<string, { version: string; modelVersion: string; items: Map<string, string> }>;

/** Outside any transaction of ours: each account's baselines are predicted by themselves. */
async function predictAccounts(context: Context, { accounts, products, weeks }: PlanFrame): Promise<Predicted> {
  const answers: Predicted = new Map();
  const productIds = products.map(({ id }) => id);
  const [from, to] = [weeks[0]?.startsOn ?? '', weeks.at(-1)?.endsOn ?? ''];
  for (const { id } of accounts) {
    try {
      const answer = await predictBaselines(context, { customerIds: [id], productIds, from, to });
      const items = new Map(answer.items.map((one) => [`${one.productId}|${one.weekStart}`, one.baselineUnits]));
      answers.set(id, { version: answer.baselineVersion, modelVersion: answer.modelVersion, items });
    } catch (error) {
      // No prediction for this account: last year's shipments stand in, and the basis says so.
      if (!(error instanceof Problem) || error.code !== 'prediction.refused') throw error;
    }
  }
  return answers;
}

/** Products that anything in the plan can sell: those with a baseline, shipments or a promotion. */
function relevantProducts(frame: PlanFrame, predicted: Predicted, promoted: ReadonlySet<string>): NamedNode[] {
  const seen = new Set([...promoted, ...frame.shipments.map(({ productId }) => productId)]);
  for (const { items } of predicted.values()) for (const key of items.keys()) seen.add(key.slice(0, key.indexOf('|')));
  return frame.products.filter(({ id }) => seen.has(id));
}

type Prices = Map<string, PriceOnDay>[];

async function readPrices(tx: Tx, products: readonly NamedNode[], weeks: readonly PlanWeek[]): Promise<Prices> {
  const prices: Prices = [];
  for (const { startsOn } of weeks) {
    prices.push(
      await priceOn(
        tx,
        products.map(({ id }) => id),
        startsOn,
      ),
    );
  }
  return prices;
}

function requireCurrency(prices: Prices, currency: string): void {
  const other = prices.flatMap((week) => [...week.values()]).find(({ listPrice }) => listPrice.currency !== currency);
  if (!other) return;
  throw new Problem('money.currency_mismatch', {
    detail: `The plan is kept in ${currency}, a list price in ${other.listPrice.currency}.`,
  });
}

/** Terms of every account × product × week; equal lines at an equal price are counted once. */
async function fillTerms(tx: Tx, basis: PlanBasis, prices: Prices): Promise<void> {
  const { accounts, products, weeks, columns, currency } = basis;
  const book = await readTermLines(tx, {
    customerIds: accounts.map(({ id }) => id),
    productIds: products.map(({ id }) => id),
    from: weeks[0]?.startsOn ?? '',
    to: weeks.at(-1)?.endsOn ?? '',
  });
  if (book.lines.length === 0) return;
  const linesOn = termsReader(book);
  const counted = new Map<string, { onInvoice: number; offInvoice: number }>();
  const versions = new Set<string>();
  const termsOf = (lines: ScopedLine[], list: number, price: PriceOnDay) => {
    const key = `${lines.map(({ versionId, code, productId }) => `${versionId}|${code}|${productId}`).join()}|${list}`;
    const known = counted.get(key);
    if (known) return known;
    const { onInvoice, standing, lines: used } = caseTerms(lines, toDecimal(price.listPrice), currency);
    for (const { line } of used) versions.add(line.versionId);
    const terms = { onInvoice: rateOfAmount(onInvoice, currency), offInvoice: rateOfAmount(standing, currency) };
    counted.set(key, terms);
    return terms;
  };
  accounts.forEach((account, a) => {
    products.forEach((product, p) => {
      weeks.forEach(({ startsOn }, w) => {
        const lines = linesOn(account.id, product.id, startsOn);
        const price = prices[w]?.get(product.id);
        if (lines.length === 0 || !price) return;
        const cell = (a * products.length + p) * weeks.length + w;
        const terms = termsOf(lines, columns.listMinor[p * weeks.length + w] ?? 0, price);
        columns.onInvoiceRate[cell] = terms.onInvoice;
        columns.offInvoiceRate[cell] = terms.offInvoice;
      });
    });
  });
  basis.termVersions.push(...[...versions].sort());
}

function emptyBasis(currency: string, frame: PlanFrame, products: NamedNode[]): PlanBasis {
  const { accounts, weeks } = frame;
  const priced = products.length * weeks.length;
  const cells = accounts.length * priced;
  return {
    ...{ currency, accounts, products, weeks, closedWeeks: frame.closedWeeks },
    columns: {
      baselineMilli: new Int32Array(cells),
      actualMilli: new Int32Array(cells),
      lastYearMilli: new Int32Array(cells),
      onInvoiceRate: new Float64Array(cells),
      offInvoiceRate: new Float64Array(cells),
      rebateRate: new Float64Array(cells),
      listMinor: new Int32Array(priced),
      costMinor: new Int32Array(priced),
    },
    caseSizes: [],
    ...{ baselineVersion: null, modelVersion: null, baselines: { predicted: 0, lastYear: 0 } },
    ...{ termVersions: [], notes: [], rebateNotes: [] },
  };
}

function fillPrices(basis: PlanBasis, prices: Prices): void {
  const { products, weeks, columns } = basis;
  products.forEach(({ id }, p) => {
    const sizes: PlanBasis['caseSizes'][number] = [];
    weeks.forEach((_, w) => {
      const price = prices[w]?.get(id);
      if (!price) return;
      columns.listMinor[p * weeks.length + w] = inColumn(Number(price.listPrice.minor));
      columns.costMinor[p * weeks.length + w] = inColumn(Number(price.cost.minor));
      const units = price.unitsPerCase.toString();
      if (sizes.at(-1)?.units !== units) sizes.push({ week: w, units });
    });
    basis.caseSizes.push(sizes);
  });
}

/** Volumes shipped in closed weeks, and last year's by the week that they would stand in. */
function fillShipments(basis: PlanBasis, shipments: readonly WeeklyShipment[]): void {
  const { accounts, products, weeks, columns, closedWeeks: closed } = basis;
  const rowOf = new Map(
    accounts.flatMap((a, i) => products.map((p, j) => [`${a.id}|${p.id}`, i * products.length + j])),
  );
  const one = new Decimal(1);
  for (const { customerId, productId, periodStart, cases } of shipments) {
    const row = rowOf.get(`${customerId}|${productId}`);
    if (row === undefined) continue;
    const milli = milliOf(cases, one);
    const week = weekIndex(weeks, periodStart);
    if (week !== undefined && week < closed) {
      const cell = row * weeks.length + week;
      columns.actualMilli[cell] = inColumn((columns.actualMilli[cell] ?? 0) + milli);
    }
    const next = weekIndex(weeks, addDays(periodStart, yearDays));
    if (next === undefined) continue;
    const cell = row * weeks.length + next;
    columns.lastYearMilli[cell] = inColumn((columns.lastYearMilli[cell] ?? 0) + milli);
  }
}

function fillBaselines(basis: PlanBasis, predicted: Predicted, prices: Prices): void {
  const { accounts, products, weeks, columns } = basis;
  const weekOf = new Map<string, number | undefined>();
  const productAt = new Map(products.map(({ id }, p) => [id, p]));
  const unanswered = accounts.filter(({ id }) => !predicted.has(id));
  accounts.forEach((account, a) => {
    const answer = predicted.get(account.id);
    if (answer) [basis.baselineVersion, basis.modelVersion] = [answer.version, answer.modelVersion];
    const answered = new Set<number>();
    for (const [key, units] of answer?.items ?? []) {
      const [productId = '', weekStart = ''] = key.split('|');
      const p = productAt.get(productId);
      if (!weekOf.has(weekStart)) weekOf.set(weekStart, weekIndex(weeks, weekStart));
      const w = weekOf.get(weekStart);
      const price = w === undefined ? undefined : prices[w]?.get(productId);
      if (p === undefined || w === undefined || !price) continue;
      answered.add(p);
      const cell = (a * products.length + p) * weeks.length + w;
      columns.baselineMilli[cell] = inColumn((columns.baselineMilli[cell] ?? 0) + milliOf(units, price.unitsPerCase));
    }
    products.forEach((_, p) => {
      const from = (a * products.length + p) * weeks.length;
      const shipped = columns.lastYearMilli.subarray(from, from + weeks.length);
      if (answered.has(p)) basis.baselines.predicted += 1;
      else if (shipped.some((milli) => milli !== 0)) {
        columns.baselineMilli.set(shipped, from);
        basis.baselines.lastYear += 1;
      }
    });
  });
  if (basis.baselines.lastYear > 0) {
    const names = unanswered.length > 0 ? `, among them all of ${unanswered.map(({ code }) => code).join(', ')}` : '';
    basis.notes.push(
      `The model does not answer for ${basis.baselines.lastYear} account × products${names}: last year’s shipments, 52 weeks before, are their baseline.`,
    );
  }
}

/**
 * Reads what a plan is counted from, as known now. Throws `calendar.missing`, `rule.violated` where a product has no price
 * or the plan is too large, `conversion.missing`, `money.currency_mismatch`.
 */
export async function readBasis(
  context: Context,
  plan: AccountPlan,
  promotedProductIds: ReadonlySet<string>,
): Promise<PlanBasis> {
  const frame = await context.db.read(context, (tx) => readFrame(tx, plan));
  const predicted = await predictAccounts(context, frame);
  const products = relevantProducts(frame, predicted, promotedProductIds);
  return context.db.read(context, async (tx) => {
    const prices = await readPrices(tx, products, frame.weeks);
    requireCurrency(prices, plan.currency);
    const basis = emptyBasis(plan.currency, frame, products);
    fillPrices(basis, prices);
    await fillTerms(tx, basis, prices);
    fillShipments(basis, frame.shipments);
    fillBaselines(basis, predicted, prices);
    return basis;
  });
}
