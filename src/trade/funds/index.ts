export { openFundIn } from './change-funds.ts';
export type { Checkbook } from './domain/checkbook.ts';
export type { Fund, FundSplit } from './domain/fund.ts';
export { findFunds, findFundsByCode, fundsHeld, readCheckbooks } from './fund-store.ts';
export { commitFunds, planHolds, releaseFunds, reserveFunds } from './hold-funds.ts';
export { fundsImport } from './import-funds.ts';
export { fundsModule } from './module.ts';
