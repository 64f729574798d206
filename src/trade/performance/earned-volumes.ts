import { todayIn } from '#clock';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { addDays } from '#fiscal-calendar';
import { type ProductHistory, readProductHistory } from '#master-data';
import { Decimal, type Money } from '#money';
import {
  common,
  type Dates,
  daysOf,
  type EventPart,
  earlier,
  later,
  unitsWithin,
  weekDays,
  weekFrom,
} from './domain/event-part.ts';
import { volumeBasisOf } from './domain/event-tactic.ts';
import type { VolumeBasis } from './domain/mechanic.ts';
import { type EarnedVolume, type EarningTerms, worthPerCase } from './domain/tactic-money.ts';
import { lastWeeks, readScopeWeeks, type ScopeWeek, type VolumeSource } from './earned-volume-store.ts';
import { everydayPrices } from './everyday-prices.ts';
import { type LeafScope, type PromotionScope, type PromotionTactic, resolveScopes } from './promotion-scope.ts';

type Tx = TenantTx<Context>;

/** A promotion with its buy window, and what was known of prices when its terms were submitted. */
export interface EarningPromotion extends PromotionScope {
  id: string;
  shipStartsOn: string;
  shipEndsOn: string;
  /** The last day on which it earns; null: none but its own. */
  stoppedOn: string | null;
  pricesKnownAt: Date | null;
}

/** What the plan that a promotion was submitted with says of volumes. */
export interface PlannedVolumes {
  parts: readonly EventPart[];
  /** Cases by tactic key, for those that count in cases. */
  cases: ReadonlyMap<string, Decimal>;
}

/** Reads the plans of promotions, by promotion id. */
export type ReadPlannedVolumes = (
  tx: Tx,
  promotions: readonly EarningPromotion[],
) => Promise<ReadonlyMap<string, PlannedVolumes>>;

/** What a tactic earns on: the volumes of its window so far, and what the plan expects of the rest. */
export type TacticVolumes = Pick<EarningTerms, 'volumes' | 'expectedCases' | 'curve'>;

const sourceOf: Record<VolumeBasis, VolumeSource | null> = {
  ...{ pos_units: 'sales', redemptions: 'sales', shipped_cases: 'shipment', depletions: 'depletion', none: null },
};

/** The source of a tactic's volumes; null for a lump sum alone. */
export const volumeSourceOf = (tactic: PromotionTactic): VolumeSource | null =>
  tactic.rate && sourceOf[volumeBasisOf(tactic)];

/** The dates in which a tactic's volume counts: its own, else the buy window or the event. */
export function windowOf(
  tactic: PromotionTactic,
  promotion: Pick<EarningPromotion, 'startsOn' | 'endsOn' | 'shipStartsOn' | 'shipEndsOn' | 'stoppedOn'>,
): Dates {
  const onShipments = volumeBasisOf(tactic) === 'shipped_cases';
  const { stoppedOn } = promotion;
  const endsOn = tactic.endsOn ?? (onShipments ? promotion.shipEndsOn : promotion.endsOn);
  return {
    startsOn: tactic.startsOn ?? (onShipments ? promotion.shipStartsOn : promotion.startsOn),
    endsOn: stoppedOn === null ? endsOn : earlier(endsOn, stoppedOn),
  };
}

type Placed = EarningPromotion & LeafScope;

/** What has arrived of one source for a batch. */
interface Arrived {
  weeks: ReadonlyMap<string, ScopeWeek[]>;
  /** Of shipments and depletions, which are not weekly: the last week that anything has arrived of, by product. */
  last: ReadonlyMap<string, string>;
}

async function readArrived(tx: Tx, source: VolumeSource, placed: readonly Placed[]): Promise<Arrived> {
  const scopes = placed.flatMap((promotion) => {
    const tactics = promotion.tactics.filter((tactic) => volumeSourceOf(tactic) === source);
    if (tactics.length === 0) return [];
    const windows = tactics.map((tactic) => windowOf(tactic, promotion));
    const from = windows.map(({ startsOn }) => startsOn).reduce(earlier);
    const to = windows.map(({ endsOn }) => endsOn).reduce(later);
    const productIds = [...new Set(tactics.flatMap((tactic) => tactic.productIds))];
    return [
      { key: promotion.id, customerIds: promotion.customerIds, productIds, from: addDays(from, 1 - weekDays), to },
    ];
  });
  const weeks = Map.groupBy(await readScopeWeeks(tx, source, scopes), ({ key }) => key);
  const named = [...new Set(scopes.flatMap(({ productIds }) => productIds))];
  return { weeks, last: source === 'sales' ? new Map() : await lastWeeks(tx, source, named) };
}

