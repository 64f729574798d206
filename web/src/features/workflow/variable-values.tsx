import type { Money } from '../../api/shapes.ts';
import { MoneyValue } from '../../ui/values.tsx';

const isMoney = (value: object): value is Money => 'amount' in value && 'currency' in value;

function Value({ value }: { value: unknown }) {
  if (value === null || value === undefined) return <span className="t-faint">–</span>;
  if (typeof value === 'object') {
    return isMoney(value) ? <MoneyValue value={value} /> : <code>{JSON.stringify(value)}</code>;
  }
  return <span className={typeof value === 'number' ? 'num' : undefined}>{String(value)}</span>;
}

/** The variables of a process with what they are now; what was decided stands in the timeline. */
export function VariableValues({ variables }: { variables: Readonly<Record<string, unknown>> }) {
  const items = Object.entries(variables).filter(([, value]) => !isDecision(value));
  if (items.length === 0) return <div className="notice t-dim">It has none.</div>;
  return (
    <table className="grid tight">
      <tbody>
        {items.map(([name, value]) => (
          <tr key={name}>
            <td>
              <code>{name}</code>
            </td>
            <td className="right">
              <Value value={value} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const isDecision = (value: unknown) =>
  typeof value === 'object' && value !== null && 'outcome' in value && 'by' in value;
