import { sql } from '#db';
import type { ScopeColumns, ScopeDeclaration } from '#scope';

/** An account plan is of one customer and of all products: nobody who is kept to some products sees one. */
export const planScope: ScopeColumns = { customer: sql`plan.customer_id`, product: () => sql`false` };

/** A scenario lies where its plan lies. */
export const scenarioFrom = sql`account_plans.scenario join account_plans.plan
  on plan.tenant_id = scenario.tenant_id and plan.id = scenario.plan_id`;

/** Account plans and their scenarios. */
export const accountPlansScope: ScopeDeclaration = {
  things: [
    {
      type: 'account_plan',
      paths: ['/account-plans/:id'],
      fields: ['planId'],
      from: sql`account_plans.plan`,
      id: sql`plan.id`,
      scope: planScope,
    },
    {
      type: 'scenario',
      paths: ['/scenarios/:id'],
      fields: ['scenarioId'],
      from: scenarioFrom,
      id: sql`scenario.id`,
      scope: planScope,
    },
  ],
};
