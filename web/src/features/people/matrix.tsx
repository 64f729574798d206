import { Button } from '@mantine/core';
import { IconPrinter } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ExportButton } from '../../ui/export-button.tsx';
import { Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { matrixQuery } from './queries.ts';
import type { Matrix } from './shapes.ts';

function exported({ roles, items }: Matrix) {
  return {
    head: ['permission', 'meaning', 'limited', ...roles.map(({ code }) => code)],
    rows: items.map(({ permission, meaning, limited, heldBy }) => [
      ...[permission, meaning, limited ? 'yes' : 'no'],
      ...roles.map(({ code }) => (heldBy.includes(code) ? 'yes' : '')),
    ]),
  };
}

/** The permissions over the roles, to look at and to print. */
export function MatrixView({ head }: { head: ReactNode }) {
  const matrix = useQuery(matrixQuery);
  const { data } = matrix;
  return (
    <Screen
      title="Who may do what"
      sub={head}
      actions={
        <>
          <ExportButton
            name="permission-matrix"
            disabled={!data}
            table={() => exported(data ?? { roles: [], items: [] })}
          />
          <Button variant="default" leftSection={<IconPrinter size={14} />} onClick={() => window.print()}>
            Print
          </Button>
        </>
      }
      flush
    >
      {matrix.error && !data && <Refusal error={matrix.error} retry={() => void matrix.refetch()} />}
      {matrix.isPending && <RowsLoading rows={14} />}
      {data && (
        <div className="printed">
          <table className="grid tight">
            <thead>
              <tr>
                <th>Permission</th>
                {data.roles.map(({ code, name, predefined }) => (
                  <th key={code} style={{ textAlign: 'center', whiteSpace: 'normal' }}>
                    {name}
                    {!predefined && <div className="t-faint t-sm">own</div>}
                  </th>
                ))}
                <th>It lets somebody</th>
              </tr>
            </thead>
            <tbody>
              {data.items.map(({ permission, meaning, limited, heldBy }) => (
                <tr key={permission}>
                  <td style={{ whiteSpace: 'nowrap' }}>
                    <code>{permission}</code>
                    {limited && <span title="up to a personal amount"> †</span>}
                  </td>
                  {data.roles.map(({ code, name }) => (
                    <td key={code} style={{ textAlign: 'center' }}>
                      {heldBy.includes(code) ? (
                        <span role="img" aria-label={`${name} holds it`}>
                          ●
                        </span>
                      ) : (
                        ''
                      )}
                    </td>
                  ))}
                  <td className="t-dim">{meaning}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p className="t-dim t-sm" style={{ padding: '0 12px' }}>
            † up to an amount per person and currency, where one was set.
          </p>
        </div>
      )}
    </Screen>
  );
}
