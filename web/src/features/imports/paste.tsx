import { Button, Modal, Select, Textarea } from '@mantine/core';
import { IconClipboardText } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { countText, wordsOf } from '../../ui/format.ts';
import { Empty, Refusal } from '../../ui/screen.tsx';
import type { ImportKind } from './shapes.ts';
import { type ColumnMatch, fileOfTable, type PastedTable, parsePasted, problemsOf, readTable } from './sheet-paste.ts';
import { uploadFile } from './upload-file.ts';

/** As many rows as the preview shows; all are imported. */
const shownRows = 100;
const leftOut = '';

interface Pasted {
  rows: PastedTable;
  match: ColumnMatch;
}

function Preview({
  pasted,
  kind,
  change,
}: {
  pasted: Pasted;
  kind: ImportKind;
  change(column: number, name: string | null): void;
}) {
  const { rows, match } = pasted;
  const empty = useMemo(() => {
    const { emptyCells } = problemsOf(rows, match, kind.columns);
    return new Set(emptyCells.map(({ row, column }) => `${row} ${column}`));
  }, [rows, match, kind]);
  const options = [
    { value: leftOut, label: 'left out' },
    ...kind.columns.map(({ name, required }) => ({ value: name, label: required ? `${name} *` : name })),
  ];
  return (
    <div className="grid-wrap" style={{ maxHeight: '46vh' }}>
      <table className="grid tight">
        <thead>
          <tr>
            <th className="right">Row</th>
            {match.map((name, column) => (
              // A pasted column has no name of its own but its place.
              // biome-ignore lint/suspicious/noArrayIndexKey: see above
              <th key={column}>
                <Select
                  size="xs"
                  w={150}
                  aria-label={`Column ${column + 1} becomes`}
                  data={options}
                  value={name ?? leftOut}
                  allowDeselect={false}
                  onChange={(value) => change(column, value || null)}
                />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, shownRows).map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a pasted row has no name of its own but its place
            <tr key={index}>
              <td className="right num t-faint">{index + 1}</td>
              {match.map((name, column) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: as above
                <td key={column} className={name === null ? 't-faint' : undefined}>
                  {row[column] || (empty.has(`${index + 1} ${name}`) ? <span className="neg">missing</span> : '')}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Problems({ pasted, kind }: { pasted: Pasted; kind: ImportKind }) {
  const { missing, doubled, emptyCells } = problemsOf(pasted.rows, pasted.match, kind.columns);
  const lines = [
    ...(missing.length ? [`Choose the columns that ${wordsOf(kind.kind)} need: ${missing.join(', ')}.`] : []),
    ...(doubled.length ? [`Two columns become the same one: ${doubled.join(', ')}.`] : []),
    ...(emptyCells.length
      ? [
          `Required cells that are empty: ${countText(emptyCells.length)}. Their rows will wait in quarantine to be mended.`,
        ]
      : []),
  ];
  return lines.map((line) => (
    <div key={line} className="t-sm neg" role="alert">
      {line}
    </div>
  ));
}

function PasteForm({
  kinds,
  first,
  started,
}: {
  kinds: readonly ImportKind[];
  first: string;
  started(id: string): void;
}) {
  const client = useQueryClient();
  const [name, setName] = useState(first);
  const [table, setTable] = useState<PastedTable>([]);
  const [pasted, setPasted] = useState<Pasted>({ rows: [], match: [] });
  const kind = kinds.find((each) => each.kind === name) ?? kinds[0];
  const read = (next: PastedTable, of: ImportKind | undefined) => {
    setTable(next);
    if (of) setPasted(readTable(next, of.columns));
  };
  const send = useMutation({
    mutationFn: () =>
      uploadFile({ kind: kind?.kind ?? '', file: fileOfTable(`pasted ${name}`, pasted.rows, pasted.match) }),
    onSuccess: ({ id }) => {
      void client.invalidateQueries({ queryKey: ['imports'] });
      started(id);
    },
  });
  if (!kind) return <Empty title="You may import nothing here" />;
  const { missing, doubled } = problemsOf(pasted.rows, pasted.match, kind.columns);
  const change = (column: number, to: string | null) =>
    setPasted({ ...pasted, match: pasted.match.map((was, at) => (at === column ? to : was)) });
  return (
    <div className="stack" style={{ gap: 10 }}>
      <Select
        label="Kind"
        data={kinds.map((each) => ({ value: each.kind, label: wordsOf(each.kind) }))}
        value={kind.kind}
        allowDeselect={false}
        onChange={(value) => {
          setName(value ?? '');
          read(
            table,
            kinds.find((each) => each.kind === value),
          );
        }}
      />
      <Textarea
        label="Cells"
        description={`Copy cells in a spreadsheet and paste them here. Columns: ${kind.columns
          .map((column) => (column.required ? column.name : `${column.name} (optional)`))
          .join(', ')}.`}
        placeholder="Paste here"
        data-autofocus
        rows={3}
        value={table.length ? `${countText(table.length)} lines pasted` : ''}
        onChange={() => undefined}
        onPaste={(event) => {
          event.preventDefault();
          read(parsePasted(event.clipboardData.getData('text/plain')), kind);
        }}
      />
      {pasted.rows.length > 0 && <Preview pasted={pasted} kind={kind} change={change} />}
      {pasted.rows.length > 0 && <Problems pasted={pasted} kind={kind} />}
      {send.error && <Refusal error={send.error} />}
      <div className="row spread">
        <span className="t-dim">
          {pasted.rows.length > shownRows &&
            `The first ${shownRows} of ${countText(pasted.rows.length)} rows are shown.`}
        </span>
        <Button
          disabled={pasted.rows.length === 0 || missing.length > 0 || doubled.length > 0}
          loading={send.isPending}
          onClick={() => send.mutate()}
        >
          Import {countText(pasted.rows.length)} rows
        </Button>
      </div>
    </div>
  );
}

/** Takes cells from a spreadsheet's clipboard and imports them as a file would be. */
export function PasteButton({
  kinds,
  kind,
  started,
}: {
  kinds: readonly ImportKind[];
  /** The kind that is meant first. */
  kind: string;
  started(id: string): void;
}) {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button variant="default" leftSection={<IconClipboardText size={14} />} onClick={() => setOpened(true)}>
        Paste from a spreadsheet
      </Button>
      <Modal opened={opened} onClose={() => setOpened(false)} title="Paste from a spreadsheet" size="80rem">
        <PasteForm
          kinds={kinds}
          first={kind}
          started={(id) => {
            setOpened(false);
            started(id);
          }}
        />
      </Modal>
    </>
  );
}
