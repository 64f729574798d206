import { dateText } from '../../ui/format.ts';
import { columnNames, innerLines, lineNames, strongLines } from './lines.ts';
import { PlanFigure } from './plan-figure.tsx';
import { type PlanColumns, type PlanLine, type Pnl, planColumns } from './shapes.ts';

function Figures({
  pnl,
  line,
  period,
  values,
}: {
  pnl: Pnl;
  line: PlanLine;
  period: number | undefined;
  values: PlanColumns;
}) {
  return planColumns.map((column) => (
    <td key={column} className="right">
      <PlanFigure place={{ planId: pnl.planId, snapshot: pnl.snapshot, line, column, period }} value={values[column]} />
    </td>
  ));
}

function Heads({ first }: { first: string }) {
  return (
    <thead>
      <tr>
        <th>{first}</th>
        {planColumns.map((column) => (
          <th key={column} className="right">
            {columnNames[column]}
          </th>
        ))}
      </tr>
    </thead>
  );
}

/** The P&L of a period or of the year: every line by target, plan, latest estimate, actual and gap. */
export function PnlOfPeriod({
  pnl,
  period,
  line,
  pick,
}: {
  pnl: Pnl;
  period: number | undefined;
  line: PlanLine;
  pick(line: PlanLine): void;
}) {
  const at = pnl.periods.findIndex((one) => one.period === period);
  return (
    <table className="grid tight">
      <Heads first={`Cases and ${pnl.currency}`} />
      <tbody>
        {pnl.lines.map((row) => (
          <tr
            key={row.line}
            className={strongLines.has(row.line) ? 'strong' : undefined}
            aria-selected={row.line === line}
          >
            <td style={innerLines.has(row.line) ? { paddingLeft: 24 } : undefined}>
              <button
                type="button"
                className="plain"
                title="Show this line by period"
                aria-pressed={row.line === line}
                onClick={() => pick(row.line)}
              >
                {lineNames[row.line]}
              </button>
            </td>
            <Figures pnl={pnl} line={row.line} period={period} values={row.periods[at] ?? row.year} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const stateNames = { closed: 'closed by facts', running: 'running', open: 'to come' } as const;

/** One line by fiscal period, and the year. */
export function LineByPeriod({
  pnl,
  line,
  period,
  pick,
}: {
  pnl: Pnl;
  line: PlanLine;
  period: number | undefined;
  pick(period: number | undefined): void;
}) {
  const row = pnl.lines.find((one) => one.line === line);
  if (!row) return null;
  return (
    <table className="grid tight">
      <Heads first="Period" />
      <tbody>
        {pnl.periods.map((one, i) => {
          const values = row.periods[i];
          return (
            values && (
              <tr key={one.period} aria-selected={one.period === period}>
                <td>
                  <button
                    type="button"
                    className="plain"
                    title={`${dateText(one.startsOn)} – ${dateText(one.endsOn)}, ${stateNames[one.state]}`}
                    aria-pressed={one.period === period}
                    onClick={() => pick(one.period)}
                  >
                    P{one.period} <span className="t-faint t-sm">{dateText(one.startsOn, false)}</span>
                    {one.state === 'running' && <span className="tag">running</span>}
                  </button>
                </td>
                <Figures pnl={pnl} line={line} period={one.period} values={values} />
              </tr>
            )
          );
        })}
        <tr className="strong" aria-selected={period === undefined}>
          <td>
            <button type="button" className="plain" aria-pressed={period === undefined} onClick={() => pick(undefined)}>
              Year
            </button>
          </td>
          <Figures pnl={pnl} line={line} period={undefined} values={row.year} />
        </tr>
      </tbody>
    </table>
  );
}
