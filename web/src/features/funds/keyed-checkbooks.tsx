import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { Money } from '../../api/shapes.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { amountText, instantText } from '../../ui/format.ts';
import { Empty, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { FigureValueButton } from '../../ui/values.tsx';
import { columnWords } from './checkbook.tsx';
import { RowsDialog } from './entries.tsx';
import { checkbooksQuery } from './queries.ts';
import { columns, type Key, type KeyedCheckbook } from './shapes.ts';

const words: Record<Key, { head: string; note: string }> = {
  customer: {
    head: 'Account',
    note: 'Each account with everything below it. A deposit stands with the account of its fund, everything else with that of its promotion: where a wider fund pays, Available is below zero.',
  },
  product: {
    head: 'Brand or product',
    note: 'Each brand with everything below it. A deposit stands with the brand of its fund, everything else with that of its tactic: where a wider fund pays, Available is below zero.',
  },
  period: {
    head: 'Fiscal period',
    note: 'What belongs to each period by its business date: Available is what the period added or took.',
  },
};

function Row({ item, open }: { item: KeyedCheckbook; open(item: KeyedCheckbook): void }) {
  return (
    <tr>
      <td style={{ paddingLeft: 12 + item.depth * 18 }}>
        <button type="button" className="plain" onClick={() => open(item)} aria-label={`Entries of ${item.name}`}>
          {item.key === null || item.depth === 0 ? <b>{item.name}</b> : item.name}
        </button>{' '}
        {item.code !== '' && item.code !== item.key && <span className="t-faint">{item.code}</span>}
      </td>
      {columns.map((column) => {
        const figure = item.figures[column];
        return (
          <td key={column} className="right">
            <FigureValueButton figure={figure} label={`${item.name}, ${columnWords[column].label}`}>
              {amountText(figure.value as Money)}
            </FigureValueButton>
          </td>
        );
      })}
      <td className="t-dim">{item.currency}</td>
    </tr>
  );
}

const exportCells = (item: KeyedCheckbook) => [
  item.code,
  item.name,
  item.currency,
  ...columns.map((column) => (item.figures[column].value as Money).amount),
];

/** The checkbook by account, brand or fiscal period, over every fund. */
export function KeyedCheckbooks({
  by,
  asOf,
  text,
  filter,
}: {
  by: Key;
  asOf: string | undefined;
  text: string;
  /** The field that `text` comes from. */
  filter: ReactNode;
}) {
  const books = useQuery(checkbooksQuery(by, asOf));
  const [opened, setOpened] = useState<KeyedCheckbook | null>(null);
  if (books.error && !books.data) return <Refusal error={books.error} retry={() => void books.refetch()} />;
  if (!books.data) return <RowsLoading rows={10} />;
  const items = books.data.items.filter(({ code, name }) => `${code} ${name}`.toLowerCase().includes(text));
  const rows = opened?.figures.available.rows;
  return (
    <>
      <div className="filters">
        {filter}
        <ExportButton
          name={`checkbook-by-${by}`}
          disabled={items.length === 0}
          table={() => ({ head: ['code', 'name', 'currency', ...columns], rows: items.map(exportCells) })}
        />
      </div>
      {items.length === 0 && (
        <Empty title="Nothing here">{text ? 'No name matches the filter.' : 'No fund has moved any money yet.'}</Empty>
      )}
      <div className="grid-wrap">
        <table className="grid">
          <thead>
            <tr>
              <th>{words[by].head}</th>
              {columns.map((column) => (
                <th key={column} className="right" title={columnWords[column].what}>
                  {columnWords[column].label}
                </th>
              ))}
              <th>Currency</th>
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <Row key={`${item.key}/${item.currency}`} item={item} open={setOpened} />
            ))}
          </tbody>
        </table>
      </div>
      <div className="t-dim t-sm" style={{ padding: '8px 16px' }}>
        As of {instantText(books.data.asOf)}. {words[by].note}
      </div>
      {opened && rows && (
        <RowsDialog title={`Entries that moved Available: ${opened.name}`} path={rows} close={() => setOpened(null)} />
      )}
    </>
  );
}
