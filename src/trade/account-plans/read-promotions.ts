import type { Context } from '#context';
import { addDays, daysBetween } from '#fiscal-calendar';
import { customerAncestorsOfEach, customerLeavesOfEach, productLeavesOfEach } from '#master-data';
import { Decimal, fromJson, moneyFromNumeric, roundToMoney } from '#money';
import { moneyThrough, readPostEvent } from '#performance';
import { Problem } from '#problem';
import { findPromotionsIn, type Plan, type Promotion, planOfPromotion } from '#promotions';
import type { EarningTactic } from '#settlement';
import type { AccountPlan } from './domain/account-plan.ts';
import { daysIn, eventOfPlan, indexOf, type PlanIndex } from './domain/event-of-plan.ts';
import type { PlanBasis, PlanWeek } from './domain/plan-basis.ts';
import type { CountedPromotion, EarnedSpend, PlanPromotions } from './domain/plan-snapshot.ts';
import { splitInteger } from './domain/split-integer.ts';
import type { AccountPlanPorts } from './ports.ts';

/** Promotions of a plan's customer and year, with the trees that they are resolved by. */
export interface YearPromotions {
  promotions: Promotion[];
  /** Codes of promotions at customers above the plan's: their part here is not told apart. */
  above: string[];
  accountsOf: ReadonlyMap<string, readonly string[]>;
  leavesOf: ReadonlyMap<string, readonly string[]>;
}

/** Finds the promotions at or below a plan's customer that touch its year, and names those above. */
export async function findYearPromotions(
  context: Context,
  plan: Pick<AccountPlan, 'customerId'>,
  days: { from: string; to: string },
): Promise<YearPromotions> {
  return context.db.read(context, async (tx) => {
    const all = await findPromotionsIn(tx, days);
    const lines = await customerAncestorsOfEach(tx, [plan.customerId, ...new Set(all.map((one) => one.customerId))]);
    const above = new Set(lines.get(plan.customerId)?.slice(1));
    const promotions = all.filter(({ customerId }) => lines.get(customerId)?.includes(plan.customerId));
    return {
      promotions,
      above: all.flatMap(({ customerId, code, state }) => (above.has(customerId) && state !== 'draft' ? [code] : [])),
      accountsOf: await customerLeavesOfEach(tx, [...new Set(promotions.map(({ customerId }) => customerId))]),
      leavesOf: await productLeavesOfEach(tx, [
        ...new Set(promotions.flatMap(({ tactics }) => tactics.flatMap(({ productIds }) => productIds))),
      ]),
    };
  });
}

/** What of a tactic tells its lump sum. */
type LumpTactic = Pick<Promotion['tactics'][number], 'id' | 'rate' | 'lumpSum' | 'stores' | 'fx'>;

/** The part of the predicted spend that no volume changes, in minor units: all of a tactic without a rate, else its lump sum. */
export function lumpMinorOf(promotion: { currency: string; tactics: readonly LumpTactic[] }, plan: Plan): number {
  return promotion.tactics.reduce((sum, tactic) => {
    const spend = plan.spendByTactic.find(({ tacticId }) => tacticId === tactic.id)?.spend;
    const planned = spend ? Number(fromJson(spend).minor) : 0;
    if (!tactic.rate) return sum + planned;
    const lump = new Decimal(tactic.lumpSum ?? 0).times(tactic.stores ?? 1).times(tactic.fx?.rate ?? 1);
    return sum + Math.min(planned, Number(roundToMoney(lump, promotion.currency).minor));
  }, 0);
}

/** SKUs that the tactics of a promotion name, by the product tree. */
export function leavesNamed(promotion: Pick<Promotion, 'tactics'>, leavesOf: YearPromotions['leavesOf']): string[] {
  return [
    ...new Set(promotion.tactics.flatMap(({ productIds }) => productIds.flatMap((id) => leavesOf.get(id) ?? []))),
  ];
}

/** A prediction, or in words why there is none. */
async function predicted(context: Context, promotion: Promotion, modelVersion: string | null): Promise<Plan | string> {
  try {
    return await planOfPromotion(context, promotion, modelVersion);
  } catch (error) {
    // A promotion that no longer fits its master data is named, and the plan goes on without it.
    if (!(error instanceof Problem) || error.status >= 500) throw error;
    return error.detail;
  }
}

