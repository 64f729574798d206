import { Button, Table, Text, UnstyledButton } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { namesQuery } from '../api/queries.ts';
import { request } from '../api/request.ts';
import type { Figure, FigureValue } from '../api/shapes.ts';
import { type CellFigure, type FigureRow, figureOfCell, filled, placeIn } from './figure-cells.ts';
import { FigureRows } from './figure-rows.tsx';
import { dateText, figureText, instantText } from './format.ts';
import { Refusal, RowsLoading } from './screen.tsx';

/** How every column explains itself; it changes with the program only. */
const cellsQuery = queryOptions({
  queryKey: ['figures'],
  queryFn: ({ signal }) => request<{ cells: Record<string, CellFigure> }>('/figures', { signal }),
  staleTime: Number.POSITIVE_INFINITY,
});

/** Where a sheet's figure comes from: in hand, at an address, or from a column's formula and a row. */
export type FigureSource =
  | { figure: Figure }
  | { address: string }
  | { cell: string; row: FigureRow; value: FigureValue };

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A person by name; other ids are versions of something, told by their end. */
function Id({ id }: { id: string }) {
  const names = useQuery(namesQuery());
  const person = names.data?.items.find((one) => one.id === id);
  return <span title={id}>{person?.name ?? `…${id.slice(-6)}`}</span>;
}

function InputValue({ value }: { value: FigureValue }) {
  if (typeof value === 'string') {
    if (uuid.test(value)) return <Id id={value} />;
    if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return dateText(value);
    if (/^\d{4}-\d{2}-\d{2}T/.test(value)) return instantText(value);
  }
  return figureText(value);
}

type Open = (inner: { address: string; label: string }) => void;

function Inputs({ figure, open }: { figure: Figure; open: Open }) {
  return (
    <Table fz="xs" verticalSpacing={3} horizontalSpacing={6}>
      <Table.Tbody>
        {figure.inputs.map(({ name, value, source, figure: address }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two agreements may have a line of one name
          <Table.Tr key={`${name} ${at}`}>
            <Table.Td>{name}</Table.Td>
            <Table.Td ta="right" className="num">
              {address && value !== null ? (
                <UnstyledButton
                  className="num figure"
                  aria-label={`${name}: explain`}
                  onClick={() => open({ address, label: name })}
                >
                  <InputValue value={value} />
                </UnstyledButton>
              ) : (
                <InputValue value={value} />
              )}
            </Table.Td>
            <Table.Td c="dimmed">{source}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Explained({ figure, label, open }: { figure: Figure; label: string; open: Open }) {
  return (
    <>
      <Text fw={600} fz="sm">
        {label} <span className="num">{figureText(figure.value, figure.unit)}</span>
      </Text>
      {figure.low !== undefined && figure.low !== null && (
        <Text fz="xs" c="dimmed">
          90 % interval {figureText(figure.low, figure.unit)} … {figureText(figure.high, figure.unit)}
        </Text>
      )}
      <code className="formula">{figure.formula}</code>
      <Inputs figure={figure} open={open} />
      {figure.notEstimated && figure.notEstimated.length > 0 && (
        <Text fz="xs" c="dimmed">
          Not estimated, and not counted as zero: {figure.notEstimated.join(', ')}.
        </Text>
      )}
      {figure.rows && <FigureRows path={figure.rows} sumOf={figure.sumOf} value={figure.value} unit={figure.unit} />}
      <Text fz="xs" c="dimmed">
        Formula version {figure.formulaVersion}
      </Text>
    </>
  );
}

function Addressed({ address, label, open }: { address: string; label: string; open: Open }) {
  const [path = '', pointer = ''] = address.split('#');
  const answer = useQuery({
    queryKey: ['figure', path],
    queryFn: ({ signal }) => request<unknown>(path.replace('/api/v1', ''), { signal }),
  });
  if (answer.error) return <Refusal error={answer.error} retry={() => void answer.refetch()} />;
  if (answer.isPending) return <RowsLoading rows={3} />;
  const figure = placeIn(answer.data, pointer) as Figure | undefined;
  if (!figure?.formula)
    return (
      <div className="t-dim t-sm">Nothing was kept of how this number was made: it is older than its explanation.</div>
    );
  return <Explained figure={figure} label={label} open={open} />;
}

function OfCell({ cell, row, value, ...rest }: { cell: string; row: FigureRow; value: FigureValue } & Named) {
  const cells = useQuery(cellsQuery);
  if (cells.error) return <Refusal error={cells.error} retry={() => void cells.refetch()} />;
  if (!cells.data) return <RowsLoading rows={3} />;
  const found = cells.data.cells[cell];
  if (!found) throw new Error(`no module explains the cells ${cell}`);
  if (!('figure' in found)) return <Explained figure={figureOfCell(found, row, value)} {...rest} />;
  const address = filled(found.figure, row);
  if (!address) throw new Error(`the row of ${cell} lacks a field of ${found.figure}`);
  return <Addressed address={address} {...rest} />;
}

interface Named {
  label: string;
  open: Open;
}

/** What stands behind a figure: formula, version, inputs, interval and rows; inputs that are figures open in its place. */
export function FigureSheet({ source, label }: { source: FigureSource; label: string }) {
  const [inner, setInner] = useState<{ address: string; label: string }[]>([]);
  const sheet = useRef<HTMLDivElement>(null);
  const go = (next: typeof inner) => {
    setInner(next);
    // What was pressed is gone with it: the keyboard goes on in the sheet, so that Escape still closes it.
    sheet.current?.focus();
  };
  const open: Open = (next) => go([...inner, next]);
  const last = inner.at(-1);
  return (
    <div className="figure-sheet" tabIndex={-1} ref={sheet} style={{ outline: 'none' }}>
      {last && (
        <Button size="compact-xs" variant="subtle" onClick={() => go(inner.slice(0, -1))}>
          ‹ {inner.at(-2)?.label ?? label}
        </Button>
      )}
      {last ? (
        <Addressed address={last.address} label={last.label} open={open} />
      ) : 'figure' in source ? (
        <Explained figure={source.figure} label={label} open={open} />
      ) : 'address' in source ? (
        <Addressed address={source.address} label={label} open={open} />
      ) : (
        <OfCell {...source} label={label} open={open} />
      )}
    </div>
  );
}
