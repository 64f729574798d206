import { createHash } from 'node:crypto';
import type { Context } from '#context';
import { Problem } from '#problem';
import type { DecisionTable, Variable } from '../decisions/dmn/dmn-model.ts';
import { modelOfTable } from '../decisions/dmn/model-of-table.ts';
import { readDmn } from '../decisions/dmn/read-dmn.ts';
import { keepDraft } from '../versions/change-version.ts';
import type { Content, Version } from '../versions/version-store.ts';
import type { KeptDecision } from './kept-decision.ts';

/** What a draft is made of: a table over inputs, or one of the decisions of a DMN file. */
export type DecisionDraft = { code: string; title: string } & (
  | { inputs: Variable[]; table: DecisionTable }
  | { dmn: string; decision: string }
);

/** What a draft holds. Throws `decision.refused` for a file that is no DMN. */
export async function contentOf(draft: DecisionDraft): Promise<Content<KeptDecision>> {
  const { title } = draft;
  if ('table' in draft) {
    const model = modelOfTable(title, draft.inputs, draft.table);
    return { model: { title, decision: title, model }, diagram: null, source: null, unsupported: [] };
  }
  const { model, unsupported } = await readDmn(draft.dmn);
  const kept = { title, decision: draft.decision, model };
  const why = 'is kept in the file, not executed';
  const left = unsupported.map((element) => ({ element, id: null, name: null, why, blocks: false }));
  return { model: kept, diagram: null, source: draft.dmn, unsupported: left };
}

/**
 * Keeps a decision as a draft: the next version of its code, beside what is published. Throws `decision.refused`, and
 * `version.conflict` where somebody else drafts the same decision at the same time.
 */
export async function draftDecision(context: Context, draft: DecisionDraft): Promise<Version> {
  const content = await contentOf(draft);
  const text = JSON.stringify(content.model);
  // The database holds none, in JSON neither.
  if (text.includes('\\u0000'))
    throw new Problem('decision.refused', { detail: 'The decision holds the character NUL.' });
  const hash = createHash('sha256').update(text).digest('hex');
  return context.db.transact(context, (tx) => keepDraft(tx, 'decision', { code: draft.code, hash, ...content }));
}
