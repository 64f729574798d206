import type { Context } from '#context';
import type { TenantTx } from '#db';
import { customerAncestorsOfEach } from '#master-data';
import { amountOf } from '#money';
import { tellableTactics } from '../books/liability-store.ts';
import { branchOf } from './branch-customers.ts';
import type { ClaimsPorts } from './claims-ports.ts';
import { CandidateIndex, type MatchCandidate } from './domain/match-candidates.ts';
import { type ItemHints, tradeCategories } from './domain/match-evidence.ts';
import { builtInWeights } from './domain/match-model.ts';
import { type MatchAnswer, type MatchMaking, type MatchSuggestion, suggestMatches } from './domain/match-suggestion.ts';
import { rememberReasons } from './domain/reason-memory.ts';
import { type ItemKind, openAmount } from './domain/settlement-item.ts';
import { findItem, type SettlementItem } from './item-store.ts';
import {
  type OpenTactic,
  owingCustomers,
  readModel,
  readOpenTactics,
  readReasonCounts,
  type StoredAnswer,
} from './match-store.ts';

type Tx = TenantTx<Context>;

/** The tactics that owe something, with what the promotions say of them. */
async function candidatesOf(tx: Tx, ports: ClaimsPorts, tactics: readonly OpenTactic[]): Promise<MatchCandidate[]> {
  const lines = await customerAncestorsOfEach(tx, [...new Set(tactics.map(({ customerId }) => customerId))]);
  const described = await ports.describePromotions(tx, [...new Set(tactics.map(({ promotionCode }) => promotionCode))]);
  return tactics.map(({ open, customerId, ...tactic }) => {
    const about = described.get(tactic.promotionId);
    return {
      ...tactic,
      customerLine: lines.get(customerId) ?? [customerId],
      promotionText: about ? `${about.name} ${about.productNames.join(' ')}` : '',
      endsOn: about?.endsOn ?? tactic.startsOn,
      openLiability: open,
    };
  });
}

/** What items are weighed with, before it is put in the order that is searched. */
interface ReadMatching extends Omit<MatchMaking, 'index'> {
  version: number;
  candidates: MatchCandidate[];
}

/** Reads what items are weighed with: the model in force, what reason codes stood for, and tactics of all customers or some. */
export async function readMatching(tx: Tx, ports: ClaimsPorts, customerIds?: readonly string[]): Promise<ReadMatching> {
  const model = await readModel(tx);
  const counts = await readReasonCounts(tx);
  const lines = await customerAncestorsOfEach(tx, [...new Set(counts.map(({ customerId }) => customerId))]);
  const tactics = await readOpenTactics(tx, customerIds);
  return {
    version: model?.version ?? 0,
    weights: model?.weights ?? builtInWeights,
    memory: rememberReasons(
      counts.map(({ customerId, ...count }) => ({ ...count, retailerId: lines.get(customerId)?.at(-1) ?? customerId })),
    ),
    candidates: await candidatesOf(tx, ports, tactics),
  };
}

/** Puts what was read into the order that is searched. With many tactics that takes seconds: never inside a transaction. */
export function orderedMatching({ candidates, ...read }: ReadMatching): MatchMaking & { version: number } {
  return { ...read, index: new CandidateIndex(candidates) };
}

/** What matching says of an item whose customer has these ancestors (itself first). */
export function weighItem(item: SettlementItem, customerLine: readonly string[], making: MatchMaking): MatchAnswer {
  const { customerId, takenOn, category, reference, reasonCode, note, tax } = item;
  const hints: ItemHints = {
    customerLine,
    duplicate: item.flags.some(({ flag }) => flag === 'duplicate'),
    noTrade: category !== null && !tradeCategories.has(category),
  };
  const matchable = {
    customerId,
    takenOn,
    category,
    reasonCode,
    tax,
    amount: openAmount(item),
    text: `${reference} ${note}`,
  };
  return suggestMatches(matchable, hints, making);
}

/** Tactics that may answer for a deduction or claim now, best first, with reasons. Throws `not_found`. */
export async function suggestItemMatches(
  context: Context,
  ports: ClaimsPorts,
  kind: ItemKind,
  id: string,
): Promise<MatchAnswer & { version: number; currency: string }> {
  const { item, line, read } = await context.db.read(context, async (tx) => {
    const found = await findItem(tx, kind, id);
    const branch = await branchOf(tx, found.customerId, await owingCustomers(tx));
    return { item: found, line: branch.line, read: await readMatching(tx, ports, [...branch.related]) };
  });
  const making = orderedMatching(read);
  const answer = await tellable(context, weighItem(item, line, making));
  return { ...answer, version: making.version, currency: item.amount.currency };
}

/** What may be told to somebody who is kept to a part: everything was weighed, so that nothing inside looks better than it is. */
async function tellable(context: Context, answer: MatchAnswer): Promise<MatchAnswer> {
  if (!context.actor.scope) return answer;
  const named = answer.suggestions.flatMap(({ parts }) => parts.map(({ tacticId }) => tacticId));
  const told = await context.db.read(context, (tx) => tellableTactics(tx, named));
  const may = ({ parts }: MatchSuggestion) => parts.every(({ tacticId }) => told.has(tacticId));
  const suggestions = answer.suggestions.filter(may);
  if (!answer.first || may(answer.first)) return { ...answer, suggestions };
  return { ...answer, suggestions, first: null, abstained: 'what is most probable lies outside your part' };
}

const rounded = (value: number) => Math.round(value * 1e5) / 1e5;

/** An answer as it is kept: what a confirmed match teaches from. */
export function storedAnswer(answer: MatchAnswer): StoredAnswer {
  return {
    suggestions: answer.suggestions.map(({ parts, confidence, reasons, evidence }) => ({
      parts: parts.map((part) => ({ ...part, amount: amountOf(part.amount) })),
      ...{ confidence: rounded(confidence), reasons, evidence },
    })),
    proposed: answer.first !== null,
    abstained: answer.abstained,
    none: { confidence: rounded(answer.noneConfidence), evidence: answer.noneEvidence },
  };
}
