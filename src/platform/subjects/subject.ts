import type { Context } from '#context';
import { type RawBuilder, sql, type TenantTx } from '#db';
import type { Permission } from '#module';
import { notFound, Problem } from '#problem';
import { scopeFilter } from '#scope';

/** A row of a subject: what people know a thing by. */
export interface SubjectRow {
  id: string;
  /** Its code or reference; unique as far as the tenant keeps it so. */
  code: string;
  name: string;
  state: string | null;
}

/** A kind of thing that people look for and talk about. */
export interface Subject {
  /** As events and audit entries name it: `promotion`. */
  type: string;
  /** Needed to see one. */
  permission: Permission;
  /** A plain select with the columns of {@link SubjectRow}, of the tenant's rows. */
  rows: RawBuilder<SubjectRow>;
  /** False for what has no name of its own: it can be talked about and not be looked for. */
  searched?: false;
}

const seen = (tx: TenantTx<Context>, { type }: Subject) =>
  scopeFilter(tx.context, { subject: { type: sql.lit(type), id: sql`subject.id` } });

/** The thing of a type and id, where the caller may see it. Throws `not_found`, `auth.forbidden`. */
export async function findSubject(
  tx: TenantTx<Context>,
  subjects: readonly Subject[],
  { type, id }: { type: string; id: string },
): Promise<SubjectRow> {
  const subject = subjects.find((one) => one.type === type) ?? notFound('type of thing', type);
  if (!tx.context.actor.permissions.has(subject.permission)) {
    throw new Problem('auth.forbidden', { detail: `This needs the permission ${subject.permission}.` });
  }
  return (
    (await tx.maybe(sql<SubjectRow>`select * from (${subject.rows}) subject
      where id = ${id} and ${seen(tx, subject)}`)) ?? notFound(type, id)
  );
}

/**
 * Things whose code or name holds `text`, whatever the case: at most `limit`, the same code first, then codes that begin
 * so, names that begin so, and the rest.
 */
export function searchSubject(
  tx: TenantTx<Context>,
  subject: Subject,
  text: string,
  limit: number,
): Promise<SubjectRow[]> {
  const literal = text.replace(/[\\%_]/g, '\\$&');
  const [beginning, within] = [`${literal}%`, `%${literal}%`];
  return tx.many(sql<SubjectRow>`select id, code, name, state from (${subject.rows}) subject
    where (code ilike ${within} or name ilike ${within}) and ${seen(tx, subject)}
    order by lower(code) = lower(${text}) desc, code ilike ${beginning} desc, name ilike ${beginning} desc, code, id
    limit ${limit}`);
}
