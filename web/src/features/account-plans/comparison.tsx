import { Panel } from '../../ui/screen.tsx';
import { FigureValueButton } from '../../ui/values.tsx';
import { differenceText, innerLines, isBad, lineNames, strongLines, valueText } from './lines.ts';
import { type ComparedColumn, type PlanLine, planLines } from './shapes.ts';

/** What a scenario's line differs by from the plan's; it opens. */
function Difference({ line, column }: { line: PlanLine; column: ComparedColumn }) {
  const figure = column.figures.difference[line];
  const label = `${lineNames[line]}, ${column.name} less the plan`;
  const { value } = figure;
  if (value === null || value === undefined) {
    return (
      <FigureValueButton figure={figure} label={label}>
        <span className="t-faint">–</span>
      </FigureValueButton>
    );
  }
  const text = differenceText(line, value);
  const changed = /[1-9]/.test(text);
  const colour = isBad(line, value) ? 'num neg' : changed ? 'num pos' : 'num t-faint';
  return (
    <FigureValueButton figure={figure} label={label}>
      <span className={colour}>{changed && !text.startsWith('\u2212') ? `+${text}` : text}</span>
    </FigureValueButton>
  );
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
  const scenarios = columns.slice(1);
  return (
    <Panel title="Customer P&L of the year, as planned" className="scrolls">
      <table className="grid tight">
        <thead>
          <tr>
            <th>Line</th>
            <th className="right">Plan</th>
            {scenarios.map(({ id, name, notComparable }) => (
              <th key={id} colSpan={2} className="right">
                <button type="button" onClick={() => id && pick(id)} aria-pressed={id === picked}>
                  {id === picked ? <b>{name}</b> : name}
                </button>
                {notComparable && (
                  <div className="t-faint" style={{ whiteSpace: 'normal', minWidth: 180 }}>
                    {notComparable}
                  </div>
                )}
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
                      <Difference line={line} column={column} />
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
                    {column.notComparable ? 'not comparable' : valueText('contribution', figure.value)}
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
