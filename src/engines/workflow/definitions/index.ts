export type { ProcessModel } from './process-model.ts';
export { readBpmn } from './read-bpmn.ts';
export { writeBpmn } from './write-bpmn.ts';
