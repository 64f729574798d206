export { calculatePlan } from './calculate-plan.ts';
export { changePlan, createPlan, type NewPlan } from './change-plan.ts';
export { createScenario } from './change-scenario.ts';
export type { GridInputs } from './domain/grid-inputs.ts';
export { openPlanGrid } from './domain/plan-grid.ts';
export type { PlannedEvent } from './domain/planned-effect.ts';
export { type LoadedPlan, readLatest } from './loaded-plan.ts';
export { accountPlansModule } from './module.ts';
export type { AccountPlanPorts } from './ports.ts';
