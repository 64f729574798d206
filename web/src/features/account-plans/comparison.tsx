import { moneyChange } from '../../ui/format.ts';
import { Panel } from '../../ui/screen.tsx';
import { FigureValueButton } from '../../ui/values.tsx';
import { innerLines, isBad, lineNames, strongLines, valueText } from './lines.ts';
import { type ComparedColumn, type PlanLine, type PlanValue, planLines } from './shapes.ts';

/** Cases are thousandths at most: whole numbers make the difference exact. */
function casesChange(before: string, after: string): string {
  const milli = (text: string) => BigInt(text.replace('.', ''));
  const change = milli(after) - milli(before);
  const size = (change < 0n ? -change : change).toString().padStart(4, '0');
  return `${change < 0n ? '-' : ''}${size.slice(0, -3)}.${size.slice(-3)}`;
}

function ratioChange(before: string, after: string): string {
  const tenThousandths = (text: string) => BigInt(text.replace('.', ''));
  const change = tenThousandths(after) - tenThousandths(before);
  const size = (change < 0n ? -change : change).toString().padStart(5, '0');
  return `${change < 0n ? '-' : ''}${size.slice(0, -4)}.${size.slice(-4)}`;
}

/** What a column differs by from the plan, exactly; null where either is not known. */
function differenceOf(line: PlanLine, before: PlanValue, after: PlanValue): PlanValue {
  if (before === null || after === null) return null;
  if (typeof before === 'object' && typeof after === 'object') return moneyChange(before, after);
  if (typeof before !== 'string' || typeof after !== 'string') return null;
  return line === 'tradeRate' ? ratioChange(before, after) : casesChange(before, after);
}

function Difference({ line, before, after }: { line: PlanLine; before: PlanValue; after: PlanValue }) {
  const difference = differenceOf(line, before, after);
  if (difference === null) return <span className="t-faint">–</span>;
  const text = valueText(line, difference);
  const changed = /[1-9]/.test(text);
  const colour = isBad(line, difference) ? 'num neg' : changed ? 'num pos' : 'num t-faint';
  return <span className={colour}>{changed && !text.startsWith('\u2212') ? `+${text}` : text}</span>;
}

/** The plan and its scenarios side by side: the year's P&L as planned, and what differs. */
export function Comparison({
  columns,
  picked,
  pick,
}: {
  columns: readonly ComparedColumn[];
  picked: string;
  pick(id: string): void;
}) {
  const [plan, ...scenarios] = columns;
  if (!plan) return null;
  return (
    <Panel title="Customer P&L of the year, as planned" className="scrolls">
      <table className="grid tight">
        <thead>
          <tr>
            <th>Line</th>
            <th className="right">Plan</th>
            {scenarios.map(({ id, name, outdated, snapshot }) => (
              <th key={id} colSpan={2} className="right">
                <button type="button" onClick={() => id && pick(id)} aria-pressed={id === picked}>
                  {id === picked ? <b>{name}</b> : name}
                </button>
                {outdated && <div className="t-faint">on snapshot {snapshot}, an earlier one</div>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {planLines.map((line) => (
            <tr key={line} className={strongLines.has(line) ? 'strong' : undefined}>
              <td style={innerLines.has(line) ? { paddingLeft: 24 } : undefined}>{lineNames[line]}</td>
              {columns.map((column) => {
                const figure = column.figures.plan[line];
                return [
                  <td key={`${column.id}`} className="right">
                    <FigureValueButton figure={figure} label={`${lineNames[line]}, ${column.name}`}>
                      {valueText(line, figure.value)}
                    </FigureValueButton>
                  </td>,
                  column.id !== null && (
                    <td key={`${column.id}-difference`} className="right">
                      <Difference line={line} before={plan.figures.plan[line].value} after={figure.value} />
                    </td>
                  ),
                ];
              })}
            </tr>
          ))}
          <tr>
            <td>Gap of contribution to target</td>
            {columns.map((column) => {
              const figure = column.figures.gap.contribution;
              return (
                <td key={`${column.id}`} className="right" colSpan={column.id === null ? 1 : 2}>
                  <FigureValueButton figure={figure} label={`Gap, ${column.name}`}>
                    {valueText('contribution', figure.value)}
                  </FigureValueButton>
                </td>
              );
            })}
          </tr>
        </tbody>
      </table>
    </Panel>
  );
}
