import type { Taking } from './claims-takings.ts';
import {
  bannerOf,
  type ClaimableTactic,
  type CustomerParents,
  claimDifficulty,
  type GeneratedClaim,
  type RetailerReasonCode,
} from './claims-world.ts';
import { addDays } from './fiscal-weeks.ts';
import type { RandomStream } from './random.ts';

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

/** Invented reason codes of every retailer: three digits, others at each. */
export function makeReasonCodes(random: RandomStream, banners: readonly string[]): RetailerReasonCode[] {
  return banners.flatMap((bannerCode) => {
    const numbers = random.shuffled(Array.from({ length: 90 }, (_, at) => String(10 + at)));
    return [...Object.keys(mechanicTerms), ...noTrade].map((category, at) => ({
      ...{ bannerCode, category, code: numbers[at] ?? '', mapped: random.chance(claimDifficulty.reasonMapped) },
    }));
  });
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
export function dress(
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
export function invalidClaim(
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
export function postAudit(random: RandomStream, tactic: ClaimableTactic, until: string) {
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
export function again(random: RandomStream, claim: GeneratedClaim): GeneratedClaim {
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
