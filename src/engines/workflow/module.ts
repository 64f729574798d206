import { sql } from '#db';
import type { Module } from '#module';
import type { Subject } from '#subjects';
import { absenceRoutes } from './absences/absence-routes.ts';
import { onAbsence } from './absences/follow-absence.ts';
import { commentRoutes } from './comment-routes.ts';
import { onEscalation, onTaskDue, onWait } from './follow-timers.ts';
import { instanceRoutes } from './instances/instance-routes.ts';
import { incidentFrom, instanceScope } from './instances/instance-store.ts';
import { variableCells } from './instances/variable-cells.ts';
import { ownSubject, type Process, teachWorkflow, type WorkflowParts } from './instances/workflow-parts.ts';
import { mailRoutes } from './mail/mail-routes.ts';
import { metricsCells } from './metrics/metrics-cells.ts';
import { metricsRoutes } from './metrics/metrics-routes.ts';
import { paperRoutes } from './papers/paper-routes.ts';
import { workflowData } from './personal-data.ts';
import { processRoutes } from './processes/process-routes.ts';
import { startTimers } from './processes/start-events.ts';
import { replayRoutes } from './replay/replay-routes.ts';
import { replayRequested } from './replay/request-replay.ts';
import { replayJob } from './replay/run-replay.ts';
import { decideByRulebook } from './rulebook/decide-by-rulebook.ts';
import { rulebookRoutes } from './rulebook/rulebook-routes.ts';
import { timeRoutes } from './time/time-routes.ts';
import { publishingRoutes } from './versions/version-routes.ts';
import { workflowRoutes } from './workflow-routes.ts';
import { taskFrom, taskScope } from './workflow-store.ts';

/** What is about itself can be talked about too: an own process, which so says what it has to say. */
const instanceSubject: Subject = {
  ...{ type: ownSubject, permission: 'workflows:act', searched: false },
  rows: sql`select id, definition as code, title as name, state from workflow.instance`,
};

/** What the workflow engine registers with the house, for the processes and effects that modules teach it. */
export function workflowModule(processes: readonly Process[], parts: Partial<WorkflowParts> = {}): Module {
  teachWorkflow({ decide: decideByRulebook, ...parts, processes });
  return {
    name: 'workflow',
    personalData: workflowData,
    cells: { ...metricsCells, ...variableCells },
    routes: [
      ...workflowRoutes(processes),
      ...instanceRoutes,
      ...processRoutes,
      ...rulebookRoutes,
      ...replayRoutes,
      ...timeRoutes,
      ...metricsRoutes,
      ...publishingRoutes,
      ...mailRoutes,
      ...absenceRoutes,
      ...paperRoutes,
    ],
    scope: {
      things: [
        {
          type: 'task',
          paths: ['/tasks/:id'],
          fields: ['taskId', '/tasks/bulk id'],
          from: taskFrom,
          id: sql`task.id`,
          scope: taskScope,
        },
        {
          ...{
            type: 'workflow_instance',
            paths: ['/workflows/instances/:id'],
            fields: [],
            from: sql`workflow.instance`,
          },
          ...{ id: sql`instance.id`, scope: instanceScope },
        },
        {
          ...{ type: 'workflow_incident', paths: ['/workflows/incidents/:id'], fields: [], from: incidentFrom },
          ...{ id: sql`incident.id`, scope: instanceScope },
        },
      ],
    },
    subjects: [instanceSubject],
    jobs: [replayJob],
    dispatch: { [replayRequested]: replayJob.name },
    timers: {
      ...{ 'workflow.task-due': onTaskDue, 'workflow.escalation': onEscalation, 'workflow.wait': onWait },
      ...{ 'workflow.absence': onAbsence, ...startTimers },
    },
  };
}

/** Comments on every kind of thing that the modules of the house declare. */
export function commentsModule(subjects: readonly Subject[]): Module {
  return { name: 'comments', routes: commentRoutes(subjects) };
}
