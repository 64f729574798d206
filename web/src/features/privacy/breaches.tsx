import { Button, NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { request } from '../../api/request.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { instantText } from '../../ui/format.ts';
import { Empty, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { BreachView } from './breach-view.tsx';
import { Clock } from './clock.tsx';
import { breachesQuery } from './queries.ts';
import { riskWords } from './risks.ts';
import type { Breach, BreachDetail } from './shapes.ts';

function Report({ close, opened }: { close(): void; opened(id: string): void }) {
  const [title, setTitle] = useState('');
  const [whatHappened, setWhatHappened] = useState('');
  const [awareAt, setAwareAt] = useState('');
  const [risk, setRisk] = useState<string | null>('unknown');
  const [people, setPeople] = useState<number | string>('');
  const body = {
    ...{ title: title.trim(), whatHappened: whatHappened.trim(), risk },
    ...(awareAt ? { awareAt: new Date(awareAt).toISOString() } : {}),
    ...(people === '' ? {} : { peopleAffected: Number(people) }),
  };
  return (
    <FormDialog
      title="Report a breach"
      confirm="Start the clock"
      send={() => request<BreachDetail>('/privacy/breaches', { method: 'POST', body })}
      refresh={['privacy']}
      done={(answer) => {
        sayDone('Taken down', 'The clock runs.');
        opened(answer.id);
      }}
      close={close}
    >
      <TextInput
        label="What it is called"
        required
        data-autofocus
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
      <Textarea
        label="What happened"
        required
        autosize
        minRows={3}
        value={whatHappened}
        onChange={(event) => setWhatHappened(event.currentTarget.value)}
      />
      <TextInput
        label="Aware since"
        description="The 72 hours run from then. Empty: now"
        inputWrapperOrder={['label', 'input', 'description']}
        type="datetime-local"
        value={awareAt}
        onChange={(event) => setAwareAt(event.currentTarget.value)}
      />
      <Select
        label="Risk for those whom it concerns"
        allowDeselect={false}
        data={Object.entries(riskWords).map(([value, label]) => ({ value, label }))}
        value={risk}
        onChange={setRisk}
      />
      <NumberInput label="People affected" min={0} allowDecimal={false} value={people} onChange={setPeople} />
    </FormDialog>
  );
}

function exported(items: readonly Breach[]) {
  return {
    head: [
      'title',
      'aware_at',
      'due_at',
      'risk',
      'people_affected',
      'authority_told_at',
      'people_told_at',
      'closed_at',
    ],
    rows: items.map((one) => [
      ...[one.title, one.awareAt, one.dueAt, one.risk, one.peopleAffected, one.authorityToldAt, one.peopleToldAt],
      one.closedAt,
    ]),
  };
}

/** Breaches of personal data with their clocks. */
export function Breaches({ head }: { head: ReactNode }) {
  const search = useSearch({ from: '/app/privacy' });
  const navigate = useNavigate();
  const breaches = useQuery(breachesQuery);
  const [reporting, setReporting] = useState(false);
  const items = breaches.data ?? [];
  const show = (breach?: string) =>
    void navigate({ to: '/privacy', search: { tab: 'breaches', ...(breach ? { breach } : {}) }, replace: true });
  if (search.breach) return <BreachView id={search.breach} back={() => show()} />;
  return (
    <Screen
      title="Privacy"
      sub={head}
      actions={
        <>
          <ExportButton name="breaches" disabled={items.length === 0} table={() => exported(items)} />
          <Button leftSection={<IconPlus size={14} />} onClick={() => setReporting(true)}>
            Report a breach
          </Button>
        </>
      }
      flush
    >
      {breaches.error && <Refusal error={breaches.error} retry={() => void breaches.refetch()} />}
      {breaches.isPending && <RowsLoading rows={4} />}
      {breaches.data && items.length === 0 && (
        <Empty title="No breach so far">
          Report one as soon as anybody is aware of it: the authority is told within 72 hours.
        </Empty>
      )}
      {items.length > 0 && (
        <table className="grid">
          <thead>
            <tr>
              <th>Breach</th>
              <th>Aware since</th>
              <th>Authority</th>
              <th>Risk</th>
              <th className="right">People</th>
              <th>Those concerned</th>
            </tr>
          </thead>
          <tbody>
            {items.map((one) => (
              <tr key={one.id} data-link="" onClick={() => show(one.id)}>
                <td>
                  <button type="button" className="plain" onClick={() => show(one.id)}>
                    <b>{one.title}</b>
                  </button>
                </td>
                <td className="num">{instantText(one.awareAt)}</td>
                <td className="num">
                  <Clock breach={one} />
                </td>
                <td>{riskWords[one.risk]}</td>
                <td className="right num">{one.peopleAffected ?? '–'}</td>
                <td className="num">{one.peopleToldAt ? `told ${instantText(one.peopleToldAt)}` : '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {reporting && <Report close={() => setReporting(false)} opened={show} />}
    </Screen>
  );
}
