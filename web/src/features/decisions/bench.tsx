import { VariableFields } from '../workflow/variable-fields.tsx';
import type { DecisionAnswer, Variable } from './shapes.ts';

const plainTypes = ['string', 'number', 'boolean', 'date'];

/** Variables as fields take them; what has no plain type is written as a list, or as a word. */
export const askable = (inputs: readonly Variable[]) =>
  inputs.map(({ name, type }) => ({ name, type: type && plainTypes.includes(type) ? type : 'list' }));

function Answer({ answer }: { answer: DecisionAnswer }) {
  const rows = answer.tables.flatMap(({ matched }) => matched.map(({ row }) => row));
  return (
    <div className="notice" role="status" aria-label="Answer">
      <div className="grow">
        <code className="wraps">{JSON.stringify(answer.value)}</code>
        <div className="t-dim t-sm">
          {rows.length === 0 ? 'No row matches' : `By row ${[...new Set(rows)].join(', ')}`}
        </div>
        {answer.notes.map((note) => (
          <div key={note} className="t-sm">
            {note}
          </div>
        ))}
      </div>
    </div>
  );
}

/** The test bench: inputs to the answer, without anything coming of it. */
export function Bench({
  inputs,
  typed,
  put,
  answer,
}: {
  inputs: readonly Variable[];
  typed: Readonly<Record<string, string>>;
  put(typed: Readonly<Record<string, string>>): void;
  answer: DecisionAnswer | null;
}) {
  return (
    <div className="panel-body stack">
      <VariableFields variables={askable(inputs)} typed={typed} put={put} />
      {answer ? (
        <Answer answer={answer} />
      ) : (
        <div className="t-dim t-sm">Give an input: the rows that answer light up.</div>
      )}
    </div>
  );
}
