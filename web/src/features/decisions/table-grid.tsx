import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import { type ClipboardEvent, type KeyboardEvent, memo, useCallback, useMemo, useRef } from 'react';
import { parsePasted } from '../imports/sheet-paste.ts';
import type { DecisionFinding, DecisionTable, TableDraft, TableRow } from './shapes.ts';
import { addRow, type Columns, cellOf, moveRow, pasteAt, removeRow, setCell, widthOf } from './table-draft.ts';

/** What was found in one row, the worst first. */
const worstOf = (findings: readonly DecisionFinding[]) =>
  findings.find(({ blocks }) => blocks) ?? findings.find(({ kind }) => kind !== 'gap') ?? findings[0];

const headOf = ({ label, ...column }: { label?: string; expression?: string; name?: string }) =>
  label ?? column.expression ?? column.name ?? 'Result';

interface RowProps {
  columns: Columns;
  row: TableRow;
  at: number;
  found: readonly DecisionFinding[];
  lit: boolean;
  change(at: number, column: number, text: string): void;
}

const Row = memo(function Row({ columns, row, at, found, lit, change }: RowProps) {
  const worst = worstOf(found);
  const Icon = worst?.blocks ? IconAlertTriangle : IconInfoCircle;
  const said = found.map(({ message }) => message).join(' ');
  return (
    <tr data-lit={lit || undefined} data-found={worst ? (worst.blocks ? 'block' : 'warn') : undefined}>
      <th scope="row" className="num" title={said || undefined}>
        {at + 1}
        {worst && <Icon size={13} role="img" aria-label={said} />}
      </th>
      {Array.from({ length: widthOf(columns) }, (_, column) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a cell has no name but its place
        <td key={column} data-part={partOf(columns, column)}>
          <input
            value={cellOf(columns, row, column)}
            aria-label={`Row ${at + 1}, ${titleOf(columns, column)}`}
            data-at={at}
            data-column={column}
            spellCheck={false}
            onChange={(event) => change(at, column, event.currentTarget.value)}
          />
        </td>
      ))}
    </tr>
  );
});

function partOf({ inputs, outputs }: Columns, column: number): 'condition' | 'result' | 'note' {
  if (column < inputs.length) return 'condition';
  return column < inputs.length + outputs.length ? 'result' : 'note';
}

/** What a column is called. */
export function titleOf({ inputs, outputs, annotations }: Columns, column: number): string {
  const input = inputs[column];
  if (input) return headOf(input);
  const output = outputs[column - inputs.length];
  return output ? headOf(output) : (annotations[column - inputs.length - outputs.length] ?? 'Note');
}

const typeOf = ({ inputs, outputs }: Columns, column: number) =>
  (inputs[column] ?? outputs[column - inputs.length])?.type;

/** How far a key moves the cursor; null: it is no such key. */
const strides: Readonly<Record<string, number>> = { Enter: 1, ArrowDown: 1, ArrowUp: -1 };

const cursorOf = (target: EventTarget) => {
  const { at, column } = (target as HTMLElement).dataset;
  return at === undefined || column === undefined ? null : { at: Number(at), column: Number(column) };
};

/**
 * A decision table to write in. Enter and the arrows go up and down, Alt with an arrow moves the row, Ctrl+Enter puts one below it,
 * Ctrl+Backspace takes it away; what is pasted from a spreadsheet lies over the cells from the cursor on.
 */
export function TableGrid({
  draft,
  findings,
  lit,
  change,
}: {
  draft: TableDraft;
  findings: readonly DecisionFinding[];
  /** Rows that the test bench met, from 1. */
  lit: ReadonlySet<number>;
  change(draft: TableDraft): void;
}) {
  const { table } = draft;
  const { inputs, outputs, annotations } = table;
  const columns = useMemo(() => ({ inputs, outputs, annotations }), [inputs, outputs, annotations]);
  const grid = useRef<HTMLTableElement>(null);
  const current = useRef({ draft, change });
  current.current = { draft, change };
  const put = useCallback((edit: (table: DecisionTable) => DecisionTable) => {
    const { draft: now, change: tell } = current.current;
    tell({ ...now, table: edit(now.table) });
  }, []);
  const setText = useCallback(
    (at: number, column: number, text: string) => put((now) => setCell(now, at, column, text)),
    [put],
  );
  const go = (at: number, column: number) =>
    requestAnimationFrame(() =>
      grid.current?.querySelector<HTMLInputElement>(`input[data-at="${at}"][data-column="${column}"]`)?.focus(),
    );
  const press = (event: KeyboardEvent) => {
    const cursor = cursorOf(event.target);
    const stride = strides[event.key];
    if (!cursor) return;
    const { at, column } = cursor;
    const isCommand = event.ctrlKey || event.metaKey;
    if (isCommand && event.key === 'Enter') {
      put((now) => addRow(now, at + 1));
      go(at + 1, column);
    } else if (isCommand && event.key === 'Backspace') {
      put((now) => removeRow(now, at));
      go(Math.max(0, Math.min(at, table.rules.length - 2)), column);
    } else if (event.altKey && stride && event.key !== 'Enter') {
      put((now) => moveRow(now, at, stride));
      go(at + stride, column);
    } else if (stride && !isCommand && !event.altKey) {
      const to = at + (event.key === 'Enter' && event.shiftKey ? -1 : stride);
      if (to >= 0 && to < table.rules.length) go(to, column);
    } else return;
    event.preventDefault();
  };
  const paste = (event: ClipboardEvent) => {
    const cursor = cursorOf(event.target);
    const text = event.clipboardData.getData('text/plain');
    if (!cursor || !/[\t\n]/.test(text.trimEnd())) return;
    event.preventDefault();
    put((now) => pasteAt(now, cursor.at, cursor.column, parsePasted(text)));
  };
  return (
    <div className="grid-wrap decision-wrap">
      <table className="grid tight decision" ref={grid} onKeyDown={press} onPaste={paste}>
        <thead>
          <tr>
            <th className="num">{table.hitPolicy}</th>
            {Array.from({ length: widthOf(table) }, (_, column) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a column has no name but its place
              <th key={column} data-part={partOf(table, column)}>
                {titleOf(table, column)} <span className="t-faint">{typeOf(table, column)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rules.map((row, at) => (
            <Row
              key={row.id}
              columns={columns}
              row={row}
              at={at}
              found={foundIn(findings, at)}
              lit={lit.has(at + 1)}
              change={setText}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const nothing: readonly DecisionFinding[] = [];

function foundIn(findings: readonly DecisionFinding[], at: number): readonly DecisionFinding[] {
  const found = findings.filter(({ rows }) => rows.includes(at + 1));
  return found.length === 0 ? nothing : found;
}
