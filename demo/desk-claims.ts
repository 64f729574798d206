import { generateClaims } from './claims.ts';
import { type ClaimsWorld, claimableTactics, claimDifficulty, type GeneratedClaim } from './claims-world.ts';
import { addDays } from './fiscal-weeks.ts';
import type { DemoMaker } from './maker.ts';
import { openingBalances } from './opening-balances.ts';
import { createRandom } from './random.ts';

/**
 * The seeds of the demo's own claims; accuracy is scored on others. How many tactics are owed differs from day to day: the
 * first seed that fills the desk is taken.
 */
const deskSeeds = Array.from({ length: 12 }, (_, at) => 41 + at);
/** So much lies on a full desk. */
const fullDesk = { deductions: 60, claims: 25 };
/**
 * Few tactics are open at the start: nearly all are claimed in parts, as divisions and warehouses of a retailer each take
 * their own, week by week. The rest is as difficult as what accuracy is scored on, but that more repeats and more that is no
 * promotion's lie about, as on a desk where the easy ones are gone.
 */
const deskDifficulty = {
  ...claimDifficulty,
  ...{ twins: 0, partial: 0.95, partsMost: 7, partEveryDays: 6, wholePromotion: 0.1 },
  ...{ invalid: 0.3, duplicates: 0.1, postAudit: 0 },
};
/** Claims of auditors, for events of long ago, that came in the last days. */
const auditDays = 150;
/** Shares of what is asked for by a claim instead of being taken off a payment. */
const claimedShare: Readonly<Record<string, number>> = { feature: 0.5, display: 0.5, scan_back: 0.4 };

/** What lies on the demo's desk: deductions, claims, and the reason codes that the maker knows. */
export interface DemoDesk {
  deductions: GeneratedClaim[];
  claims: GeneratedClaim[];
  reasonCodes: ClaimsWorld['reasonCodes'];
}

/** Deductions and claims of the last weeks, for the tactics that the opening balances leave owed. */
export function demoDesk(maker: DemoMaker): DemoDesk {
  const isFull = ({ deductions, claims }: DemoDesk) =>
    deductions.length >= fullDesk.deductions && claims.length >= fullDesk.claims;
  let desk = drawDesk(maker, deskSeeds[0]!);
  for (const seed of deskSeeds.slice(1)) {
    if (isFull(desk)) break;
    desk = drawDesk(maker, seed);
  }
  return desk;
}

function drawDesk(maker: DemoMaker, deskSeed: number): DemoDesk {
  const balances = new Map(openingBalances(maker).map((one) => [`${one.promotionCode}#${one.position}`, one]));
  const tactics = claimableTactics(maker).filter(({ key }) => balances.has(key));
  const parents = new Map(maker.customers.map(({ code, parentCode }) => [code, parentCode]));
  const world = generateClaims(deskSeed, tactics, parents, maker.today, deskDifficulty);
  const mechanicOf = new Map(tactics.map(({ key, mechanic }) => [key, mechanic]));
  // What was settled before the books were taken over is on nobody's desk any more.
  const isOpen = (key: string) => balances.get(key)?.settledMinor === 0;
  const onDesk = new Set(world.claims.filter(({ truth }) => truth.every(isOpen)).map(({ id }) => id));
  const own = world.claims.filter(({ id, duplicateOf }) => onDesk.has(id) && (!duplicateOf || onDesk.has(duplicateOf)));
  const auditedFrom = addDays(maker.today, -auditDays);
  const audited = generateClaims(deskSeed, claimableTactics(maker), parents, maker.today).claims.filter(
    ({ difficulty, takenOn }) => difficulty[0] === 'post_audit' && takenOn >= auditedFrom,
  );
  const random = createRandom(deskSeed, 'claimed');
  const claimed = new Set<string>();
  for (const { id, truth } of own) {
    if (random.chance(claimedShare[mechanicOf.get(truth[0] ?? '') ?? ''] ?? 0)) claimed.add(id);
  }
  // A repeat comes the way the first one came.
  for (const { id, duplicateOf } of own) if (duplicateOf && claimed.has(duplicateOf)) claimed.add(id);
  return {
    deductions: [...own.filter(({ id }) => !claimed.has(id)), ...audited],
    claims: own.filter(({ id }) => claimed.has(id)),
    reasonCodes: world.reasonCodes.filter(({ mapped }) => mapped),
  };
}
