import type { Context } from '#context';
import type { TenantTx } from '#db';
import { emit } from '#events';
import { inHouseCurrency } from '#master-data';
import { amountOf, fromJson, type MoneyJson, moneyFromNumeric, toJson } from '#money';
import { notFound, Problem } from '#problem';
import { findPeople, recordAudit } from '#security';
import { type Process, startWorkflow } from '#workflow';
import { depositIn } from '../change-funds.ts';
import { lockFunds } from '../fund-store.ts';
import { budgetProcess } from './budget-process.ts';
import {
  type BudgetRequest,
  decideBudgetRequest,
  insertBudgetRequest,
  lockBudgetRequest,
} from './budget-request-store.ts';

type Tx = TenantTx<Context>;

async function lockFund(tx: Tx, id: string) {
  const [fund] = await lockFunds(tx, [id]);
  return fund ?? notFound('fund', id);
}

async function recordRequest(
  tx: Tx,
  { id, fundId, note, ...request }: BudgetRequest,
  state: BudgetRequest['state'],
  comment: string,
): Promise<void> {
  const amount = toJson(moneyFromNumeric(request.amount, request.currency));
  await recordAudit(tx, {
    ...{ action: `fund.budget.${state}`, entityType: 'fund_budget_request', entityId: id },
    after: { fundId, amount, note, state },
    ...(comment ? { reason: comment } : {}),
  });
  await emit(tx, {
    ...{ type: `funds.budget.${state}`, subjectType: 'fund_budget_request', subjectId: id },
    data: { requestId: id, fundId, amount },
  });
}

/**
 * Asks for more money for a fund; others decide, and nothing is in the ledger until they have. Throws
 * `money.currency_mismatch`, `rule.violated` for no amount or where nobody could decide it.
 */
export async function requestBudget(
  context: Context,
  fundId: string,
  { amount: asked, note }: { amount: MoneyJson; note: string },
): Promise<BudgetRequest> {
  return context.db.transact(context, async (tx) => {
    const fund = await lockFund(tx, fundId);
    const amount = fromJson(asked);
    if (amount.currency !== fund.currency) {
      throw new Problem('money.currency_mismatch', { detail: `${fund.code} is kept in ${fund.currency}.` });
    }
    if (amount.minor <= 0n) throw new Problem('rule.violated', { detail: 'A budget request needs a positive amount.' });
    const request = await insertBudgetRequest(tx, {
      ...{ id: context.newId(), fundId, amount: amountOf(amount), currency: amount.currency, note },
    });
    const [maker] = await findPeople(tx, { ids: [context.actor.id] });
    await startWorkflow(tx, {
      ...{ definition: budgetProcess, subjectType: 'fund_budget_request', subjectId: request.id },
      variables: { amount: amountOf(amount), houseAmount: await inHouseCurrency(tx, toJson(amount)) },
      ...{ currency: amount.currency, makers: [context.actor.id] },
      title: `${fund.code} ${fund.name}: more budget`,
      summary: {
        ...{ fundId, toFund: fund.name, amount: toJson(amount), note },
        makerName: maker?.name ?? context.actor.name,
      },
    });
    await recordRequest(tx, request, 'requested', '');
    return request;
  });
}

/** What the end of a budget allocation does: what was approved is deposited in the fund, by the deciding transaction. */
export const budgetAllocation: Process = {
  definition: budgetProcess,
  settle: async (tx, { subjectId, outcome, comment }) => {
    const request = (await lockBudgetRequest(tx, subjectId)) ?? notFound('budget request', subjectId);
    if (outcome === 'approved') {
      const fund = await lockFund(tx, request.fundId);
      const amount = moneyFromNumeric(request.amount, request.currency);
      await depositIn(tx, fund, amount, request.note || 'budget allocation');
    }
    await decideBudgetRequest(tx, subjectId, outcome, comment);
    await recordRequest(tx, request, outcome, comment);
  },
};
