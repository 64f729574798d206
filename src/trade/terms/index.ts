export { agreeTerms } from './decide-terms.ts';
export { type CaseTerm, type CaseTerms, caseTerms } from './domain/case-terms.ts';
export type { ScopedLine, TermBasis, TermKind, TermLine, TermTiers } from './domain/term-line.ts';
export { type TermsBook, termsReader } from './domain/terms-book.ts';
export { reachTier, rewardBase, type VolumeSums } from './domain/tier-rebate.ts';
export { lineKey } from './domain/waterfall-steps.ts';
export { termsImport } from './import-terms.ts';
export { termsModule } from './module.ts';
export type { DayRange, TermsPorts } from './ports.ts';
export { readAllAgreements } from './read-agreements.ts';
export {
  type EverydayTerms,
  everydayTermsOfEach,
  everydayTermsOn,
  readTermLines,
  type TermsQuery,
} from './read-terms.ts';
export { recordCondition } from './record-condition.ts';
export { termsChannel } from './terms-channel.ts';
