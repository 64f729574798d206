export { type Control, type ControlAnswer, type ControlEvidence, type Framework, frameworks } from './control.ts';
export type { Duty, DutyConflict, DutyDeclaration, DutyTrace } from './duty.ts';
export { type Breach, type Invariant, type Module, maxBreaches, type Turn } from './module.ts';
export { type Permission, permissions } from './permissions.ts';
export type { ErasureRule, LegalBasis, PersonalData } from './personal-data.ts';
export type { ActKind, WatchedAct, WatchedFacts } from './watched-act.ts';
