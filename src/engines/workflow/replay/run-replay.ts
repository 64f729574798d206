import type { Context } from '#context';
import { emit } from '#events';
import type { Job, JobContext } from '#jobs';
import { Problem } from '#problem';
import { idsInScope } from '#scope';
import { findMembers, type Member, recordAudit } from '#security';
import type { CandidateRule } from '../definitions/process-model.ts';
import { type Tx, workflowParts } from '../instances/workflow-parts.ts';
import { type ComparingParts, compareApproval, type PastApproval } from './compare-approval.ts';
import { openLanes, type PlayLane } from './play-lanes.ts';
import type { Played, PlayedFacts, RuleValues } from './play-on.ts';
import { readSetting } from './read-setting.ts';
import type { ReplaySetting } from './replay-setting.ts';
import * as store from './replay-store.ts';
import { ReplayCounts } from './replay-summary.ts';
import { findTried } from './request-replay.ts';
import { WhoMay } from './who-may.ts';

/** Past approvals that are read, played and kept at a time: some tenths of a second, and some MB. */
const batchSize = 1_000;

/** A replay under way. */
interface Running {
  context: Context;
  replay: store.Replay;
  setting: ReplaySetting;
  members: readonly Member[];
  who: WhoMay;
  counts: ReplayCounts;
  /** Managers by person and levels; null: none. */
  managers: Map<string, string | null>;
}

const factsOf = ({ startedAt, variables, final, taken }: PastApproval): PlayedFacts => ({
  ...{ startedAt, variables, final },
  outcomes: Map.groupBy(taken, ({ step }) => step),
});

const managerKey = (person: string, levels: number) => `${levels} ${person}`;

/** Looks the managers up that played steps ask for. */
async function findManagers(running: Running, tx: Tx, played: readonly Played[], rulesOf: ComparingParts['rulesOf']) {
  const { managerOf } = workflowParts();
  if (!managerOf) return;
  for (const { steps } of played) {
    for (const { node, rules } of steps) {
      for (const [at, { managersOf }] of rules.entries()) {
        const levels = rulesOf(node)[at]?.managerOf?.levels ?? 1;
        for (const person of managersOf ?? []) {
          const key = managerKey(person, levels);
          if (!running.managers.has(key)) running.managers.set(key, await managerOf(tx, person, levels));
        }
      }
    }
  }
}

/** Which approvals lie in the part of the tenant that people are kept to, by person. */
async function scopesOf(tx: Tx, members: readonly Member[], past: readonly PastApproval[]) {
  const byScope = new Map<string, Set<string>>();
  const byType = Map.groupBy(past, ({ subjectType }) => subjectType);
  const found = new Map<string, Set<string>>();
  for (const { id, scope, active } of members) {
    if (!active || (!scope.customers && !scope.products)) continue;
    const key = JSON.stringify(scope);
    const known = byScope.get(key) ?? new Set<string>();
    if (!byScope.has(key)) {
      for (const [type, some] of byType) {
        const ids = some.map(({ subjectId }) => subjectId);
        for (const inside of await idsInScope(tx, scope, type, ids)) known.add(inside);
      }
      byScope.set(key, known);
    }
    found.set(id, known);
  }
  return found;
}

async function comparingParts(
  running: Running,
  past: readonly store.PastOf[],
  played: readonly Played[],
  definition: string,
): Promise<ComparingParts> {
  const { context, replay, members, who, setting, managers } = running;
  const own = setting.processes.find(({ model }) => model.code === definition)?.rulesOf;
  const rulesOf = (step: string): readonly CandidateRule[] => own?.get(step) ?? [];
  const scopes = await context.db.read(context, async (tx) => {
    await findManagers(running, tx, played, rulesOf);
    return scopesOf(tx, members, past);
  });
  const namedBy = ({ managerOf }: CandidateRule, { people, managersOf }: RuleValues) => {
    if (people === null && managersOf === null) return null;
    const found = (managersOf ?? []).map((person) => managers.get(managerKey(person, managerOf?.levels ?? 1)) ?? null);
    return new Set([...(people ?? []), ...found.filter((id) => id !== null)]);
  };
  return {
    ...{ who, rulesOf, namedBy },
    couldDrop: (step) => replay.kind === 'process' || rulesOf(step).length > 0,
    isInScope: (person, { subjectId }) => scopes.get(person)?.has(subjectId) ?? true,
  };
}

/** Plays a batch and puts it beside what really happened; keeps what comes out otherwise. Answers false where it was cancelled. */
async function replayBatch(
  running: Running,
  lane: PlayLane,
  past: readonly store.PastOf[],
  done: () => number,
): Promise<boolean> {
  const { context, replay, counts } = running;
  const played = await lane.play(past.map((one) => ({ definition: one.definition, facts: factsOf(one) })));
  const found = [];
  for (const [definition, some] of Map.groupBy(
    past.map((one, at) => ({ one, at })),
    ({ one }) => one.definition,
  )) {
    const approvals = some.map(({ one }) => one);
    const ways = some.flatMap(({ at }) => played[at] ?? []);
    const parts = await comparingParts(running, approvals, ways, definition);
    for (const [at, one] of approvals.entries()) {
      const way = ways[at];
      if (way) found.push(compareApproval(one, way, parts));
    }
  }
  for (const one of found) counts.add(one);
  const otherwise = found.filter(({ differences }) => differences.length > 0);
  return context.db.transact(context, async (tx) => {
    await store.insertReplayed(tx, replay.id, otherwise);
    return store.setReplayed(tx, replay.id, done());
  });
}

