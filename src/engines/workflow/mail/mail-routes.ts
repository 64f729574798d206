import { z } from 'zod';
import { emit } from '#events';
import { type AnyRoute, idParams, idSchema, listQueryShape, pageOf, route } from '#http';
import { notFound } from '#problem';
import { recordAudit } from '#security';
import { designing } from '../versions/version-routes.ts';
import { mailIsDelivered } from './mail-delivery.ts';
import { findMailChoice, type ListedMail, listMails, retryMail, writeMailChoice } from './mail-store.ts';

const choiceSchema = z.enum(['off', 'now', 'daily']);
const choiceAnswer = z.object({ choice: choiceSchema, delivers: z.boolean() });
const mailSchema = z.object({
  ...{ id: idSchema, taskId: idSchema, personId: idSchema },
  kind: z.enum(['opened', 'given', 'reminded', 'escalated']),
  state: z.enum(['waiting', 'sent', 'dropped', 'failed']),
  ...{ happenedAt: z.iso.datetime(), sendAt: z.iso.datetime(), tries: z.int(), error: z.string().nullable() },
});
const mailJson = ({ happenedAt, sendAt, ...mail }: ListedMail) => ({
  ...{ ...mail, happenedAt: happenedAt.toISOString(), sendAt: sendAt.toISOString() },
});

/** How people hear of tasks by e-mail, and what became of what was written. */
export const mailRoutes: readonly AnyRoute[] = [
  route({
    ...{ method: 'GET', path: '/workflows/mail-choice', access: 'workflows:act' },
    summary: 'Read how one hears of tasks by e-mail: not at all, at once or once a day',
    answers: { 200: choiceAnswer },
    handle: async (context) => {
      const choice = await context.db.read(context, (tx) => findMailChoice(tx, context.actor.id));
      return { body: { choice, delivers: mailIsDelivered() } };
    },
  }),
  route({
    ...{ method: 'PUT', path: '/workflows/mail-choice', access: 'workflows:act' },
    summary: 'Choose how one hears of tasks by e-mail',
    body: z.strictObject({ choice: choiceSchema }),
    answers: { 200: choiceAnswer },
    handle: async (context, { body: { choice } }) => {
      const { id } = context.actor;
      await context.db.transact(context, async (tx) => {
        const before = await findMailChoice(tx, id);
        await writeMailChoice(tx, id, choice);
        const entity = { entityType: 'person', entityId: id };
        await recordAudit(tx, {
          action: 'mail_choice.changed',
          ...entity,
          before: { choice: before },
          after: { choice },
        });
        await emit(tx, {
          ...{ type: 'workflow.mail-choice.changed', subjectType: 'person', subjectId: id },
          data: { choice },
        });
      });
      return { body: { choice, delivers: mailIsDelivered() } };
    },
  }),
  route({
    ...{ method: 'GET', path: '/workflows/mails', ...designing },
    summary: 'List e-mails about tasks: those in trouble, or by how far they are',
    query: z.strictObject({
      ...listQueryShape,
      state: z.enum(['troubled', 'waiting', 'sent', 'dropped', 'failed', 'all']).default('troubled'),
    }),
    answers: { 200: pageOf(mailSchema) },
    handle: async (context, { query: { state, ...request } }) => {
      const page = await context.db.read(context, (tx) => listMails(tx, state, request));
      return { body: { ...page, items: page.items.map(mailJson) } };
    },
  }),
  route({
    ...{ method: 'POST', path: '/workflows/mails/:id/retry', ...designing },
    summary: 'Try an e-mail again that was given up',
    params: idParams,
    answers: { 200: mailSchema },
    handle: async (context, { params: { id } }) => {
      const mail = await context.db.transact(context, async (tx) => {
        const again = (await retryMail(tx, id)) ?? notFound('mail that was given up', id);
        const { taskId, personId } = again;
        await recordAudit(tx, {
          action: 'mail.retried',
          entityType: 'task',
          entityId: taskId,
          after: { mail: id, personId },
        });
        await emit(tx, {
          ...{ type: 'workflow.mail.retried', subjectType: 'task', subjectId: taskId },
          data: { mailId: id, personId, taskId },
        });
        return again;
      });
      return { body: mailJson(mail) };
    },
  }),
];
