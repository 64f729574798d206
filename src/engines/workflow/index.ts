export {
  type CompiledModel,
  compileModel,
  type DecisionModel,
  type DecisionTable,
  decide,
  equalValues,
  type FeelContext,
  FeelRun,
  type FeelValue,
  feelOf,
  type Json,
  modelOfTable,
  readDmn,
  typeOfName,
} from './decisions/index.ts';
export { type ProcessModel, readBpmn, writeBpmn } from './definitions/index.ts';
export type { Condition, Definition, Outcome, Step } from './domain/definition.ts';
export type { Effect, Process, Settle, WorkflowParts } from './instances/workflow-parts.ts';
export { commentsModule, workflowModule } from './module.ts';
export { cancelWorkflow, completeTask, delegateTask, startWorkflow } from './run-workflow.ts';
export { countOpenTasks, decisionsOn, type Task } from './workflow-store.ts';
