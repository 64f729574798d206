import { daysBetween } from '#fiscal-calendar';
import { compare, Decimal, type Money, type MoneyJson, subtract, toDecimal, toJson } from '#money';
import type { PromotionTerms, Tactic } from './promotion.ts';
import type { PromotionState } from './promotion-state.ts';

/** One field that differs between two versions of terms; values are JSON, null where there is none. */
export interface TermChange {
  field: string;
  /** The tactic that it belongs to; null for a field of the promotion itself. */
  tactic: { id: string; mechanic: string } | null;
  before: unknown;
  after: unknown;
}

/** How far an amendment may go from the approved terms without approval. */
export interface Tolerance {
  /** 0: the product's default. */
  version: number;
  /** Share of the approved spend, a decimal string. */
  spendRatio: string;
  /** Days that a date may move. */
  dateDays: number;
  /** Products that may be added to or taken out of tactics. */
  productCount: number;
}

/** Holds where a tenant has set none: small corrections of money, a day or two, no other product. */
export const defaultTolerance: Tolerance = { version: 0, spendRatio: '0.05', dateDays: 2, productCount: 0 };

/** Terms and what they are planned to spend; null where nobody ever calculated it. */
export interface PricedTerms {
  terms: PromotionTerms;
  spend: Money | null;
}

const decimalText = /^-?\d+(\.\d+)?$/;

/** Whether two JSON values say the same: decimals by value, absent as null, members in any order. */
function same(a: unknown, b: unknown): boolean {
  if (a === b || (a ?? null) === (b ?? null)) return true;
  if (typeof a === 'string' && typeof b === 'string')
    return decimalText.test(a) && decimalText.test(b) && new Decimal(a).equals(b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) => same(left[key], right[key]));
}

const termFields = ['name', 'customerId', 'startsOn', 'endsOn', 'shipStartsOn', 'shipEndsOn', 'claimByOn'] as const;

function tacticChanges(before: Tactic, after: Tactic): TermChange[] {
  const [left, right]: Record<string, unknown>[] = [{ ...before }, { ...after }];
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const tactic = { id: before.id, mechanic: after.mechanic };
  return fields
    .filter((field) => !same(left?.[field], right?.[field]))
    .map((field) => ({ field, tactic, before: left?.[field] ?? null, after: right?.[field] ?? null }));
}

/** What differs between two versions of a promotion's terms, field by field; a tactic is known by its id. */
export function changesBetween(before: PromotionTerms, after: PromotionTerms): TermChange[] {
  const heads = termFields
    .filter((field) => before[field] !== after[field])
    .map((field) => ({ field, tactic: null, before: before[field], after: after[field] }));
  const known = new Map(before.tactics.map((tactic) => [tactic.id, tactic]));
  const kept = new Set(after.tactics.map(({ id }) => id));
  const removed = before.tactics
    .filter(({ id }) => !kept.has(id))
    .map((tactic) => ({ field: 'tactic', tactic: nameOf(tactic), before: tactic, after: null }));
  const others = after.tactics.flatMap((tactic): TermChange[] => {
    const old = known.get(tactic.id);
    return old
      ? tacticChanges(old, tactic)
      : [{ field: 'tactic', tactic: nameOf(tactic), before: null, after: tactic }];
  });
  return [...heads, ...removed, ...others];
}

const nameOf = ({ id, mechanic }: Tactic) => ({ id, mechanic });

const percentText = (share: Decimal) => `${share.times(100).toDecimalPlaces(1)} %`;

function spendBeyond(before: Money | null, after: Money, tolerance: Tolerance): string[] {
  if (before === null) return ['the spend was never approved'];
  if (compare(after, before) === 0) return [];
  const share = before.minor === 0n ? null : toDecimal(subtract(after, before)).div(toDecimal(before));
  if (share?.abs().lte(tolerance.spendRatio)) return [];
  const by = share ? `${percentText(share)}, ` : '';
  return [
    `planned spend goes from ${toJson(before).amount} to ${toJson(after).amount} ${after.currency} (${by}tolerance ${percentText(new Decimal(tolerance.spendRatio))})`,
  ];
}

const dateText = /^\d{4}-\d{2}-\d{2}$/;
const isDate = (value: unknown): value is string => typeof value === 'string' && dateText.test(value);

/** Fields in the words of the people who approve. */
const words: Partial<Record<string, string>> = {
  startsOn: 'the first day',
  endsOn: 'the last day',
  shipStartsOn: 'the first ship date',
  shipEndsOn: 'the last ship date',
  fundSplit: 'the funds',
};

