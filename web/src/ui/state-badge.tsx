import { wordsOf } from './format.ts';

/** A promotion's or task's state: a dot and the word, so that colour is never the only cue. */
export function StateBadge({ state }: { state: string }) {
  return (
    <span className="state" data-state={state}>
      <i aria-hidden="true" />
      {wordsOf(state)}
    </span>
  );
}
