import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, sql, type TenantTx } from '#db';
import { scopeFilter } from '#scope';
import type { PromotionTerms } from '../domain/promotion.ts';
import { promotionScope, templateFrom } from '../promotion-scope.ts';

type Tx = TenantTx<Context>;

/** Terms to copy from. */
export interface Template {
  id: string;
  name: string;
  terms: PromotionTerms;
  sourcePromotionId: string;
  createdBy: string;
  createdAt: Date;
}

const columns = sql`template.id, template.name, template.terms, template.source_promotion_id as "sourcePromotionId",
  template.created_by as "createdBy", template.created_at as "createdAt"`;

/** A page of the templates that are not retired, by name. */
export async function listTemplates(tx: Tx, request: ListRequest): Promise<Page<Template>> {
  return keysetPage<Template>(
    tx,
    {
      columns,
      from: templateFrom,
      where: [sql`template.retired_at is null`, scopeFilter(tx.context, promotionScope)],
      sortable: { name: sql`template.name collate "C"`, createdAt: sql`template.created_at` },
      id: sql`template.id`,
      defaultSort: 'name',
    },
    request,
  );
}

/** A template that is not retired. */
export async function findTemplate(tx: Tx, id: string): Promise<Template | undefined> {
  return tx.maybe<Template>(sql`select ${columns} from promotions.template where id = ${id} and retired_at is null`);
}

/** Stores a template; undefined where another has the name. */
export async function insertTemplate(
  tx: Tx,
  template: Pick<Template, 'name' | 'terms' | 'sourcePromotionId'>,
): Promise<Template | undefined> {
  const { tenant, actor, clock, newId } = tx.context;
  return tx.maybe<Template>(sql`
    insert into promotions.template (tenant_id, id, name, terms, source_promotion_id, created_by, created_at)
    values (${tenant.id}, ${newId()}, ${template.name}, ${JSON.stringify(template.terms)}, ${template.sourcePromotionId},
      ${actor.id}, ${clock.now()})
    on conflict do nothing returning ${columns}`);
}

/** Retires a template; answers whether it was there. */
export async function retireTemplateRow(tx: Tx, id: string): Promise<boolean> {
  const rows = await tx.run(sql`update promotions.template set retired_at = ${tx.context.clock.now()}
    where id = ${id} and retired_at is null`);
  return rows === 1;
}
