import type { Decision } from './shapes.ts';

const words: Record<Decision, string> = { repeat: 'Repeat', fix: 'Fix', stop: 'Stop' };

/** A verdict in a dot and a word. */
export function VerdictMark({ decision, title }: { decision: Decision | null; title?: string }) {
  if (!decision) return <span className="t-faint">–</span>;
  return (
    <span className="state" data-verdict={decision} title={title}>
      <i aria-hidden="true" />
      {words[decision]}
    </span>
  );
}
