import { SegmentedControl } from '@mantine/core';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { request } from '../../api/request.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';

interface MailChoiceState {
  choice: 'off' | 'now' | 'daily';
  /** False where no mail server is set: nobody is written to. */
  delivers: boolean;
}

const choiceQuery = queryOptions({
  queryKey: ['my-account', 'mail-choice'],
  queryFn: ({ signal }) => request<MailChoiceState>('/workflows/mail-choice', { signal }),
});

const choices = [
  { value: 'off', label: 'Not at all' },
  { value: 'now', label: 'At once' },
  { value: 'daily', label: 'Once a day' },
];

/** How one hears by e-mail of tasks that wait. */
export function MailChoice() {
  const client = useQueryClient();
  const once = useOneAtATime();
  const state = useQuery(choiceQuery);
  const put = useMutation({
    mutationFn: (choice: string) =>
      request<MailChoiceState>('/workflows/mail-choice', { method: 'PUT', body: { choice } }),
    onSuccess: (chosen) => {
      client.setQueryData(choiceQuery.queryKey, chosen);
      sayDone('That is how you hear of tasks');
    },
  });
  return (
    <Panel title="E-mail about tasks">
      {state.error && <Refusal error={state.error} retry={() => void state.refetch()} />}
      {state.isPending && <RowsLoading rows={2} />}
      {state.data && (
        <div className="panel-body stack">
          <div className="t-dim">
            A letter with a link when a task waits for you or is passed on to you, and when you are reminded of it; once
            a day it comes at seven in the morning.
            {!state.data.delivers && ' No mail server is set here: nobody is written to yet.'}
          </div>
          {put.error && <Refusal error={put.error} />}
          <SegmentedControl
            size="xs"
            w="fit-content"
            aria-label="E-mail about tasks"
            disabled={put.isPending}
            data={choices}
            value={state.data.choice}
            onChange={(choice) => once(() => put.mutateAsync(choice))}
          />
        </div>
      )}
    </Panel>
  );
}
