import type { Context } from '#context';
import { emit } from '#events';
import { notFound, Problem } from '#problem';
import { recordAudit } from '#security';
import type { ProcessModel } from '../definitions/process-model.ts';
import type { Tx } from '../instances/workflow-parts.ts';
import { checkProcess } from '../processes/check-process.ts';
import { checkDecision, type KeptDecision } from '../rulebook/kept-decision.ts';
import { findVersion, type Kind } from '../versions/version-store.ts';
import { readSetting, type Tried } from './read-setting.ts';
import * as store from './replay-store.ts';

/** Names the event that starts a replay. */
export const replayRequested = 'workflow.replay.requested';

/** A version that is to be tried, as it is kept. */
export async function findTried(tx: Tx, kind: Kind, id: string): Promise<Tried & { id: string }> {
  if (kind === 'process') {
    const found = (await findVersion<ProcessModel>(tx, kind, id)) ?? notFound(kind, id);
    return { ...found, kind };
  }
  const found = (await findVersion<KeptDecision>(tx, kind, id)) ?? notFound(kind, id);
  return { ...found, kind };
}

/** Throws `decision.refused` or `process.refused` for what would not be published like that. */
async function requireUsable(context: Context, kind: Kind, id: string): Promise<void> {
  if (kind === 'process') {
    const { model } =
      (await context.db.read(context, (tx) => findVersion<ProcessModel>(tx, kind, id))) ?? notFound(kind, id);
    const [wrong] = checkProcess(model);
    if (wrong) throw new Problem('process.refused', { detail: wrong.message });
    return;
  }
  const found = await context.db.read(context, (tx) => findVersion<KeptDecision>(tx, kind, id));
  const { model, unsupported } = found ?? notFound(kind, id);
  const wrong = checkDecision(model, unsupported).find(({ blocks }) => blocks);
  if (wrong) throw new Problem('decision.refused', { detail: wrong.message });
}

async function recordReplay(tx: Tx, what: 'requested' | 'cancelled', replay: store.Replay): Promise<void> {
  const { id, kind, code, version, versionId } = replay;
  await recordAudit(tx, {
    ...{ action: `replay.${what}`, entityType: kind, entityId: versionId, after: { replay: id, code, version } },
  });
  await emit(tx, {
    ...{ type: `workflow.replay.${what}`, subjectType: 'replay', subjectId: id },
    data: { replayId: id, kind, code, version },
  });
}

/**
 * Asks for a version to be played over all past approvals; a job does it. Throws `decision.refused`, `process.refused`,
 * `rule.violated` where nothing asks the decision, `state.conflict` while one of the same version is under way.
 */
export async function requestReplay(
  context: Context,
  kind: Kind,
  versionId: string,
  groupBy: string | null,
): Promise<store.Replay> {
  await requireUsable(context, kind, versionId);
  return context.db.transact(context, async (tx) => {
    const tried = await findTried(tx, kind, versionId);
    await readSetting(tx, tried);
    if (await store.findUnended(tx, versionId)) {
      throw new Problem('state.conflict', { detail: 'This version is being replayed already.' });
    }
    const replay = await store.insertReplay(tx, kind, tried, groupBy);
    await recordReplay(tx, 'requested', replay);
    return replay;
  });
}

/** Breaks a replay off. Throws `state.conflict` where it is over. */
export function cancelReplay(context: Context, id: string): Promise<store.Replay> {
  return context.db.transact(context, async (tx) => {
    const replay = (await store.findReplay(tx, id)) ?? notFound('replay', id);
    if (!(await store.setEnded(tx, id, 'cancelled'))) {
      throw new Problem('state.conflict', { detail: `This replay is ${replay.state} already.` });
    }
    await recordReplay(tx, 'cancelled', replay);
    return (await store.findReplay(tx, id)) ?? notFound('replay', id);
  });
}
