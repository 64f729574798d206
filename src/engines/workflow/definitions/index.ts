export { chainDecisions } from './chain-decisions.ts';
export type { CandidateRule, ProcessModel } from './process-model.ts';
export { readBpmn } from './read-bpmn.ts';
export { writeBpmn } from './write-bpmn.ts';
