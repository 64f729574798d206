import { Button, PasswordInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { request } from '../../api/request.ts';
import { Panel, Refusal } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { sessionsQuery } from './queries.ts';

const shortestPassword = 10;

/** Changes one's own password. */
export function PasswordPanel() {
  const client = useQueryClient();
  const [password, setPassword] = useState('');
  const [next, setNext] = useState('');
  const change = useMutation({
    mutationFn: () => request('/auth/password', { method: 'POST', body: { password, newPassword: next } }),
    onSuccess: () => {
      setPassword('');
      setNext('');
      sayDone('The password is changed', 'Your other sessions have ended.');
      void client.invalidateQueries({ queryKey: sessionsQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <Panel title="Password">
      <form className="panel-body stack" onSubmit={submit}>
        <div className="fields">
          <PasswordInput
            label="Password now"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <PasswordInput
            label="New password"
            description={`At least ${shortestPassword} characters; a sentence works well`}
            inputWrapperOrder={['label', 'input', 'description']}
            autoComplete="new-password"
            required
            minLength={shortestPassword}
            value={next}
            onChange={(event) => setNext(event.currentTarget.value)}
          />
        </div>
        {change.error && <Refusal error={change.error} />}
        <div>
          <Button type="submit" variant="default" loading={change.isPending}>
            Change the password
          </Button>
        </div>
      </form>
    </Panel>
  );
}