/** A claim-by date gives a retailer time; it moves no money and no event. */
const freeFields = new Set(['name', 'claimByOn']);
/** What these change is measured by the spend that follows from them. */
const spendFields = new Set(['rate', 'lumpSum', 'passThrough', 'tiers', 'cap', 'minimum', 'redemptionRate', 'stores']);

function termBeyond(change: TermChange, tolerance: Tolerance): string[] {
  const { field, tactic, before, after } = change;
  const of = tactic ? ` of ${tactic.mechanic}` : '';
  if (field === 'tactic') return [`the tactic ${tactic?.mechanic} is ${after === null ? 'taken out' : 'new'}`];
  if (freeFields.has(field) || spendFields.has(field) || field === 'productIds') return [];
  if (isDate(before) && isDate(after)) {
    const days = daysBetween(before, after);
    return Math.abs(days) <= tolerance.dateDays
      ? []
      : [`${words[field] ?? field}${of} moves by ${days} days (tolerance ${tolerance.dateDays})`];
  }
  return [`${words[field] ?? field}${of} changes`];
}

function productsBeyond(changes: readonly TermChange[], tolerance: Tolerance): string[] {
  const other = changes
    .filter(({ field }) => field === 'productIds')
    .flatMap(({ before, after }) => {
      const [left, right] = [before as string[], after as string[]];
      return [...left.filter((id) => !right.includes(id)), ...right.filter((id) => !left.includes(id))];
    });
  const count = new Set(other).size;
  return count <= tolerance.productCount ? [] : [`${count} products change (tolerance ${tolerance.productCount})`];
}

/**
 * Why new terms need approval, empty where they lie within the tolerance. They are held against what people approved
 * last, not against what is in force: many small steps need approval as one large one does.
 */
export function beyondTolerance(
  approved: PricedTerms,
  proposed: { terms: PromotionTerms; spend: Money },
  tolerance: Tolerance,
): string[] {
  const changes = changesBetween(approved.terms, proposed.terms);
  return [
    ...spendBeyond(approved.spend, proposed.spend, tolerance),
    ...changes.flatMap((change) => termBeyond(change, tolerance)),
    ...productsBeyond(changes, tolerance),
  ];
}

/** States in which a promotion's terms are in force and can be amended. */
export const amendableStates: readonly PromotionState[] = ['approved', 'active', 'on_hold', 'ended'];

const endedFields = new Set(['name', 'claimByOn', 'rate', 'lumpSum']);

function rises({ field, before, after }: TermChange): boolean {
  if (field === 'lumpSum') return new Decimal(String(after ?? 0)).gt(String(before ?? 0));
  if (field !== 'rate') return false;
  const [left, right] = [before as Tactic['rate'], after as Tactic['rate']];
  if (left === null || right === null) return right !== null;
  const ofAnother = left.per !== right.per || (left.percentOf ?? 'list') !== (right.percentOf ?? 'list');
  return ofAnother || new Decimal(right.amount).gt(left.amount);
}

/**
 * Why a promotion cannot take these changes at all: its customer stays; an event that has begun keeps its first day and
 * does not end in the past; from its first shipment or sale on (`earning`) its tactics stay; one that has ended keeps what
 * was executed, and gets no dearer after the fact.
 */
export function refusedChanges(
  promotion: { state: PromotionState; begun: boolean; earning: boolean },
  changes: readonly TermChange[],
  today: string,
): string[] {
  const refused: string[] = [];
  for (const change of changes) {
    const { field, tactic, after } = change;
    if (field === 'customerId') refused.push('the customer of a promotion cannot be amended: copy it to the other one');
    if (promotion.state === 'ended') {
      if (!endedFields.has(field)) refused.push(`the event has ended: ${field} stays as it was executed`);
      else if (rises(change)) refused.push(`the event has ended: ${field} of ${tactic?.mechanic} can only go down`);
    } else if (promotion.earning && field === 'tactic' && after === null) {
      refused.push(`the event earns already: end the ${tactic?.mechanic} by a last day of its own instead`);
    } else if (promotion.begun && tactic === null) {
      if (field === 'startsOn') refused.push('the event has begun: its first day stays');
      if (field === 'endsOn' && isDate(after) && after < today)
        refused.push('the event cannot end in the past: cancel it instead');
    }
  }
  return refused;
}

/** The figures of a promotion that an approver compares. */
export interface AmendmentFigures {
  startsOn: string;
  endsOn: string;
  spend: MoneyJson | null;
  netProfit: MoneyJson | null;
  netRoi: string | null;
}

/** Where an amendment stands. Only a proposed one is open. */
export const amendmentStates = ['proposed', 'applied', 'rejected', 'returned', 'withdrawn'] as const;
export type AmendmentState = (typeof amendmentStates)[number];
