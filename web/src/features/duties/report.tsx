import { Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ExportButton } from '../../ui/export-button.tsx';
import { instantText, wordsOf } from '../../ui/format.ts';
import { Empty, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { conflictsQuery, reportQuery } from './queries.ts';
import type { DutyBreach } from './shapes.ts';

function exported(items: readonly DutyBreach[]) {
  return {
    head: [
      'conflict',
      'person',
      'record_type',
      'record_id',
      'first_at',
      'first',
      'second_at',
      'second',
      'exception',
      'first_through',
      'second_through',
    ],
    rows: items.map((one) => [
      ...[one.conflict, one.personName, one.recordType, one.recordId],
      ...[one.firstAt, one.firstAction, one.secondAt, one.secondAction, one.exceptionId],
      ...[one.firstThrough, one.secondThrough],
    ]),
  };
}

/** The record, with the way to it where there is a page, else to what the audit trail holds of it. */
function RecordLink({ type, id }: { type: string; id: string }) {
  if (type === 'promotion') {
    return (
      <Link to="/promotions/$id" params={{ id }}>
        promotion {id.slice(-8)}
      </Link>
    );
  }
  return (
    <Link to="/audit" search={{ entityId: id }}>
      {wordsOf(type).toLowerCase()} {id.slice(-8)}
    </Link>
  );
}

/** The program of theirs that did it. */
function Through({ name }: { name: string | null }) {
  return name ? <div className="t-dim t-sm">through {name}</div> : null;
}

/** Who did both sides of a conflict with the same record, as the audit trail tells it. */
export function Report({ head }: { head: ReactNode }) {
  const { tab: _tab, ...filters } = useSearch({ from: '/app/duties' });
  const navigate = useNavigate();
  const conflicts = useQuery(conflictsQuery);
  const report = useQuery(reportQuery(filters));
  const items = report.data?.items ?? [];
  const known = new Map(conflicts.data?.map((one) => [one.code, one]));
  const put = (members: Partial<typeof filters>) => {
    const next = Object.fromEntries(Object.entries({ ...filters, ...members }).filter(([, value]) => value));
    void navigate({ to: '/duties', search: { tab: 'report', ...next }, replace: true });
  };
  const words = (code: string) => {
    const conflict = known.get(code);
    return conflict ? `${conflict.first.name} and ${conflict.second.name}` : code;
  };
  return (
    <Screen
      title="Who did both"
      sub={head}
      actions={<ExportButton name="duties-report" disabled={items.length === 0} table={() => exported(items)} />}
      flush
    >
      <div className="filters">
        <Select
          w={420}
          aria-label="Conflict"
          placeholder="Every conflict"
          clearable
          data={[...known.values()]
            .filter(({ recordType }) => recordType)
            .map(({ code }) => ({ value: code, label: words(code) }))}
          value={filters.conflict ?? null}
          onChange={(conflict) => put({ conflict: conflict ?? '' })}
        />
        <TextInput
          type="date"
          aria-label="From"
          value={filters.from ?? ''}
          onChange={(event) => put({ from: event.currentTarget.value })}
        />
        <TextInput
          type="date"
          aria-label="Until"
          value={filters.to ?? ''}
          onChange={(event) => put({ to: event.currentTarget.value })}
        />
      </div>
      {report.error && <Refusal error={report.error} retry={() => void report.refetch()} />}
      {report.isPending && <RowsLoading rows={8} />}
      {report.data && items.length === 0 && (
        <Empty title="Nobody did both">
          {report.data.checked.length} conflicts were looked for{' '}
          {filters.from || filters.to ? 'between these dates: widen them to see more' : 'in all of the audit trail'}.
        </Empty>
      )}
      {report.data && report.data.incomplete.length > 0 && (
        <div className="notice" data-severity="warn">
          There is more than is shown of: {report.data.incomplete.map(words).join('; ')}. Narrow the dates.
        </div>
      )}
      {items.length > 0 && (
        <table className="grid">
          <thead>
            <tr>
              <th>Who</th>
              <th>did both: to</th>
              <th>Record</th>
              <th>First</th>
              <th>Then</th>
              <th>Exception</th>
            </tr>
          </thead>
          <tbody>
            {items.map((one) => (
              <tr key={`${one.conflict} ${one.personId} ${one.recordId}`}>
                <td>
                  <b>{one.personName}</b>
                </td>
                <td>{words(one.conflict)}</td>
                <td>
                  <RecordLink type={one.recordType} id={one.recordId} />
                </td>
                <td className="num">
                  {instantText(one.firstAt)} <code className="t-faint">{one.firstAction}</code>
                  <Through name={one.firstThrough} />
                </td>
                <td className="num">
                  {instantText(one.secondAt)} <code className="t-faint">{one.secondAction}</code>
                  <Through name={one.secondThrough} />
                </td>
                <td>{one.exceptionId ? <span className="tag">granted</span> : <span className="neg">none</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Screen>
  );
}
