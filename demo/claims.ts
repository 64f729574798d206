import { addDays } from './fiscal-weeks.ts';
import type { DemoMaker } from './maker.ts';
import { createRandom, type RandomStream } from './random.ts';

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
  /** Tactics that are claimed in two or three parts. */
  partial: 0.2,
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

/** Shares as {@link claimDifficulty} names them. */
export type Difficulty = { readonly [Share in keyof typeof claimDifficulty]: number };

const noTrade = ['shortage', 'pricing', 'freight', 'returns'] as const;
const mechanicTerms: Readonly<Record<string, readonly string[]>> = {
  scan_back: ['SCAN', 'SCANBACK', 'SDA'],
  bill_back: ['BILLBACK', 'BB'],
  temporary_price_reduction: ['TPR'],
  feature: ['FEATURE', 'AD', 'FLYER'],
  display: ['DISPLAY', 'ENDCAP'],
};
/** Days after its end in which an unclaimed tactic is still owed. */
const releasedAfterDays = 120;

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

function bannerOf(code: string, parents: CustomerParents): string {
  let at = code;
  for (let parent = parents.get(at); parent; parent = parents.get(at)) at = parent;
  return at;
}

/** Invented reason codes of every retailer: three digits, others at each. */
function makeReasonCodes(random: RandomStream, banners: readonly string[]): RetailerReasonCode[] {
  return banners.flatMap((bannerCode) => {
    const numbers = random.shuffled(Array.from({ length: 90 }, (_, at) => String(10 + at)));
    return [...Object.keys(mechanicTerms), ...noTrade].map((category, at) => ({
      ...{ bannerCode, category, code: numbers[at] ?? '', mapped: random.chance(claimDifficulty.reasonMapped) },
    }));
  });
}

/** Some tactics owe to the cent what another of the same retailer owes in the same weeks. */
function withTwins(random: RandomStream, tactics: readonly ClaimableTactic[], parents: CustomerParents, share: number) {
  return tactics.map((tactic, at) => {
    if (!random.chance(share)) return tactic;
    const banner = bannerOf(tactic.customerCode, parents);
    const other = tactics
      .slice(Math.max(0, at - 30), at)
      .reverse()
      .find((one) => bannerOf(one.customerCode, parents) === banner && addDays(one.endsOn, 42) >= tactic.endsOn);
    return other ? { ...tactic, owedMinor: other.owedMinor } : tactic;
  });
}

/** What is claimed at once before it is dressed up as a customer would send it. */
interface Taking {
  tactics: ClaimableTactic[];
  amountMinor: number;
  takenOn: string;
  difficulty: string[];
}

function dayTaken(random: RandomStream, { startsOn, endsOn }: ClaimableTactic): string {
  const draw = random.uniform();
  if (draw < 0.6) return addDays(endsOn, random.whole(3, 35));
  if (draw < 0.85) return addDays(endsOn, random.whole(36, 80));
  if (draw < 0.92) return endsOn > addDays(startsOn, 6) ? addDays(startsOn, 6) : endsOn;
  return addDays(endsOn, random.whole(81, 115));
}

/** What customers truly take for the tactics of one promotion. */
function takingsOf(random: RandomStream, tactics: readonly ClaimableTactic[], difficulty: Difficulty): Taking[] {
  if (random.chance(0.08)) return [];
  const owed = (some: readonly ClaimableTactic[]) => some.reduce((sum, { owedMinor }) => sum + owedMinor, 0);
  const first = tactics[0];
  if (first && tactics.length > 1 && random.chance(difficulty.wholePromotion)) {
    const takenOn = addDays(first.endsOn, random.whole(3, 60));
    return [{ tactics: [...tactics], amountMinor: owed(tactics), takenOn, difficulty: ['several_tactics'] }];
  }
  return tactics.flatMap((tactic) => {
    if (!random.chance(difficulty.partial)) {
      const takenOn = dayTaken(random, tactic);
      return [{ tactics: [tactic], amountMinor: owed([tactic]), takenOn, difficulty: [] }];
    }
    let rest = tactic.owedMinor;
    const count = random.whole(2, 3);
    return Array.from({ length: count }, (_, at): Taking => {
      const amountMinor = at === count - 1 ? rest : Math.round(rest * random.between(0.2, 0.7));
      rest -= amountMinor;
      const takenOn = addDays(tactic.endsOn, 3 + 21 * at + random.whole(0, 15));
      return { tactics: [tactic], amountMinor, takenOn, difficulty: ['partial'] };
    });
  });
}

