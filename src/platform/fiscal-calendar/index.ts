export { addDays, daysBetween, isBusinessDate, isoWeekday } from './business-date.ts';
export {
  type FiscalPattern,
  type FiscalRule,
  type FiscalWeek,
  fiscalPatterns,
  fiscalYearStart,
  fiscalYearWeeks,
} from './fiscal-rule.ts';
