import { todayIn } from '#clock';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import type { Figure } from '#figure';
import { addDays } from '#fiscal-calendar';
import { availableFor } from '#funds';
import { customerAncestorsOfEach } from '#master-data';
import {
  add,
  allocate,
  compare,
  Decimal,
  fromJson,
  type Money,
  type MoneyJson,
  roundToMoney,
  subtract,
  sum,
  toDecimal,
  toJson,
  zero,
} from '#money';
import {
  formulaVersion,
  lumpSumOf,
  type PromotionForecast,
  type PromotionScope,
  type PromotionTactic,
  predictPromotion,
} from '#performance';
import type { AppliedRow } from '#workflow';
import { requireMeant } from '../domain/amount-limit.ts';
import { daysOnShelf, type Tactic } from '../domain/promotion.ts';
import { promotionsBetween } from '../promotion-store.ts';
import { type Conflict, conflictScope, findConflicts } from './find-conflicts.ts';
import { judgePlan, type RuleFacts, readRuleFacts } from './judge-plan.ts';
import { figureWithFx, performanceTactics } from './performance-tactics.ts';
import type { ResolvedTerms } from './promotion-terms.ts';

/** Something that a planner must know: `block` keeps a promotion from being submitted. */
export interface Guardrail {
  /** Of a business rule what its row is about: `margin`, `credit`. */
  rule: string;
  severity: 'block' | 'warn';
  message: string;
  /** The row of the business rules that says so. */
  by?: AppliedRow;
}

/** What a tactic would spend, and from which funds. */
export interface PlannedTacticSpend {
  tacticId: string;
  mechanic: string;
  volumeBasis: string | null;
  volume: string | null;
  unit: string | null;
  rate: { amount: string; currency: string; per: string } | null;
  assumption: string | null;
  spend: MoneyJson;
  /** The spend as a figure; absent without a prediction. */
  figure?: Figure | undefined;
  /** In the currency of each fund; `fx` names the rate where that is not the promotion's. */
  splits: { fundId: string; amount: MoneyJson; fx?: string | undefined }[];
  /** What its fund entries are told apart by; the product is the nearest above all of the tactic's. */
  customerId?: string | undefined;
  productId?: string | null | undefined;
}

/** What a fund has and what the plan needs of it. */
interface PlannedFund {
  fundId: string;
  name: string;
  available: MoneyJson;
  needed: MoneyJson;
  after: MoneyJson;
}

/** What a promotion would sell, spend and earn: units are decimal strings of POS units. */
export interface Plan {
  promotionId: string | null;
  currency: string;
  modelVersion: string | null;
  baselineVersion: string | null;
  formulaVersion: string;
  /** Why there is no prediction; null where there is one. */
  refusal: string | null;
  weeks: PromotionForecast['weeks'];
  products: PromotionForecast['products'];
  totals: PromotionForecast['totals'] | null;
  spend: MoneyJson;
  spendByTactic: PlannedTacticSpend[];
  /** By name; without a prediction only what is fixed of the spend. */
  figures: Partial<Record<string, Figure>>;
  retailer: PromotionForecast['retailer'] | null;
  /** Absent in plans that were kept before it was told apart. */
  others?: PromotionForecast['others'];
  funds: PlannedFund[];
  conflicts: Conflict[];
  guardrails: Guardrail[];
}

/** What a plan needs from the database beside the prediction. */
export interface PlanData {
  /** What each fund has available for this promotion: what it already holds for it counts as available. */
  available: Map<string, Money>;
  conflicts: Conflict[];
  /** What else is known to be on related customers' shelves around the event. */
  calendar: PromotionScope[];
  facts: RuleFacts;
}

/** Further away, another event no longer echoes in this one: the dip window and a week. */
const echoDays = 35;

/** The promotion calendar around an event, at customers that share shelves with it. */
async function calendarAround(
  tx: TenantTx<Context>,
  { terms }: ResolvedTerms,
  promotionId: string | null,
): Promise<PromotionScope[]> {
  const from = addDays(terms.startsOn, -echoDays);
  const found = await promotionsBetween(tx, { from, to: addDays(terms.endsOn, echoDays), exceptId: promotionId });
  const near = found.flatMap((promotion) => {
    const days = daysOnShelf(promotion);
    return days && days.endsOn >= from ? [{ ...promotion, ...days }] : [];
  });
  if (near.length === 0) return [];
  const lines = await customerAncestorsOfEach(tx, [
    ...new Set([terms.customerId, ...near.map((one) => one.customerId)]),
  ]);
  const above = new Set(lines.get(terms.customerId));
  return near
    .filter(({ customerId }) => above.has(customerId) || lines.get(customerId)?.includes(terms.customerId))
    .map((promotion) => ({
      customerId: promotion.customerId,
      startsOn: promotion.startsOn,
      endsOn: promotion.endsOn,
      tactics: performanceTactics(promotion),
    }));
}