/** Joins some takings of one retailer that lie close together into one sum. */
function joinAcross(random: RandomStream, takings: readonly Taking[], parents: CustomerParents): Taking[] {
  const joined: Taking[] = [];
  const open = new Map<string, Taking>();
  for (const taking of takings) {
    const banner = bannerOf(taking.tactics[0]?.customerCode ?? '', parents);
    const before = open.get(banner);
    open.set(banner, taking);
    const apart = before && before.tactics[0]?.promotionCode !== taking.tactics[0]?.promotionCode;
    const plain = before && before.difficulty.length === 0 && taking.difficulty.length === 0;
    if (
      apart &&
      plain &&
      addDays(before.takenOn, 30) >= taking.takenOn &&
      random.chance(2 * claimDifficulty.acrossPromotions)
    ) {
      before.tactics.push(...taking.tactics);
      before.amountMinor += taking.amountMinor;
      before.takenOn = [before.takenOn, taking.takenOn].sort()[1] as string;
      before.difficulty.push('across_promotions');
    } else joined.push(taking);
  }
  return joined;
}

/** One slip in a code: two neighbours swapped, one character changed, lost or doubled. */
function slip(random: RandomStream, code: string): string {
  const at = random.whole(1, code.length - 2);
  const kind = random.whole(0, 3);
  if (kind === 0) return code.slice(0, at) + code[at + 1] + code[at] + code.slice(at + 2);
  if (kind === 1) return code.slice(0, at) + random.pick([...'0123456789']) + code.slice(at + 1);
  if (kind === 2) return code.slice(0, at) + code.slice(at + 1);
  return code.slice(0, at) + code[at] + code.slice(at);
}

/** A few words of the promotion's name, cut short as people do, and often the mechanic. */
function words(random: RandomStream, { name, mechanic }: ClaimableTactic): string {
  const [scope = ''] = name.split(/ (?:scan-back|bill-back|off-invoice|price|feature|display|temporary)/);
  const cut = scope
    .toUpperCase()
    .split(' ')
    .map((word) => (random.chance(0.3) && word.length > 5 ? word.slice(0, 4) : word));
  const term = random.chance(0.6) ? ` ${random.pick(mechanicTerms[mechanic] ?? [''])}` : '';
  return `${cut.join(' ')}${term}`;
}

/** How a customer names the promotion, and what is difficult about it. */
function noteOf(
  random: RandomStream,
  taking: Taking,
  others: readonly ClaimableTactic[],
): [note: string, difficulty: string] {
  const d = claimDifficulty;
  const [first] = taking.tactics as [ClaimableTactic];
  const codes = [...new Set(taking.tactics.map(({ promotionCode }) => promotionCode))];
  const tail = random.chance(0.5) ? ` ${words(random, first)}` : '';
  const draw = random.uniform();
  if (draw < d.exactCode) {
    if (others.length > 0 && random.chance(d.wrongCode))
      return [random.pick(others).promotionCode + tail, 'wrong_code'];
    const written = codes.map((code) => (random.chance(0.3) ? code.toLowerCase().replace('-', ' ') : code));
    return [`${written.join(' + ')}${tail}`, 'exact_code'];
  }
  if (draw < d.exactCode + d.slip) return [`${codes.map((code) => slip(random, code)).join(' + ')}${tail}`, 'slip'];
  const number = (code: string) => code.replace(/^\D+/, '').replace(/^0+/, random.chance(0.5) ? '' : '0');
  if (draw < d.exactCode + d.slip + d.numberOnly) return [`#${codes.map(number).join(' #')}${tail}`, 'number_only'];
  if (draw < d.exactCode + d.slip + d.numberOnly + d.wordsOnly) return [words(random, first), 'words_only'];
  return [random.pick(['', 'SEE BACKUP', `AUTH ${random.whole(20_000, 99_999)}`]), 'no_reference'];
}

