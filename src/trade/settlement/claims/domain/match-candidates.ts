import type { Money } from '#money';
import { CodeIndex, type Naming, tellingWords } from './reference-text.ts';

/** A deduction or claim as matching looks at it. */
export interface MatchableItem {
  customerId: string;
  /** What is open of it, tax included. */
  amount: Money;
  /** Tax inside the amount. */
  tax: Money;
  takenOn: string;
  reasonCode: string | null;
  category: string | null;
  /** The customer's number and whatever was written beside it. */
  text: string;
}

/** A tactic that owes something. */
export interface MatchCandidate {
  tacticId: string;
  promotionId: string;
  promotionCode: string;
  /** The promotion's name and its products', for words in the reference text. */
  promotionText: string;
  /** The tactic's customer, then its ancestors up to the root. */
  customerLine: readonly string[];
  mechanic: string;
  startsOn: string;
  endsOn: string;
  claimByOn: string;
  openLiability: Money;
}

/** A candidate with what the index derived from it. */
export interface IndexedCandidate extends MatchCandidate {
  at: number;
  openMinor: number;
  words: readonly string[];
}

/** A candidate that was pulled for an item, and how its text names the candidate's promotion. */
export interface PulledCandidate {
  candidate: IndexedCandidate;
  naming: Naming | null;
  /** How many promotions of the branch the text names in this way. */
  namesakes: number;
}

/** What was pulled for one item. */
export interface Pulled {
  candidates: PulledCandidate[];
  /** Codes of promotions elsewhere that the text names exactly: of other customers, or not begun yet. */
  namedElsewhere: string[];
}

/** Candidates pulled by nearness of their dates, by amount, by one word: bounds that keep an item's work constant. */
const byDateLimit = 40;
const byAmountLimit = 12;
const byWordLimit = 8;
const byCodeLimit = 24;
/** Most words of a text that are looked up. */
const wordLimit = 12;

/** The tactics of one branch of the customer tree, in the orders that are searched. */
interface Branch {
  byStart: IndexedCandidate[];
  byOpen: IndexedCandidate[];
  byWord: Map<string, IndexedCandidate[]>;
}

const startOf = ({ startsOn }: IndexedCandidate) => startsOn;
const openOf = ({ openMinor }: IndexedCandidate) => openMinor;

/** The first position whose key is above `key`. */
function upperBound<Key>(sorted: readonly IndexedCandidate[], key: Key, of: (one: IndexedCandidate) => Key): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (of(sorted[middle] as IndexedCandidate) > key) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * All tactics that owe something, ordered so that the few that may answer for an item are found in logarithmic time: by
 * code, by amount, by word and by date within the customer's branch. No tactic is left out for being old: what has the
 * right code, amount or word is pulled whenever it ran; only by date alone the latest are.
 */
export class CandidateIndex {
  readonly #all: IndexedCandidate[];
  readonly #below = new Map<string, Branch>();
  readonly #at = new Map<string, Branch>();
  readonly #codes: CodeIndex;
  readonly #promotions: IndexedCandidate[][] = [];
  readonly #rarity = new Map<string, number>();

