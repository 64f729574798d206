import type { Context } from '#context';
import { findFunds } from '#funds';
import { findCustomers } from '#master-data';
import { notFound } from '#problem';
import type { Promotion, PromotionTerms } from '../domain/promotion.ts';
import { type Outcome, outcomeOf } from '../life/outcome.ts';
import { planPromotion } from '../planning/plan-promotion.ts';
import type { PromotionInput } from '../planning/promotion-terms.ts';
import { findPromotion } from '../promotion-store.ts';
import { copiedTo } from './moved-terms.ts';
import { findTemplate } from './template-store.ts';

/** What the name of a copy ends in, and the longest name. */
const copied = ' (copy)';
const maxNameLength = 200;

/** Makes a new draft from a promotion of any state, on other dates where given. */
export async function copyPromotion(
  context: Context,
  id: string,
  change: { name?: string | undefined; startsOn?: string | undefined; endsOn?: string | undefined },
): Promise<Promotion> {
  const source = await context.db.read(
    context,
    async (tx) => (await findPromotion(tx, id)) ?? notFound('promotion', id),
  );
  const input = copiedTo(source, change.startsOn ?? source.startsOn);
  return planPromotion(context, {
    ...input,
    name: change.name ?? `${source.name.slice(0, maxNameLength - copied.length)}${copied}`,
    ...(change.endsOn ? { endsOn: change.endsOn } : {}),
  });
}

/** Where copies come from: a promotion of any state, or a template. */
export type CopySource = { promotionId: string } | { templateId: string };

/** One copy to make: what is absent is as in the source. */
export interface CopyTarget {
  customerId?: string | undefined;
  startsOn?: string | undefined;
  name?: string | undefined;
  /** Who pays for every tactic of the copy. */
  fundSplit?: PromotionInput['tactics'][number]['fundSplit'] | undefined;
}

async function termsOfSource(context: Context, source: CopySource): Promise<PromotionTerms> {
  return context.db.read(context, async (tx) =>
    'promotionId' in source
      ? ((await findPromotion(tx, source.promotionId)) ?? notFound('promotion', source.promotionId))
      : ((await findTemplate(tx, source.templateId))?.terms ?? notFound('template', source.templateId)),
  );
}

/** Throws `not_found` where a target names a customer or a fund that is not there. */
async function requireKnown(context: Context, targets: readonly CopyTarget[]): Promise<void> {
  const customerIds = targets.flatMap(({ customerId }) => customerId ?? []);
  const fundIds = targets.flatMap(({ fundSplit }) => (fundSplit ?? []).map(({ fundId }) => fundId));
  await context.db.read(context, async (tx) => {
    const customers = new Set((await findCustomers(tx, { ids: customerIds })).map(({ id }) => id));
    const funds = new Set((await findFunds(tx, [...new Set(fundIds)])).map(({ id }) => id));
    for (const id of customerIds) if (!customers.has(id)) notFound('customer', id);
    for (const id of fundIds) if (!funds.has(id)) notFound('fund', id);
  });
}

/** Makes drafts for several customers and dates, each whole or refused with its reason, in the order of the targets. */
export async function copyToTargets(
  context: Context,
  source: CopySource,
  targets: readonly CopyTarget[],
): Promise<Outcome[]> {
  const terms = await termsOfSource(context, source);
  await requireKnown(context, targets);
  const outcomes: Outcome[] = [];
  for (const { customerId, startsOn, name, fundSplit } of targets) {
    const input = copiedTo(terms, startsOn ?? terms.startsOn);
    outcomes.push(
      await outcomeOf('created', () =>
        planPromotion(context, {
          ...input,
          ...(customerId ? { customerId } : {}),
          name: name ?? terms.name,
          ...(fundSplit ? { tactics: input.tactics.map((tactic) => ({ ...tactic, fundSplit })) } : {}),
        }),
      ),
    );
  }
  return outcomes;
}