/** The retailer's reason code for a category, right most of the time. */
function reasonOf(random: RandomStream, codes: readonly RetailerReasonCode[], banner: string, category: string) {
  const own = codes.filter((one) => one.bannerCode === banner);
  if (random.chance(claimDifficulty.reasonRight)) return own.find((one) => one.category === category)?.code ?? null;
  return random.chance(0.5) ? '99' : random.pick(own).code;
}

function childOf(random: RandomStream, code: string, parents: CustomerParents): string {
  const children = [...parents].filter(([, parent]) => parent === code).map(([child]) => child);
  return children.length > 0 ? random.pick(children) : code;
}

/** A taking as the customer sends it. */
function dress(
  random: RandomStream,
  taking: Taking,
  world: { parents: CustomerParents; codes: readonly RetailerReasonCode[]; tactics: readonly ClaimableTactic[] },
): Omit<GeneratedClaim, 'id' | 'reference' | 'duplicateOf'> {
  const [first] = taking.tactics as [ClaimableTactic];
  const banner = bannerOf(first.customerCode, world.parents);
  const others = world.tactics.filter(
    (one) =>
      one.promotionCode !== first.promotionCode &&
      bannerOf(one.customerCode, world.parents) === banner &&
      one.startsOn <= taking.takenOn &&
      addDays(one.endsOn, 60) >= taking.takenOn,
  );
  const [note, naming] = noteOf(random, taking, others);
  const difficulty = [...taking.difficulty, naming];
  let amountMinor = taking.amountMinor;
  let taxMinor = 0;
  const draw = random.uniform();
  if (draw < claimDifficulty.rounded) {
    amountMinor = Math.max(100, Math.round(amountMinor / 100) * 100);
    difficulty.push('rounded');
  } else if (draw < claimDifficulty.rounded + claimDifficulty.taxOnTop) {
    taxMinor = Math.round(amountMinor * 0.0825);
    amountMinor += taxMinor;
    difficulty.push('tax_on_top');
  } else if (draw < claimDifficulty.rounded + claimDifficulty.taxOnTop + claimDifficulty.offAmount) {
    amountMinor = Math.round(amountMinor * random.between(0.85, 1.15));
    difficulty.push('off_amount');
  }
  const level = random.uniform();
  const customerCode =
    taking.difficulty.includes('across_promotions') || level < 0.45
      ? banner
      : level < 0.9
        ? first.customerCode
        : childOf(random, first.customerCode, world.parents);
  return {
    ...{ customerCode, amountMinor, taxMinor, takenOn: taking.takenOn, note, difficulty },
    reasonCode: reasonOf(random, world.codes, banner, first.mechanic),
    truth: taking.tactics.map(({ key }) => key),
  };
}

/** A deduction for something that is no promotion, sometimes dressed like one. */
function invalidClaim(
  random: RandomStream,
  world: { parents: CustomerParents; codes: readonly RetailerReasonCode[]; tactics: readonly ClaimableTactic[] },
): Omit<GeneratedClaim, 'id' | 'reference' | 'duplicateOf'> {
  const near = random.pick(world.tactics);
  const banner = bannerOf(near.customerCode, world.parents);
  const category = random.pick(noTrade);
  const takenOn = addDays(near.endsOn, random.whole(0, 60));
  const lookAlike = random.chance(0.25);
  const elsewhere = world.tactics.filter((one) => bannerOf(one.customerCode, world.parents) !== banner);
  const namesOther = !lookAlike && random.chance(0.3) && elsewhere.length > 0;
  const note = namesOther
    ? random.pick(elsewhere).promotionCode
    : random.pick([
        `${category.toUpperCase()} PO ${random.whole(10_000, 99_999)}`,
        `${category.toUpperCase()} ${words(random, near)}`,
        `INV ${random.whole(100_000, 999_999)}`,
      ]);
  return {
    ...{ customerCode: random.chance(0.5) ? banner : near.customerCode, takenOn, note, taxMinor: 0, truth: [] },
    amountMinor: lookAlike ? near.owedMinor : Math.round(20_000 * random.gammaMeanOne(0.9)) + 1_500,
    reasonCode: reasonOf(random, world.codes, banner, category),
    difficulty: ['invalid', ...(lookAlike ? ['look_alike'] : []), ...(namesOther ? ['code_of_another_customer'] : [])],
  };
}

