import type { Money } from '../../api/shapes.ts';
import { CellValue } from '../../ui/values.tsx';
import { isMoneyVariable, nameOfVariable, textOfVariable } from './variable-words.ts';

const isWords = (value: object) => Array.isArray(value) && value.every((one) => typeof one === 'string');
const isMoney = (value: object): value is Money => 'amount' in value && 'currency' in value;

function Value({
  name,
  value,
  variables,
}: {
  name: string;
  value: unknown;
  variables: Readonly<Record<string, unknown>>;
}) {
  const { currency } = variables;
  const money = (amount: Money) => (
    <CellValue of="workflow.variables.money" row={variables} value={amount} label={nameOfVariable(name)} />
  );
  if (value === null || value === undefined || value === '') return <span className="t-faint">–</span>;
  if (typeof value === 'object') {
    if (isMoney(value)) return money(value);
    return isWords(value) ? textOfVariable(name, value, currency) : <code>{JSON.stringify(value)}</code>;
  }
  if (isMoneyVariable(name) && typeof currency === 'string') {
    return money({ amount: String(value), currency });
  }
  return <span className="num">{textOfVariable(name, value, currency)}</span>;
}

/** The variables of a process with what they are now; what was decided stands in the timeline. */
export function VariableValues({ variables }: { variables: Readonly<Record<string, unknown>> }) {
  const { currency } = variables;
  // The currency stands beside each amount.
  const items = Object.entries(variables).filter(
    ([name, value]) => !isDecision(value) && (name !== 'currency' || typeof currency !== 'string'),
  );
  if (items.length === 0) return <div className="notice t-dim">It has none.</div>;
  return (
    <table className="grid tight">
      <tbody>
        {items.map(([name, value]) => (
          <tr key={name}>
            <td>{nameOfVariable(name)}</td>
            <td className="right">
              <Value name={name} value={value} variables={variables} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const isDecision = (value: unknown) =>
  typeof value === 'object' && value !== null && 'outcome' in value && 'by' in value;
