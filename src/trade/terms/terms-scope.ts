import { sql } from '#db';
import type { ScopeColumns, ScopeDeclaration } from '#scope';

/** An agreement holds for its customer and product and everything below them: who sells below may read it. */
export const agreementScope: ScopeColumns = {
  customer: sql`agreement.customer_id`,
  product: sql`agreement.product_id`,
  covering: true,
};

/** Agreements. */
export const termsScope: ScopeDeclaration = {
  things: [
    {
      type: 'agreement',
      paths: ['/terms/:id'],
      fields: ['agreementId'],
      from: sql`terms.agreement`,
      id: sql`agreement.id`,
      scope: agreementScope,
    },
  ],
};
