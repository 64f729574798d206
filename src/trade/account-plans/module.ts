import type { Job } from '#jobs';
import type { Module } from '#module';
import { calculationJobs, jobNames } from './calculate-plan.ts';
import { followSnapshotJob } from './follow-snapshot.ts';
import { planRoutes } from './plan-routes.ts';
import { accountPlansScope } from './plan-scope.ts';
import { planSubject } from './plan-subject.ts';
import type { AccountPlanPorts } from './ports.ts';
import { scenarioRoutes } from './scenario-routes.ts';

/** What happens to a promotion and changes the plans that it is in. */
const promotionEvents = [
  'created',
  'changed',
  'submitted',
  'recalled',
  'approved',
  'rejected',
  'returned',
  'cancelled',
  'amended',
];

/** What everything in a plan hangs on. */
const otherEvents = [
  'account_plans.plan.created',
  'performance.model.fitted',
  'performance.sales.settled',
  'master_data.price.recorded',
  'master_data.import.finished',
  'terms.agreement.agreed',
  'terms.agreement.condition_recorded',
];

/** What the account plans module registers with the house. */
export function accountPlansModule(ports: AccountPlanPorts): Module {
  return {
    name: 'account-plans',
    routes: [...planRoutes(ports), ...scenarioRoutes],
    scope: accountPlansScope,
    subjects: [planSubject],
    jobs: [...calculationJobs(ports), followSnapshotJob as Job<never>],
    dispatch: {
      ...Object.fromEntries(otherEvents.map((type) => [type, jobNames.recalculate])),
      ...Object.fromEntries(promotionEvents.map((name) => [`promotions.promotion.${name}`, jobNames.followPromotion])),
      'account_plans.plan.calculated': followSnapshotJob.name,
      'promotions.promotion.measured': jobNames.followMeasurement,
    },
  };
}
