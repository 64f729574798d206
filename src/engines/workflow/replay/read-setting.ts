import { Problem } from '#problem';
import { nodesOf } from '../definitions/check-model.ts';
import type { ProcessModel } from '../definitions/process-model.ts';
import { byPreference } from '../find-candidates.ts';
import { asModel } from '../instances/running-model.ts';
import { type Tx, workflowParts } from '../instances/workflow-parts.ts';
import { keptOf, shippedDecision, tableOf } from '../rulebook/find-decision.ts';
import type { KeptDecision } from '../rulebook/kept-decision.ts';
import { findInForce, type Kind, othersInForce, type Version } from '../versions/version-store.ts';
import { decidingAmong, type ReplaySetting, type SetDecision } from './replay-setting.ts';

/** A version that is tried, with its content. */
export type Tried = Pick<Version, 'code' | 'version'> &
  ({ kind: Extract<Kind, 'process'>; model: ProcessModel } | { kind: Extract<Kind, 'decision'>; model: KeptDecision });

/** Every process in force: the tenant's own, and of those that ship the ones that it has none in the place of. */
async function processesInForce(tx: Tx): Promise<ProcessModel[]> {
  const own = await othersInForce<ProcessModel>(tx, 'process', '');
  const codes = new Set(own.map(({ code }) => code));
  const shipped = workflowParts().processes.map(({ definition }) => asModel(definition));
  return [...own, ...shipped.filter(({ code }) => !codes.has(code))];
}

const askedBy = ({ body }: ProcessModel): string[] =>
  nodesOf(body).flatMap((node) => (node.kind === 'business-rule' ? [node.decision] : []));

/** The processes in force that ask a decision, by code. */
export async function processesAsking(tx: Tx, decision: string): Promise<ProcessModel[]> {
  return (await processesInForce(tx)).filter((model) => askedBy(model).includes(decision));
}

async function decisionInForce(tx: Tx, code: string): Promise<SetDecision | undefined> {
  const own = await findInForce<KeptDecision>(tx, 'decision', code);
  const shipped = shippedDecision(code);
  const kept = own?.model ?? (shipped && keptOf(shipped).kept);
  return kept && setDecision(code, own?.version ?? 0, kept, false);
}

const setDecision = (code: string, version: number, kept: KeptDecision, isTried: boolean): SetDecision => ({
  ...{ code, version, decision: kept.decision, model: kept.model, table: tableOf(kept), isTried },
  isShipped: shippedDecision(code) !== undefined,
});

const rulesIn = (model: ProcessModel) =>
  new Map(
    nodesOf(model.body).flatMap((node) =>
      node.kind === 'user' ? [[node.id, byPreference(node.candidates)] as const] : [],
    ),
  );

/**
 * What would be in force with a tried version: of a process that version with the decisions in force, of a decision the processes in
 * force that ask it. Throws `rule.violated` where nothing asks it.
 */
export async function readSetting(tx: Tx, tried: Tried): Promise<ReplaySetting> {
  const processes = tried.kind === 'process' ? [tried.model] : await processesAsking(tx, tried.code);
  if (processes.length === 0) {
    throw new Problem('rule.violated', {
      detail: `No process in force asks the decision "${tried.code}": there is nothing to replay.`,
    });
  }
  const decisions: SetDecision[] = [];
  for (const code of new Set(processes.flatMap(askedBy))) {
    const isTried = tried.kind === 'decision' && tried.code === code;
    const found = isTried ? setDecision(code, tried.version, tried.model, true) : await decisionInForce(tx, code);
    if (found) decisions.push(found);
  }
  const deciding = decidingAmong(await processesInForce(tx));
  return { processes: processes.map((model) => ({ model, rulesOf: rulesIn(model) })), decisions, deciding };
}