/** Counts one promotion; what an earlier snapshot counted of the same version by the same model is taken over. */
async function countPromotion(
  context: Context,
  basis: PlanBasis,
  index: PlanIndex,
  year: YearPromotions,
  promotion: Promotion,
): Promise<CountedPromotion> {
  const { id, code, name, state, version, customerId, startsOn, endsOn } = promotion;
  const head = { promotionId: id, code, name, state, version, customerId, startsOn, endsOn };
  const counted = state !== 'draft';
  const source = counted && promotion.submittedAt ? 'submitted' : 'predicted';
  const plan = await predicted(context, promotion, basis.modelVersion);
  if (typeof plan === 'string') {
    return { ...head, counted: false, source, modelVersion: null, refusal: plan, event: null };
  }
  const lumpMinor = lumpMinorOf(promotion, plan);
  const leafProductIds = leavesNamed(promotion, year.leavesOf);
  const dates = { id, startsOn, endsOn, leafProductIds, lumpMinor };
  const event = eventOfPlan(basis, index, dates, plan, year.accountsOf.get(customerId) ?? []);
  const refusal = event ? plan.refusal : 'None of its days, products and accounts are in this plan.';
  return {
    ...head,
    counted: counted && event !== undefined,
    source,
    modelVersion: plan.modelVersion,
    refusal,
    event: event ?? null,
  };
}

/** Counts the promotions of a plan's year; `known` are those of the snapshot before, on the same columns. */
export async function countPromotions(
  context: Context,
  basis: PlanBasis,
  year: YearPromotions,
  known: readonly CountedPromotion[],
): Promise<CountedPromotion[]> {
  const index = indexOf(basis);
  const kept = new Map(known.map((one) => [one.promotionId, one]));
  const counted: CountedPromotion[] = [];
  for (const promotion of year.promotions) {
    const before = kept.get(promotion.id);
    const same =
      before?.version === promotion.version &&
      (before.source === 'submitted' || before.modelVersion === basis.modelVersion);
    counted.push(
      same && before.refusal === null ? before : await countPromotion(context, basis, index, year, promotion),
    );
  }
  return counted;
}

/** What one promotion's tactics have earned week by week: differences of what they have earned through each week's end. */
function earnedByWeek(tactics: readonly EarningTactic[], weeks: readonly PlanWeek[], closed: number): number[] {
  const byWeek = new Array<number>(weeks.length).fill(0);
  const first = weeks[0]?.startsOn ?? '';
  for (const tactic of tactics) {
    let before = tactic.startsOn < first ? moneyThrough(tactic, addDays(first, -1)).minor : 0n;
    for (let week = 0; week < closed; week++) {
      const through = moneyThrough(tactic, weeks[week]?.endsOn ?? '').minor;
      byWeek[week] = (byWeek[week] ?? 0) + Number(through - before);
      before = through;
    }
  }
  return byWeek;
}

/** A measured promotion's spend over its weeks, by the days of the event. */
function measuredByWeek(promotion: Promotion, minor: number, weeks: readonly PlanWeek[]): number[] {
  const days = weeks.map((week) => daysIn(week, promotion));
  const inside = days.reduce((sum, one) => sum + one, 0);
  const outside = daysBetween(promotion.startsOn, promotion.endsOn) + 1 - inside;
  return splitInteger(minor, [...days, outside]).slice(0, weeks.length);
}

/**
 * What promotions have spent in the plan's closed weeks: as accruals count it, or, for those that were never approved here,
 * as it was measured after the event. The others are named: their spend is not known, and is not zero.
 */
export async function readSpend(
  context: Context,
  ports: AccountPlanPorts,
  basis: PlanBasis,
  year: YearPromotions,
): Promise<Pick<PlanPromotions, 'earned' | 'spendUnknown'>> {
  const { weeks, closedWeeks } = basis;
  const last = weeks[closedWeeks - 1];
  if (!last) return { earned: [], spendUnknown: [] };
  return context.db.read(context, async (tx) => {
    const tactics = await ports.readEarnings(tx, last.endsOn);
    const byPromotion = Map.groupBy(tactics, ({ promotionId }) => promotionId);
    const earned: EarnedSpend[] = [];
    const spendUnknown: string[] = [];
    for (const promotion of year.promotions) {
      if (promotion.state === 'draft' || promotion.startsOn > last.endsOn) continue;
      const { id: promotionId, code } = promotion;
      const mine = byPromotion.get(promotionId);
      if (mine) {
        earned.push({ promotionId, code, minorByWeek: earnedByWeek(mine, weeks, closedWeeks), source: 'accrual' });
        continue;
      }
      const spend = (await readPostEvent(tx, promotionId))?.actual?.spend;
      if (!spend) {
        if (promotion.state !== 'submitted') spendUnknown.push(code);
        continue;
      }
      const minor = Number(moneyFromNumeric(spend.amount, spend.currency).minor);
      earned.push({ promotionId, code, minorByWeek: measuredByWeek(promotion, minor, weeks), source: 'post_event' });
    }
    return { earned, spendUnknown };
  });
}
