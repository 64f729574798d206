import { z } from 'zod';
import { type AnyRoute, idSchema, listQueryShape, noteSchema, pageOf, route } from '#http';
import { findSubject, type Subject } from '#subjects';
import { addComment } from './add-comment.ts';
import { type Comment, listComments } from './comment-store.ts';

const typeSchema = z.string().regex(/^[a-z_]{1,60}$/, 'must name a type: promotion, deduction …');

const commentSchema = z.object({
  id: idSchema,
  subjectType: z.string(),
  subjectId: idSchema,
  text: z.string(),
  authorId: idSchema,
  at: z.iso.datetime(),
});

const commentJson = (comment: Comment) => ({ ...comment, at: comment.at.toISOString() });

/** Comments on the things that modules declare; who may see a thing may read what is said about it. */
export function commentRoutes(subjects: readonly Subject[]): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/comments',
      summary: 'What people said about a thing, oldest first',
      access: 'authenticated',
      query: z.strictObject({ ...listQueryShape, subjectType: typeSchema, subjectId: idSchema }),
      answers: { 200: pageOf(commentSchema) },
      handle: async (context, { query }) => {
        const page = await context.db.read(context, async (tx) => {
          await findSubject(tx, subjects, { type: query.subjectType, id: query.subjectId });
          return listComments(tx, query, query);
        });
        return { body: { ...page, items: page.items.map(commentJson) } };
      },
    }),
    route({
      method: 'POST',
      path: '/comments',
      summary: 'Say something about a thing; it stays as it was said',
      access: 'workflows:act',
      body: z.strictObject({ subjectType: typeSchema, subjectId: idSchema, text: noteSchema.min(1) }),
      answers: { 201: commentSchema },
      handle: async (context, { body }) => ({ body: commentJson(await addComment(context, subjects, body)) }),
    }),
  ];
}