/** A shelf price cut deeper than this is pointed out (domain.md: the director decides above 40 %). */
const deepCut = new Decimal('0.4');

/** Reads fund balances and conflicts of resolved terms. */
export async function readPlanData(
  tx: TenantTx<Context>,
  resolved: ResolvedTerms,
  promotionId: string | null,
): Promise<PlanData> {
  const { funds } = resolved;
  return {
    available: await availableFor(
      tx,
      funds.map((fund) => fund.id),
      promotionId,
    ),
    conflicts: await findConflicts(tx, conflictScope(resolved, promotionId)),
    calendar: await calendarAround(tx, resolved, promotionId),
    facts: await readRuleFacts(tx, resolved, promotionId),
  };
}

/** The parts of a tactic's spend as its funds bear them: each converted part rounds once. */
function inFundCurrencies(
  parts: readonly { fundId: string; amount: MoneyJson }[],
  tactic: Pick<PromotionTactic, 'fundSplit'> | undefined,
): PlannedTacticSpend['splits'] {
  return parts.map(({ fundId, amount }) => {
    const fx = tactic?.fundSplit.find((part) => part.fundId === fundId)?.fx;
    if (!fx) return { fundId, amount };
    const exact = toDecimal(fromJson(amount)).times(fx.rate);
    requireMeant(exact, `A part in ${fx.currency}`);
    const borne = roundToMoney(exact, fx.currency);
    return { fundId, amount: toJson(borne), fx: fx.note };
  });
}

/** Without a prediction only fixed amounts are known. */
function fixedSpend(tactic: Tactic, currency: string): PlannedTacticSpend {
  const [priced] = performanceTactics({ tactics: [tactic], currency });
  const spend = priced ? lumpSumOf(priced, currency) : zero(currency);
  const parts =
    spend.minor === 0n
      ? []
      : allocate(
          spend,
          tactic.fundSplit.map(({ share }) => new Decimal(share)),
        );
  return {
    tacticId: tactic.id,
    mechanic: tactic.mechanic,
    volumeBasis: null,
    volume: null,
    unit: null,
    rate: tactic.rate,
    assumption: tactic.rate ? 'the volume is not known' : null,
    spend: toJson(spend),
    splits: inFundCurrencies(
      parts.map((amount, i) => ({ fundId: tactic.fundSplit[i]?.fundId ?? '', amount: toJson(amount) })),
      priced,
    ),
  };
}

function fixedSpendFigure(value: MoneyJson, tactics: readonly PlannedTacticSpend[]): Figure {
  return {
    ...{ value, unit: 'money', formula: 'S = Σ lump sums of the tactics', formulaVersion },
    inputs: tactics.map(({ mechanic, spend, assumption }, i) => ({
      name: `${i + 1}. ${mechanic.replaceAll('_', ' ')}`,
      value: spend.amount,
      source: assumption ?? 'lump sum',
    })),
    ...(tactics.some(({ rate }) => rate) ? { notEstimated: ['what rates cost: the volume is not known'] } : {}),
  };
}

function plannedFunds(resolved: ResolvedTerms, data: PlanData, tactics: readonly PlannedTacticSpend[]): PlannedFund[] {
  return resolved.funds.map((fund) => {
    const nothing = zero(fund.currency);
    const parts = tactics.flatMap(({ splits }) => splits.filter(({ fundId }) => fundId === fund.id));
    const needed = sum(
      parts.map(({ amount }) => fromJson(amount)),
      fund.currency,
    );
    const available = data.available.get(fund.id) ?? nothing;
    return {
      fundId: fund.id,
      name: fund.name,
      available: toJson(available),
      needed: toJson(needed),
      after: toJson(subtract(available, needed)),
    };
  });
}

function fundGuardrails(funds: readonly PlannedFund[]): Guardrail[] {
  return funds.flatMap(({ name, after }) =>
    compare(fromJson(after), zero(after.currency)) < 0
      ? [
          {
            rule: 'fund' as const,
            severity: 'block' as const,
            message: `${name} lacks ${after.amount.slice(1)} ${after.currency}.`,
          },
        ]
      : [],
  );
}

function forecastGuardrails(resolved: ResolvedTerms, forecast: PromotionForecast): Guardrail[] {
  const guardrails: Guardrail[] = forecast.notes.map((message) => ({ rule: 'note', severity: 'warn', message }));
  const deep = forecast.products.filter((product) => deepCut.lt(product.depth)).length;
  if (deep > 0) {
    guardrails.push({
      rule: 'depth',
      severity: 'warn',
      message: `${deep} of ${resolved.leafProductIds.length} products are cut by more than 40 %.`,
    });
  }
  const profit = forecast.figures.netProfit.value;
  if (profit !== null && typeof profit === 'object' && profit.amount.startsWith('-')) {
    guardrails.push({
      rule: 'loss',
      severity: 'warn',
      message: `The event is expected to lose ${profit.amount.slice(1)} ${profit.currency}; finance decides too.`,
    });
  }
  return guardrails;
}

