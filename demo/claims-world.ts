import { addDays } from './fiscal-weeks.ts';
import type { DemoMaker } from './maker.ts';

/** A tactic that customers may claim for, with what it truly owes in cents. */
export interface ClaimableTactic {
  key: string;
  promotionCode: string;
  /** The promotion's name. */
  name: string;
  customerCode: string;
  mechanic: string;
  startsOn: string;
  endsOn: string;
  claimByOn: string;
  owedMinor: number;
}

/** A deduction or claim as a customer would send it, and the truth about it. */
export interface GeneratedClaim {
  id: string;
  customerCode: string;
  reference: string;
  amountMinor: number;
  /** Tax inside the amount, cents. */
  taxMinor: number;
  takenOn: string;
  reasonCode: string | null;
  note: string;
  /** Keys of the tactics that truly answer for it; empty: none does. */
  truth: string[];
  /** What makes it difficult: `exact_code`, `slip`, `partial`, `invalid`, `duplicate`, `post_audit`, … */
  difficulty: string[];
  duplicateOf: string | null;
}

/** Customers as the generator needs them: code to parent's code. */
export type CustomerParents = ReadonlyMap<string, string | null>;

/** Reason codes of a retailer: what each stands for, and whether the maker has it in its map. */
export interface RetailerReasonCode {
  bannerCode: string;
  code: string;
  /** A mechanic or a category that is no trade spend. */
  category: string;
  mapped: boolean;
}

/** What is generated, in the order of the days taken. */
export interface ClaimsWorld {
  tactics: ClaimableTactic[];
  reasonCodes: RetailerReasonCode[];
  claims: GeneratedClaim[];
}

/** How difficult the claims are: shares of those that belong to tactics, unless it says otherwise. */
export const claimDifficulty = {
  /** How the text names the promotion; the rest to 1 is no reference at all. */
  exactCode: 0.4,
  slip: 0.12,
  numberOnly: 0.1,
  wordsOnly: 0.22,
  /** Of the exact codes: another promotion's, by mistake. */
  wrongCode: 0.03,
  /** Promotions with several tactics that are claimed in one sum. */
  wholePromotion: 0.35,
  /** Tactics that are claimed in parts: two to so many, one after so many days after the other. */
  partial: 0.2,
  partsMost: 3,
  partEveryDays: 21,
  /** Amounts rounded to whole money, with tax on top, short or too high. */
  rounded: 0.08,
  taxOnTop: 0.1,
  offAmount: 0.1,
  /** Two promotions of a retailer in one sum. */
  acrossPromotions: 0.04,
  /** Tactics that owe exactly what another of the retailer owes in the same weeks. */
  twins: 0.1,
  /** On top of the rest, in shares of it: nothing of ours, sent twice, after an audit of long settled events. */
  invalid: 0.1,
  duplicates: 0.05,
  postAudit: 0.04,
  /** Reason codes that are right, and codes that the maker has in its map. */
  reasonRight: 0.85,
  reasonMapped: 0.6,
} as const;

/** Difficulty as {@link claimDifficulty} states it. */
export type Difficulty = { readonly [Share in keyof typeof claimDifficulty]: number };

/** The claimable tactics of a simulated maker's ended events: lump sums, and the rest of the true spend for the rate. */
export function claimableTactics(maker: DemoMaker): ClaimableTactic[] {
  const spend = new Map(maker.truth.events.map((event) => [event.code, event.spendMinor]));
  return maker.promotions.flatMap((promotion) => {
    const whole = spend.get(promotion.code);
    if (whole === undefined) return [];
    const lumps = promotion.tactics.reduce((sum, tactic) => sum + (tactic.lumpSumMinor ?? 0), 0);
    const { code, name, customerCode, startsOn, endsOn } = promotion;
    return promotion.tactics.flatMap((tactic, at): ClaimableTactic[] => {
      const owedMinor = tactic.lumpSumMinor ?? Math.round(whole - lumps);
      // An off-invoice discount is on the invoice: nothing is claimed for it.
      if (tactic.mechanic === 'off_invoice' || owedMinor <= 0) return [];
      const base = { key: `${code}#${at + 1}`, promotionCode: code, name, customerCode, startsOn, endsOn };
      return [{ ...base, mechanic: tactic.mechanic, claimByOn: addDays(endsOn, 90), owedMinor }];
    });
  });
}

/** The code of the retailer that a customer belongs to. */
export function bannerOf(code: string, parents: CustomerParents): string {
  let at = code;
  for (let parent = parents.get(at); parent; parent = parents.get(at)) at = parent;
  return at;
}
