import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { request } from '../api/request.ts';
import type { Figure, FigureValue, Money } from '../api/shapes.ts';
import { sumOver } from './figure-cells.ts';
import { countText, dateText, figureText, instantText, moneyText, volumeText, wordsOf } from './format.ts';
import { Refusal } from './screen.tsx';

type Row = Record<string, unknown>;

/** What tells rows apart comes first, then what they amount to; more than this many rows had better be exported. */
const [mostNames, mostAmounts, mostRows] = [2, 6, 50];

const isMoney = (value: unknown): value is Money =>
  typeof value === 'object' && value !== null && 'amount' in value && 'currency' in value;

/** What a cell of any list says; null for what a person cannot read: ids, versions, lists. */
function textOf(value: unknown): string | null {
  if (isMoney(value)) return moneyText(value);
  if (typeof value === 'number') return countText(value);
  if (typeof value !== 'string' || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-/.test(value)) return null;
  if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return dateText(value);
  if (/^\d{4}-\d{2}-\d{2}T/.test(value)) return instantText(value);
  return /^-?\d+(\.\d+)?$/.test(value) ? volumeText(value, 4) : wordsOf(value);
}

const isAmount = (value: unknown) =>
  isMoney(value) || typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value));

/** The columns that most rows have something readable in: names and dates, then amounts. */
function columnsOf(rows: readonly Row[], summed: string | undefined): string[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => !/version$/i.test(name));
  const share = (name: string, fits: (value: unknown) => boolean) => rows.filter((row) => fits(row[name])).length;
  const filled = names.filter((name) => share(name, (value) => textOf(value) !== null) * 2 >= rows.length);
  const amounts = filled.filter((name) => share(name, isAmount) > 0);
  const others = filled.filter((name) => !amounts.includes(name));
  const rest = amounts.filter((name) => name !== summed).slice(0, mostAmounts - 1);
  return [...others.slice(0, mostNames), ...rest, ...(summed ? [summed] : [])];
}

const headOf = (name: string) => wordsOf(name.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`));

function Rows({ rows, more, sumOf, value, unit }: { rows: readonly Row[]; more: boolean } & Summed) {
  const columns = columnsOf(rows, sumOf);
  return (
    <div style={{ maxHeight: 220, overflow: 'auto' }}>
      <table className="grid tight t-sm">
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name}>{headOf(name)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={typeof row.id === 'string' ? row.id : at}>
              {columns.map((name) => (
                <td key={name} className="num">
                  {textOf(row[name]) ?? ''}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {sumOf && !more && (
        <div className="row spread t-sm" style={{ padding: '4px 8px' }}>
          <span className="t-dim">Σ {headOf(sumOf)}</span>
          <b className="num">{figureText(sumOver(rows, sumOf, value), unit)}</b>
        </div>
      )}
      {more && <div className="t-dim t-sm">The first {countText(rows.length)}; there are more.</div>}
    </div>
  );
}

/** The field whose sum over the rows the figure is, where it is one. */
interface Summed {
  sumOf?: string | undefined;
  value: FigureValue;
  unit: Figure['unit'];
}

const takeFocus = (element: HTMLElement | null) => element?.focus();

/** The rows that a figure was made from: asked for when somebody wants to see them. `path` is that of their list. */
export function FigureRows({ path, ...summed }: { path: string } & Summed) {
  const [wanted, setWanted] = useState(false);
  const full = `${path.replace('/api/v1', '')}${path.includes('?') ? '&' : '?'}limit=${mostRows}`;
  const rows = useQuery({
    queryKey: ['figure-rows', path],
    queryFn: ({ signal }) => request<{ items: Row[]; nextCursor?: string | null }>(full, { signal }),
    enabled: wanted,
  });
  if (!wanted)
    return (
      <Button size="compact-xs" variant="subtle" onClick={() => setWanted(true)}>
        Show the rows behind it
      </Button>
    );
  return (
    // The button that was pressed is gone: the keyboard goes on here, so that Escape still closes the sheet.
    <div tabIndex={-1} ref={takeFocus} style={{ outline: 'none' }}>
      {rows.error && <Refusal error={rows.error} />}
      {rows.isPending && <div className="t-dim t-sm">Reading the rows…</div>}
      {rows.data?.items.length === 0 && <div className="t-dim t-sm">There are no rows.</div>}
      {rows.data && rows.data.items.length > 0 && (
        <Rows rows={rows.data.items} more={Boolean(rows.data.nextCursor)} {...summed} />
      )}
    </div>
  );
}
