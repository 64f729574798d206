import { sql } from '#db';
import type { ScopeColumns, ScopeDeclaration } from '#scope';

/** A fund covers its customer and product and everything below them: who plans below may see what pays for it. */
export const fundScope: ScopeColumns = {
  customer: sql`fund.customer_id`,
  product: sql`fund.product_id`,
  covering: true,
};

/** Money for somebody else in a fund that one sees; what is for nobody in particular stands there for all. */
export const entryScope: ScopeColumns = {
  customer: sql`entry.customer_id`,
  product: sql`entry.product_id`,
  covering: true,
};

/** Funds, and transfers by the fund that gives. */
export const fundsScope: ScopeDeclaration = {
  things: [
    {
      type: 'fund',
      paths: ['/funds/:id'],
      fields: ['fundId', 'fundIds', 'toFundId', 'fromFundId'],
      from: sql`funds.fund`,
      id: sql`fund.id`,
      scope: fundScope,
    },
    {
      type: 'fund_transfer',
      paths: [],
      fields: ['transferId'],
      from: sql`funds.transfer join funds.fund on fund.tenant_id = transfer.tenant_id and fund.id = transfer.from_fund_id`,
      id: sql`transfer.id`,
      scope: fundScope,
    },
    {
      type: 'fund_budget_request',
      paths: [],
      fields: ['requestId'],
      from: sql`funds.budget_request join funds.fund on fund.tenant_id = budget_request.tenant_id and fund.id = budget_request.fund_id`,
      id: sql`budget_request.id`,
      scope: fundScope,
    },
  ],
};