function dateGuardrails(context: Context, { startsOn, endsOn }: ResolvedTerms['terms']): Guardrail[] {
  const today = todayIn(context.clock, context.tenant.timeZone);
  if (endsOn < today)
    return [{ rule: 'dates', severity: 'warn', message: 'The event is over: approving it now is after the fact.' }];
  if (startsOn < today) return [{ rule: 'dates', severity: 'warn', message: 'The event has begun already.' }];
  return [];
}

function conflictGuardrails(conflicts: readonly Conflict[]): Guardrail[] {
  return conflicts.map(({ code, name, policy, reason }) => ({
    rule: 'conflict',
    severity: policy,
    message: `${code} ${name}: ${reason}.`,
  }));
}

/** What the business rules say, but for what the plan tells in more words already. */
function withRules(context: Context, data: PlanData, plan: Plan): Plan {
  const { findings } = judgePlan(data.facts, plan, plan.conflicts, context.clock.now());
  const told = (rule: string, isBlocking: boolean) =>
    plan.guardrails.some((one) => one.rule === rule && (one.severity === 'block' || !isBlocking));
  const added = findings.flatMap(({ decision, version, row, rowId, severity, message, rule, step }): Guardrail[] => {
    const name = typeof rule === 'string' ? rule : 'rule';
    if (told(name, severity === 'block')) return [];
    const says =
      severity === 'require approval' && typeof step === 'string' ? `${message} ${step} decides too.` : message;
    const by = { decision, version, row, rowId };
    return [{ rule: name, severity: severity === 'block' ? 'block' : 'warn', message: says, by }];
  });
  return { ...plan, guardrails: [...plan.guardrails, ...added] };
}

function refusedPlan(resolved: ResolvedTerms, data: PlanData, promotionId: string | null, refusal: string): Plan {
  const { terms } = resolved;
  const tactics = terms.tactics.map((tactic) => ({
    ...fixedSpend(tactic, terms.currency),
    ...{ customerId: terms.customerId, productId: resolved.productAbove.get(tactic.id) ?? null },
  }));
  const funds = plannedFunds(resolved, data, tactics);
  // A rate costs what is sold: without a volume nobody knows what to reserve.
  const severity = terms.tactics.some((tactic) => tactic.rate) ? 'block' : 'warn';
  const total = tactics.reduce((all: Money, { spend }) => add(all, fromJson(spend)), zero(terms.currency));
  return {
    promotionId,
    currency: terms.currency,
    modelVersion: null,
    baselineVersion: null,
    formulaVersion,
    refusal,
    weeks: [],
    products: [],
    totals: null,
    spend: toJson(total),
    spendByTactic: tactics,
    figures: { eventSpend: fixedSpendFigure(toJson(total), tactics) },
    retailer: null,
    funds,
    conflicts: data.conflicts,
    guardrails: [
      { rule: 'prediction', severity, message: refusal },
      ...fundGuardrails(funds),
      ...conflictGuardrails(data.conflicts),
    ],
  };
}

/** Calculates a plan: prediction outside any lock, then money, funds and guardrails. */
export async function buildPlan(
  context: Context,
  resolved: ResolvedTerms,
  data: PlanData,
  promotionId: string | null = null,
): Promise<{ plan: Plan; forecast: PromotionForecast | null }> {
  const { terms } = resolved;
  const { customerId, startsOn, endsOn, currency } = terms;
  const forecast = await predictPromotion(context, {
    customerId,
    startsOn,
    endsOn,
    currency,
    ...{ shipStartsOn: terms.shipStartsOn, shipEndsOn: terms.shipEndsOn },
    tactics: performanceTactics(terms),
    calendar: data.calendar,
  });
  if (forecast.refusal !== null)
    return {
      plan: withRules(context, data, refusedPlan(resolved, data, promotionId, forecast.refusal)),
      forecast: null,
    };
  const { notes: _notes, spendByTactic, ...shown } = forecast;
  const priced = new Map(performanceTactics(terms).map((tactic) => [tactic.key, tactic]));
  const planned = new Map(terms.tactics.map((tactic) => [tactic.id, tactic]));
  const tactics = spendByTactic.map(({ key, splits, figure, ...spend }) => ({
    ...{ tacticId: key, ...spend, figure: figureWithFx(figure, planned.get(key)!) },
    splits: inFundCurrencies(splits, priced.get(key)),
    ...{ customerId: terms.customerId, productId: resolved.productAbove.get(key) ?? null },
  }));
  const funds = plannedFunds(resolved, data, tactics);
  const plan: Plan = {
    ...shown,
    promotionId,
    spendByTactic: tactics,
    funds,
    conflicts: data.conflicts,
    guardrails: [
      ...fundGuardrails(funds),
      ...conflictGuardrails(data.conflicts),
      ...dateGuardrails(context, terms),
      ...forecastGuardrails(resolved, forecast),
    ],
  };
  return { plan: withRules(context, data, plan), forecast };
}
