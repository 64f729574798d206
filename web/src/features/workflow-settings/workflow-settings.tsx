import { Button, SegmentedControl } from '@mantine/core';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { namesQuery } from '../../api/queries.ts';
import { queryString, request } from '../../api/request.ts';
import type { Page } from '../../api/shapes.ts';
import { instantText, wordsOf } from '../../ui/format.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Empty, Panel, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';

interface Publishing {
  rule: 'second' | 'alone' | null;
  inForce: 'second' | 'alone';
  designers: number;
  version: number;
}

interface TroubledMail {
  id: string;
  personId: string;
  kind: string;
  state: 'waiting' | 'failed';
  happenedAt: string;
  sendAt: string;
  tries: number;
  error: string | null;
}

const publishingQuery = queryOptions({
  queryKey: ['workflow', 'publishing'],
  queryFn: ({ signal }) => request<Publishing>('/workflows/publishing', { signal }),
});

const mailsQuery = queryOptions({
  queryKey: ['workflow', 'mails'],
  queryFn: ({ signal }) =>
    request<Page<TroubledMail>>(`/workflows/mails${queryString({ state: 'troubled', limit: 100 })}`, { signal }),
});

const meaning = {
  second: 'Whoever drafts a process or a decision does not publish it: somebody else who may design does.',
  alone:
    'Whoever drafts a process or a decision may also publish it; the audit trail then says that nobody else looked.',
};

function PublishingPanel() {
  const client = useQueryClient();
  const once = useOneAtATime();
  const publishing = useQuery(publishingQuery);
  const put = useMutation({
    mutationFn: (rule: string) =>
      request<Publishing>('/workflows/publishing', {
        method: 'PUT',
        body: { rule },
        ...(publishing.data ? { ifMatch: publishing.data.version } : {}),
      }),
    onSuccess: (state) => {
      client.setQueryData(publishingQuery.queryKey, state);
      sayDone(
        state.inForce === 'second' ? 'A second person publishes from now on' : 'Drafters may publish from now on',
      );
    },
  });
  const { data } = publishing;
  return (
    <Panel title="Publishing">
      {publishing.error && <Refusal error={publishing.error} retry={() => void publishing.refetch()} />}
      {publishing.isPending && <RowsLoading rows={2} />}
      {data && (
        <div className="panel-body stack">
          <div>{meaning[data.inForce]}</div>
          <div className="t-dim">
            {data.rule === null
              ? `Nobody has said so: it goes by how many may design, ${data.designers} here.`
              : 'Whoever says that nobody else has to look does not gain by it themselves.'}
          </div>
          {put.error && <Refusal error={put.error} />}
          <SegmentedControl
            size="xs"
            aria-label="Who publishes"
            w="fit-content"
            disabled={put.isPending}
            data={[
              { value: 'second', label: 'A second person' },
              { value: 'alone', label: 'The drafter too' },
            ]}
            value={data.inForce}
            onChange={(rule) => once(() => put.mutateAsync(rule))}
          />
        </div>
      )}
    </Panel>
  );
}

function MailLine({ mail, name }: { mail: TroubledMail; name: string }) {
  const client = useQueryClient();
  const once = useOneAtATime();
  const retry = useMutation({
    mutationFn: () => request(`/workflows/mails/${mail.id}/retry`, { method: 'POST' }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: mailsQuery.queryKey });
      sayDone('It is tried again');
    },
  });
  return (
    <tr>
      <td>{name}</td>
      <td>{wordsOf(mail.kind)}</td>
      <td className="num">{instantText(mail.happenedAt)}</td>
      <td>{mail.state === 'failed' ? 'Given up' : `Tried again ${instantText(mail.sendAt)}`}</td>
      <td className="right num">{mail.tries}</td>
      <td className="t-sm wraps">{mail.error}</td>
      <td className="right">
        {mail.state === 'failed' && (
          <Button
            size="compact-sm"
            variant="default"
            loading={retry.isPending}
            onClick={() => once(() => retry.mutateAsync())}
          >
            Try again
          </Button>
        )}
      </td>
    </tr>
  );
}

function MailsPanel() {
  const mails = useQuery(mailsQuery);
  const people = useQuery(namesQuery());
  const items = mails.data?.items ?? [];
  const nameOf = (id: string) => people.data?.items.find((one) => one.id === id)?.name ?? 'Somebody who has left';
  return (
    <Panel title="E-mails about tasks" className="scrolls">
      {mails.error && <Refusal error={mails.error} retry={() => void mails.refetch()} />}
      {mails.isPending && <RowsLoading rows={3} />}
      {mails.data && items.length === 0 && (
        <Empty title="No e-mail is in trouble">Those that the mail server does not take stand here.</Empty>
      )}
      {items.length > 0 && (
        <table className="grid tight">
          <thead>
            <tr>
              <th>To</th>
              <th>Why</th>
              <th>Happened</th>
              <th>State</th>
              <th className="right">Tries</th>
              <th>What the server said</th>
              <th aria-label="What to do" />
            </tr>
          </thead>
          <tbody>
            {items.map((mail) => (
              <MailLine key={mail.id} mail={mail} name={nameOf(mail.personId)} />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

/** Who publishes what somebody drafted, and e-mails that did not go out. */
export function WorkflowSettings({ head }: { head: ReactNode }) {
  return (
    <Screen title="Workflow" sub={head}>
      <div className="stack" style={{ gap: 12 }}>
        <PublishingPanel />
        <MailsPanel />
      </div>
    </Screen>
  );
}