/** Everything that a batch of promotions is counted from. */
interface Facts {
  arrived: ReadonlyMap<VolumeSource, Arrived>;
  history: ProductHistory;
  plans: ReadonlyMap<string, PlannedVolumes>;
  /** On-invoice terms per case, by promotion id and product: only for rates in percent of the invoice price. */
  onInvoice: ReadonlyMap<string, ReadonlyMap<string, Money>>;
  /** Volumes that should be there by now end on or before this day. */
  dueBy: string;
}

/** What one unit or case of a product pays in a week, in major units; with tiers per 1 of the tier's rate. */
function rateOn(tactic: PromotionTactic, promotion: Placed, productId: string, week: string, facts: Facts): Decimal {
  const { rate, tiers } = tactic;
  if (!rate) return new Decimal(0);
  const amount = tiers ? new Decimal(1) : rate.amount;
  const inUnits = volumeSourceOf(tactic) === 'sales';
  if (rate.per === (inUnits ? 'unit' : 'case')) return amount;
  const { history, onInvoice } = facts;
  const unitsPerCase = rate.per === 'percent' && !inUnits ? new Decimal(1) : history.unitsPer(productId, 'case', week);
  if (rate.per !== 'percent') return inUnits ? amount.div(unitsPerCase) : amount.times(unitsPerCase);
  // What was launched after the first day has no price there: the one at the end of its week is the first there is.
  const on = history.listPriceOn(productId, promotion.startsOn) ? promotion.startsOn : addDays(week, weekDays - 1);
  const { listPrice } = history.priceOn(productId, on, promotion.pricesKnownAt ?? undefined);
  const onInvoiceTerms = onInvoice.get(promotion.id)?.get(productId);
  const worth = worthPerCase(rate, { listPrice, unitsPerCase, ...(onInvoiceTerms ? { onInvoiceTerms } : {}) });
  return amount.times(worth).div(unitsPerCase);
}

/** Volumes with one rate on one day are one. */
function gathered(volumes: Iterable<EarnedVolume>): EarnedVolume[] {
  const byKey = new Map<string, EarnedVolume>();
  for (const fact of volumes) {
    const key = `${fact.on} ${fact.rate} ${fact.forecast ?? ''}`;
    const known = byKey.get(key);
    byKey.set(key, known ? { ...known, volume: known.volume.plus(fact.volume) } : fact);
  }
  return [...byKey.values()];
}

function* actualVolumes(
  tactic: PromotionTactic,
  promotion: Placed,
  window: Dates,
  facts: Facts,
): Iterable<EarnedVolume> {
  const source = volumeSourceOf(tactic);
  const inside = new Set(tactic.productIds);
  for (const week of (source && facts.arrived.get(source)?.weeks.get(promotion.id)) ?? []) {
    const days = inside.has(week.productId) && common(weekFrom(week.periodStart), window);
    if (!days) continue;
    const volume = new Decimal(week.volume)
      .times(daysOf(days))
      .div(weekDays)
      .times(tactic.redemptionRate ?? 1);
    yield { on: days.startsOn, volume, rate: rateOn(tactic, promotion, week.productId, week.periodStart, facts) };
  }
}

/** Whether what happened in a week has arrived: of scans each week that anybody reports, of the rest all up to the last. */
function isReported(source: VolumeSource, promotion: Placed, { weeks, last }: Arrived): (week: string) => boolean {
  if (source === 'sales') {
    const reported = new Set(weeks.get(promotion.id)?.map(({ periodStart }) => periodStart));
    return (week) => reported.has(week);
  }
  const until = promotion.productIds.map((id) => last.get(id) ?? '').reduce(later, '');
  return (week) => week <= until;
}

function* forecastVolumes(
  tactic: PromotionTactic,
  promotion: Placed,
  window: Dates,
  facts: Facts,
): Iterable<EarnedVolume> {
  const source = volumeSourceOf(tactic);
  const arrived = source && facts.arrived.get(source);
  if (!source || !arrived) return;
  const reported = isReported(source, promotion, arrived);
  const inside = new Set(tactic.productIds);
  for (const part of facts.plans.get(promotion.id)?.parts ?? []) {
    const days = inside.has(part.productId) && !reported(part.weekStart) && unitsWithin(part, window);
    if (!days || days.endsOn > facts.dueBy) continue;
    const units = days.units.times(tactic.redemptionRate ?? 1);
    const rate = rateOn(tactic, promotion, part.productId, part.weekStart, facts);
    const volume =
      source === 'sales' ? units : units.div(facts.history.unitsPer(part.productId, 'case', part.weekStart));
    yield { on: days.startsOn, volume, rate, forecast: true };
  }
}

