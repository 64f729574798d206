import { daysBetween } from '#fiscal-calendar';
import type { CandidateIndex, MatchableItem, Pulled } from './match-candidates.ts';
import { roundingOf } from './match-candidates.ts';
import { amountsOf, type Proposal } from './match-proposals.ts';
import { tellingWords, wordsOf } from './reference-text.ts';

/** How often a reason code stood for a mechanic at a retailer, from confirmed matches: log odds against chance. */
export type ReasonMemory = (retailerId: string, reasonCode: string, mechanic: string) => number;

/** What speaks for or against a proposal; each has a weight in the model. The order is the order of the weights. */
export const evidenceNames = [
  'code_exact',
  'code_slip',
  'code_number',
  'other_code',
  'words',
  'mechanic_named',
  'other_mechanic_named',
  'amount_exact',
  'amount_net_of_tax',
  'amount_rounded',
  'amount_part',
  'amount_part_log',
  'amount_beyond',
  'amount_beyond_log',
  'during_event',
  'months_since_end_log',
  'past_claim_by',
  'same_customer',
  'customer_above',
  'category_same',
  'category_other',
  'reason_memory',
  'several_tactics',
  'part_of_promotion',
  'across_promotions',
] as const;
export type EvidenceName = (typeof evidenceNames)[number];

/** What speaks for no tactic at all. */
export const noneNames = ['none', 'none_no_trade', 'none_duplicate', 'none_named_elsewhere', 'none_no_words'] as const;
export type NoneName = (typeof noneNames)[number];

/** Evidence by name; what is absent is zero. */
export type Evidence = Partial<Record<EvidenceName, number>>;
export type NoneEvidence = Partial<Record<NoneName, number>>;

/** What an item says beyond its own fields. */
export interface ItemHints {
  customerLine: readonly string[];
  /** Looks like another item that was captured before. */
  duplicate: boolean;
  /** Its category is no mechanic: a shortage, a price difference, freight. */
  noTrade: boolean;
}

/** Words by which people name a mechanic. */
const mechanicWords: Readonly<Record<string, readonly string[]>> = {
  scan_back: ['SCAN', 'SCANBACK', 'SCANDOWN', 'SDA'],
  bill_back: ['BILLBACK', 'BILL', 'BB'],
  off_invoice: ['OI', 'INVOICE'],
  temporary_price_reduction: ['TPR', 'REDUCTION', 'PRICE'],
  feature: ['FEATURE', 'AD', 'FLYER', 'LEAFLET'],
  display: ['DISPLAY', 'ENDCAP', 'DSP'],
  demo: ['DEMO', 'SAMPLING'],
  co_op: ['COOP', 'CO', 'ADVERTISING'],
  slotting: ['SLOTTING', 'LISTING', 'SLOT'],
  everyday_low_price: ['EDLP'],
  volume_rebate: ['REBATE', 'VIR'],
  multibuy: ['MULTIBUY'],
  coupon: ['COUPON'],
  distributor_chargeback: ['CHARGEBACK'],
};

/** Categories that are a mechanic: money of this kind is owed by tactics. `promotion` leaves open which. */
export const tradeCategories: ReadonlySet<string> = new Set([...Object.keys(mechanicWords), 'promotion']);

/** Weighs proposals for one item. */
export class EvidenceReader {
  readonly #item: MatchableItem;
  readonly #index: CandidateIndex;
  readonly #hints: ItemHints;
  readonly #memory: ReasonMemory;
  readonly #words: Set<string>;
  readonly #mechanics: ReadonlySet<string>;
  readonly #amounts: number[];
  readonly #exactCodes: ReadonlySet<string>;

