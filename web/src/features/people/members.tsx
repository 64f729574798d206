import { Button, CopyButton, Modal, MultiSelect, TextInput } from '@mantine/core';
import { IconUserPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { rolesQuery } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { Empty, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { AwayCell } from '../absences/away-cell.tsx';
import { AwayPanel } from '../absences/away-panel.tsx';
import { absencesQuery } from '../absences/queries.ts';
import { ChangePerson } from './change-person.tsx';
import { membersQuery } from './queries.ts';
import { ApprovalLimit, limitText, Reach } from './reach.tsx';
import { ScopeChoice } from './reach-fields.tsx';
import { useRoleNames } from './role-names.ts';
import type { Member, Scope } from './shapes.ts';

function Invite({ close }: { close(): void }) {
  const client = useQueryClient();
  const roles = useQuery(rolesQuery);
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<string[]>([]);
  const [scope, setScope] = useState<Scope | null>(null);
  const invite = useMutation({
    mutationFn: () =>
      request<{ link?: string | null }>('/users/invitations', {
        method: 'POST',
        body: { email: email.trim(), name: name.trim(), roles: chosen, scope },
      }),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['people'] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate();
  };
  const link = invite.data?.link;
  return (
    <Modal opened onClose={close} closeOnClickOutside={false} title="Invite a person" size="lg">
      {invite.data ? (
        <div className="stack">
          {link ? (
            <>
              <div>Hand this one-time link to {name}. It works once, for a limited time.</div>
              <TextInput
                readOnly
                aria-label="One-time link"
                value={link}
                onFocus={(event) => event.currentTarget.select()}
              />
              <CopyButton value={link}>
                {({ copied, copy }) => <Button onClick={copy}>{copied ? 'Copied' : 'Copy the link'}</Button>}
              </CopyButton>
            </>
          ) : (
            <div>The invitation is on its way to {email}.</div>
          )}
          <Button variant="default" onClick={close}>
            Done
          </Button>
        </div>
      ) : (
        <form className="stack" onSubmit={submit}>
          <TextInput
            label="Name"
            required
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <TextInput
            label="E-mail"
            type="email"
            required
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <MultiSelect
            label="Roles"
            data={(roles.data?.items ?? []).map((role) => ({ value: role.code, label: role.name }))}
            value={chosen}
            onChange={setChosen}
            error={roles.error ? 'Roles could not be loaded' : undefined}
          />
          <ScopeChoice label="Sees" scope={scope} onChange={setScope} />
          {invite.error && <Refusal error={invite.error} />}
          <Button type="submit" loading={invite.isPending} disabled={chosen.length === 0 || scope === null}>
            Invite
          </Button>
        </form>
      )}
    </Modal>
  );
}

function exported(people: readonly Member[]) {
  return {
    head: ['name', 'email', 'roles', 'approval_limit', 'limits', 'customer_ids', 'product_ids', 'disabled'],
    rows: people.map((person) => [
      ...[person.name, person.email, person.roles.join(' '), person.approvalLimit],
      ...[person.limits.map(limitText).join('; '), person.scope.customers?.join(' '), person.scope.products?.join(' ')],
      String(person.disabled),
    ]),
  };
}

/** The people of the tenant, and invitations. */
export function Members({ head }: { head: ReactNode }) {
  const people = useQuery(membersQuery);
  const roleName = useRoleNames();
  const [inviting, setInviting] = useState(false);
  const [changing, setChanging] = useState<Member | null>(null);
  const absences = useQuery(absencesQuery);
  const [away, setAway] = useState<Member | null>(null);
  return (
    <Screen
      title="People"
      sub={head}
      actions={
        <>
          <ExportButton name="people" disabled={!people.data?.length} table={() => exported(people.data ?? [])} />
          <Button leftSection={<IconUserPlus size={14} />} onClick={() => setInviting(true)}>
            Invite
          </Button>
        </>
      }
      flush
    >
      {people.error && !people.data && <Refusal error={people.error} retry={() => void people.refetch()} />}
      {people.isPending && <RowsLoading rows={9} />}
      {people.data && people.data.length === 0 && <Empty title="Nobody yet">Invite the first colleague.</Empty>}
      {people.data && people.data.length > 0 && (
        <table className="grid">
          <thead>
            <tr>
              <th>Name</th>
              <th>E-mail</th>
              <th>Roles</th>
              <th>Kept to</th>
              <th>Away</th>
              <th className="right">Approves up to</th>
            </tr>
          </thead>
          <tbody>
            {people.data.map((person) => (
              <tr key={person.id} data-link="" onClick={() => setChanging(person)}>
                <td>
                  <button type="button" className="plain" onClick={() => setChanging(person)}>
                    <b>{person.name}</b>
                  </button>{' '}
                  {person.disabled && <span className="tag">disabled</span>}
                </td>
                <td>{person.email}</td>
                <td>{person.roles.map(roleName).join(', ')}</td>
                <td>
                  <Reach scope={person.scope} limits={person.limits} />
                </td>
                <td>
                  <AwayCell person={person} absences={absences.data ?? []} open={() => setAway(person)} />
                </td>
                <td className="right" data-plain="a personal limit: the audit trail tells who set it and when">
                  <ApprovalLimit {...person} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {changing && <ChangePerson person={changing} close={() => setChanging(null)} />}
      {away && (
        <Modal opened onClose={() => setAway(null)} title={away.name} size="lg">
          <AwayPanel personId={away.id} name={away.name} />
        </Modal>
      )}
      {inviting && <Invite close={() => setInviting(false)} />}
    </Screen>
  );
}
