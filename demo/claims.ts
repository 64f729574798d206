import { joinAcross, takingsOf } from './claims-takings.ts';
import { again, dress, invalidClaim, makeReasonCodes, postAudit } from './claims-texts.ts';
import {
  bannerOf,
  type ClaimableTactic,
  type ClaimsWorld,
  type CustomerParents,
  claimDifficulty,
  type Difficulty,
  type GeneratedClaim,
} from './claims-world.ts';
import { addDays } from './fiscal-weeks.ts';
import { createRandom, type RandomStream } from './random.ts';

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
