import type { Context } from '#context';
import type { TenantTx } from '#db';
import { compare, fromJson } from '#money';
import { findPeople } from '#security';
import type { Definition } from '#workflow';
import type { Plan } from '../planning/build-plan.ts';
import type { Conflict } from '../planning/find-conflicts.ts';
import type { ResolvedTerms } from '../planning/promotion-terms.ts';

/** Sales authority: a person's own limit decides whether they may say yes alone. Above it, or at a loss, finance too. */
export const promotionApprovalDefinition: Definition = {
  code: 'promotion-approval',
  title: 'Promotion approval',
  steps: [
    {
      name: 'authority',
      title: 'Approval within limit',
      candidates: { permission: 'promotions:approve', limitCovers: 'spend' },
      dueHours: 48,
    },
    {
      name: 'finance',
      title: 'Finance review',
      when: {
        any: [
          { variable: 'spend', is: 'above', value: '100000' },
          { variable: 'netRoi', is: 'below', value: '0' },
          { variable: 'netRoi', is: 'null' },
        ],
      },
      candidates: {
        permission: 'promotions:approve',
        roles: ['finance_controller', 'executive'],
        limitCovers: 'spend',
      },
      dueHours: 48,
    },
  ],
};

/** Whoever may approve a promotion may approve its amendment, by the whole spend that it would then have. */
export const amendmentApprovalDefinition: Definition = {
  ...promotionApprovalDefinition,
  code: 'promotion-amendment',
  title: 'Amendment approval',
};

/** What the inbox shows of terms that wait for approval. */
export async function approvalSummary(
  tx: TenantTx<Context>,
  { terms, customerName }: ResolvedTerms,
  plan: Plan,
  conflicts: readonly Conflict[],
): Promise<Record<string, unknown>> {
  const { actor } = tx.context;
  const [maker] = await findPeople(tx, { ids: [actor.id] });
  const left = plan.funds.map(({ after }) => after);
  const comparable = left.filter(({ currency }) => currency === terms.currency);
  const [least = left[0]] = comparable.sort((a, b) => compare(fromJson(a), fromJson(b)));
  return {
    customerName,
    startsOn: terms.startsOn,
    endsOn: terms.endsOn,
    spend: plan.spend,
    netProfit: plan.figures.netProfit?.value ?? null,
    netRoi: plan.figures.netRoi?.value ?? null,
    conflicts: conflicts.length,
    // Of several funds the one that would have least left, of those in the promotion's currency where there are any.
    fundAvailable: least ?? null,
    makerName: maker?.name ?? actor.name,
  };
}
