import type { Context } from '#context';
import { emit } from '#events';
import { notFound, Problem } from '#problem';
import { recordAudit } from '#security';
import type { Promotion, PromotionTerms } from '../domain/promotion.ts';
import { findPromotion } from '../promotion-store.ts';
import { insertTemplate, retireTemplateRow, type Template } from './template-store.ts';

function termsOf(promotion: Promotion): PromotionTerms {
  const { name, customerId, startsOn, endsOn, shipStartsOn, shipEndsOn, claimByOn, currency, tactics } = promotion;
  return { name, customerId, startsOn, endsOn, shipStartsOn, shipEndsOn, claimByOn, currency, tactics };
}

/** Keeps the terms of a promotion of any state as a template. Throws `code.taken` where another has the name. */
export async function saveTemplate(context: Context, promotionId: string, name: string): Promise<Template> {
  return context.db.transact(context, async (tx) => {
    const promotion = (await findPromotion(tx, promotionId)) ?? notFound('promotion', promotionId);
    const template = await insertTemplate(tx, { name, terms: termsOf(promotion), sourcePromotionId: promotionId });
    if (!template) throw new Problem('code.taken', { detail: `There is a template ${name} already.` });
    const after = { name, sourcePromotionId: promotionId };
    await recordAudit(tx, { action: 'template.saved', entityType: 'template', entityId: template.id, after });
    await emit(tx, {
      ...{ type: 'promotions.template.saved', subjectType: 'template', subjectId: template.id },
      data: { templateId: template.id, ...after },
    });
    return template;
  });
}

/** Takes a template out of use; copies made from it stay. */
export async function retireTemplate(context: Context, id: string): Promise<void> {
  await context.db.transact(context, async (tx) => {
    if (!(await retireTemplateRow(tx, id))) notFound('template', id);
    await recordAudit(tx, { action: 'template.retired', entityType: 'template', entityId: id });
    await emit(tx, {
      ...{ type: 'promotions.template.retired', subjectType: 'template', subjectId: id },
      data: { templateId: id },
    });
  });
}
