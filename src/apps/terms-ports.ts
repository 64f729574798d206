import { readPlannedCases } from '#account-plans';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { addDays } from '#fiscal-calendar';
import { customerAncestorsOfEach, customerLeavesOfEach, productLeavesOfEach } from '#master-data';
import { Decimal, multiply, subtract, sum } from '#money';
import {
  type EarningPromotion,
  type EarningTerms,
  lumpSumOf,
  moneyThrough,
  type PromotionTactic,
  readEarnedVolumes,
  readFactWeeks,
  readWeeklyShipments,
  type TacticVolumes,
} from '#performance';
import { findPromotionsIn, type Promotion, performanceTactics } from '#promotions';
import type { DayRange, TermsPorts } from '#terms';

type Tx = TenantTx<Context>;
type SpendQuery = Parameters<TermsPorts['readTacticSpend']>[1];

/** Promotions whose tactics cost money, whatever has become of them since. */
const spending: ReadonlySet<Promotion['state']> = new Set<Promotion['state']>([
  ...(['approved', 'active', 'on_hold', 'ended', 'in_settlement', 'closed'] as const),
]);
/** Buy windows and windows of single tactics reach at most so far beyond the event. */
const reachDays = 91;

/** A tactic with the part of it that falls on what is asked for. */
interface SharedTactic {
  promotion: EarningPromotion & { code: string; currency: string };
  tactic: PromotionTactic;
  asked: { customerIds: string[]; productIds: string[] };
  covered: { customerIds: string[]; productIds: string[] };
}

function toEarning(promotion: Promotion): SharedTactic['promotion'] {
  const { id, code, currency, customerId, startsOn, endsOn, shipStartsOn, shipEndsOn, stoppedOn, submittedAt } =
    promotion;
  return {
    ...{
      id,
      code,
      currency,
      customerId,
      startsOn,
      endsOn,
      shipStartsOn,
      shipEndsOn,
      stoppedOn,
      pricesKnownAt: submittedAt,
    },
    tactics: performanceTactics(promotion),
  };
}

/** Promotions at the customer, above it and below it that spend in the days. */
async function relatedPromotions(tx: Tx, customerId: string, days: DayRange): Promise<SharedTactic['promotion'][]> {
  const range = { from: addDays(days.startsOn, -reachDays), to: addDays(days.endsOn, reachDays) };
  const found = (await findPromotionsIn(tx, range)).filter(({ state }) => spending.has(state));
  const above = await customerAncestorsOfEach(tx, [...new Set([customerId, ...found.map((one) => one.customerId)])]);
  const related = (id: string) => above.get(customerId)?.includes(id) || above.get(id)?.includes(customerId);
  return found.filter((one) => related(one.customerId)).map(toEarning);
}

async function sharedTactics(
  tx: Tx,
  query: SpendQuery,
  promotions: readonly SharedTactic['promotion'][],
): Promise<SharedTactic[]> {
  const customers = await customerLeavesOfEach(tx, [
    query.customerId,
    ...promotions.map(({ customerId }) => customerId),
  ]);
  const named = promotions.flatMap(({ tactics }) => tactics.flatMap(({ productIds }) => productIds));
  const products = await productLeavesOfEach(tx, [...new Set(named)]);
  const mine = new Set(customers.get(query.customerId));
  const wanted = query.productIds && new Set(query.productIds);
  return promotions.flatMap((promotion) => {
    const customerIds = customers.get(promotion.customerId) ?? [];
    return promotion.tactics.map((tactic): SharedTactic => {
      const productIds = [...new Set(tactic.productIds.flatMap((id) => products.get(id) ?? []))];
      const asked = {
        customerIds: customerIds.filter((id) => mine.has(id)),
        productIds: wanted ? productIds.filter((id) => wanted.has(id)) : productIds,
      };
      return { promotion, tactic, asked, covered: { customerIds, productIds } };
    });
  });
}

const countOf = ({ customerIds, productIds }: SharedTactic['asked']): number => customerIds.length * productIds.length;

/** Units that shoppers bought in an event, as a scan-back over the scope would count them. */
function counting(
  { promotion, tactic }: SharedTactic,
  customerId: string,
  productIds: string[],
  key: string,
): EarningPromotion {
  const scan: PromotionTactic = {
    ...{
      key,
      mechanic: 'scan_back',
      productIds,
      lumpSum: null,
      passThrough: new Decimal(0),
      fundSplit: tactic.fundSplit,
    },
    ...{ rate: { amount: new Decimal(1), currency: promotion.currency, per: 'unit' }, feature: false, display: false },
  };
  // Volumes are gathered by promotion id: each count is one of its own.
  return { ...promotion, id: key, customerId, tactics: [scan] };
}

