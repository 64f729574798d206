export { addComment } from './comment-effect.ts';
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
export { type CandidateRule, chainDecisions, type ProcessModel, readBpmn, writeBpmn } from './definitions/index.ts';
export type { Condition, Definition, Outcome, Step } from './domain/definition.ts';
export type { Effect, Process, Settle, ShippedDecision, WorkflowParts } from './instances/workflow-parts.ts';
export { startMailLoop } from './mail/mail-loop.ts';
export { taskMails } from './mail/tell-by-mail.ts';
export { commentsModule, workflowModule } from './module.ts';
export type { AppliedRow, Judgement } from './rulebook/answer-decision.ts';
export { findRules, type Rules, recordJudgement, requireNotBlocked } from './rulebook/judge-by-rules.ts';
export { cancelWorkflow, completeTask, delegateTask, type StartWorkflow, startWorkflow } from './run-workflow.ts';
export { countOpenTasks, decisionsOn, type Task } from './workflow-store.ts';
