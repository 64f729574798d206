import { Button, FileInput, Progress, Select } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { importKindsQuery, importQuery, importsQuery, isFinal, quarantineQuery } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import { useMay } from '../../api/session.ts';
import type { ImportRun } from '../../api/shapes.ts';
import { countText, instantText, volumeText, wordsOf } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { Empty, Panel, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';

function Upload({ started }: { started(id: string): void }) {
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [mapping, setMapping] = useState<File | null>(null);
  const [kind, setKind] = useState<string | null>('sales');
  const may = useMay();
  const kinds = (useQuery(importKindsQuery).data?.items ?? []).filter(
    (each) => each.permission === null || may(each.permission),
  );
  const chosen = kinds.find((each) => each.kind === kind);
  const upload = useMutation({
    mutationFn: async () => {
      const form = new FormData();
      // The fields go first, so that the server knows the kind before the file streams in.
      form.append('kind', kind ?? '');
      if (mapping) form.append('mapping', await mapping.text());
      if (file) form.append('file', file, file.name);
      return request<{ id: string }>('/imports', { method: 'POST', form });
    },
    onSuccess: ({ id }) => {
      setFile(null);
      void client.invalidateQueries({ queryKey: ['imports'] });
      started(id);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    upload.mutate();
  };
  return (
    <form onSubmit={submit} className="stack" style={{ padding: 12, borderBottom: '1px solid var(--line)' }}>
      <Select
        label="Kind"
        data={kinds.map((each) => ({ value: each.kind, label: wordsOf(each.kind) }))}
        value={kind}
        onChange={setKind}
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

function Totals({ totals }: { totals: ImportRun['totals'] }) {
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
              <td className="right num">{volumeText(sums.read, 2)}</td>
              <td className="right num">{volumeText(sums.accepted, 2)}</td>
              <td className="right num">{volumeText(sums.quarantined, 2)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Quarantine({ id, count }: { id: string; count: number }) {
  const rows = useQuery(quarantineQuery(id));
  if (rows.error) return <Refusal error={rows.error} />;
  if (!rows.data) return <RowsLoading rows={4} />;
  return (
    <>
      <div className="grid-wrap">
        <table className="grid tight">
          <thead>
            <tr>
              <th className="right">Row</th>
              <th>Why it was put aside</th>
              <th>What it held</th>
            </tr>
          </thead>
          <tbody>
            {rows.data.items.map((row) => (
              <tr key={row.id}>
                <td className="right num">{row.rowNumber}</td>
                <td>{row.reasons.join('; ')}</td>
                <td>
                  <code className="t-dim">
                    {Object.entries(row.raw)
                      .map(([name, value]) => `${name}=${value}`)
                      .join(' ')}
                  </code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {count > rows.data.items.length && (
        <div className="notice t-dim">
          The first {rows.data.items.length} of {countText(count)}.
        </div>
      )}
    </>
  );
}

function RunDetail({ id }: { id: string }) {
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
      <Totals totals={run.data.totals} />
      {rows.quarantined > 0 && (
        <Panel title={`Quarantine: ${countText(rows.quarantined)} rows that did not map`} className="scrolls">
          <Quarantine id={id} count={rows.quarantined} />
        </Panel>
      )}
    </div>
  );
}

/** Upload of files, their progress, totals, errors and quarantine. */
export function Imports() {
  const { run: picked } = useSearch({ from: '/app/imports' });
  const navigate = useNavigate();
  const runs = useQuery(importsQuery);
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
    <Screen title="Imports" flush>
      <div className="panes" data-picked="both">
        <div className="pane-list">
          <Upload started={pick} />
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
          {shown ? <RunDetail key={shown} id={shown} /> : <Empty title="No import is chosen" />}
        </div>
      </div>
    </Screen>
  );
}