/** Whether days of a window that should be there by now are not, or the rest of it matters. */
function needsPlan(promotion: Placed, facts: Pick<Facts, 'arrived' | 'dueBy'>): boolean {
  return promotion.tactics.some((tactic) => {
    if (tactic.tiers || tactic.recognition === 'volume_curve') return true;
    const source = volumeSourceOf(tactic);
    const arrived = source && facts.arrived.get(source);
    if (!source || !arrived) return false;
    const window = windowOf(tactic, promotion);
    const due = common(window, { startsOn: window.startsOn, endsOn: facts.dueBy });
    const reported = isReported(source, promotion, arrived);
    const weeks = [...new Set(arrived.weeks.get(promotion.id)?.map(({ periodStart }) => periodStart))];
    if (!due) return false;
    if (source !== 'sales') return !reported(addDays(due.endsOn, 1 - weekDays));
    const covered = weeks
      .map((week) => common(weekFrom(week), due))
      .reduce((sum, days) => sum + (days ? daysOf(days) : 0), 0);
    return covered < daysOf(due);
  });
}

/** How the planned units go over a tactic's window. */
function curveOf(tactic: PromotionTactic, window: Dates, plan: PlannedVolumes | undefined): TacticVolumes['curve'] {
  const inside = new Set(tactic.productIds);
  return plan?.parts.flatMap((part) => {
    const days = inside.has(part.productId) && unitsWithin(part, window);
    return days ? [{ startsOn: days.startsOn, endsOn: days.endsOn, volume: days.units }] : [];
  });
}

function volumesOf(tactic: PromotionTactic, promotion: Placed, facts: Facts): TacticVolumes {
  const window = windowOf(tactic, promotion);
  const plan = facts.plans.get(promotion.id);
  const expectedCases = tactic.tiers && plan?.cases.get(tactic.key);
  const curve = tactic.recognition === 'volume_curve' ? curveOf(tactic, window, plan) : undefined;
  return {
    volumes: gathered([
      ...actualVolumes(tactic, promotion, window, facts),
      ...forecastVolumes(tactic, promotion, window, facts),
    ]),
    ...(expectedCases ? { expectedCases } : {}),
    ...(curve ? { curve } : {}),
  };
}

async function readOnInvoiceTerms(
  tx: Tx,
  placed: readonly Placed[],
  history: ProductHistory,
): Promise<Facts['onInvoice']> {
  const found = new Map<string, Map<string, Money>>();
  for (const { id, customerIds, startsOn, tactics, pricesKnownAt } of placed) {
    const ofInvoice = tactics.filter(({ rate }) => rate?.percentOf === 'invoice');
    if (ofInvoice.length === 0) continue;
    const named = new Set(ofInvoice.flatMap((tactic) => tactic.productIds));
    const productIds = [...named].filter((id) => history.listPriceOn(id, startsOn));
    const recordedAt = pricesKnownAt ?? undefined;
    const prices = await everydayPrices(tx, { customerIds, productIds, on: startsOn, recordedAt });
    const terms = [...prices].flatMap(([productId, { onInvoiceTerms }]) =>
      onInvoiceTerms ? [[productId, onInvoiceTerms] as const] : [],
    );
    found.set(id, new Map(terms));
  }
  return found;
}

/**
 * What the tactics of promotions have earned on through a day, by tactic key: units scanned or redeemed, cases shipped or
 * depleted in each one's own window, week by week; a week that lies in it in part counts by its days. A week that is over
 * and of which nothing has arrived counts as the submitted plan has it, marked as forecast. Prices and terms are those of
 * the promotion's first day as known at its submission (of what was launched since, those of the week), pack sizes those of the week. A handful of queries in all.
 */
export async function readEarnedVolumes(
  tx: Tx,
  promotions: readonly EarningPromotion[],
  through: string,
  readPlans: ReadPlannedVolumes,
): Promise<Map<string, TacticVolumes>> {
  const scopes = await resolveScopes(tx, promotions);
  const placed = promotions.map((promotion, i): Placed => ({ ...promotion, ...scopes[i]! }));
  const arrived = new Map<VolumeSource, Arrived>();
  for (const source of ['sales', 'shipment', 'depletion'] as const) {
    arrived.set(source, await readArrived(tx, source, placed));
  }
  const yesterday = addDays(todayIn(tx.context.clock, tx.context.tenant.timeZone), -1);
  const known = { arrived, dueBy: earlier(through, yesterday) };
  const uncertain = placed.filter((promotion) => needsPlan(promotion, known));
  const history = await readProductHistory(
    tx,
    placed.flatMap(({ productIds }) => productIds),
  );
  const facts: Facts = {
    ...{ ...known, history },
    plans: uncertain.length > 0 ? await readPlans(tx, uncertain) : new Map(),
    onInvoice: await readOnInvoiceTerms(tx, placed, history),
  };
  return new Map(
    placed.flatMap((promotion) =>
      promotion.tactics.map((tactic) => [tactic.key, volumesOf(tactic, promotion, facts)] as const),
    ),
  );
}
