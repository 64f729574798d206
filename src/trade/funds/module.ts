import type { Module } from '#module';
import { shipmentsStored } from '#performance';
import { accrualRoutes } from './accrual-routes.ts';
import { budgetRoutes } from './budgets/budget-routes.ts';
import { checkbookRoutes } from './checkbook-routes.ts';
import { fundCells } from './fund-cells.ts';
import { fundDuties } from './fund-duties.ts';
import { fundRoutes } from './fund-routes.ts';
import { fundsScope } from './fund-scope.ts';
import { fundSubject } from './fund-subject.ts';
import { fundsWatched } from './fund-watch.ts';
import { fundsInvariants } from './invariants.ts';
import { fundsData } from './personal-data.ts';
import { transferRoutes } from './transfer-routes.ts';
import { trueUpFundsJob } from './true-up-fund.ts';

/** What the funds module registers with the house. */
export const fundsModule: Module = {
  name: 'funds',
  personalData: fundsData,
  routes: [...fundRoutes, ...checkbookRoutes, ...transferRoutes, ...budgetRoutes, ...accrualRoutes],
  duties: fundDuties,
  scope: fundsScope,
  cells: fundCells,
  subjects: [fundSubject],
  watched: fundsWatched,
  jobs: [trueUpFundsJob],
  dispatch: { [shipmentsStored]: trueUpFundsJob.name },
  invariants: fundsInvariants,
};
