import { sql } from '#db';
import type { Subject } from '#subjects';

/** Account plans, as people look for them: by name or fiscal year. */
export const planSubject: Subject = {
  type: 'account_plan',
  permission: 'promotions:read',
  rows: sql`select id, 'FY' || fiscal_year as code, name, null::text as state from account_plans.plan`,
};
