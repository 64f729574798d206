import { z } from 'zod';
import { sql } from '#db';
import {
  type AnyRoute,
  dateSchema,
  idParams,
  idSchema,
  listQueryShape,
  nameSchema,
  noteSchema,
  pageOf,
  route,
} from '#http';
import { notFound } from '#problem';
import { findMembers } from '#security';
import { type BulkDecided, decideInBulk } from './decide-in-bulk.ts';
import { valuesSchema } from './instances/values-schema.ts';
import type { Process, Tx } from './instances/workflow-parts.ts';
import { pauseTask, resumeTask } from './pause-task.ts';
import { claimTask, completeTask, delegateTask, reassignTask, releaseTask } from './run-workflow.ts';
import { findTask, isCandidate, listTasks, type Task } from './workflow-store.ts';

const taskShape = {
  id: idSchema,
  instanceId: idSchema,
  definition: z.string(),
  step: z.string(),
  state: z.enum(['open', 'claimed', 'completed', 'cancelled']),
  subjectType: z.string(),
  subjectId: idSchema,
  title: z.string(),
  summary: z.record(z.string(), z.unknown()),
  assigneeId: idSchema.nullable(),
  dueAt: z.iso.datetime(),
  createdAt: z.iso.datetime(),
  routing: z.record(z.string(), z.unknown()),
  outcome: z.string().nullable(),
  comment: z.string().nullable(),
  completedBy: idSchema.nullable(),
  completedAt: z.iso.datetime().nullable(),
  /** Since when its clock stands: it is neither overdue nor escalated. */
  pausedAt: z.iso.datetime().nullable(),
  version: z.int(),
};
const taskSchema = z.object(taskShape);
const listedSchema = z.object({
  ...taskShape,
  /** Who passed it on to the caller, or is away; null: it is theirs. */
  onBehalfOf: idSchema.nullable(),
  /** The last day of the absence for which the caller stands in. */
  onBehalfUntil: dateSchema.nullable(),
});

function taskJson<T extends Task>(task: T) {
  const { makers: _makers, token: _token, clock: _clock, ...shown } = task;
  return {
    ...shown,
    dueAt: task.dueAt.toISOString(),
    createdAt: task.createdAt.toISOString(),
    completedAt: task.completedAt?.toISOString() ?? null,
  };
}

/** Of people's claims those keep nothing from others who have left. */
const peopleGone = async (tx: Tx): Promise<string[]> =>
  (await findMembers(tx)).filter(({ active }) => !active).map(({ id }) => id);

const openTo = (personId: string, gone: readonly string[]) =>
  sql`exists (select 1 from workflow.candidate where candidate.tenant_id = task.tenant_id
    and candidate.task_id = task.id and candidate.person_id = ${personId})
    and (task.assignee_id is null or task.assignee_id = ${personId} or task.assignee_id = any(${[...gone]}::uuid[]))`;

const answerTask = (task: Task) => ({ version: task.version, body: taskJson(task) });
const toBody = z.strictObject({ toUserId: idSchema });

const tasksQuery = z.strictObject({
  ...listQueryShape,
  mine: z.enum(['true', 'false']).default('true'),
  state: z.enum(['open', 'completed', 'all']).default('open'),
  subjectId: idSchema.optional(),
});

/** Decisions in one call at most. */
const mostAtOnce = 500;

const bulkRoute = (processes: readonly Process[]): AnyRoute =>
  route({
    method: 'POST',
    path: '/tasks/bulk',
    summary: 'Decide many tasks alike: each by itself, decided whole or refused with its reason',
    access: 'workflows:act',
    body: z.strictObject({
      items: z
        .array(z.strictObject({ id: idSchema, version: z.int().min(1).optional() }))
        .min(1)
        .max(mostAtOnce),
      outcome: nameSchema,
      comment: noteSchema.default(''),
    }),
    answers: {
      200: z.object({
        items: z.array(
          z.object({
            id: idSchema,
            task: taskSchema.nullable(),
            problem: z.object({ code: z.string(), detail: z.string() }).nullable(),
          }),
        ),
      }),
    },
    handle: async (context, { body: { items, ...decision } }) => ({
      body: { items: (await decideInBulk(context, processes, items, decision)).map(bulkJson) },
    }),
  });

const bulkJson = ({ task, ...one }: BulkDecided) => ({ ...one, task: task && taskJson(task) });

