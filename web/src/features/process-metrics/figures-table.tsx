import type { ReactNode } from 'react';
import { Panel } from '../../ui/screen.tsx';

/** A column: names stand left and wrap, figures right. */
interface Column<T> {
  head: string;
  /** A name instead of a figure. */
  isName?: true;
  cell(row: T): ReactNode;
}

/** A panel with a table of names and figures. */
export function FiguresTable<T>({
  title,
  aside,
  columns,
  rows,
  keyOf,
  children,
}: {
  title: string;
  aside?: ReactNode;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf(row: T): string;
  /** What stands below the table. */
  children?: ReactNode;
}) {
  return (
    <Panel title={title} aside={aside} className="scrolls">
      <table className="grid tight" aria-label={title}>
        <thead>
          <tr>
            {columns.map(({ head, isName }) => (
              <th key={head} className={isName ? undefined : 'right'}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ head, isName, cell }) => (
                <td key={head} className={isName ? 'wraps' : 'right num'}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {children}
    </Panel>
  );
}

/** A count that shows what it counts. */
export function ShowButton({ press, children }: { press(): void; children: ReactNode }) {
  return (
    <button type="button" className="link-button" onClick={press}>
      {children}
    </button>
  );
}
