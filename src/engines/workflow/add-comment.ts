import type { Context } from '#context';
import type { TenantTx } from '#db';
import { emit } from '#events';
import { recordAudit } from '#security';
import { findSubject, type Subject } from '#subjects';
import { type Comment, insertComment } from './comment-store.ts';

/** Says something about a thing inside the running transaction; `more` stands in the trail beside what was said. */
export async function sayOn(
  tx: TenantTx<Context>,
  comment: Comment,
  more: Record<string, unknown> = {},
): Promise<void> {
  const { id: commentId, subjectType, subjectId, text } = comment;
  await insertComment(tx, comment);
  await emit(tx, { type: 'workflow.comment.added', subjectType, subjectId, data: { commentId } });
  await recordAudit(tx, {
    ...{ action: 'comment.added', entityType: subjectType, entityId: subjectId },
    after: { commentId, text, ...more },
  });
}

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
  const { subjectType, subjectId } = said;
  await context.db.transact(context, async (tx) => {
    await findSubject(tx, subjects, { type: subjectType, id: subjectId });
    await sayOn(tx, comment);
  });
  return comment;
}
