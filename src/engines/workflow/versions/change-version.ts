import { emit } from '#events';
import { notFound, Problem } from '#problem';
import { recordAudit } from '#security';
import type { Tx } from '../instances/workflow-parts.ts';
import { publishesAlone } from './four-eyes.ts';
import {
  type Content,
  findVersion,
  insertDraft,
  type Kind,
  lockVersions,
  setPublished,
  setRetired,
  type Version,
} from './version-store.ts';

async function recordVersion(
  tx: Tx,
  kind: Kind,
  what: 'drafted' | 'published' | 'retired',
  { id, code, version, hash }: Version,
  { before, alone = false }: { before?: object; alone?: boolean } = {},
): Promise<void> {
  // Nobody else looked at it: auditors find that by this word.
  const after = { code, version, hash, ...(alone ? { alone } : {}) };
  await recordAudit(tx, {
    ...{ action: `${kind}.${what}`, entityType: kind, entityId: id, after },
    ...(before ? { before } : {}),
  });
  await emit(tx, {
    ...{ type: `workflow.${kind}.${what}`, subjectType: kind, subjectId: id },
    data: { [`${kind}Id`]: id, code, version },
  });
}

/** Keeps a draft beside what is in force. Throws `version.conflict` where somebody else drafts the same at the same time. */
export async function keepDraft<M extends { title: string }>(
  tx: Tx,
  kind: Kind,
  draft: { code: string; hash: string } & Content<M>,
): Promise<Version> {
  const made = await insertDraft(tx, kind, draft);
  if (!made) throw new Problem('version.conflict');
  await recordVersion(tx, kind, 'drafted', made);
  return made;
}

async function lockOne(tx: Tx, kind: Kind, of: Pick<Version, 'id' | 'code'>) {
  const rows = await lockVersions(tx, kind, of);
  const own = rows.find(({ id }) => id === of.id) ?? notFound(kind, of.id);
  return { own, published: rows.find(({ state }) => state === 'published') };
}

const reread = async (tx: Tx, kind: Kind, id: string): Promise<Version> =>
  (await findVersion(tx, kind, id)) ?? notFound(kind, id);

/**
 * Puts a version in force, a retired one anew; what was in force of its code is retired. `check` sees it locked. Throws
 * `state.conflict` for what is in force, `approval.own_work` where somebody else has to publish it.
 */
export async function putInForce(
  tx: Tx,
  kind: Kind,
  of: Pick<Version, 'id' | 'code'>,
  check: () => Promise<void>,
): Promise<Version> {
  const { own, published } = await lockOne(tx, kind, of);
  if (own.state === 'published') throw new Problem('state.conflict', { detail: 'This version is published already.' });
  await check();
  const alone = await publishesAlone(tx, own.madeBy);
  if (published) {
    await setRetired(tx, kind, published.id);
    await recordVersion(tx, kind, 'retired', published, { before: { state: published.state } });
  }
  await setPublished(tx, kind, own.id);
  const before = { state: own.state, published: published?.version ?? null };
  await recordVersion(tx, kind, 'published', own, { before, alone });
  return reread(tx, kind, own.id);
}

/** Takes a version out of force unless `check` throws. Throws `state.conflict` for what is not in force. */
export async function takeOutOfForce(
  tx: Tx,
  kind: Kind,
  id: string,
  check: (own: Version) => Promise<void>,
): Promise<Version> {
  const { own } = await lockOne(tx, kind, await reread(tx, kind, id));
  if (own.state !== 'published') throw new Problem('state.conflict', { detail: 'This version is not published.' });
  await check(own);
  await setRetired(tx, kind, id);
  await recordVersion(tx, kind, 'retired', own, { before: { state: own.state } });
  return reread(tx, kind, id);
}
