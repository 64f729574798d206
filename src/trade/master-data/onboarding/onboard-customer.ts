import type { Context } from '#context';
import type { TenantTx } from '#db';
import { emit } from '#events';
import { amountOf, fromJson, type MoneyJson, moneyFromNumeric, toJson } from '#money';
import { notFound, Problem } from '#problem';
import { findPeople, recordAudit } from '#security';
import { type Process, startWorkflow } from '#workflow';
import { lockCustomer } from '../customer-store.ts';
import { houseRate } from '../house-currency.ts';
import { onboardingProcess } from './onboarding-process.ts';
import { beginStanding, endStanding, lockStanding, type Standing } from './standing-store.ts';

type Tx = TenantTx<Context>;

async function recordStanding(tx: Tx, what: string, standing: Standing, comment: string): Promise<void> {
  const { customerId, state, creditLimit, requestedLimit, currency, conditions } = standing;
  const after = { state, creditLimit, requestedLimit, currency, conditions };
  await recordAudit(tx, {
    ...{ action: `customer.onboarding.${what}`, entityType: 'customer', entityId: customerId, after },
    ...(comment ? { reason: comment } : {}),
  });
  await emit(tx, {
    ...{ type: `master_data.customer.onboarding_${what}`, subjectType: 'customer', subjectId: customerId },
    data: { customerId, ...after },
  });
}

/**
 * Begins the onboarding of a customer: until it ends, promotions of theirs are not submitted (business rules). Throws
 * `state.conflict` while it runs, `money.currency_mismatch` for a limit in another currency than the customer trades in,
 * `fx.rate_missing` where nothing says what that is in the tenant's currency, `rule.violated` where nobody could decide it.
 */
export async function onboardCustomer(
  context: Context,
  customerId: string,
  { creditLimit, note }: { creditLimit: MoneyJson; note: string },
): Promise<Standing> {
  return context.db.transact(context, async (tx) => {
    const customer = (await lockCustomer(tx, customerId)) ?? notFound('customer', customerId);
    const limit = fromJson(creditLimit);
    if (limit.currency !== customer.currency) {
      throw new Problem('money.currency_mismatch', {
        detail: `${customer.code} trades in ${customer.currency}: ask for a credit limit in it.`,
      });
    }
    if (limit.minor < 0n) throw new Problem('rule.violated', { detail: 'A credit limit is not below zero.' });
    if ((await lockStanding(tx, customerId))?.state === 'onboarding') {
      throw new Problem('state.conflict', { detail: `${customer.code} is being onboarded already.` });
    }
    const standing = await beginStanding(tx, {
      ...{ customerId, requestedLimit: amountOf(limit), currency: limit.currency },
    });
    const [maker] = await findPeople(tx, { ids: [context.actor.id] });
    await startWorkflow(tx, {
      ...{ definition: onboardingProcess, subjectType: 'customer', subjectId: customerId },
      variables: {
        ...{ creditRequested: amountOf(limit), creditGranted: null, conditions: null },
        houseRate: await houseRate(tx, limit.currency),
      },
      ...{ currency: limit.currency, makers: [context.actor.id] },
      title: `${customer.code} ${customer.name}: onboarding`,
      summary: {
        ...{ customerId, customerName: customer.name, amount: toJson(limit), note },
        makerName: maker?.name ?? context.actor.name,
      },
    });
    await recordStanding(tx, 'requested', standing, note);
    return standing;
  });
}

/** What the end of an onboarding does: the customer is active with the limit that was granted, or not. */
export const customerOnboarding: Process = {
  definition: onboardingProcess,
  settle: async (tx, { subjectId, outcome, comment, variables }) => {
    const standing = (await lockStanding(tx, subjectId)) ?? notFound('customer onboarding', subjectId);
    const granted = outcome === 'approved' ? String(variables.creditGranted ?? standing.requestedLimit) : null;
    const ended = await endStanding(tx, {
      ...{ customerId: subjectId, conditions: String(variables.conditions ?? '') },
      state: outcome === 'approved' ? 'active' : outcome === 'rejected' ? 'refused' : 'returned',
      creditLimit: granted === null ? null : amountOf(moneyFromNumeric(granted, standing.currency)),
    });
    await recordStanding(tx, ended.state, ended, comment);
  },
};
