import type { Module } from '#module';
import { shipmentsStored } from '#performance';
import { accrualRoutes } from './accrual-routes.ts';
import { checkbookRoutes } from './checkbook-routes.ts';
import { fundCells } from './fund-cells.ts';
import { fundRoutes } from './fund-routes.ts';
import { fundSubject } from './fund-subject.ts';
import { fundsInvariants } from './invariants.ts';
import { transferRoutes } from './transfer-routes.ts';
import { trueUpFundsJob } from './true-up-fund.ts';

/** What the funds module registers with the house. */
export const fundsModule: Module = {
  name: 'funds',
  routes: [...fundRoutes, ...checkbookRoutes, ...transferRoutes, ...accrualRoutes],
  cells: fundCells,
  subjects: [fundSubject],
  jobs: [trueUpFundsJob],
  dispatch: { [shipmentsStored]: trueUpFundsJob.name },
  invariants: fundsInvariants,
};
