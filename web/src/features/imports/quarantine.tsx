import { Button, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ExportButton } from '../../ui/export-button.tsx';
import { countText } from '../../ui/format.ts';
import { Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { quarantineQuery } from './queries.ts';
import type { ImportRun, QuarantineRow } from './shapes.ts';
import { fileOfTable } from './sheet-paste.ts';
import { uploadFile } from './upload-file.ts';

/** Cells that somebody changed: row id → column → text. */
type Fixes = Record<string, Record<string, string>>;

function columnsOf(rows: readonly QuarantineRow[]): string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row.raw)))];
}

/** The mended rows as a file with the columns of the first one, so that the same mapping reads it. */
function mendedFile(run: ImportRun, rows: readonly QuarantineRow[], fixes: Fixes): File {
  const columns = columnsOf(rows);
  const name = run.fileName.replace(/(\.(csv|xlsx|gz))+$/i, '');
  const mended = rows.filter((row) => fixes[row.id]);
  return fileOfTable(
    `${name}, mended`,
    mended.map((row) => columns.map((column) => fixes[row.id]?.[column] ?? row.raw[column] ?? '')),
    columns,
  );
}

function Cell({
  row,
  column,
  fixes,
  fix,
}: {
  row: QuarantineRow;
  column: string;
  fixes: Fixes;
  fix(text: string): void;
}) {
  const text = fixes[row.id]?.[column] ?? row.raw[column] ?? '';
  const changed = fixes[row.id]?.[column] !== undefined;
  return (
    <TextInput
      size="xs"
      variant={changed ? 'default' : 'unstyled'}
      aria-label={`${column} of row ${row.rowNumber}`}
      value={text}
      onChange={(event) => fix(event.currentTarget.value)}
    />
  );
}

/** The rows of an import that were not taken: mended in place and sent again. */
export function Quarantine({ run, started }: { run: ImportRun; started(id: string): void }) {
  const client = useQueryClient();
  const rows = useQuery(quarantineQuery(run.id));
  const [fixes, setFixes] = useState<Fixes>({});
  const items = rows.data?.items ?? [];
  const send = useMutation({
    mutationFn: () =>
      uploadFile({
        kind: run.kind ?? '',
        file: mendedFile(run, items, fixes),
        mapping: run.mapping && JSON.stringify(run.mapping),
      }),
    onSuccess: ({ id }) => {
      void client.invalidateQueries({ queryKey: ['imports'] });
      started(id);
    },
  });
  if (rows.error) return <Refusal error={rows.error} />;
  if (!rows.data) return <RowsLoading rows={4} />;
  const columns = columnsOf(items);
  const count = run.rows.quarantined;
  const mended = Object.keys(fixes).length;
  const fix = (row: QuarantineRow, column: string, text: string) =>
    setFixes((before) => ({ ...before, [row.id]: { ...before[row.id], [column]: text } }));
  const exported = () => ({
    head: ['row', 'reasons', ...columns],
    rows: items.map((row) => [row.rowNumber, row.reasons.join('; '), ...columns.map((name) => row.raw[name])]),
  });
  return (
    <Panel
      title={`Quarantine: ${countText(count)} rows that did not map`}
      className="scrolls"
      aside={
        <div className="row" style={{ gap: 8 }}>
          <ExportButton name={`quarantine of ${run.fileName}`} table={exported} />
          <Button disabled={mended === 0} loading={send.isPending} onClick={() => send.mutate()}>
            Send {countText(mended)} mended rows
          </Button>
        </div>
      }
    >
      {send.error && <Refusal error={send.error} />}
      <table className="grid tight">
        <thead>
          <tr>
            <th className="right">Row</th>
            <th>Why it was put aside</th>
            {columns.map((column) => (
              <th key={column}>{column}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((row) => (
            <tr key={row.id} aria-selected={fixes[row.id] !== undefined}>
              <td className="right num">{row.rowNumber}</td>
              <td style={{ whiteSpace: 'normal', minWidth: 220 }}>{row.reasons.join('; ')}</td>
              {columns.map((column) => (
                <td key={column} style={{ minWidth: 110 }}>
                  <Cell row={row} column={column} fixes={fixes} fix={(text) => fix(row, column, text)} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {count > items.length && (
        <div className="notice t-dim">
          The first {items.length} of {countText(count)}. Export them, mend them in a spreadsheet and paste them back.
        </div>
      )}
    </Panel>
  );
}
