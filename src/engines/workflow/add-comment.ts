import type { Context } from '#context';
import { emit } from '#events';
import { recordAudit } from '#security';
import { findSubject, type Subject } from '#subjects';
import { type Comment, insertComment } from './comment-store.ts';

/** Adds a comment to a thing that the caller may see. Throws `not_found`, `auth.forbidden`. */
export async function addComment(
  context: Context,
  subjects: readonly Subject[],
  said: Pick<Comment, 'subjectType' | 'subjectId' | 'text'>,
): Promise<Comment> {
  const comment: Comment = {
    ...said,
    id: context.newId(),
    authorId: context.actor.id,
    at: context.clock.now(),
  };
  const { subjectType, subjectId, text } = said;
  await context.db.transact(context, async (tx) => {
    await findSubject(tx, subjects, { type: subjectType, id: subjectId });
    await insertComment(tx, comment);
    await emit(tx, { type: 'workflow.comment.added', subjectType, subjectId, data: { commentId: comment.id } });
    await recordAudit(tx, {
      ...{ action: 'comment.added', entityType: subjectType, entityId: subjectId },
      after: { commentId: comment.id, text },
    });
  });
  return comment;
}