  constructor(candidates: readonly MatchCandidate[]) {
    const promotions = new Map<string, IndexedCandidate[]>();
    this.#all = candidates.map((candidate, at) => ({
      ...candidate,
      at,
      // Whole minor units below 2^53: exact.
      openMinor: Number(candidate.openLiability.minor),
      words: tellingWords(candidate.promotionText),
    }));
    for (const one of this.#all) {
      const known = promotions.get(one.promotionId);
      if (known) known.push(one);
      else promotions.set(one.promotionId, [one]);
      for (const word of one.words) this.#rarity.set(word, (this.#rarity.get(word) ?? 0) + 1);
    }
    this.#promotions = [...promotions.values()];
    this.#codes = new CodeIndex(this.#promotions.map(([first]) => first?.promotionCode ?? ''));
    const below = new Map<string, IndexedCandidate[]>();
    const at = new Map<string, IndexedCandidate[]>();
    for (const one of this.#all) {
      for (const id of one.customerLine) group(below, id, one);
      group(at, one.customerLine[0] ?? '', one);
    }
    for (const [id, members] of below) this.#below.set(id, branchOf(members));
    for (const [id, members] of at) this.#at.set(id, branchOf(members));
  }

  /** How telling a word is: the logarithm of one over its share of the tactics. */
  weightOf(word: string): number {
    const count = this.#rarity.get(word);
    return count === undefined ? 0 : Math.log(1 + this.#all.length / count);
  }

  /** The tactics that may answer for an item of a customer with these ancestors (itself first). */
  pull(item: MatchableItem, customerLine: readonly string[]): Pulled {
    const branches = [this.#below.get(item.customerId), ...customerLine.slice(1).map((id) => this.#at.get(id))].filter(
      (branch) => branch !== undefined,
    );
    const found = new Map<number, IndexedCandidate>();
    const take = (one: IndexedCandidate) => {
      if (one.startsOn <= item.takenOn && one.openMinor > 0 && one.openLiability.currency === item.amount.currency) {
        found.set(one.at, one);
      }
    };
    for (const branch of branches) {
      this.#byDate(branch, item, take);
      this.#byAmount(branch, item, take);
      this.#byWord(branch, item, take);
    }
    const { named, elsewhere } = this.#byCode(item, customerLine, take);
    const counts = { exact: 0, slip: 0, number: 0 };
    for (const naming of named.values()) counts[naming] += 1;
    const candidates = [...found.values()]
      .sort((a, b) => a.at - b.at)
      .map((candidate) => {
        const naming = named.get(candidate.promotionId) ?? null;
        return { candidate, naming, namesakes: naming ? counts[naming] : 0 };
      });
    return { candidates, namedElsewhere: elsewhere };
  }

  #byDate(branch: Branch, item: MatchableItem, take: (one: IndexedCandidate) => void): void {
    const end = upperBound(branch.byStart, item.takenOn, startOf);
    for (const one of branch.byStart.slice(Math.max(0, end - byDateLimit), end)) take(one);
  }

  #byAmount(branch: Branch, item: MatchableItem, take: (one: IndexedCandidate) => void): void {
    const whole = Number(item.amount.minor);
    for (const amount of new Set([whole, whole - Number(item.tax.minor)])) {
      const end = upperBound(branch.byOpen, amount + roundingOf(amount), openOf);
      const low = amount - roundingOf(amount);
      const near = branch.byOpen.slice(Math.max(0, end - 4 * byAmountLimit), end).filter((one) => one.openMinor >= low);
      near.sort((a, b) => Math.abs(a.openMinor - amount) - Math.abs(b.openMinor - amount) || a.at - b.at);
      for (const one of near.slice(0, byAmountLimit)) take(one);
    }
  }

  #byWord(branch: Branch, item: MatchableItem, take: (one: IndexedCandidate) => void): void {
    for (const word of tellingWords(item.text).slice(0, wordLimit)) {
      const sorted = branch.byWord.get(word);
      if (!sorted) continue;
      const end = upperBound(sorted, item.takenOn, startOf);
      for (const one of sorted.slice(Math.max(0, end - byWordLimit), end)) take(one);
    }
  }

  #byCode(item: MatchableItem, customerLine: readonly string[], take: (one: IndexedCandidate) => void) {
    const named = new Map<string, Naming>();
    const elsewhere: string[] = [];
    let taken = 0;
    for (const [at, naming] of this.#codes.find(item.text)) {
      const members = this.#promotions[at] ?? [];
      const [first] = members;
      if (!first) continue;
      const related =
        first.customerLine.includes(item.customerId) || customerLine.includes(first.customerLine[0] ?? '');
      if (!related || first.startsOn > item.takenOn) {
        if (naming === 'exact') elsewhere.push(first.promotionCode);
        continue;
      }
      named.set(first.promotionId, naming);
      if (taken < byCodeLimit || naming === 'exact') for (const member of members) take(member);
      taken += members.length;
    }
    return { named, elsewhere };
  }
}

/** Half a percent, at least one hundred minor units: what rounding to whole money explains. */
export function roundingOf(minor: number): number {
  return Math.max(100, Math.round(Math.abs(minor) * 0.005));
}

function group(map: Map<string, IndexedCandidate[]>, key: string, one: IndexedCandidate): void {
  const known = map.get(key);
  if (known) known.push(one);
  else map.set(key, [one]);
}

function branchOf(members: readonly IndexedCandidate[]): Branch {
  const byStart = [...members].sort((a, b) =>
    a.startsOn < b.startsOn ? -1 : a.startsOn > b.startsOn ? 1 : a.at - b.at,
  );
  const byWord = new Map<string, IndexedCandidate[]>();
  for (const one of byStart) for (const word of one.words) group(byWord, word, one);
  return { byStart, byOpen: [...members].sort((a, b) => a.openMinor - b.openMinor || a.at - b.at), byWord };
}
