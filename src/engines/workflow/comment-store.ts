import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, sql, type TenantTx } from '#db';

/** What somebody said about a thing. */
export interface Comment {
  id: string;
  subjectType: string;
  subjectId: string;
  text: string;
  authorId: string;
  at: Date;
}

export async function insertComment(tx: TenantTx<Context>, comment: Comment): Promise<void> {
  await tx.run(sql`insert into workflow.comment (tenant_id, id, subject_type, subject_id, text, author_id, at)
    values (${tx.context.tenant.id}, ${comment.id}, ${comment.subjectType}, ${comment.subjectId}, ${comment.text},
      ${comment.authorId}, ${comment.at})`);
}

/** Comments on one thing, oldest first unless told otherwise. */
export function listComments(
  tx: TenantTx,
  { subjectType, subjectId }: Pick<Comment, 'subjectType' | 'subjectId'>,
  request: ListRequest,
): Promise<Page<Comment>> {
  const list = {
    columns: sql`comment.id, comment.subject_type as "subjectType", comment.subject_id as "subjectId", comment.text,
      comment.author_id as "authorId", comment.at`,
    from: sql`workflow.comment comment`,
    where: [sql`comment.subject_type = ${subjectType}`, sql`comment.subject_id = ${subjectId}`],
    sortable: { at: sql`comment.seq` },
    id: sql`comment.id`,
    defaultSort: 'at',
  };
  return keysetPage<Comment>(tx, list, request);
}
