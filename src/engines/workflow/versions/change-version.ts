import type { Context } from '#context';
import { emit } from '#events';
import { notFound, Problem } from '#problem';
import { recordAudit } from '#security';
import type { Tx } from '../instances/workflow-parts.ts';
import { actsAlone, needsNobody } from './four-eyes.ts';
import {
  type Content,
  findVersion,
  insertDraft,
  type Kind,
  lockVersions,
  setAsked,
  setPublished,
  setRetired,
  type Version,
} from './version-store.ts';

async function recordVersion(
  tx: Tx,
  kind: Kind,
  what: 'drafted' | 'published' | 'retired' | 'asked' | 'kept',
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
 * Whether a version may now change its force, `alone` where nobody else looked at it. A draft asks by itself; for any other the first who
 * says so asks, and somebody else says yes: then the answer is null. Throws `approval.own_work`.
 */
async function agreeOn(tx: Tx, kind: Kind, own: Version): Promise<{ alone: boolean } | null> {
  if (own.state === 'draft') return { alone: await actsAlone(tx, { by: own.madeBy, as: 'drafted' }) };
  if (own.askedBy !== null) return { alone: await actsAlone(tx, { by: own.askedBy, as: 'asked for' }) };
  if (await needsNobody(tx)) return { alone: true };
  await setAsked(tx, kind, own.id, true);
  await recordVersion(tx, kind, 'asked', own, { before: { state: own.state } });
  return null;
}

/**
 * Puts a version in force, a retired one anew; what was in force of its code is retired. `check` sees it locked. A retired one that
 * somebody else has to say yes to is only asked for: it answers as it stood. Throws `state.conflict` for what is in force,
 * `approval.own_work` where somebody else has to publish it.
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
  const agreed = await agreeOn(tx, kind, own);
  if (!agreed) return reread(tx, kind, own.id);
  if (published) {
    await setRetired(tx, kind, published.id);
    await recordVersion(tx, kind, 'retired', published, { before: { state: published.state } });
  }
  await setPublished(tx, kind, own.id);
  const before = { state: own.state, published: published?.version ?? null };
  await recordVersion(tx, kind, 'published', own, { before, ...agreed });
  return reread(tx, kind, own.id);
}

/**
 * Takes a version out of force unless `check` throws; where somebody else has to say yes, it is asked for and stays. Throws
 * `state.conflict` for what is not in force, `approval.own_work` for whoever asked for it.
 */
export async function takeOutOfForce(
  tx: Tx,
  kind: Kind,
  id: string,
  check: (own: Version) => Promise<void>,
): Promise<Version> {
  const { own } = await lockOne(tx, kind, await reread(tx, kind, id));
  if (own.state !== 'published') throw new Problem('state.conflict', { detail: 'This version is not published.' });
  await check(own);
  const agreed = await agreeOn(tx, kind, own);
  if (agreed) {
    await setRetired(tx, kind, id);
    await recordVersion(tx, kind, 'retired', own, { before: { state: own.state }, ...agreed });
  }
  return reread(tx, kind, id);
}

/** Leaves a version in the force that it has, whoever asked for another. Throws `state.conflict` where nobody does. */
export function keepInForce(context: Context, kind: Kind, id: string): Promise<Version> {
  return context.db.transact(context, async (tx) => {
    const { own } = await lockOne(tx, kind, await reread(tx, kind, id));
    if (own.askedBy === null) throw new Problem('state.conflict', { detail: 'Nobody asks for anything else.' });
    await setAsked(tx, kind, id, false);
    await recordVersion(tx, kind, 'kept', own, { before: { state: own.state, askedBy: own.askedBy } });
    return reread(tx, kind, id);
  });
}
