import { type RawBuilder, sql } from '#db';
import type { ScopeColumns, ScopeDeclaration } from '#scope';

/** Whether a promotion, by the SQL expressions of its tenant and id, is about one of some products. */
export const aboutProducts =
  (tenantId: RawBuilder<unknown>, promotionId: RawBuilder<unknown>) =>
  (ids: RawBuilder<string[]>): RawBuilder<unknown> =>
    sql`exists (select from promotions.scope_product scope where scope.tenant_id = ${tenantId}
    and scope.promotion_id = ${promotionId} and scope.product_id = any(${ids}))`;

/**
 * A promotion lies where its customer lies, and with every product that it is about: whoever is kept to one of them reads it,
 * and only whoever has all of them changes or decides it.
 */
export const promotionScope: ScopeColumns = {
  customer: sql`promotion.customer_id`,
  product: aboutProducts(sql`promotion.tenant_id`, sql`promotion.id`),
  whole: {
    product: (
      ids,
    ) => sql`not exists (select from promotions.scope_product scope where scope.tenant_id = promotion.tenant_id
      and scope.promotion_id = promotion.id and scope.product_id <> all(${ids}))`,
  },
};

/** A template lies where the promotion lies that it was saved from. */
export const templateFrom = sql`promotions.template join promotions.promotion
  on promotion.tenant_id = template.tenant_id and promotion.id = template.source_promotion_id`;

const of = (table: string) => sql`promotions.${sql.raw(table)} join promotions.promotion
  on promotion.tenant_id = ${sql.raw(table)}.tenant_id and promotion.id = ${sql.raw(table)}.promotion_id`;

/** Promotions, and what belongs to one. */
export const promotionsScope: ScopeDeclaration = {
  things: [
    {
      type: 'promotion',
      paths: ['/promotions/:id'],
      fields: ['promotionId', 'promotionIds', '/promotions/bulk id'],
      changedBy: ['/promotions/bulk id'],
      from: sql`promotions.promotion`,
      id: sql`promotion.id`,
      scope: promotionScope,
    },
    {
      type: 'tactic',
      paths: [],
      fields: ['tacticId', 'tacticIds'],
      // Money that is matched to a tactic is taken from all of its promotion.
      changedBy: ['tacticId', 'tacticIds'],
      from: of('tactic'),
      id: sql`tactic.id`,
      scope: promotionScope,
    },
    {
      type: 'promotion_amendment',
      paths: [],
      fields: ['amendmentId'],
      from: of('amendment'),
      id: sql`amendment.id`,
      scope: promotionScope,
    },
    {
      type: 'template',
      paths: ['/promotions/templates/:id'],
      fields: ['templateId'],
      from: templateFrom,
      id: sql`template.id`,
      scope: promotionScope,
    },
  ],
};
