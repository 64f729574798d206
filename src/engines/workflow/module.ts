import type { Module } from '#module';
import { onTaskDue, type Process } from './run-workflow.ts';
import { workflowRoutes } from './workflow-routes.ts';

/** What the workflow engine registers with the house, for the processes that modules teach it. */
export function workflowModule(processes: readonly Process[]): Module {
  return {
    name: 'workflow',
    routes: workflowRoutes(processes),
    timers: { 'workflow.task-due': onTaskDue },
  };
}