/** Reads past approvals batch by batch and has the lanes replay them. Answers false where it was cancelled. */
async function replayAll(
  running: Running,
  lanes: readonly PlayLane[],
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { context, replay, setting } = running;
  const of = {
    codes: setting.processes.map(({ model }) => model.code),
    until: replay.requestedAt,
    groupBy: replay.groupBy,
  };
  const known: store.KnownRules = new Map();
  let after: { startedAt: Date; id: string } | undefined;
  let isOver = false;
  let isCancelled = false;
  let done = 0;
  // Lanes take turns at reading: each batch begins where the one before ended.
  let reading: Promise<unknown> = Promise.resolve();
  const next = async (): Promise<store.PastOf[]> => {
    if (isOver || isCancelled) return [];
    const past = await context.db.read(context, (tx) => store.readPast(tx, of, after, batchSize, known));
    after = past.at(-1);
    isOver = past.length < batchSize;
    return past;
  };
  const run = async (lane: PlayLane) => {
    for (;;) {
      if (signal?.aborted) throw new Error('the server drains: replayed after the next start');
      const turn = reading.then(next);
      reading = turn.catch(() => undefined);
      const past = await turn;
      if (past.length === 0) return;
      const goesOn = await replayBatch(running, lane, past, () => (done += past.length));
      isCancelled ||= !goesOn;
    }
  };
  await Promise.all(lanes.map(run));
  return !isCancelled;
}

async function endReplay(
  context: Context,
  replay: store.Replay,
  how: { summary: ReturnType<ReplayCounts['summary']> } | { failure: string },
) {
  const { id, kind, code, version, versionId } = replay;
  const state = 'summary' in how ? 'done' : 'failed';
  await context.db.transact(context, async (tx) => {
    if (!(await store.setEnded(tx, id, state, how))) return;
    const told = 'summary' in how ? { approvals: how.summary.approvals, differences: how.summary.differences } : how;
    await recordAudit(tx, {
      ...{ action: 'replay.ended', entityType: kind, entityId: versionId },
      after: { replay: id, code, version, state, ...told },
    });
    await emit(tx, {
      ...{ type: 'workflow.replay.ended', subjectType: 'replay', subjectId: id },
      data: { replayId: id, kind, code, version, state },
    });
  });
}

async function runLanes(running: Running, approvals: number, signal: AbortSignal | undefined): Promise<void> {
  const { context, replay, setting, counts } = running;
  const lanes = openLanes(setting, Math.ceil(approvals / batchSize));
  try {
    if (await replayAll(running, lanes, signal)) await endReplay(context, replay, { summary: counts.summary() });
  } finally {
    for (const lane of lanes) await lane.close();
  }
}

/**
 * Plays a version over all past approvals and keeps what it came to. Begins anew where it was broken off; does nothing for one that is
 * over. What it plays by and who may decide are those of this moment.
 */
export async function runReplay(context: Context, replayId: string, signal?: AbortSignal): Promise<void> {
  const replay = await context.db.read(context, (tx) => store.findReplay(tx, replayId));
  if (replay?.state !== 'queued' && replay?.state !== 'running') return;
  try {
    const { setting, members, approvals } = await context.db.read(context, async (tx) => {
      const read = await readSetting(tx, await findTried(tx, replay.kind, replay.versionId));
      const codes = read.processes.map(({ model }) => model.code);
      const count = await store.countPast(tx, codes, replay.requestedAt);
      return { setting: read, members: await findMembers(tx), approvals: count };
    });
    while ((await context.db.transact(context, (tx) => store.dropReplayed(tx, replay.kind, replay.code))) > 0);
    if (!(await context.db.transact(context, (tx) => store.setRunning(tx, replayId, approvals)))) return;
    const ready = { who: new WhoMay(members), counts: new ReplayCounts(), managers: new Map<string, string | null>() };
    await runLanes({ context, replay, setting, members, ...ready }, approvals, signal);
  } catch (error) {
    if (signal?.aborted) throw error;
    context.log.error({ err: error, replayId }, 'a replay failed');
    const failure = error instanceof Problem ? error.detail : 'It failed; the cause is in the log.';
    await endReplay(context, replay, { failure });
  }
}

/** The job behind {@link runReplay}. */
export const replayJob: Job<{ replayId: string }> = {
  name: 'workflow.replay',
  queue: 'workflow-replay',
  handle: (context: JobContext, { replayId }) => runReplay(context, replayId, context.signal),
};
