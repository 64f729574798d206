import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ExportButton } from '../../ui/export-button.tsx';
import { wordsOf } from '../../ui/format.ts';
import { Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { conflictsQuery } from './queries.ts';
import type { DutyConflict } from './shapes.ts';

const onRecordWords = { refused: 'refused on each record', reported: 'reported' } as const;

function exported(conflicts: readonly DutyConflict[]) {
  return {
    head: [
      'conflict',
      'first',
      'second',
      'risk',
      'on_record',
      'in_roles',
      'person',
      'first_by',
      'second_by',
      'exception',
    ],
    rows: conflicts.flatMap((one) => {
      const of = [one.code, one.first.name, one.second.name, one.risk, one.onRecord, one.inRoles];
      const people = one.people.map(({ name, first, second, exceptionId }) => [
        ...[...of, name, first.join(' '), second.join(' '), exceptionId],
      ]);
      return people.length > 0 ? people : [of];
    }),
  };
}

function People({ conflict: { people, inRoles } }: { conflict: DutyConflict }) {
  if (people.length === 0) return <span className="t-faint">nobody</span>;
  return (
    <>
      {people.map(({ id, name, exceptionId }) => (
        <div key={id}>
          {name}{' '}
          {exceptionId ? (
            <Link to="/duties" search={{ tab: 'exceptions' }} className="tag">
              exception
            </Link>
          ) : (
            inRoles === 'refused' && <span className="neg">without an exception</span>
          )}
        </div>
      ))}
    </>
  );
}

/** Which duties conflict, what the product does about it, and who could do both. */
export function Conflicts({ head }: { head: ReactNode }) {
  const conflicts = useQuery(conflictsQuery);
  const items = conflicts.data ?? [];
  return (
    <Screen
      title="Separation of duties"
      sub={head}
      actions={<ExportButton name="duties" disabled={items.length === 0} table={() => exported(items)} />}
      flush
    >
      {conflicts.error && !conflicts.data && <Refusal error={conflicts.error} retry={() => void conflicts.refetch()} />}
      {conflicts.isPending && <RowsLoading rows={7} />}
      {items.length > 0 && (
        <table className="grid wrap">
          <thead>
            <tr>
              <th>Nobody is to</th>
              <th>and to</th>
              <th>Why</th>
              <th>One record</th>
              <th>Both rights at once</th>
              <th>Roles with both</th>
              <th>People with both</th>
            </tr>
          </thead>
          <tbody>
            {items.map((one) => (
              <tr key={one.code}>
                <td>
                  {one.first.name}
                  <div className="t-faint t-sm">{one.first.permissions.join(', ')}</div>
                </td>
                <td>
                  {one.second.name}
                  <div className="t-faint t-sm">{one.second.permissions.join(', ')}</div>
                </td>
                <td className="t-dim wraps">{one.risk}</td>
                <td>
                  {one.recordType ? (
                    <Link to="/duties" search={{ tab: 'report', conflict: one.code }}>
                      {onRecordWords[one.onRecord]}
                    </Link>
                  ) : (
                    <span className="t-faint">–</span>
                  )}
                </td>
                <td>{one.inRoles === 'refused' ? 'refused without an exception' : 'allowed, shown here'}</td>
                <td>{one.roles.map(wordsOf).join(', ') || <span className="t-faint">none</span>}</td>
                <td>
                  <People conflict={one} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Screen>
  );
}
