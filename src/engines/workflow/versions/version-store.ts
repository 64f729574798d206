import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx } from '#db';
import type { Diagram, Unsupported } from '../definitions/process-model.ts';

type Tx = TenantTx<Context>;

/** What is kept in versions. */
export type Kind = 'process' | 'decision';

/** A version without its content. */
export interface Version {
  id: string;
  code: string;
  version: number;
  title: string;
  state: 'draft' | 'published' | 'retired';
  hash: string;
  madeAt: Date;
  madeBy: string;
  publishedAt: Date | null;
  publishedBy: string | null;
  retiredAt: Date | null;
  retiredBy: string | null;
  /** When and who asked that it goes out of force, or a retired one into it again; null: nobody does. */
  askedAt: Date | null;
  askedBy: string | null;
}

/** What a version holds: its model, how it is drawn, and the file that it came from with what of that is not executed. */
export interface Content<M> {
  model: M;
  diagram: Diagram | null;
  source: string | null;
  unsupported: Unsupported[];
}

const tables = { process: sql`workflow.process`, decision: sql`workflow.decision` };

const columns = sql`id, code, version, model ->> 'title' as title, state, hash, made_at as "madeAt", made_by as "madeBy",
  published_at as "publishedAt", published_by as "publishedBy", retired_at as "retiredAt", retired_by as "retiredBy",
  asked_at as "askedAt", asked_by as "askedBy"`;

/** Keeps a draft as the next version of its code; undefined where somebody else has just kept that version. */
export async function insertDraft<M extends { title: string }>(
  tx: Tx,
  kind: Kind,
  { code, hash, model, diagram, source, unsupported }: { code: string; hash: string } & Content<M>,
): Promise<Version | undefined> {
  const { tenant, clock, actor, newId } = tx.context;
  return tx.maybe<Version>(sql`
    insert into ${tables[kind]} (tenant_id, id, code, version, state, hash, model, diagram, source, unsupported, made_at, made_by)
      select ${tenant.id}, ${newId()}, ${code}, coalesce(max(version), 0) + 1, 'draft', ${hash},
        ${JSON.stringify(model)}::jsonb, ${diagram ? JSON.stringify(diagram) : null}::jsonb, ${source}::text,
        ${JSON.stringify(unsupported)}::jsonb, ${clock.now()}::timestamptz, ${actor.id}::uuid
      from ${tables[kind]} where code = ${code}
    on conflict do nothing returning ${columns}`);
}

/** A version with its content. */
export async function findVersion<M>(tx: Tx, kind: Kind, id: string): Promise<(Version & Content<M>) | undefined> {
  return tx.maybe<Version & Content<M>>(
    sql`select ${columns}, model, diagram, source, unsupported from ${tables[kind]} where id = ${id}`,
  );
}

/** How a model of a code is drawn: by its newest version. */
export async function findDrawing(
  tx: Tx,
  kind: Kind,
  { code, hash }: Pick<Version, 'code' | 'hash'>,
): Promise<Pick<Content<unknown>, 'diagram' | 'source'> | undefined> {
  return tx.maybe(sql`select diagram, source from ${tables[kind]}
    where code = ${code} and hash = ${hash} order by version desc limit 1`);
}

/** The version of a code that is in force, without what only drawing and files need. */
export async function findInForce<M>(
  tx: Tx,
  kind: Kind,
  code: string,
): Promise<(Version & Pick<Content<M>, 'model'>) | undefined> {
  return tx.maybe<Version & Pick<Content<M>, 'model'>>(
    sql`select ${columns}, model from ${tables[kind]} where code = ${code} and state = 'published'`,
    `${kind} in force`,
  );
}

/** Keeps whether a version that comes into force takes the place of a process that ships. */
export async function setReplacing(tx: Tx, id: string, isReplacing: boolean): Promise<void> {
  await tx.run(sql`update workflow.process set replaces_shipped = ${isReplacing} where id = ${id}`);
}

/** Whether a version came into force in the place of a process that shipped then. */
export async function isReplacing(tx: Tx, id: string): Promise<boolean> {
  const { replaces } = await tx.one<{ replaces: boolean }>(
    sql`select replaces_shipped as replaces from workflow.process where id = ${id}`,
  );
  return replaces;
}

/** Processes in force that begin by an event like this one, each with the start node, by code. */
export async function findStartedBy(
  tx: Tx,
  event: Readonly<Record<string, string>>,
): Promise<{ id: string; at: string }[]> {
  return tx.many<{ id: string; at: string }>(sql`select process.id, node.value ->> 'id' as at
    from workflow.process, jsonb_array_elements(process.model -> 'body' -> 'nodes') node
    where process.state = 'published' and node.value @> ${JSON.stringify({ kind: 'start', event })}::jsonb
    order by process.code, at`);
}

/** Locks a version and what is published of its code, in the order of versions. */
export async function lockVersions(tx: Tx, kind: Kind, { id, code }: Pick<Version, 'id' | 'code'>): Promise<Version[]> {
  return tx.many<Version>(sql`select ${columns} from ${tables[kind]}
    where code = ${code} and (id = ${id} or state = 'published') order by version for update`);
}

/** What is in force but for one code. */
export async function othersInForce<M>(tx: Tx, kind: Kind, code: string): Promise<M[]> {
  const rows = await tx.many<{ model: M }>(
    sql`select model from ${tables[kind]} where state = 'published' and code <> ${code}`,
  );
  return rows.map(({ model }) => model);
}

export async function setPublished(tx: Tx, kind: Kind, id: string): Promise<void> {
  const { clock, actor } = tx.context;
  await tx.run(sql`update ${tables[kind]} set state = 'published', published_at = ${clock.now()},
    published_by = ${actor.id}, retired_at = null, retired_by = null, asked_at = null, asked_by = null where id = ${id}`);
}

export async function setRetired(tx: Tx, kind: Kind, id: string): Promise<void> {
  const { clock, actor } = tx.context;
  await tx.run(sql`update ${tables[kind]} set state = 'retired', retired_at = ${clock.now()}, retired_by = ${actor.id},
    asked_at = null, asked_by = null where id = ${id}`);
}

/** Keeps that the actor asks for a change of what is in force, or that nobody asks any more. */
export async function setAsked(tx: Tx, kind: Kind, id: string, isAsked: boolean): Promise<void> {
  const { clock, actor } = tx.context;
  const [at, by] = isAsked ? [clock.now(), actor.id] : [null, null];
  await tx.run(sql`update ${tables[kind]} set asked_at = ${at}::timestamptz, asked_by = ${by}::uuid where id = ${id}`);
}

/** A page of versions, newest first unless asked otherwise. */
export async function listVersions(
  tx: Tx,
  kind: Kind,
  request: ListRequest,
  where: RawBuilder<unknown>[],
): Promise<Page<Version>> {
  return keysetPage<Version>(
    tx,
    {
      columns,
      from: tables[kind],
      where,
      sortable: { madeAt: sql`made_at` },
      id: sql`id`,
      defaultSort: '-madeAt',
    },
    request,
  );
}
