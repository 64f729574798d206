import type { Module } from '#module';
import { fitPromotionModelJob } from './fit-promotion-model.ts';
import { performanceCells } from './performance-cells.ts';
import { modelRequested, salesSettled } from './performance-events.ts';
import { performanceRoutes } from './performance-routes.ts';
import { announceSettledSales, refreshPerformanceJob, salesSettleTimer, waitForSales } from './refresh-performance.ts';
import { resultsRoutes } from './results-routes.ts';

/** What the performance module registers with the house. */
export const performanceModule: Module = {
  name: 'performance',
  routes: [...performanceRoutes, ...resultsRoutes],
  cells: performanceCells,
  subscriptions: [waitForSales],
  timers: { [salesSettleTimer]: announceSettledSales },
  jobs: [refreshPerformanceJob, fitPromotionModelJob],
  dispatch: { [salesSettled]: refreshPerformanceJob.name, [modelRequested]: fitPromotionModelJob.name },
};
