export type { EarnedVolume, EarningTactic } from './domain/accrual.ts';
export { deductionsImport } from './import-deductions.ts';
export { settlementModule } from './module.ts';
export type { DateRange, SettlementPorts } from './ports.ts';
