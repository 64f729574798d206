import type { Severity } from './shapes.ts';

const colours: Record<Severity, string> = {
  ...{ low: 'var(--dim)', medium: 'var(--dim)' },
  ...{ high: 'var(--warn)', critical: 'var(--neg)' },
};

/** How serious it is: the word, with a colour beside it. */
export function SeverityTag({ severity }: { severity: Severity }) {
  return (
    <span className="tag" style={{ color: colours[severity] }}>
      {severity}
    </span>
  );
}
