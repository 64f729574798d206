import { Problem } from '#problem';
import { compileModel } from '../decisions/dmn/compile-model.ts';
import type { DecisionModel, DecisionTable } from '../decisions/dmn/dmn-model.ts';
import { nodesOf } from '../definitions/check-model.ts';
import type { CandidateRule, ProcessModel } from '../definitions/process-model.ts';
import { indexModel } from '../instances/index-model.ts';
import { type AskedDecision, answerDecision } from '../rulebook/answer-decision.ts';
import { type Played, type PlayedFacts, type PlayedProcess, playOn, replayLimits } from './play-on.ts';

/** A decision that processes ask; of the tried one its rows are told. */
export interface SetDecision extends Omit<AskedDecision, 'compiled'> {
  model: DecisionModel;
  table: DecisionTable | null;
  isTried: boolean;
}

/** What a replay plays by: processes and decisions as they would be in force. Plain data: it goes to threads of their own. */
export interface ReplaySetting {
  processes: readonly { model: ProcessModel; rulesOf: ReadonlyMap<string, readonly CandidateRule[]> }[];
  decisions: readonly SetDecision[];
  /** Codes of processes in which people decide, or in what those call. */
  deciding: ReadonlySet<string>;
}

/** An approval as it goes to a thread. */
export interface OrderedPlay {
  definition: string;
  facts: PlayedFacts;
}

/** A decision that came to no end so often is not asked again: its last refusal holds for all other approvals. */
const mostExhausted = 20;

interface ReadyDecision extends AskedDecision {
  isTried: boolean;
  exhausted: number;
  gaveUp?: Problem;
}

const ready = (one: SetDecision): ReadyDecision => ({ ...one, compiled: compileModel(one.model), exhausted: 0 });

function attempt<T>(found: ReadyDecision, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Problem && error.code === 'decision.exhausted') {
      found.exhausted += 1;
      found.gaveUp = error;
    }
    throw error;
  }
}

/** Of some processes the codes of those in which people decide, or in what they call. */
export function decidingAmong(models: readonly ProcessModel[]): ReadonlySet<string> {
  const deciding = new Set<string>();
  const asks = ({ body }: ProcessModel) =>
    nodesOf(body).some((node) => node.kind === 'user' || (node.kind === 'call' && deciding.has(node.process)));
  // Each round finds who calls what was found before.
  for (let found = -1; found < deciding.size; ) {
    found = deciding.size;
    for (const model of models) if (asks(model)) deciding.add(model.code);
  }
  return deciding;
}

/** Makes a setting ready once; answers what plays an approval. */
export function makePlayer({ processes, decisions, deciding }: ReplaySetting): (order: OrderedPlay) => Played {
  const asked = new Map(decisions.map((one) => [one.code, ready(one)] as const));
  const ask: PlayedProcess['ask'] = (code, input, now) => {
    const found = asked.get(code);
    if (!found) return undefined;
    if (found.gaveUp && found.exhausted >= mostExhausted) throw found.gaveUp;
    const { value, tables } = attempt(found, () => answerDecision(found, input, { now, limits: replayLimits }));
    const own = found.isTried ? tables.filter(({ table }) => table === found.decision) : [];
    return { value, rows: own.flatMap(({ matched }) => matched.map(({ row }) => row)) };
  };
  const played = new Map<string, PlayedProcess>(
    processes.map(({ model, rulesOf }) => [model.code, { process: indexModel(model), rulesOf, ask, deciding }]),
  );
  return ({ definition, facts }) => {
    const process = played.get(definition);
    if (!process) throw new Error(`no process ${definition} is set for the replay`);
    return playOn(process, facts);
  };
}
