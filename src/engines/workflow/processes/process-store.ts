import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx } from '#db';
import type { ProcessModel, Unsupported } from '../definitions/process-model.ts';

type Tx = TenantTx<Context>;

export type ProcessState = 'draft' | 'published' | 'retired';

/** A version of a process without its model. */
export interface ProcessRow {
  id: string;
  code: string;
  version: number;
  title: string;
  state: ProcessState;
  hash: string;
  madeAt: Date;
  madeBy: string;
  publishedAt: Date | null;
  publishedBy: string | null;
  retiredAt: Date | null;
  retiredBy: string | null;
}

const columns = sql`id, code, version, model ->> 'title' as title, state, hash, made_at as "madeAt", made_by as "madeBy",
  published_at as "publishedAt", published_by as "publishedBy", retired_at as "retiredAt", retired_by as "retiredBy"`;

/** Keeps a draft as the next version of its code; undefined where somebody else has just kept that version. */
export async function insertDraft(tx: Tx, model: ProcessModel, hash: string): Promise<ProcessRow | undefined> {
  const { tenant, clock, actor, newId } = tx.context;
  const { diagram, source, unsupported = [], ...content } = model;
  return tx.maybe<ProcessRow>(sql`
    insert into workflow.process (tenant_id, id, code, version, state, hash, model, diagram, source, unsupported, made_at, made_by)
      select ${tenant.id}, ${newId()}, ${model.code}, coalesce(max(version), 0) + 1, 'draft', ${hash},
        ${JSON.stringify(content)}::jsonb, ${diagram ? JSON.stringify(diagram) : null}::jsonb, ${source ?? null}::text,
        ${JSON.stringify(unsupported)}::jsonb, ${clock.now()}::timestamptz, ${actor.id}::uuid
      from workflow.process where code = ${model.code}
    on conflict do nothing returning ${columns}`);
}

/** A version with all of its model. */
export async function findProcess(tx: Tx, id: string): Promise<(ProcessRow & { whole: ProcessModel }) | undefined> {
  const found = await tx.maybe<
    ProcessRow & {
      model: ProcessModel;
      diagram: ProcessModel['diagram'] | null;
      source: string | null;
      unsupported: Unsupported[];
    }
  >(sql`select ${columns}, model, diagram, source, unsupported from workflow.process where id = ${id}`);
  if (!found) return undefined;
  const { model, diagram, source, unsupported, ...row } = found;
  const file = source === null ? {} : { source };
  return { ...row, whole: { ...model, ...(diagram ? { diagram } : {}), ...file, unsupported } };
}

/** Locks a version and what is published of its code, in the order of versions. */
export async function lockVersions(tx: Tx, { id, code }: Pick<ProcessRow, 'id' | 'code'>): Promise<ProcessRow[]> {
  return tx.many<ProcessRow>(sql`select ${columns} from workflow.process
    where code = ${code} and (id = ${id} or state = 'published') order by version for update`);
}

/** Published processes but those of one code. */
export async function otherPublished(tx: Tx, code: string): Promise<ProcessModel[]> {
  const rows = await tx.many<{ model: ProcessModel }>(
    sql`select model from workflow.process where state = 'published' and code <> ${code}`,
  );
  return rows.map(({ model }) => model);
}

export async function setPublished(tx: Tx, id: string): Promise<void> {
  const { clock, actor } = tx.context;
  await tx.run(sql`update workflow.process set state = 'published', published_at = ${clock.now()},
    published_by = ${actor.id}, retired_at = null, retired_by = null where id = ${id}`);
}

export async function setRetired(tx: Tx, id: string): Promise<void> {
  const { clock, actor } = tx.context;
  await tx.run(sql`update workflow.process set state = 'retired', retired_at = ${clock.now()}, retired_by = ${actor.id}
    where id = ${id}`);
}

/** A page of versions, newest first unless asked otherwise. */
export async function listProcesses(
  tx: Tx,
  request: ListRequest,
  where: RawBuilder<unknown>[],
): Promise<Page<ProcessRow>> {
  return keysetPage<ProcessRow>(
    tx,
    {
      columns,
      from: sql`workflow.process process`,
      where,
      sortable: { madeAt: sql`process.made_at` },
      id: sql`process.id`,
      defaultSort: '-madeAt',
    },
    request,
  );
}
