export { fundAvailable } from './available-effect.ts';
export { budgetAllocation, requestBudget } from './budgets/request-budget.ts';
export { openFundIn } from './change-funds.ts';
export { readCheckbooks } from './checkbook-store.ts';
export type { Checkbook } from './domain/checkbook.ts';
export { outsideFund } from './domain/coverage.ts';
export type { Fund, FundSplit } from './domain/fund.ts';
export { allFunds, findFunds, findFundsByCode, fundCodesSeen } from './fund-store.ts';
export {
  availableFor,
  commitFunds,
  planHolds,
  releaseFunds,
  releaseReserved,
  reserveDifference,
  reserveFunds,
  settleDifference,
} from './hold-funds.ts';
export { earnedAndPaid, fundsHeld, holdsOf } from './hold-store.ts';
export { fundsImport } from './import-funds.ts';
export { fundsModule } from './module.ts';
export { type CheckbookQuestion, readCheckbooksBy } from './read-checkbooks.ts';
export { recordEarned, recordPaid, type TacticMoney } from './record-earned.ts';
export { transferApproval } from './transfer-approval.ts';