/** The tasks' routes, for the processes that modules registered. */
export function workflowRoutes(processes: readonly Process[]): AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/tasks',
      summary: 'List tasks: one’s own, or with mine=false every task one could see decided',
      access: 'workflows:act',
      query: tasksQuery,
      answers: { 200: pageOf(listedSchema) },
      handle: async (context, { query }) => {
        const where: ReturnType<typeof openTo>[] = [];
        if (query.state === 'open') where.push(sql`task.state in ('open', 'claimed')`);
        if (query.state === 'completed') where.push(sql`task.state = 'completed'`);
        if (query.subjectId) where.push(sql`instance.subject_id = ${query.subjectId}`);
        const page = await context.db.read(context, async (tx) => {
          if (query.mine === 'true') where.push(openTo(context.actor.id, await peopleGone(tx)));
          return listTasks(tx, query, where);
        });
        return { body: { items: page.items.map(taskJson), nextCursor: page.nextCursor } };
      },
    }),
    route({
      method: 'GET',
      path: '/tasks/:id',
      summary: 'Read a task',
      access: 'workflows:act',
      params: idParams,
      answers: { 200: taskSchema },
      handle: async (context, { params }) =>
        context.db.read(context, async (tx) => {
          const task = await findTask(tx, params.id);
          if (!task || !(await isCandidate(tx, params.id, context.actor.id))) return notFound('task', params.id);
          return answerTask(task);
        }),
    }),
    route({
      method: 'POST',
      path: '/tasks/:id/complete',
      summary: 'Decide a task: approved, rejected or returned, or another outcome that the task asks for',
      access: 'workflows:act',
      params: idParams,
      body: z.strictObject({
        outcome: nameSchema,
        comment: noteSchema.default(''),
        set: valuesSchema.default({}),
      }),
      answers: { 200: taskSchema },
      handle: async (context, { params, body, ifMatch }) =>
        answerTask(await completeTask(context, processes, params.id, body, ifMatch)),
    }),
    route({
      method: 'POST',
      path: '/tasks/:id/claim',
      summary: 'Claim a task, so that others leave it',
      access: 'workflows:act',
      params: idParams,
      answers: { 200: taskSchema },
      handle: async (context, { params, ifMatch }) => answerTask(await claimTask(context, params.id, ifMatch)),
    }),
    route({
      method: 'POST',
      path: '/tasks/:id/release',
      summary: 'Put a task back that one has claimed, so that others may take it',
      access: 'workflows:act',
      params: idParams,
      answers: { 200: taskSchema },
      handle: async (context, { params, ifMatch }) => answerTask(await releaseTask(context, params.id, ifMatch)),
    }),
    route({
      method: 'POST',
      path: '/tasks/:id/pause',
      summary: 'Stop the clock of a task that waits for an answer: it is neither overdue nor escalated meanwhile',
      access: 'workflows:act',
      params: idParams,
      body: z.strictObject({ reason: noteSchema.min(1) }),
      answers: { 200: taskSchema },
      handle: async (context, { params, body, ifMatch }) =>
        answerTask(await pauseTask(context, params.id, body.reason, ifMatch)),
    }),
    route({
      method: 'POST',
      path: '/tasks/:id/resume',
      summary: 'Let the clock of a task go on with the time that was left',
      access: 'workflows:act',
      params: idParams,
      answers: { 200: taskSchema },
      handle: async (context, { params, ifMatch }) => answerTask(await resumeTask(context, params.id, ifMatch)),
    }),
    bulkRoute(processes),
    route({
      method: 'POST',
      path: '/tasks/:id/delegate',
      summary: 'Pass one’s task to someone else who may decide it',
      access: 'workflows:act',
      params: idParams,
      body: toBody,
      answers: { 200: taskSchema },
      handle: async (context, { params, body, ifMatch }) =>
        answerTask(await delegateTask(context, params.id, body.toUserId, ifMatch)),
    }),
    route({
      method: 'POST',
      path: '/tasks/:id/reassign',
      summary: 'Move a task from one person to another',
      access: 'workflows:design',
      params: idParams,
      body: toBody,
      answers: { 200: taskSchema },
      handle: async (context, { params, body, ifMatch }) =>
        answerTask(await reassignTask(context, params.id, body.toUserId, ifMatch)),
    }),
  ];
}
