import type { Context } from '#context';
import type { TenantTx } from '#db';
import { inHouseCurrency } from '#master-data';
import { compare, Decimal, fromJson } from '#money';
import { findPeople } from '#security';
import {
  type CandidateRule,
  chainDecisions,
  type ProcessModel,
  recordJudgement,
  requireNotBlocked,
  type StartWorkflow,
} from '#workflow';
import type { Plan } from '../planning/build-plan.ts';
import type { Conflict } from '../planning/find-conflicts.ts';
import { judgePlan, ratioIn, readRuleFacts } from '../planning/judge-plan.ts';
import type { ResolvedTerms } from '../planning/promotion-terms.ts';
import { approvalMatrix } from './approval-matrix.ts';

type Tx = TenantTx<Context>;

/** Who decides where nobody has the role of a step: whoever may approve, up to their limit. */
const anyone: CandidateRule = { permission: 'promotions:approve', limitCovers: 'spend' };
const due = { after: 'PT48H' };
const asks = (step: string) => `list contains(concatenate(routing.step, findings.step), "${step}")`;

/** Who approves a promotion: the steps that the matrix and the business rules name, in this order. */
function approvalModel(code: string, title: string): ProcessModel {
  const { inputs } = approvalMatrix;
  return chainDecisions({
    ...{ code, title },
    variables: [
      { name: 'spend', type: 'number', required: true },
      { name: 'amount', type: 'number' },
      { name: 'netRoi', type: 'number' },
      { name: 'margin', type: 'number' },
      { name: 'discount', type: 'number' },
      { name: 'mechanics', type: 'list' },
      { name: 'findings', type: 'list' },
      { name: 'routing', type: 'list' },
    ],
    before: [
      {
        ...{ kind: 'business-rule', id: 'matrix', name: approvalMatrix.title, decision: approvalMatrix.code },
        ...{ input: Object.fromEntries(inputs.map(({ name }) => [name, name])), result: 'routing' },
      },
    ],
    links: [
      {
        ...{ id: 'peer', name: 'Peer review', when: asks('peer'), due },
        candidates: {
          ...{ permission: 'promotions:update', roles: ['key_account_manager'], limitCovers: 'spend' },
          otherwise: anyone,
        },
      },
      {
        // Where neither the matrix nor a rule names anybody who answers for money, the director does.
        ...{ id: 'director', name: 'Sales director', due },
        when: `${asks('director')} or not(${asks('peer')} or ${asks('finance')})`,
        candidates: { ...anyone, roles: ['director', 'sales_director'], otherwise: anyone },
      },
      {
        ...{ id: 'finance', name: 'Finance review', when: asks('finance'), due },
        candidates: { ...anyone, roles: ['finance_controller', 'executive'], otherwise: anyone },
      },
      {
        ...{ id: 'legal', name: 'Legal review', when: asks('legal'), due },
        candidates: { permission: 'promotions:read', roles: ['legal'], otherwise: anyone },
      },
    ],
  });
}

/** Peer, sales director, finance and legal, as far as the matrix names them; each within their own limit. */
export const promotionApprovalDefinition = approvalModel('promotion-approval', 'Promotion approval');

/** Whoever may approve a promotion may approve its amendment, by the whole spend that it would then have. */
export const amendmentApprovalDefinition = approvalModel('promotion-amendment', 'Amendment approval');

/**
 * What the approval of terms is routed by: the inputs of the matrix, the business rules that ask for an approval, and the spend that
 * limits are compared with. Keeps in the trail what the rules said of `subject`; call it when funds are reserved. Throws
 * `rule.violated` where a rule blocks.
 */
export async function approvalVariables(
  tx: Tx,
  subject: { type: string; id: string; promotionId: string },
  resolved: ResolvedTerms,
  plan: Plan,
  conflicts: readonly Conflict[],
): Promise<StartWorkflow['variables']> {
  const facts = await readRuleFacts(tx, resolved, subject.promotionId);
  // What it takes of its funds is reserved by now.
  const judged = judgePlan(facts, { ...plan, funds: [] }, conflicts, tx.context.clock.now());
  requireNotBlocked(judged);
  await recordJudgement(tx, subject, judged);
  const depths = plan.products.map(({ depth }) => new Decimal(depth));
  return {
    spend: plan.spend.amount,
    amount: await inHouseCurrency(tx, plan.spend),
    netRoi: ratioIn(plan, 'netRoi'),
    margin: ratioIn(plan, 'eventMargin'),
    discount: depths.length > 0 ? Decimal.max(...depths).toFixed() : null,
    mechanics: [...new Set(resolved.terms.tactics.map(({ mechanic }) => mechanic))].sort(),
    findings: judged.findings,
  };
}

/** What the inbox shows of terms that wait for approval. */
export async function approvalSummary(
  tx: Tx,
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