const unitsOf = (volumes: TacticVolumes | undefined): Decimal =>
  Decimal.sum(0, ...(volumes?.volumes ?? []).map(({ volume }) => volume));

const nothingPlanned = async () => new Map<string, never>();

/**
 * The part of each tactic that falls on what is asked for: all of it where it covers nothing else, else its share of the
 * units that were sold in the event (of the series, while none were).
 */
async function sharesOf(
  tx: Tx,
  tactics: readonly SharedTactic[],
  query: SpendQuery,
  through: string,
): Promise<Map<SharedTactic, Decimal>> {
  const partly = tactics.filter(({ asked, covered }) => countOf(asked) < countOf(covered));
  const inside = partly.filter(({ asked }) => countOf(asked) > 0);
  const counted = inside.flatMap((one) => {
    const { asked, covered, promotion, tactic } = one;
    const narrow = asked.customerIds.length < covered.customerIds.length ? query.customerId : promotion.customerId;
    return [
      counting(one, narrow, asked.productIds, `${tactic.key}|asked`),
      counting(one, promotion.customerId, covered.productIds, `${tactic.key}|all`),
    ];
  });
  const volumes = counted.length ? await readEarnedVolumes(tx, counted, through, nothingPlanned) : new Map();
  return new Map(
    tactics.map((one) => {
      if (!partly.includes(one)) return [one, new Decimal(1)];
      const all = unitsOf(volumes.get(`${one.tactic.key}|all`));
      const bySeries = () => new Decimal(countOf(one.asked)).div(countOf(one.covered));
      return [one, all.gt(0) ? unitsOf(volumes.get(`${one.tactic.key}|asked`)).div(all) : bySeries()];
    }),
  );
}

function earningTerms({ promotion, tactic }: SharedTactic, volumes: TacticVolumes): EarningTerms {
  const { cap, minimum, tiers } = tactic;
  const { currency, stoppedOn } = promotion;
  return {
    ...{ currency, startsOn: tactic.startsOn ?? promotion.startsOn, endsOn: tactic.endsOn ?? promotion.endsOn },
    ...(stoppedOn === null ? {} : { stoppedOn }),
    ...volumes,
    lumpSum: tactic.lumpSum && lumpSumOf(tactic, currency),
    lumpSumRecognised: tactic.recognition ?? 'straight_line',
    ...{ ...(tiers ? { tiers } : {}), ...(cap ? { cap } : {}), ...(minimum ? { minimum } : {}) },
  };
}

/** What tactics have earned by promotion and period at a customer, on the volumes that have arrived. */
const readTacticSpend: TermsPorts['readTacticSpend'] = async (tx, query) => {
  const { periods, currency } = query;
  const [first, last] = [periods[0], periods.at(-1)];
  if (!first || !last) return { promotions: [], leftOut: 0 };
  const related = await relatedPromotions(tx, query.customerId, { startsOn: first.startsOn, endsOn: last.endsOn });
  const inCurrency = related.filter((promotion) => promotion.currency === currency);
  const tactics = await sharedTactics(tx, query, inCurrency);
  const shares = await sharesOf(tx, tactics, query, last.endsOn);
  const volumes = inCurrency.length ? await readEarnedVolumes(tx, inCurrency, last.endsOn, nothingPlanned) : new Map();
  const earning = tactics.map((one) => ({
    promotion: one.promotion,
    terms: earningTerms(one, volumes.get(one.tactic.key) ?? { volumes: [] }),
    share: shares.get(one) ?? new Decimal(1),
  }));
  const promotions = [...Map.groupBy(earning, ({ promotion }) => promotion)].map(([{ id, code }, parts]) => {
    const earnedBy = (on: string) =>
      sum(
        parts.map(({ terms, share }) => multiply(moneyThrough(terms, on), share)),
        currency,
      );
    const amounts = periods.map(({ startsOn, endsOn }) => subtract(earnedBy(endsOn), earnedBy(addDays(startsOn, -1))));
    return { id, code, amounts };
  });
  return {
    promotions,
    leftOut: related
      .filter((promotion) => promotion.currency !== currency)
      .reduce((count, promotion) => count + promotion.tactics.length, 0),
  };
};

/** What terms ask of sales and promotions. */
export const termsPorts: TermsPorts = {
  readShipments: readWeeklyShipments,
  shippedWeeks: async (tx, range) => (await readFactWeeks(tx, range)).shipments,
  readTacticSpend,
  plannedVolume: async (tx, query) => {
    const planned = await readPlannedCases(tx, query);
    return (
      planned && { cases: planned.cases, method: `account plan ${planned.planName}, snapshot ${planned.snapshot}` }
    );
  },
};
