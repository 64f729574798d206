import type { Module } from '#module';
import type { Process, ShippedDecision } from '#workflow';
import { amendmentRoutes } from './amendments/amendment-routes.ts';
import { amendmentApproval } from './amendments/apply-amendment.ts';
import { bulkRoutes } from './bulk/bulk-routes.ts';
import { historyRoutes } from './history-routes.ts';
import { approvalMatrix } from './life/approval-matrix.ts';
import { promotionApproval } from './life/change-state.ts';
import { beginSettlementJob } from './life/close-promotion.ts';
import { onLifeTimer } from './life/follow-time.ts';
import { lifeRoutes } from './life/life-routes.ts';
import {
  announceHistory,
  historySettled,
  historySettleTimer,
  measureEndedJob,
  waitForHistory,
} from './measure-promotions.ts';
import { promotionsData } from './personal-data.ts';
import { planDraftsJob } from './planning/plan-drafts.ts';
import { promotionRules } from './planning/promotion-rules.ts';
import type { PromotionPorts } from './ports.ts';
import { promotionCells } from './promotion-cells.ts';
import { promotionDuties } from './promotion-duties.ts';
import { promotionRoutes } from './promotion-routes.ts';
import { promotionsScope } from './promotion-scope.ts';
import { promotionSubject } from './promotion-subject.ts';
import { promotionsWatched } from './promotion-watch.ts';
import { sellSheetRoutes } from './sell-sheet-routes.ts';

/** The decisions that people take on promotions and their amendments. */
export const promotionProcesses = (ports: PromotionPorts): Process[] => [promotionApproval, amendmentApproval(ports)];

/** The decisions that the approval of promotions asks. */
export const promotionDecisions: readonly ShippedDecision[] = [approvalMatrix, promotionRules];

/** What the promotions module registers with the house, for the settlement that `ports` reads. */
export function promotionsModule(ports: PromotionPorts): Module {
  const settling = beginSettlementJob(ports);
  return {
    name: 'promotions',
    personalData: promotionsData,
    routes: [
      ...promotionRoutes,
      ...lifeRoutes(ports),
      ...amendmentRoutes(ports),
      ...bulkRoutes(ports),
      ...historyRoutes,
      ...sellSheetRoutes,
    ],
    duties: promotionDuties,
    scope: promotionsScope,
    cells: promotionCells,
    subjects: [promotionSubject],
    watched: promotionsWatched,
    subscriptions: [waitForHistory],
    timers: { 'promotions.life': onLifeTimer, [historySettleTimer]: announceHistory },
    jobs: [measureEndedJob, planDraftsJob, settling],
    dispatch: {
      'performance.model.fitted': planDraftsJob.name,
      'performance.sales.settled': measureEndedJob.name,
      'promotions.promotion.ended': measureEndedJob.name,
      [historySettled]: measureEndedJob.name,
      'settlement.journal.prepared': settling.name,
      'settlement.deduction.matched': settling.name,
      'settlement.claim.matched': settling.name,
    },
  };
}
