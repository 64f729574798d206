import type { Context } from '#context';
import type { TenantTx } from '#db';
import { findProducts } from '#master-data';
import { readEarnedVolumes } from '#performance';
import {
  type Commitment,
  findPromotionsByCode,
  listHistory,
  listVersions,
  readCommitments,
  readPlannedVolumes,
} from '#promotions';
import type { ClaimsPorts, PromotionDescription, PromotionDossier } from '#settlement';

type Tx = TenantTx<Context>;

/** Promotions by id with what their names and products say, from their codes. */
async function describePromotions(tx: Tx, codes: readonly string[]): Promise<Map<string, PromotionDescription>> {
  const promotions = await findPromotionsByCode(tx, codes);
  const productsOf = (one: (typeof promotions)[number]) => [
    ...new Set(one.tactics.flatMap((tactic) => tactic.productIds)),
  ];
  const products = await findProducts(tx, { ids: [...new Set(promotions.flatMap(productsOf))] });
  const names = new Map(products.map(({ id, name }) => [id, name]));
  return new Map(
    promotions.map((promotion) => {
      const productNames = productsOf(promotion).flatMap((id) => names.get(id) ?? []);
      return [promotion.id, { name: promotion.name, endsOn: promotion.endsOn, productNames }];
    }),
  );
}

/** Day after every event there is: commitments begun by it are all of them. */
const endOfTime = '9999-12-31';

/** The commitments of some promotions, with the volumes of their tactics to date. */
async function volumesOf(tx: Tx, ids: ReadonlySet<string>): Promise<Map<string, readonly Record<string, unknown>[]>> {
  const wanted: Commitment[] = [];
  let after: string | null = null;
  do {
    const batch: { commitments: Commitment[]; next: string | null } = await readCommitments(tx, endOfTime, after);
    wanted.push(...batch.commitments.filter(({ id }) => ids.has(id)));
    after = batch.next;
  } while (after !== null && wanted.length < ids.size);
  const today = tx.context.clock.now().toISOString().slice(0, 10);
  const volumes = await readEarnedVolumes(tx, wanted, today, readPlannedVolumes);
  return new Map(
    [...volumes].map(([tacticId, found]) => [
      tacticId,
      found.volumes.map(({ on, volume, rate }) => ({ on, volume: volume.toFixed(), rate: rate.toFixed() })),
    ]),
  );
}

/** All there is to show of promotions: terms, versions, history, and the volumes that their tactics earned by. */
async function promotionDossiers(tx: Tx, codes: readonly string[]): Promise<PromotionDossier[]> {
  const promotions = await findPromotionsByCode(tx, codes);
  const volumes = await volumesOf(tx, new Set(promotions.map(({ id }) => id)));
  const dossiers: PromotionDossier[] = [];
  for (const promotion of promotions) {
    const { id, code, name, state, customerId, startsOn, endsOn, shipStartsOn, shipEndsOn, claimByOn } = promotion;
    dossiers.push({
      ...{ id, code, name, state, customerId, startsOn, endsOn, shipStartsOn, shipEndsOn, claimByOn },
      tactics: promotion.tactics.map((tactic) => ({ ...tactic, volumes: volumes.get(tactic.id) ?? [] })),
      versions: (await listVersions(tx, id)).map((one) => ({ ...one, recordedAt: one.recordedAt.toISOString() })),
      history: (await listHistory(tx, id)).map((one) => ({ ...one, at: one.at.toISOString() })),
    });
  }
  return dossiers.sort((a, b) => (a.code < b.code ? -1 : 1));
}

/** What the deduction desk asks of promotions and sales. */
export const claimsPorts: ClaimsPorts = { describePromotions, promotionDossiers };
