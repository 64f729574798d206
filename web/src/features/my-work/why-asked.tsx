import { Fragment } from 'react';
import type { Task } from '../../api/shapes.ts';
import { wordsOf } from '../../ui/format.ts';
import { Panel } from '../../ui/screen.tsx';
import { CellValue } from '../../ui/values.tsx';
import { nameOfVariable, textOfVariable, variableInSentence } from '../workflow/variable-words.ts';

/** What the matrix looks at, in the order in which people read it. */
const looked = ['spend', 'netRoi', 'margin', 'discount', 'mechanics'];

/** What is asked for with a plan. */
const isPlanned: ReadonlySet<string> = new Set(['promotion', 'promotion_amendment']);

/** One of them, which opens as the figures of the plan do. */
function Looked({ task, name, value }: { task: Task; name: string; value: unknown }) {
  const currency = task.summary.spend?.currency;
  const label = `${nameOfVariable(name)} of ${task.title}`;
  if (value === null || !isPlanned.has(task.subjectType) || Array.isArray(value)) {
    return textOfVariable(name, value, currency);
  }
  if (name === 'spend' && !currency) return null;
  const shown = name === 'spend' && currency ? { amount: String(value), currency } : String(value);
  return <CellValue of={`tasks.${task.subjectType}.${name}`} row={task} value={shown} label={label} unit="ratio" />;
}

/** The rows of decisions by which a task was opened, with what they looked at. */
export function WhyAsked({ task }: { task: Task }) {
  const { because = [], variables = {} } = task.routing;
  if (because.length === 0) return null;
  const inputs = looked.filter((name) => name in variables);
  return (
    <div style={{ marginTop: 12 }}>
      <Panel title="Why you are asked">
        <div className="panel-body stack" style={{ gap: 4 }}>
          {because.map((row) => (
            <div key={`${row.decision} ${row.rowId}`}>
              {row.why ?? row.message}{' '}
              <span className="t-dim t-sm">
                {wordsOf(row.decision.replaceAll('-', ' '))}, row {row.row},{' '}
                {row.version === 0 ? 'as it ships' : `version ${row.version}`}
              </span>
            </div>
          ))}
          {inputs.length > 0 && (
            <div className="t-dim t-sm">
              Asked with{' '}
              {inputs.map((name, place) => (
                <Fragment key={name}>
                  {place > 0 && ' · '}
                  {variableInSentence(name)} <Looked task={task} name={name} value={variables[name]} />
                </Fragment>
              ))}
            </div>
          )}
        </div>
      </Panel>
    </div>
  );
}