/** An auditor's claim for an event that was settled long ago. */
function postAudit(random: RandomStream, tactic: ClaimableTactic, until: string) {
  const takenOn = addDays(tactic.endsOn, random.whole(releasedAfterDays + 60, 500));
  if (takenOn > until) return null;
  const named = random.chance(0.5) ? tactic.promotionCode : words(random, tactic);
  return {
    ...{ customerCode: tactic.customerCode, takenOn, note: `POST AUDIT ${named}`, taxMinor: 0, truth: [] },
    amountMinor: Math.max(500, Math.round(tactic.owedMinor * random.between(0.05, 0.4))),
    reasonCode: null,
    difficulty: ['post_audit'],
  };
}

/** The same claim again: another mark on its number, a later day, or one slip in the number. */
function again(random: RandomStream, claim: GeneratedClaim): GeneratedClaim {
  const kind = random.whole(0, 2);
  const digits = claim.reference.length;
  const swapped = claim.reference.slice(0, digits - 2) + claim.reference[digits - 1] + claim.reference[digits - 2];
  return {
    ...claim,
    id: `${claim.id}+`,
    reference: kind === 0 ? claim.reference : kind === 1 ? `${claim.reference}-R` : swapped,
    takenOn: addDays(claim.takenOn, random.whole(5, 60)),
    truth: [],
    difficulty: ['duplicate'],
    duplicateOf: claim.id,
  };
}

/**
 * Claims with known truth for tactics: the same for the same seed. `until` is the last day; whatever would be taken
 * later is left out. `twins` changes what some tactics owe; at 0 all owe what is given.
 */
export function generateClaims(
  seed: number,
  given: readonly ClaimableTactic[],
  parents: CustomerParents,
  until: string,
  difficulty: Difficulty = claimDifficulty,
): ClaimsWorld {
  const random = createRandom(seed, 'claims');
  const banners = [...new Set(given.map((tactic) => bannerOf(tactic.customerCode, parents)))].sort();
  const codes = makeReasonCodes(random, banners);
  const tactics = withTwins(random, given, parents, difficulty.twins);
  const world = { parents, codes, tactics };
  const promotions = new Map<string, ClaimableTactic[]>();
  for (const tactic of tactics)
    promotions.set(tactic.promotionCode, [...(promotions.get(tactic.promotionCode) ?? []), tactic]);
  const takings = [...promotions.values()].flatMap((members) => takingsOf(random, members, difficulty));
  const drafts = joinAcross(random, takings, parents).map((taking) => dress(random, taking, world));
  const count = drafts.length;
  for (let n = 0; n < count * difficulty.invalid; n++) drafts.push(invalidClaim(random, world));
  for (let n = 0; n < count * difficulty.postAudit; n++) {
    const draft = postAudit(random, random.pick(tactics), until);
    if (draft) drafts.push(draft);
  }
  const next = new Map(banners.map((banner) => [banner, random.whole(100_000, 800_000)]));
  const claims = drafts
    .filter(({ takenOn }) => takenOn <= until)
    .sort((a, b) => (a.takenOn < b.takenOn ? -1 : a.takenOn > b.takenOn ? 1 : 0))
    .map((draft, at): GeneratedClaim => {
      const banner = bannerOf(draft.customerCode, parents);
      const number = (next.get(banner) ?? 0) + random.whole(1, 7);
      next.set(banner, number);
      return { ...draft, id: `C${at + 1}`, reference: `${banner.slice(0, 2)}${number}`, duplicateOf: null };
    });
  const repeated = claims.filter(() => random.chance(difficulty.duplicates)).map((claim) => again(random, claim));
  const all = [...claims, ...repeated.filter(({ takenOn }) => takenOn <= until)];
  all.sort((a, b) => (a.takenOn < b.takenOn ? -1 : a.takenOn > b.takenOn ? 1 : a.id < b.id ? -1 : 1));
  return { tactics, reasonCodes: codes, claims: all };
}