  constructor(item: MatchableItem, pulled: Pulled, index: CandidateIndex, hints: ItemHints, memory: ReasonMemory) {
    this.#item = item;
    this.#index = index;
    this.#hints = hints;
    this.#memory = memory;
    this.#amounts = amountsOf(item);
    this.#words = new Set(tellingWords(item.text));
    const all = new Set(wordsOf(item.text));
    this.#mechanics = new Set(
      Object.keys(mechanicWords).filter((mechanic) => mechanicWords[mechanic]?.some((word) => all.has(word))),
    );
    this.#exactCodes = new Set(
      pulled.candidates.filter(({ naming }) => naming === 'exact').map(({ candidate }) => candidate.promotionId),
    );
  }

  /** What speaks for and against a proposal. */
  of(proposal: Proposal): Evidence {
    return withoutZeros({
      ...this.#codes(proposal),
      words: mean(proposal.members.map(({ candidate }) => this.#sharedWords(candidate.words))),
      ...this.#mechanic(proposal),
      ...this.#amount(proposal.openMinor),
      ...this.#dates(proposal),
      ...this.#customer(proposal),
      ...(proposal.shape === 'single' ? {} : { several_tactics: 1 }),
      ...(proposal.shape === 'part' ? { part_of_promotion: 1 } : {}),
      ...(proposal.shape === 'across' ? { across_promotions: 1 } : {}),
    });
  }

  #codes({ members }: Proposal): Evidence {
    const promotions = new Map(members.map(({ candidate, ...one }) => [candidate.promotionId, one]));
    const share = (naming: string) =>
      mean([...promotions.values()].map((one) => (one.naming === naming ? 1 / Math.max(1, one.namesakes) : 0)));
    const others = [...this.#exactCodes].filter((id) => !promotions.has(id)).length;
    const exact = mean([...promotions.values()].map((one) => (one.naming === 'exact' ? 1 : 0)));
    return {
      code_exact: exact,
      code_slip: share('slip'),
      code_number: share('number'),
      other_code: others > 0 ? 1 : 0,
    };
  }

  /** Share of the text's known words, by how telling they are, that the promotion has too. */
  #sharedWords(words: readonly string[]): number {
    let known = 0;
    let shared = 0;
    for (const word of this.#words) {
      const match = words.includes(word) || (word.length >= 3 && words.some((one) => one.startsWith(word)));
      const weight = this.#index.weightOf(word) || (match ? 1 : 0);
      known += weight;
      if (match) shared += weight;
    }
    return known === 0 ? 0 : shared / known;
  }

  #mechanic({ members }: Proposal): Evidence {
    const { category, reasonCode } = this.#item;
    const retailerId = this.#hints.customerLine.at(-1) ?? '';
    const mechanics = members.map(({ candidate }) => candidate.mechanic);
    const named = mean(mechanics.map((mechanic) => (this.#mechanics.has(mechanic) ? 1 : 0)));
    const same = category !== null && mechanics.includes(category);
    return {
      mechanic_named: named,
      other_mechanic_named: this.#mechanics.size > 0 && named === 0 ? 1 : 0,
      category_same: same ? 1 : 0,
      category_other: category !== null && category in mechanicWords && !same ? 1 : 0,
      reason_memory:
        reasonCode === null ? 0 : mean(mechanics.map((mechanic) => this.#memory(retailerId, reasonCode, mechanic))),
    };
  }

  #amount(openMinor: number): Evidence {
    const [whole = 0, net] = this.#amounts;
    if (whole === openMinor) return { amount_exact: 1 };
    if (net === openMinor) return { amount_net_of_tax: 1 };
    if (this.#amounts.some((amount) => Math.abs(amount - openMinor) <= roundingOf(amount)))
      return { amount_rounded: 1 };
    const logRatio = Math.log(whole / Math.max(1, openMinor));
    return logRatio < 0
      ? { amount_part: 1, amount_part_log: -logRatio }
      : { amount_beyond: 1, amount_beyond_log: logRatio };
  }

  #dates({ members }: Proposal): Evidence {
    const { takenOn } = this.#item;
    const last =
      members
        .map(({ candidate }) => candidate.endsOn)
        .sort()
        .at(-1) ?? takenOn;
    return {
      during_event: takenOn <= last ? 1 : 0,
      months_since_end_log: Math.log1p(Math.max(0, daysBetween(last, takenOn)) / 30),
      past_claim_by: members.some(({ candidate }) => takenOn > candidate.claimByOn) ? 1 : 0,
    };
  }

  #customer({ members }: Proposal): Evidence {
    const owners = members.map(({ candidate }) => candidate.customerLine[0] ?? '');
    const { customerId } = this.#item;
    return {
      same_customer: owners.every((id) => id === customerId) ? 1 : 0,
      customer_above: owners.some((id) => id !== customerId && this.#hints.customerLine.includes(id)) ? 1 : 0,
    };
  }

  /** What speaks for none of the tactics. */
  none(pulled: Pulled): NoneEvidence {
    return {
      none: 1,
      none_no_trade: this.#hints.noTrade ? 1 : 0,
      none_duplicate: this.#hints.duplicate ? 1 : 0,
      none_named_elsewhere: pulled.namedElsewhere.length > 0 ? 1 : 0,
      none_no_words: this.#words.size === 0 && this.#exactCodes.size === 0 ? 1 : 0,
    };
  }
}

function withoutZeros(evidence: Evidence): Evidence {
  for (const name of evidenceNames) if (evidence[name] === 0) delete evidence[name];
  return evidence;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
