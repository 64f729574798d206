export { openFundIn } from './change-funds.ts';
export type { Checkbook } from './domain/checkbook.ts';
export type { Fund, FundSplit } from './domain/fund.ts';
export { allFunds, findFunds, findFundsByCode, fundsHeld, readCheckbooks } from './fund-store.ts';
export { availableFor, commitFunds, planHolds, releaseFunds, reserveFunds } from './hold-funds.ts';
export { fundsImport } from './import-funds.ts';
export { fundsModule } from './module.ts';
