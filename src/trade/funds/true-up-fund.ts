import { todayIn } from '#clock';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { emit } from '#events';
import { addDays } from '#fiscal-calendar';
import type { Job } from '#jobs';
import { customerLeaves, findCustomers, priceOn, productLeaves } from '#master-data';
import { add, Decimal, fromMinor, type Money, moneyFromNumeric, subtract, toJson, zero } from '#money';
import { readWeeklyShipments } from '#performance';
import { notFound, Problem } from '#problem';
import { recordAudit } from '#security';
import { accruedSpan, accruedWeeks, fundsWithRate, ratesOf, saveAccruedWeeks } from './accrual-store.ts';
import { accrueWeek, type FundRate, rateOn, type ShippedCases, type WeekAccrual } from './domain/accrual.ts';
import type { Fund } from './domain/fund.ts';
import type { NewEntry } from './entry-store.ts';
import { findFunds, lockFunds } from './fund-store.ts';
import { periodStartOn, postEntries } from './post-entries.ts';

type Tx = TenantTx<Context>;

/** Days of first weekdays, both inclusive. */
interface Span {
  from: string;
  to: string;
}

/** Weeks of one transaction: shipments of a national fund are many, and its lock is others' wait. */
const batchDays = 28;

/** The earlier of two days. */
function earlier(a: string, b: string): string {
  if (a < b) return a;
  return b;
}

/** The later of two days. */
function later(a: string, b: string): string {
  if (a > b) return a;
  return b;
}

/** What a true-up did: the money that came in (or, below zero, left) and the weeks that it changed. */
export interface TrueUp {
  deposited: Money;
  weeks: number;
}

/** The weeks that fill a rolling fund: whole fiscal periods before the present one. */
async function rollingSpan(tx: Tx, fund: Fund, today: string): Promise<Span> {
  let from = await periodStartOn(tx, today);
  const to = addDays(from, -1);
  for (let period = 0; period < (fund.windowPeriods ?? 1); period++) from = await periodStartOn(tx, addDays(from, -1));
  return { from, to };
}

async function sourceOf(tx: Tx, fund: Fund): Promise<Span> {
  const today = todayIn(tx.context.clock, tx.context.tenant.timeZone);
  if (fund.kind === 'live_accrual') return { from: fund.validFrom, to: earlier(fund.validTo, today) };
  if (fund.kind === 'rolling') return rollingSpan(tx, fund, today);
  if (fund.kind === 'prior_period_accrual' && fund.sourceFrom && fund.sourceTo)
    return { from: fund.sourceFrom, to: fund.sourceTo };
  throw new Problem('rule.violated', {
    detail:
      fund.kind === 'prior_period_accrual'
        ? `${fund.code} does not say whose weeks' shipments fill it.`
        : `${fund.code} is ${fund.kind}: shipments do not fill it.`,
  });
}

async function scopeOf(tx: Tx, fund: Fund): Promise<{ customerIds: string[]; isProduct(id: string): boolean }> {
  const customerIds = fund.customerId
    ? await customerLeaves(tx, fund.customerId)
    : (await findCustomers(tx, 'all')).map(({ id }) => id);
  const products = fund.productId ? new Set(await productLeaves(tx, fund.productId)) : null;
  return { customerIds, isProduct: (id) => products?.has(id) ?? true };
}

/** What the shipments of some weeks are worth to a fund. */
async function accrueSpan(tx: Tx, fund: Fund, rates: readonly FundRate[], span: Span): Promise<WeekAccrual[]> {
  const scope = await scopeOf(tx, fund);
  const shipments = await readWeeklyShipments(tx, { customerIds: scope.customerIds, ...span });
  const shipped = shipments
    .filter(({ productId }) => scope.isProduct(productId))
    .map(({ productId, periodStart, cases }) => ({ productId, weekStart: periodStart, cases: new Decimal(cases) }));
  const weeks: WeekAccrual[] = [];
  for (const [weekStart, inWeek] of Map.groupBy(shipped, (one) => one.weekStart)) {
    // What a past period has brought is paid by the rate with which the fund was opened.
    const rate = rateOn(rates, fund.kind === 'prior_period_accrual' ? fund.validFrom : weekStart);
    if (!rate) continue;
    const prices = await listPricesOf(tx, rate, inWeek, weekStart);
    weeks.push(accrueWeek(weekStart, inWeek, { rate, prices, currency: fund.currency }));
  }
  return weeks.sort((a, b) => (a.weekStart < b.weekStart ? -1 : 1));
}

async function listPricesOf(
  tx: Tx,
  rate: FundRate,
  shipped: readonly ShippedCases[],
  weekStart: string,
): Promise<Map<string, Money>> {
  if (rate.per === 'case') return new Map();
  const prices = await priceOn(tx, [...new Set(shipped.map(({ productId }) => productId))], weekStart);
  return new Map([...prices].map(([productId, { listPrice }]) => [productId, listPrice]));
}

