import type { Context } from '#context';
import type { TenantTx } from '#db';
import { countSeries, lumpSumOf, readEarnedVolumes, readFactWeeks, type TacticVolumes } from '#performance';
import { amendmentIdsOf, type Commitment, readCommitments, readPlannedVolumes } from '#promotions';
import type { EarningsBatch, EarningTactic, SettlementPorts } from '#settlement';
import { decisionsOn } from '#workflow';
import { claimsPorts } from './claims-ports.ts';

function toEarning(
  commitment: Commitment,
  tactic: Commitment['tactics'][number],
  volumes: TacticVolumes,
): EarningTactic {
  const { id, code, customerId, currency, claimByOn, stoppedOn } = commitment;
  const { cap, minimum, tiers } = tactic;
  return {
    ...{ promotionId: id, promotionCode: code, tacticId: tactic.key, customerId, currency, claimByOn },
    ...{ mechanic: tactic.mechanic, fundSplit: tactic.fundSplit },
    startsOn: tactic.startsOn ?? commitment.startsOn,
    endsOn: tactic.endsOn ?? commitment.endsOn,
    ...(stoppedOn === null ? {} : { stoppedOn }),
    ...volumes,
    lumpSum: tactic.lumpSum && lumpSumOf(tactic, currency),
    lumpSumRecognised: tactic.recognition ?? 'straight_line',
    ...(tiers ? { tiers } : {}),
    ...(cap ? { cap } : {}),
    ...(minimum ? { minimum } : {}),
  };
}

type Batch = Awaited<ReturnType<typeof readCommitments>>;

/** Series whose facts are read in one transaction of well under a second. */
const seriesAtOnce = 10_000;

/** The first promotions of a batch that cover no more series than fit, one at least; the others are for the next. */
async function asManyAsFit(tx: TenantTx<Context>, { commitments, next }: Batch): Promise<Batch> {
  let series = 0;
  const counts = await countSeries(tx, commitments);
  const over = counts.findIndex((count, i) => {
    series += count;
    return i > 0 && series > seriesAtOnce;
  });
  if (over < 0) return { commitments, next };
  return { commitments: commitments.slice(0, over), next: commitments[over - 1]?.id ?? null };
}

/** Earnings as settlement accrues them, from approved promotions and the volumes that have arrived or are planned. */
async function readEarnings(
  tx: TenantTx<Context>,
  { endsOn }: { endsOn: string },
  after: string | null,
): Promise<EarningsBatch> {
  const read = await readCommitments(tx, endsOn, after);
  const { commitments, next } = await asManyAsFit(tx, read);
  const volumes = await readEarnedVolumes(tx, commitments, endsOn, readPlannedVolumes);
  const tactics = commitments.flatMap((commitment) =>
    commitment.tactics.map((tactic) => toEarning(commitment, tactic, volumes.get(tactic.key) ?? { volumes: [] })),
  );
  return { tactics, next };
}

/** Who said yes to any of the promotions, at any step. */
async function approversOf(tx: TenantTx<Context>, promotionIds: readonly string[]): Promise<ReadonlySet<string>> {
  const approvers = new Set<string>();
  // Who approved an amendment of a promotion approved the promotion.
  for (const id of [...promotionIds, ...(await amendmentIdsOf(tx, promotionIds))]) {
    for (const { outcome, completedBy } of await decisionsOn(tx, id)) {
      if (outcome === 'approved' && completedBy) approvers.add(completedBy);
    }
  }
  return approvers;
}

/** What settlement asks of promotions, sales and approvals. */
export const settlementPorts: SettlementPorts = { readEarnings, approversOf, factWeeks: readFactWeeks, ...claimsPorts };
