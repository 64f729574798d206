import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ExportButton } from '../../ui/export-button.tsx';
import { Panel, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { processingQuery } from './queries.ts';
import type { Processing } from './shapes.ts';

function exported(items: readonly Processing[]) {
  return {
    head: ['purpose', 'legal_basis', 'table', 'kept', 'erasure', 'column', 'what_it_tells'],
    rows: items.flatMap((one) =>
      one.data.map(({ table, column, what }) => {
        const facts = one.tables.find((each) => each.table === table);
        return [one.purpose, one.basis, table, facts?.kept ?? '', facts?.erasure ?? '', column, what];
      }),
    ),
  };
}

function Activity({ activity }: { activity: Processing }) {
  return (
    <Panel className="scrolls" title={activity.purpose} aside={<span className="tag">{activity.basis}</span>}>
      <table className="grid tight wrap">
        <thead>
          <tr>
            <th>Table</th>
            <th>Kept</th>
            <th>When a person is erased</th>
          </tr>
        </thead>
        <tbody>
          {activity.tables.map(({ table, kept, erasure, because }) => (
            <tr key={table}>
              <td>
                <code>{table}</code>
              </td>
              <td>{kept}</td>
              <td>
                {erasure}
                {because && <span className="t-dim">: {because}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <table className="grid tight wrap">
        <thead>
          <tr>
            <th>Table</th>
            <th>Column</th>
            <th>What it tells</th>
          </tr>
        </thead>
        <tbody>
          {activity.data.map(({ table, column, what }) => (
            <tr key={`${table}.${column}`}>
              <td>
                <code>{table}</code>
              </td>
              <td>
                <code>{column}</code>
              </td>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

/** The record of processing (GDPR, Article 30), as the running product declares it. */
export function ProcessingRecord({ head }: { head: ReactNode }) {
  const record = useQuery(processingQuery);
  const items = record.data ?? [];
  return (
    <Screen
      title="Privacy"
      sub={head}
      actions={<ExportButton name="record-of-processing" disabled={items.length === 0} table={() => exported(items)} />}
    >
      {record.error && <Refusal error={record.error} retry={() => void record.refetch()} />}
      {record.isPending && <RowsLoading rows={10} />}
      <div className="stack">
        {items.map((activity) => (
          <Activity key={`${activity.purpose}${activity.basis}`} activity={activity} />
        ))}
      </div>
    </Screen>
  );
}
