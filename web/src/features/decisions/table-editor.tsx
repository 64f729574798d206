import { Button, Menu, Select } from '@mantine/core';
import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { Panel, Refusal } from '../../ui/screen.tsx';
import { valuesOf } from '../workflow/variable-fields.tsx';
import { askable, Bench } from './bench.tsx';
import { AddColumn } from './decision-dialogs.tsx';
import { checkQuery } from './queries.ts';
import type { DecisionAnswer, DecisionFinding, TableDraft } from './shapes.ts';
import { addInput, addOutput, addRow, hitPolicies, removeColumn, widthOf } from './table-draft.ts';
import { TableGrid, titleOf } from './table-grid.tsx';

/** How long nothing must have been typed before the server looks at it. */
const restMs = 300;

/** A value once it has not changed for a moment. */
function useRested<T>(value: T): T {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), restMs);
    return () => clearTimeout(timer);
  }, [value]);
  return rested;
}

function Found({ findings }: { findings: readonly DecisionFinding[] }) {
  const worstFirst = findings.toSorted((a, b) => Number(b.blocks) - Number(a.blocks));
  const go = (row: number | undefined) =>
    document.querySelector<HTMLInputElement>(`.decision input[data-at="${(row ?? 1) - 1}"]`)?.focus();
  return (
    <ul className="plain-list findings" aria-label="Findings">
      {worstFirst.map(({ kind, rows, message, blocks }) => (
        <li key={`${kind} ${rows.join()} ${message}`} className="notice" data-severity={blocks ? 'block' : 'warn'}>
          {blocks ? <IconAlertTriangle size={15} aria-hidden /> : <IconInfoCircle size={15} aria-hidden />}
          <div className="grow">
            <button type="button" className="link-button" onClick={() => go(rows[0])}>
              {message}
            </button>
            <div className="t-dim t-sm">{blocks ? 'It is not published like this.' : 'It may be meant so.'}</div>
          </div>
        </li>
      ))}
    </ul>
  );
}

function ColumnMenu({ draft, change }: { draft: TableDraft; change(draft: TableDraft): void }) {
  const [adding, setAdding] = useState(false);
  const { table } = draft;
  const removable = Array.from({ length: table.inputs.length + table.outputs.length }, (_, column) => column);
  return (
    <>
      <Menu position="bottom-start">
        <Menu.Target>
          <Button size="xs" variant="default">
            Columns
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setAdding(true)}>Add a column …</Menu.Item>
          {widthOf(table) > 1 &&
            removable.map((column) => (
              <Menu.Item key={column} color="red" onClick={() => change(removeColumn(draft, column))}>
                Remove {titleOf(table, column)}
              </Menu.Item>
            ))}
        </Menu.Dropdown>
      </Menu>
      {adding && (
        <AddColumn
          add={(part, name, type) => change((part === 'input' ? addInput : addOutput)(draft, name, type))}
          close={() => setAdding(false)}
        />
      )}
    </>
  );
}

function HitPolicy({ draft, change }: { draft: TableDraft; change(draft: TableDraft): void }) {
  return (
    <Select
      size="xs"
      aria-label="Hit policy"
      allowDeselect={false}
      w={280}
      maw="100%"
      data={[...hitPolicies]}
      value={draft.table.hitPolicy}
      onChange={(hitPolicy) => hitPolicy && change({ ...draft, table: { ...draft.table, hitPolicy } })}
    />
  );
}

const noRows: ReadonlySet<number> = new Set();

const litBy = (answer: DecisionAnswer | null): ReadonlySet<number> =>
  answer ? new Set(answer.tables.flatMap(({ matched }) => matched.map(({ row }) => row))) : noRows;

/** A decision table to write in, with what the server finds in it beside the cells, and the test bench. */
export function TableEditor({
  code,
  draft,
  change,
}: {
  code: string;
  draft: TableDraft;
  change(draft: TableDraft): void;
}) {
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const said = useMemo(() => ({ draft, typed }), [draft, typed]);
  const rested = useRested(said);
  const fields = askable(rested.draft.inputs);
  const given = valuesOf(fields, rested.typed);
  const isAsked = Object.keys(given).length > 0;
  // What is left empty is not known: null, as processes give it.
  const asked = isAsked ? { ...Object.fromEntries(fields.map(({ name }) => [name, null])), ...given } : null;
  const checked = useQuery(checkQuery(code, rested.draft, asked));
  const findings = checked.data?.findings ?? [];
  const answer = isAsked ? (checked.data?.answer ?? null) : null;
  const lit = useMemo(() => litBy(answer), [answer]);
  const isSettled = rested === said && !checked.isFetching;
  return (
    <div className="stack">
      <div className="stack" style={{ minWidth: 0 }}>
        <div className="row" style={{ flexWrap: 'wrap' }}>
          <HitPolicy draft={draft} change={change} />
          <Button
            size="xs"
            variant="default"
            onClick={() => change({ ...draft, table: addRow(draft.table, draft.table.rules.length) })}
          >
            Add a row
          </Button>
          <ColumnMenu draft={draft} change={change} />
          <span className="t-dim t-sm">
            Enter and arrows move, <kbd>Alt</kbd> with an arrow moves the row, <kbd>Ctrl Enter</kbd> adds one,{' '}
            <kbd>Ctrl ⌫</kbd> removes it; paste cells from a spreadsheet.
          </span>
        </div>
        <TableGrid draft={draft} findings={findings} lit={lit} change={change} />
      </div>
      <div className="beside-each-other">
        <Panel title="Findings" aside={<span className="t-dim t-sm">{isSettled ? '' : 'looking …'}</span>}>
          {checked.error && <Refusal error={checked.error} />}
          {!checked.error && findings.length === 0 && checked.data && (
            <div className="notice t-dim">Nothing overlaps, no question is left without a row.</div>
          )}
          <Found findings={findings} />
        </Panel>
        <Panel title="Try it">
          <Bench inputs={draft.inputs} typed={typed} put={setTyped} answer={answer} />
        </Panel>
      </div>
    </div>
  );
}
