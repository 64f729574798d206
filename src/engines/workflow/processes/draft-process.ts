import type { Context } from '#context';
import { Problem } from '#problem';
import { fromSteps } from '../definitions/approval-steps.ts';
import { hashModel } from '../definitions/hash-model.ts';
import type { ProcessModel } from '../definitions/process-model.ts';
import { readBpmn } from '../definitions/read-bpmn.ts';
import type { Definition } from '../domain/definition.ts';
import { keepDraft } from '../versions/change-version.ts';
import type { Version } from '../versions/version-store.ts';
import { withGiven } from './shipped-process.ts';

/** What a draft is made of: a BPMN file, or steps in order. */
export type DraftSource = { bpmn: string } | { steps: Definition };

/** Processes of one file at most: more is no file of one subject. */
const mostProcesses = 20;

/** The processes of a source as they are kept. Throws `process.refused`. */
export async function modelsOf(source: DraftSource): Promise<ProcessModel[]> {
  if ('steps' in source) return [withGiven(fromSteps(source.steps))];
  const { models } = await readBpmn(source.bpmn);
  if (models.length === 0) throw new Problem('process.refused', { detail: 'The file holds no process.' });
  if (models.length > mostProcesses) {
    throw new Problem('process.refused', { detail: `The file holds over ${mostProcesses} processes.` });
  }
  return models.map(withGiven);
}

/** Throws `process.refused` where a draft cannot be kept at all; what only keeps it from being published is told later. */
function requireKeepable(model: ProcessModel): void {
  // The database holds none, in JSON neither.
  if (JSON.stringify(model).includes('\\u0000')) {
    throw new Problem('process.refused', { detail: 'The process holds the character NUL.' });
  }
}

/**
 * Keeps each process of a source as a draft: the next version of its code, beside what is published. Throws
 * `process.refused`, and `version.conflict` where somebody else drafts the same process at the same time.
 */
export async function draftProcess(context: Context, source: DraftSource): Promise<Version[]> {
  const models = await modelsOf(source);
  for (const model of models) requireKeepable(model);
  return context.db.transact(context, async (tx) => {
    const kept: Version[] = [];
    for (const { diagram = null, source: file = null, unsupported = [], ...model } of models) {
      const { code } = model;
      const content = { model, diagram, source: file, unsupported: [...unsupported] };
      kept.push(await keepDraft(tx, 'process', { code, hash: hashModel(model), ...content }));
    }
    return kept;
  });
}
