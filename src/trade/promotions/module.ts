import type { Module } from '#module';
import { onLifeTimer } from './change-state.ts';
import { measureEndedJob } from './measure-promotions.ts';
import { planDraftsJob } from './plan-drafts.ts';
import { promotionRoutes } from './promotion-routes.ts';

/** What the promotions module registers with the house. */
export const promotionsModule: Module = {
  name: 'promotions',
  routes: promotionRoutes,
  timers: { 'promotions.life': onLifeTimer },
  jobs: [measureEndedJob, planDraftsJob],
  dispatch: {
    'performance.model.fitted': planDraftsJob.name,
    'performance.sales.settled': measureEndedJob.name,
    'promotions.promotion.ended': measureEndedJob.name,
  },
};
