import type { Context } from '#context';
import type { TenantTx } from '#db';
import { readEarnedVolumes } from '#performance';
import { readCommitments } from '#promotions';
import type { EarningTactic, SettlementPorts } from '#settlement';
import { decisionsOn } from '#workflow';

/** Earnings as settlement accrues them, from approved promotions and the volumes that have arrived. */
async function readEarnings(tx: TenantTx<Context>, { endsOn }: { endsOn: string }): Promise<EarningTactic[]> {
  const earnings: EarningTactic[] = [];
  for (const promotion of await readCommitments(tx, endsOn)) {
    const volumes = await readEarnedVolumes(tx, promotion);
    for (const tactic of promotion.tactics) {
      earnings.push({
        promotionId: promotion.id,
        promotionCode: promotion.code,
        tacticId: tactic.key,
        customerId: promotion.customerId,
        mechanic: tactic.mechanic,
        currency: promotion.currency,
        startsOn: promotion.startsOn,
        endsOn: promotion.endsOn,
        claimByOn: promotion.claimByOn,
        volumes: volumes.get(tactic.key) ?? [],
        lumpSum: tactic.lumpSum,
        lumpSumRecognised: 'straight_line',
      });
    }
  }
  return earnings;
}

/** Who said yes to any of the promotions, at any step. */
async function approversOf(tx: TenantTx<Context>, promotionIds: readonly string[]): Promise<ReadonlySet<string>> {
  const approvers = new Set<string>();
  for (const id of promotionIds) {
    for (const { outcome, completedBy } of await decisionsOn(tx, id)) {
      if (outcome === 'approved' && completedBy) approvers.add(completedBy);
    }
  }
  return approvers;
}

/** What settlement asks of promotions, sales and approvals. */
export const settlementPorts: SettlementPorts = { readEarnings, approversOf };
