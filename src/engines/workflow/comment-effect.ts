import { systemActorId } from '#context';
import { noteSchema } from '#http';
import { Problem } from '#problem';
import { sayOn } from './add-comment.ts';
import type { Effect } from './instances/workflow-parts.ts';

/** What was said, or `rule.violated`: the process has to give text. */
function textOf(value: unknown): string {
  const { data, success } = noteSchema.min(1).safeParse(value);
  if (success) return data;
  throw new Problem('rule.violated', { detail: 'The comment of this process is no text of 1 to 4,000 characters.' });
}

/** A comment of the process on what it is about: as the product, not as whoever decides; the trail names both. */
export const addComment: Effect = {
  title: 'Comment on what the process is about',
  inputs: { text: { type: 'string', title: 'What it says', required: true } },
  answers: null,
  perform: async (tx, { text }, { id: instanceId, definition, subjectType, subjectId }) => {
    const { newId, clock } = tx.context;
    const said = { subjectType, subjectId, text: textOf(text) };
    const comment = { ...said, id: newId(), authorId: systemActorId, at: clock.now() };
    await sayOn(tx, comment, { instanceId, process: definition });
    return null;
  },
};
