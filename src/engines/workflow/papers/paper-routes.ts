import { z } from 'zod';
import { type AnyRoute, idParams, idSchema, route } from '#http';
import { asDownload, readPaper } from '#papers';
import { notFound } from '#problem';
import { findTask } from '../workflow-store.ts';
import { attachToTask, findPaper } from './attach-to-task.ts';
import { contentOf, papersOf, type TaskPaper } from './paper-store.ts';

const paperSchema = z.object({
  ...{ id: idSchema, taskId: idSchema, instanceId: idSchema, fileName: z.string(), mediaType: z.string() },
  ...{ bytes: z.int(), sha256: z.string(), attachedBy: idSchema, attachedAt: z.iso.datetime() },
});
const paperJson = (paper: TaskPaper) => ({ ...paper, attachedAt: paper.attachedAt.toISOString() });

/** Papers beside tasks: whoever may read the process reads them. */
export const paperRoutes: readonly AnyRoute[] = [
  route({
    method: 'GET',
    path: '/tasks/:id/attachments',
    summary: 'Papers of the process that a task belongs to, those of its other tasks too',
    access: 'workflows:act',
    params: idParams,
    answers: { 200: z.object({ items: z.array(paperSchema), nextCursor: z.null() }) },
    handle: async (context, { params }) => {
      const items = await context.db.read(context, async (tx) => {
        const { instanceId } = (await findTask(tx, params.id)) ?? notFound('task', params.id);
        return papersOf(tx, instanceId);
      });
      return { body: { items: items.map(paperJson), nextCursor: null } };
    },
  }),
  route({
    method: 'POST',
    path: '/tasks/:id/attachments',
    summary:
      'Attach a paper to one’s open task (multipart: file): PDF, PNG, JPEG or CSV by its content, at most 10 MiB',
    access: 'workflows:act',
    params: idParams,
    multipart: true,
    answers: { 201: paperSchema },
    handle: async (context, { params, request }) => {
      // A stranger's task is absent, whatever the body holds.
      await context.db.read(context, async (tx) => (await findTask(tx, params.id)) ?? notFound('task', params.id));
      return { body: paperJson(await attachToTask(context, params.id, await readPaper(request))) };
    },
  }),
  route({
    method: 'GET',
    path: '/tasks/:id/attachments/:paperId',
    summary: 'Download a paper of a process',
    access: 'workflows:act',
    params: z.strictObject({ id: idSchema, paperId: idSchema }),
    answers: { 200: null },
    handle: async (context, { params, reply }) => {
      const { paper, content } = await context.db.read(context, async (tx) => {
        const { instanceId } = (await findTask(tx, params.id)) ?? notFound('task', params.id);
        const found = await findPaper(tx, instanceId, params.paperId);
        return { paper: found, content: await contentOf(tx, found.id) };
      });
      asDownload(reply, paper.mediaType, paper.fileName);
      return { body: content };
    },
  }),
];
