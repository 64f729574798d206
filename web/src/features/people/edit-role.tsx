import { Button, Checkbox, Modal, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { request } from '../../api/request.ts';
import { useMay } from '../../api/session.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Refusal } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { allRolesQuery, matrixQuery } from './queries.ts';
import type { VersionedRole } from './shapes.ts';

/** Makes a role of the tenant's own, or changes one. */
export function EditRole({ role, close }: { role: VersionedRole | null; close(): void }) {
  const client = useQueryClient();
  const may = useMay();
  const once = useOneAtATime();
  const roles = useQuery(allRolesQuery);
  const matrix = useQuery({ ...matrixQuery, enabled: may('audit:read') });
  const meanings = new Map(matrix.data?.items.map(({ permission, meaning }) => [permission, meaning]));
  // Between them the fixed roles hold every permission there is.
  const all = [...new Set((roles.data ?? []).filter((one) => one.predefined).flatMap((one) => one.permissions))].sort();
  const [name, setName] = useState(role?.name ?? '');
  const [code, setCode] = useState(role?.code ?? '');
  const [held, setHeld] = useState<readonly string[]>(role?.permissions ?? []);
  const save = useMutation({
    mutationFn: () =>
      role
        ? request(`/roles/${role.code}`, {
            ...{ method: 'PATCH', body: { name: name.trim(), permissions: held } },
            ...(role.version === null ? {} : { ifMatch: role.version }),
          })
        : request('/roles', { method: 'POST', body: { code: code.trim(), name: name.trim(), permissions: held } }),
    onSuccess: () => {
      sayDone('Saved', name);
      void client.invalidateQueries({ queryKey: ['roles'] });
      void client.invalidateQueries({ queryKey: ['people'] });
      close();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    once(() => save.mutateAsync());
  };
  return (
    <Modal opened onClose={close} closeOnClickOutside={false} size="lg" title={role ? role.name : 'New role'}>
      <form className="stack" onSubmit={submit}>
        <div className="two">
          <TextInput
            label="Name"
            required
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <TextInput
            label="Code"
            required
            disabled={role !== null}
            description={role ? undefined : 'Lower-case letters, digits and _; it stays.'}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value.toLowerCase().replace(/[^a-z0-9_]/g, '_'))}
          />
        </div>
        <Checkbox.Group label="It permits to" value={[...held]} onChange={setHeld}>
          <div
            style={{
              display: 'grid',
              gridTemplateColumns: '1fr 1fr',
              gap: 6,
              maxHeight: 380,
              overflow: 'auto',
              marginTop: 6,
            }}
          >
            {all.map((permission) => (
              <Checkbox
                key={permission}
                size="xs"
                value={permission}
                label={permission}
                description={meanings.get(permission)}
              />
            ))}
          </div>
        </Checkbox.Group>
        {save.error && <Refusal error={save.error} />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending} disabled={held.length === 0 || !name.trim() || !code.trim()}>
            Save
          </Button>
        </div>
      </form>
    </Modal>
  );
}
