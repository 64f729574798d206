import type { Task } from '../../api/shapes.ts';
import { wordsOf } from '../../ui/format.ts';
import { Panel } from '../../ui/screen.tsx';

const looked: Readonly<Record<string, string>> = {
  amount: 'spend',
  netRoi: 'net ROI',
  margin: 'margin',
  discount: 'deepest price cut',
  mechanics: 'mechanics',
};

const textOf = (value: unknown): string =>
  Array.isArray(value) ? value.map((one) => wordsOf(String(one))).join(', ') : String(value ?? 'not known');

/** The rows of decisions by which a task was opened, with what they looked at. */
export function WhyAsked({ task }: { task: Task }) {
  const { because = [], variables = {} } = task.routing;
  if (because.length === 0) return null;
  const inputs = Object.keys(looked).filter((name) => name in variables);
  return (
    <div style={{ marginTop: 12 }}>
      <Panel title="Why you are asked">
        <div className="panel-body stack" style={{ gap: 4 }}>
          {because.map((row) => (
            <div key={`${row.decision} ${row.rowId}`}>
              {row.why ?? row.message}{' '}
              <span className="t-dim t-sm">
                {row.decision}, row {row.row}, {row.version === 0 ? 'as it ships' : `version ${row.version}`}
              </span>
            </div>
          ))}
          {inputs.length > 0 && (
            <div className="t-dim t-sm">
              Asked with {inputs.map((name) => `${looked[name]} ${textOf(variables[name])}`).join(' · ')}
            </div>
          )}
        </div>
      </Panel>
    </div>
  );
}