const sourceNote = ({ weekStart, cases, rate }: WeekAccrual, currency: string) =>
  `Week of ${weekStart}: ${cases.toFixed()} cases × ${rate.amount} ${rate.per === 'case' ? `${currency} per case` : '% of list price'}`;

/** The entry for what a week brings beyond what it has brought already; weeks that are worth less take money out. */
function weekEntry(fund: Fund, week: WeekAccrual, difference: Money): NewEntry {
  const outside = { fundId: fund.id, account: 'outside' as const };
  const available = { fundId: fund.id, account: 'available' as const };
  const more = difference.minor > 0n;
  return {
    kind: more ? 'deposit' : 'adjust',
    from: more ? outside : available,
    to: more ? available : outside,
    amount: more ? difference : fromMinor(-difference.minor, difference.currency),
    customerId: fund.customerId,
    productId: fund.productId,
    on: week.weekStart,
    note: sourceNote(week, fund.currency),
  };
}

/** Brings some weeks of a fund to what their shipments are worth now; weeks outside `source` to nothing. */
async function trueUpSpan(context: Context, fundId: string, source: Span, span: Span): Promise<TrueUp> {
  return context.db.transact(context, async (tx) => {
    const [fund = notFound('fund', fundId)] = await lockFunds(tx, [fundId]);
    const rates = await ratesOf(tx, fundId);
    const known = await accruedWeeks(tx, fundId, span.from, span.to);
    const inSource = (on: string) => source.from <= on && on <= source.to;
    const worth = (await accrueSpan(tx, fund, rates, span)).filter(({ weekStart }) => inSource(weekStart));
    const there = new Set(worth.map(({ weekStart }) => weekStart));
    const gone = [...known.values()]
      .filter(({ weekStart }) => !there.has(weekStart))
      .map(({ weekStart, per, rate }): WeekAccrual => {
        const last = { per, amount: rate, validFrom: weekStart };
        return { weekStart, cases: new Decimal(0), rate: last, amount: zero(fund.currency) };
      });
    const changed = [...worth, ...gone].flatMap((week) => {
      const before = moneyFromNumeric(known.get(week.weekStart)?.amount ?? '0', fund.currency);
      const difference = subtract(week.amount, before);
      return difference.minor === 0n ? [] : [{ week, difference }];
    });
    const deposited = changed.reduce((sum, { difference }) => add(sum, difference), zero(fund.currency));
    if (changed.length === 0) return { deposited, weeks: 0 };
    await saveAccruedWeeks(
      tx,
      fundId,
      changed.map(({ week }) => week),
    );
    const entries = changed.map(({ week, difference }) => weekEntry(fund, week, difference));
    await postEntries(tx, [fund], entries);
    await recordAudit(tx, {
      action: 'fund.trued-up',
      entityType: 'fund',
      entityId: fundId,
      after: { ...span, weeks: changed.length, deposited: toJson(deposited) },
    });
    return { deposited, weeks: changed.length };
  });
}

/**
 * Brings what shipments have put into a fund up to date, some weeks at a time: past weeks that were restated by their
 * difference. `touched` narrows it to weeks that may have changed. The same again changes nothing. Throws `rule.violated`
 * for a fund that shipments do not fill.
 */
export async function trueUpFund(context: Context, fundId: string, touched?: Span): Promise<TrueUp> {
  const { fund, source, span } = await context.db.read(context, async (tx) => {
    const [found = notFound('fund', fundId)] = await findFunds(tx, [fundId]);
    const filled = await sourceOf(tx, found);
    const done = await accruedSpan(tx, fundId);
    // Weeks that a window has left behind are looked at too.
    const whole = done ? { from: earlier(filled.from, done.from), to: later(filled.to, done.to) } : filled;
    return { fund: found, source: filled, span: whole };
  });
  const narrow =
    fund.kind === 'rolling' || !touched
      ? span
      : { from: later(span.from, touched.from), to: earlier(span.to, touched.to) };
  let all: TrueUp = { deposited: zero(fund.currency), weeks: 0 };
  for (let from = narrow.from; from <= narrow.to; from = addDays(from, batchDays)) {
    const part = await trueUpSpan(context, fundId, source, {
      from,
      to: earlier(narrow.to, addDays(from, batchDays - 1)),
    });
    all = { deposited: add(all.deposited, part.deposited), weeks: all.weeks + part.weeks };
  }
  return all;
}

/** After shipments arrived: every fund that they fill. A fund that refuses is told of and keeps no other waiting. */
export const trueUpFundsJob: Job<{ from?: string; to?: string }> = {
  name: 'true-up-funds',
  queue: 'funds',
  handle: async (context, { from, to }) => {
    const touched = from && to ? { from, to } : undefined;
    for (const fundId of await context.db.read(context, fundsWithRate)) {
      try {
        await trueUpFund(context, fundId, touched);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        await context.db.transact(context, (tx) =>
          emit(tx, {
            type: 'funds.true-up.refused',
            subjectType: 'fund',
            subjectId: fundId,
            data: { fundId, code: error.code, reason: error.message },
          }),
        );
      }
    }
  },
};
