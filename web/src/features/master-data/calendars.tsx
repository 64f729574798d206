import { useQuery } from '@tanstack/react-query';
import type { FiscalWeek } from '../../api/shapes.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { dateText, today } from '../../ui/format.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { calendarsQuery } from './queries.ts';
import type { Calendar } from './shapes.ts';

/** A fiscal period as its weeks give it. */
interface Period {
  key: string;
  label: string;
  startsOn: string;
  endsOn: string;
  weeks: FiscalWeek[];
}

function periodsOf(weeks: readonly FiscalWeek[]): Period[] {
  const periods = new Map<string, Period>();
  for (const week of weeks) {
    const key = `FY${week.fiscalYear} P${String(week.period).padStart(2, '0')}`;
    const known = periods.get(key);
    if (known) {
      known.weeks.push(week);
      known.endsOn = week.endsOn;
    } else periods.set(key, { key, label: key, startsOn: week.startsOn, endsOn: week.endsOn, weeks: [week] });
  }
  return [...periods.values()];
}

function Periods({ calendar }: { calendar: Calendar }) {
  const now = today();
  const exported = () => ({
    head: ['calendar_code', 'fiscal_year', 'period', 'week', 'starts_on', 'ends_on'],
    rows: calendar.weeks.map((week) => [
      ...[calendar.code, week.fiscalYear, week.period, week.week, week.startsOn, week.endsOn],
    ]),
  });
  return (
    <Panel
      title={`${calendar.name} (${calendar.code})${calendar.isDefault ? ', the default' : ''}`}
      className="scrolls"
      aside={<ExportButton name={`calendar ${calendar.code}`} table={exported} />}
    >
      <table className="grid tight">
        <thead>
          <tr>
            <th>Period</th>
            <th>From</th>
            <th>Until</th>
            <th className="right">Weeks</th>
            <th>Fiscal weeks</th>
          </tr>
        </thead>
        <tbody>
          {periodsOf(calendar.weeks).map((period) => (
            <tr key={period.key} aria-selected={period.startsOn <= now && now <= period.endsOn}>
              <td>{period.label}</td>
              <td className="num">{dateText(period.startsOn)}</td>
              <td className="num">{dateText(period.endsOn)}</td>
              <td className="right num">{period.weeks.length}</td>
              <td className="t-dim num">
                {period.weeks.map(({ week }) => `W${String(week).padStart(2, '0')}`).join(' ')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

/** The fiscal calendars: periods and weeks a year to either side of today. */
export function Calendars() {
  const calendars = useQuery(calendarsQuery);
  if (calendars.error) return <Refusal error={calendars.error} retry={() => void calendars.refetch()} />;
  if (!calendars.data) return <RowsLoading rows={12} />;
  if (calendars.data.length === 0)
    return <Empty title="No fiscal calendar">Import one; until then weeks have no names and periods no end.</Empty>;
  return (
    <div className="stack" style={{ gap: 12, padding: 16 }}>
      {calendars.data.map((calendar) => (
        <Periods key={calendar.id} calendar={calendar} />
      ))}
    </div>
  );
}
