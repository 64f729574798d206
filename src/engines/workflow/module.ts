import { sql } from '#db';
import type { Module } from '#module';
import type { Subject } from '#subjects';
import { commentRoutes } from './comment-routes.ts';
import { workflowData } from './personal-data.ts';
import { onTaskDue, type Process } from './run-workflow.ts';
import { workflowRoutes } from './workflow-routes.ts';
import { taskFrom, taskScope } from './workflow-store.ts';

/** What the workflow engine registers with the house, for the processes that modules teach it. */
export function workflowModule(processes: readonly Process[]): Module {
  return {
    name: 'workflow',
    personalData: workflowData,
    routes: workflowRoutes(processes),
    scope: {
      things: [
        { type: 'task', paths: ['/tasks/:id'], fields: ['taskId'], from: taskFrom, id: sql`task.id`, scope: taskScope },
      ],
    },
    timers: { 'workflow.task-due': onTaskDue },
  };
}

/** Comments on every kind of thing that the modules of the house declare. */
export function commentsModule(subjects: readonly Subject[]): Module {
  return { name: 'comments', routes: commentRoutes(subjects) };
}
