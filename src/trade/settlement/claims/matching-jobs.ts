import type { Context } from '#context';
import type { Job, JobContext } from '#jobs';
import { customerAncestorsOfEach } from '#master-data';
import type { SettlementPorts } from '../ports.ts';
import { autoSettle, autoSettleLimit } from './auto-settle.ts';
import { builtInWeights, fitWeights, refitEvery } from './domain/match-model.ts';
import type { MatchAnswer, MatchMaking } from './domain/match-suggestion.ts';
import type { SettlementItem } from './item-store.ts';
import {
  countConfirmed,
  insertModel,
  openItemsAfter,
  readConfirmedChoices,
  readModel,
  saveAnswers,
} from './match-store.ts';
import { orderedMatching, readMatching, storedAnswer, weighItem } from './suggest-matches.ts';

/** Items of one transaction: well under a second. */
const batchItems = 250;
/** The latest confirmed items that a fit looks at. */
const learnedAtMost = 2_000;

/** Weighs a batch and keeps what comes of it; answers it by item. */
async function weighBatch(
  context: Context,
  items: readonly SettlementItem[],
  making: MatchMaking & { version: number },
): Promise<Map<SettlementItem, MatchAnswer>> {
  const customerIds = [...new Set(items.map(({ customerId }) => customerId))];
  const lines = await context.db.read(context, (tx) => customerAncestorsOfEach(tx, customerIds));
  const answers = new Map(
    items.map((item) => [item, weighItem(item, lines.get(item.customerId) ?? [item.customerId], making)]),
  );
  const kept = [...answers].map(([item, answer]) => ({
    itemId: item.id,
    confidence: answer.first ? answer.first.confidence.toFixed(5) : null,
    answer: storedAnswer(answer),
  }));
  await context.db.transact(context, (tx) => saveAnswers(tx, making.version, kept));
  return answers;
}

/** Settles what needs no person, where the tenant has switched that on. */
async function settleExact(
  context: Context,
  ports: SettlementPorts,
  answers: ReadonlyMap<SettlementItem, MatchAnswer>,
): Promise<void> {
  const authority = await context.db.read(context, autoSettleLimit);
  if (!authority) return;
  for (const [item, answer] of answers) await autoSettle(context, ports, item, answer, authority);
}

/**
 * Weighs items that wait for a match: the new ones, or all of them anew (after an accrual, when there is more to claim).
 * The tactics are read once. Answers how many items were weighed.
 */
export async function weighItems(
  context: Context & { signal?: AbortSignal },
  ports: SettlementPorts,
  options: { anew: boolean },
): Promise<number> {
  let making: (MatchMaking & { version: number }) | undefined;
  let weighed = 0;
  let after = '00000000-0000-0000-0000-000000000000';
  while (!context.signal?.aborted) {
    const items = await context.db.read(context, (tx) =>
      openItemsAfter(tx, after, { limit: batchItems, onlyNew: !options.anew }),
    );
    const last = items.at(-1);
    if (!last) break;
    making ??= orderedMatching(await context.db.read(context, (tx) => readMatching(tx, ports)));
    await settleExact(context, ports, await weighBatch(context, items, making));
    weighed += items.length;
    after = last.id;
  }
  return weighed;
}

/** Fits the weights anew once enough more matches were confirmed; answers the new version, or null. */
export async function learnMatching(context: Context): Promise<number | null> {
  return context.db.transact(context, async (tx) => {
    const model = await readModel(tx);
    const confirmed = await countConfirmed(tx);
    if (confirmed < (model?.learnedFrom ?? 0) + refitEvery) return null;
    const choices = await readConfirmedChoices(tx, learnedAtMost);
    if (choices.length === 0) return null;
    const version = (model?.version ?? 0) + 1;
    await insertModel(tx, { version, weights: fitWeights(choices, builtInWeights), learnedFrom: confirmed });
    return version;
  });
}

/** Jobs of matching: weighing what was captured, and learning from what was confirmed. */
export function matchingJobs(ports: SettlementPorts): readonly Job<never>[] {
  const weigh: Job<{ kind?: string }> = {
    name: 'settlement.weigh-items',
    queue: 'settlement-matching',
    handle: async (context: JobContext, { kind }) => {
      await weighItems(context, ports, { anew: kind === 'accrual' || kind === 'opening' || kind === 'release' });
    },
  };
  const learn: Job = {
    name: 'settlement.learn-matching',
    queue: 'settlement-matching',
    handle: async (context) => {
      await learnMatching(context);
    },
  };
  return [weigh, learn] as unknown as readonly Job<never>[];
}

/** Events after which {@link matchingJobs} run. */
export const matchingDispatch: Readonly<Record<string, string>> = {
  'settlement.deduction.captured': 'settlement.weigh-items',
  'settlement.claim.captured': 'settlement.weigh-items',
  'settlement.deduction.split': 'settlement.weigh-items',
  'settlement.claim.split': 'settlement.weigh-items',
  'settlement.journal.prepared': 'settlement.weigh-items',
  'settlement.deduction.matched': 'settlement.learn-matching',
  'settlement.claim.matched': 'settlement.learn-matching',
};
