import { Button, Modal, MultiSelect, Switch, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { rolesQuery } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import { useUser } from '../../api/session.ts';
import { Refusal } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { LimitFields, ScopeFields } from './reach-fields.tsx';
import type { Member } from './shapes.ts';

/** Changes a person's roles, limits, part of the trees, or access. */
export function ChangePerson({ person, close }: { person: Member; close(): void }) {
  const client = useQueryClient();
  const user = useUser();
  const roles = useQuery(rolesQuery);
  const [chosen, setChosen] = useState(person.roles);
  const [limit, setLimit] = useState(person.approvalLimit?.amount ?? '');
  const [unlimited, setUnlimited] = useState(person.approvalLimit === null);
  const [scope, setScope] = useState(person.scope);
  const [limits, setLimits] = useState(person.limits);
  const [disabled, setDisabled] = useState(person.disabled);
  const currency = person.approvalLimit?.currency ?? user?.tenant?.currency ?? 'USD';
  const save = useMutation({
    mutationFn: () => {
      const approvalLimit = unlimited ? null : { amount: limit || '0', currency };
      // Whoever has no role yet is disabled without being given one.
      const body = { ...(chosen.length > 0 ? { roles: chosen } : {}), approvalLimit, scope, limits, disabled };
      return request(`/users/${person.id}`, { method: 'PATCH', body, ifMatch: person.version });
    },
    onSuccess: () => {
      sayDone('Saved', person.name);
      void client.invalidateQueries({ queryKey: ['people'] });
      close();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Modal opened onClose={close} closeOnClickOutside={false} title={person.name} size="lg">
      <form className="stack" onSubmit={submit}>
        <MultiSelect
          label="Roles"
          data={(roles.data?.items ?? []).map((role) => ({ value: role.code, label: role.name }))}
          value={chosen}
          onChange={setChosen}
        />
        <TextInput
          label="Approves up to"
          description="It counts only with the permission to approve."
          inputMode="decimal"
          placeholder={unlimited ? 'any amount' : '0'}
          disabled={unlimited}
          rightSection={<span className="unit">{currency}</span>}
          rightSectionWidth={44}
          value={unlimited ? '' : limit}
          onChange={(event) => setLimit(event.currentTarget.value.replace(/[^\d.]/g, ''))}
        />
        <Switch
          label="Approves any amount"
          checked={unlimited}
          onChange={(event) => setUnlimited(event.currentTarget.checked)}
        />
        <LimitFields limits={limits} currency={currency} onChange={setLimits} />
        <ScopeFields scope={scope} onChange={setScope} />
        <Switch
          label="Disabled: cannot sign in, and every session ends"
          checked={disabled}
          onChange={(event) => setDisabled(event.currentTarget.checked)}
        />
        {save.error && <Refusal error={save.error} />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" disabled={chosen.length === 0 && person.roles.length > 0} loading={save.isPending}>
            Save
          </Button>
        </div>
      </form>
    </Modal>
  );
}
