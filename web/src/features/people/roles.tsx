import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { EditRole } from './edit-role.tsx';
import { allRolesQuery } from './queries.ts';
import type { VersionedRole } from './shapes.ts';

/** The roles: six that stand fixed, and those of the tenant. */
export function Roles({ head }: { head: ReactNode }) {
  const roles = useQuery(allRolesQuery);
  const [editing, setEditing] = useState<VersionedRole | 'new' | null>(null);
  return (
    <Screen
      title="Roles"
      sub={head}
      actions={
        <Button leftSection={<IconPlus size={14} />} onClick={() => setEditing('new')}>
          New role
        </Button>
      }
      flush
    >
      {roles.error && !roles.data && <Refusal error={roles.error} retry={() => void roles.refetch()} />}
      {roles.isPending && <RowsLoading rows={8} />}
      {roles.data && (
        <table className="grid wrap">
          <thead>
            <tr>
              <th>Role</th>
              <th>Code</th>
              <th className="right">Permissions</th>
              <th>It permits</th>
            </tr>
          </thead>
          <tbody>
            {roles.data.map((role) => (
              <tr key={role.code} {...(role.predefined ? {} : { 'data-link': '', onClick: () => setEditing(role) })}>
                <td>
                  {role.predefined ? (
                    <b>{role.name}</b>
                  ) : (
                    <button type="button" className="plain" onClick={() => setEditing(role)}>
                      <b>{role.name}</b>
                    </button>
                  )}{' '}
                  {role.predefined && <span className="tag">fixed</span>}
                </td>
                <td>
                  <code>{role.code}</code>
                </td>
                <td className="right num">{role.permissions.length}</td>
                <td className="t-dim t-sm wraps">{role.permissions.join(', ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {editing && <EditRole role={editing === 'new' ? null : editing} close={() => setEditing(null)} />}
    </Screen>
  );
}
