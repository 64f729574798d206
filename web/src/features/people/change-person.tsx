import { MultiSelect, Select, Switch, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { namesQuery, rolesQuery } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import { useUser } from '../../api/session.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { approvalLimits } from './reach.tsx';
import { LimitFields, ScopeFields } from './reach-fields.tsx';
import type { Member } from './shapes.ts';

/** Changes a person's roles, limits, part of the trees, manager, or access. */
export function ChangePerson({ person, close }: { person: Member; close(): void }) {
  const user = useUser();
  const roles = useQuery(rolesQuery);
  const [chosen, setChosen] = useState(person.roles);
  const [limit, setLimit] = useState(person.approvalLimit?.amount ?? '');
  const [unlimited, setUnlimited] = useState(person.approvalLimit === null);
  const [scope, setScope] = useState(person.scope);
  const [limits, setLimits] = useState(person.limits);
  const [managerId, setManagerId] = useState(person.managerId);
  const names = useQuery(namesQuery());
  const [disabled, setDisabled] = useState(person.disabled);
  const byCurrency = approvalLimits(limits).length > 0;
  const currency = person.approvalLimit?.currency ?? user?.tenant?.currency ?? 'USD';
  const save = () => {
    const approvalLimit = unlimited ? null : { amount: limit || '0', currency };
    // Whoever has no role yet is disabled without being given one.
    const reports = managerId === person.managerId ? {} : { managerId };
    const body = {
      ...(chosen.length > 0 ? { roles: chosen } : {}),
      approvalLimit,
      scope,
      limits,
      ...reports,
      disabled,
    };
    return request(`/users/${person.id}`, { method: 'PATCH', body, ifMatch: person.version });
  };
  return (
    <FormDialog
      title={person.name}
      confirm="Save"
      ready={chosen.length > 0 || person.roles.length === 0}
      size="lg"
      send={save}
      refresh={['people']}
      done={() => sayDone('Saved', person.name)}
      close={close}
    >
      <MultiSelect
        label="Roles"
        data={(roles.data?.items ?? []).map((role) => ({ value: role.code, label: role.name }))}
        value={chosen}
        onChange={setChosen}
      />
      <TextInput
        label="Approves up to"
        description={
          byCurrency ? 'The limits of approving below hold instead.' : 'It counts only with the permission to approve.'
        }
        inputMode="decimal"
        placeholder={unlimited ? 'any amount' : '0'}
        disabled={unlimited || byCurrency}
        rightSection={<span className="unit">{currency}</span>}
        rightSectionWidth={44}
        value={unlimited ? '' : limit}
        onChange={(event) => setLimit(event.currentTarget.value.replace(/[^\d.]/g, ''))}
      />
      <Switch
        label="Approves any amount"
        disabled={byCurrency}
        checked={unlimited}
        onChange={(event) => setUnlimited(event.currentTarget.checked)}
      />
      <Select
        label="Reports to"
        description="Processes may ask the manager of somebody."
        placeholder="nobody"
        clearable
        searchable
        data={(names.data?.items ?? []).flatMap(({ id, name }) =>
          id === person.id ? [] : [{ value: id, label: name }],
        )}
        value={managerId}
        onChange={setManagerId}
      />
      <LimitFields limits={limits} currency={currency} onChange={setLimits} />
      <ScopeFields scope={scope} onChange={setScope} />
      <Switch
        label="Disabled: cannot sign in, and every session ends"
        checked={disabled}
        onChange={(event) => setDisabled(event.currentTarget.checked)}
      />
    </FormDialog>
  );
}
