import { Button, FileInput, Progress, Select } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useMay } from '../../api/session.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { countText, instantText, volumeText, wordsOf } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { Empty, Panel, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { CellValue } from '../../ui/values.tsx';
import { PasteButton } from './paste.tsx';
import { Quarantine } from './quarantine.tsx';
import { importKindsQuery, importQuery, importsQuery, isFinal } from './queries.ts';
import type { ImportKind, ImportRun } from './shapes.ts';
import { uploadFile } from './upload-file.ts';

/** The kinds of import that the person may start. */
function useKinds(): readonly ImportKind[] {
  const may = useMay();
  const kinds = useQuery(importKindsQuery);
  return (kinds.data?.items ?? []).filter((each) => each.permission === null || may(each.permission));
}

function Upload({ kinds, started }: { kinds: readonly ImportKind[]; started(id: string): void }) {
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [mapping, setMapping] = useState<File | null>(null);
  const [picked, setPicked] = useState<string | null>('sales');
  const chosen = kinds.find((each) => each.kind === picked) ?? kinds[0];
  const kind = chosen?.kind ?? null;
  const upload = useMutation({
    mutationFn: async ({ file: chosenFile }: { file: File }) =>
      uploadFile({ kind: kind ?? '', file: chosenFile, mapping: mapping && (await mapping.text()) }),
    onSuccess: ({ id }) => {
      setFile(null);
      void client.invalidateQueries({ queryKey: ['imports'] });
      started(id);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (file) upload.mutate({ file });
  };
  return (
    <form onSubmit={submit} className="stack" style={{ padding: 12, borderBottom: '1px solid var(--line)' }}>
      <Select
        label="Kind"
        data={kinds.map((each) => ({ value: each.kind, label: wordsOf(each.kind) }))}
        value={kind}
        onChange={setPicked}
        allowDeselect={false}
      />
      {chosen && (
        <div className="t-sm t-dim">
          {chosen.summary}. Columns:{' '}
          {chosen.columns.map((column) => (column.required ? column.name : `${column.name} (optional)`)).join(', ')}.
        </div>
      )}
      <FileInput
        label="File"
        description="CSV or XLSX with a header row, plain or gzipped"
        placeholder="Choose a file"
        value={file}
        onChange={setFile}
        clearable
      />
      <FileInput
        label="Mapping (optional)"
        description="JSON: renames, constants, codes"
        placeholder="Choose a mapping"
        accept=".json,application/json"
        value={mapping}
        onChange={setMapping}
        clearable
      />
      {upload.error && <Refusal error={upload.error} />}
      <Button type="submit" leftSection={<IconUpload size={14} />} disabled={!file || !kind} loading={upload.isPending}>
        Import
      </Button>
    </form>
  );
}

function progressOf(run: ImportRun): number | null {
  return run.progress === null ? null : Math.round(Number(run.progress) * 100);
}

function Totals({ id, fileName, totals }: ImportRun) {
  if (Object.keys(totals).length === 0) return null;
  return (
    <Panel title="Control totals" className="scrolls">
      <table className="grid tight">
        <thead>
          <tr>
            <th>Column</th>
            <th className="right">Read</th>
            <th className="right">Accepted</th>
            <th className="right">Quarantined</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(totals).map(([name, sums]) => (
            <tr key={name}>
              <td>{wordsOf(name)}</td>
              {(['read', 'accepted', 'quarantined'] as const).map((of) => (
                <td key={of} className="right">
                  <CellValue
                    of={`imports.totals.${of}`}
                    row={{ ...sums, id, fileName }}
                    value={sums[of]}
                    label={`${wordsOf(name)}, ${of}`}
                  >
                    {volumeText(sums[of], 2)}
                  </CellValue>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function RunDetail({ id, started }: { id: string; started(id: string): void }) {
  const run = useQuery(importQuery(id));
  if (run.error && !run.data) return <Refusal error={run.error} retry={() => void run.refetch()} />;
  if (!run.data) return <RowsLoading rows={8} />;
  const { rows, errors, notes } = run.data;
  const share = progressOf(run.data);
  const done = isFinal(run.data);
  return (
    <div className="stack" style={{ gap: 12 }}>
      <div className="row spread">
        <div>
          <h2 style={{ fontSize: 16 }}>{run.data.fileName}</h2>
          <div className="t-dim">
            {wordsOf(run.data.kind ?? 'unknown')}
            {run.data.finishedAt && ` · finished ${instantText(run.data.finishedAt)}`}
          </div>
        </div>
        <StateBadge state={run.data.status} />
      </div>
      <Progress
        value={done ? 100 : (share ?? 100)}
        striped={!done}
        animated={!done && share === null}
        aria-label="Progress"
        color={run.data.status === 'failed' || run.data.status === 'refused' ? 'red' : 'accent'}
      />
      <div className="kpis">
        {(['read', 'stored', 'unchanged', 'quarantined'] as const).map((name) => (
          <div className="kpi" key={name}>
            <span className="label">{wordsOf(name)}</span>
            <span className="value num">{countText(rows[name])}</span>
            <span className="interval">rows</span>
          </div>
        ))}
      </div>
      {errors.length > 0 && (
        <Panel title="Errors">
          {errors.map((error) => (
            <div className="notice neg" key={error}>
              {error}
            </div>
          ))}
        </Panel>
      )}
      {notes.length > 0 && (
        <Panel title="Notes">
          {notes.map((note) => (
            <div className="notice" key={note}>
              {note}
            </div>
          ))}
        </Panel>
      )}
      <Totals {...run.data} />
      {rows.quarantined > 0 && done && <Quarantine run={run.data} started={started} />}
    </div>
  );
}

function exported(runs: readonly ImportRun[]) {
  return {
    head: ['file', 'kind', 'status', 'read', 'stored', 'unchanged', 'quarantined', 'created_at', 'finished_at'],
    rows: runs.map(({ fileName, kind, status, rows, createdAt, finishedAt }) => [
      ...[fileName, kind, status, rows.read, rows.stored, rows.unchanged, rows.quarantined, createdAt, finishedAt],
    ]),
  };
}

/** Upload of files, their progress, totals, errors and quarantine. */
export function Imports() {
  const { run: picked } = useSearch({ from: '/app/imports' });
  const navigate = useNavigate();
  const runs = useQuery(importsQuery);
  const kinds = useKinds();
  const items = runs.data?.items ?? [];
  const pick = (id: string) => void navigate({ to: '/imports', search: { run: id }, replace: true });
  const shown = picked ?? items[0]?.id;
  const at = items.findIndex((run) => run.id === shown);
  const step = (by: number) => {
    const next = items[Math.min(Math.max(at + by, 0), items.length - 1)];
    if (next) pick(next.id);
  };
  useKeys({ j: () => step(1), k: () => step(-1) });
  return (
    <Screen
      title="Imports"
      actions={
        <>
          <ExportButton name="imports" disabled={items.length === 0} table={() => exported(items)} />
          <PasteButton kinds={kinds} kind="sales" started={pick} />
        </>
      }
      flush
    >
      <div className="panes" data-picked="both">
        <div className="pane-list">
          <Upload kinds={kinds} started={pick} />
          {runs.error && !runs.data && <Refusal error={runs.error} retry={() => void runs.refetch()} />}
          {runs.isPending && <RowsLoading rows={5} heightPx={52} />}
          {runs.data && items.length === 0 && (
            <Empty title="Nothing imported yet">Choose a kind and a file above.</Empty>
          )}
          {items.map((run) => (
            <button
              type="button"
              key={run.id}
              className="item"
              aria-current={run.id === shown}
              onClick={() => pick(run.id)}
            >
              <div className="row spread">
                <span className="title cut">{run.fileName}</span>
                <StateBadge state={run.status} />
              </div>
              <div className="row spread t-sm t-dim">
                <span>{wordsOf(run.kind ?? 'unknown')}</span>
                <span className="num">{instantText(run.createdAt)}</span>
              </div>
            </button>
          ))}
        </div>
        <div className="pane-detail">
          {shown ? <RunDetail key={shown} id={shown} started={pick} /> : <Empty title="No import is chosen" />}
        </div>
      </div>
    </Screen>
  );
}
