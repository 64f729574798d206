import type { Context } from '#context';
import type { TenantTx } from '#db';
import { findStanding } from '#master-data';
import { compare, Decimal, fromJson, zero } from '#money';
import { findRules, type Judgement, type Rules } from '#workflow';
import { findTwins, openSpendAt } from '../promotion-store.ts';
import type { Plan } from './build-plan.ts';
import type { Conflict } from './find-conflicts.ts';
import { promotionRules } from './promotion-rules.ts';
import type { ResolvedTerms } from './promotion-terms.ts';

/** What business rules ask beside a plan's own figures. */
export interface RuleFacts {
  rules: Rules;
  customerState: string;
  /** What may still be open at the customer before this plan, in the plan's currency; null without a credit limit. */
  creditLeft: string | null;
  /** Codes of promotions that are the same. */
  duplicates: string[];
}

/** Reads the rules in force and what they ask of customer and duplicates. */
export async function readRuleFacts(
  tx: TenantTx<Context>,
  { terms }: ResolvedTerms,
  promotionId: string | null,
): Promise<RuleFacts> {
  const { customerId, currency } = terms;
  const standing = await findStanding(tx, customerId);
  // A limit in another currency is not guessed.
  const limit = standing?.currency === currency ? standing.creditLimit : null;
  const open = limit === null ? '0' : await openSpendAt(tx, { customerId, currency, exceptId: promotionId });
  return {
    rules: await findRules(tx, promotionRules),
    customerState: standing?.state ?? 'active',
    creditLeft: limit === null ? null : new Decimal(limit).minus(open).toFixed(),
    duplicates: await findTwins(tx, terms, promotionId),
  };
}

/** A ratio among a plan's figures; null where it is not known. */
export function ratioIn({ figures }: Pick<Plan, 'figures'>, name: string): string | null {
  const value = figures[name]?.value ?? null;
  return typeof value === 'string' ? value : null;
}

/** Asks the business rules of a plan, with the conflicts and funds as they are known by now. */
export function judgePlan(
  facts: RuleFacts,
  plan: Pick<Plan, 'figures' | 'spend' | 'funds'>,
  conflicts: readonly Conflict[],
  now: Date,
): Judgement {
  const ofPolicy = (policy: Conflict['policy']) => conflicts.filter((one) => one.policy === policy).length;
  const over = facts.creditLeft === null ? null : new Decimal(plan.spend.amount).minus(facts.creditLeft);
  const short = plan.funds.filter(({ after }) => compare(fromJson(after), zero(after.currency)) < 0);
  return facts.rules.judge(
    {
      ...{ blocking: ofPolicy('block'), overlaps: ofPolicy('warn'), fundsShort: short.length },
      ...{ margin: ratioIn(plan, 'eventMargin'), netRoi: ratioIn(plan, 'netRoi') },
      ...{ customerState: facts.customerState, duplicates: facts.duplicates },
      overCredit: over === null || over.lte(0) ? null : over.toFixed(),
    },
    now,
  );
}
