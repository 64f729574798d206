import { Button, Checkbox, Select, Textarea, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { namesQuery } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { instantText } from '../../ui/format.ts';
import { Empty, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { consentsQuery } from './queries.ts';
import { SayWhy } from './say-why.tsx';
import type { Consent } from './shapes.ts';

function Record({ close }: { close(): void }) {
  const people = useQuery(namesQuery());
  const [personId, setPersonId] = useState<string | null>(null);
  const [purpose, setPurpose] = useState('');
  const [wording, setWording] = useState('');
  const [source, setSource] = useState('');
  const [free, setFree] = useState(false);
  return (
    <FormDialog
      title="Record a consent"
      confirm="Record"
      ready={free && personId !== null}
      send={() =>
        request('/privacy/consents', {
          method: 'POST',
          body: { personId, given: true, purpose: purpose.trim(), wording: wording.trim(), source: source.trim() },
        })
      }
      refresh={['privacy']}
      done={() => sayDone('Recorded', purpose)}
      close={close}
    >
      <Select
        label="Person"
        required
        searchable
        data={(people.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        value={personId}
        onChange={setPersonId}
        error={people.error ? 'People could not be loaded' : undefined}
      />
      <TextInput
        label="What for"
        required
        value={purpose}
        onChange={(event) => setPurpose(event.currentTarget.value)}
      />
      <Textarea
        label="The text that they agreed to"
        required
        autosize
        minRows={2}
        value={wording}
        onChange={(event) => setWording(event.currentTarget.value)}
      />
      <TextInput
        label="How they said so"
        required
        value={source}
        onChange={(event) => setSource(event.currentTarget.value)}
      />
      <Checkbox
        label="It was given freely, and they were told that they may take it back"
        checked={free}
        onChange={(event) => setFree(event.currentTarget.checked)}
      />
    </FormDialog>
  );
}

function exported(items: readonly Consent[]) {
  return {
    head: ['person', 'purpose', 'given', 'wording', 'source', 'recorded_at', 'holds'],
    rows: items.map((one) => [
      ...[one.personName, one.purpose, String(one.given), one.wording, one.source, one.recordedAt, String(one.holds)],
    ]),
  };
}

function stateOf({ given, holds }: Consent): string {
  if (!given) return 'withdrawn';
  return holds ? 'holds' : 'over';
}

/** Consents and withdrawals: the newest of a person and a purpose holds. */
export function Consents({ head }: { head: ReactNode }) {
  const consents = useQuery(consentsQuery);
  const [recording, setRecording] = useState(false);
  const [withdrawing, setWithdrawing] = useState<Consent | null>(null);
  const items = consents.data ?? [];
  return (
    <Screen
      title="Privacy"
      sub={head}
      actions={
        <>
          <ExportButton name="consents" disabled={items.length === 0} table={() => exported(items)} />
          <Button leftSection={<IconPlus size={14} />} onClick={() => setRecording(true)}>
            Record a consent
          </Button>
        </>
      }
      flush
    >
      {consents.error && <Refusal error={consents.error} retry={() => void consents.refetch()} />}
      {consents.isPending && <RowsLoading rows={4} />}
      {consents.data && items.length === 0 && (
        <Empty title="Nobody was asked for a consent">
          The product itself rests on contract and law, not on consent. Record here what you ask people for beside it.
        </Empty>
      )}
      {items.length > 0 && (
        <table className="grid wrap">
          <thead>
            <tr>
              <th>Person</th>
              <th>What for</th>
              <th>State</th>
              <th>Text</th>
              <th>How</th>
              <th>Recorded</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {items.map((one) => (
              <tr key={one.id}>
                <td>
                  <b>{one.personName}</b>
                </td>
                <td>{one.purpose}</td>
                <td>{stateOf(one)}</td>
                <td className="t-dim">{one.wording}</td>
                <td className="t-dim">{one.source}</td>
                <td className="num">{instantText(one.recordedAt)}</td>
                <td>
                  {one.given && one.holds && (
                    <Button size="xs" variant="default" onClick={() => setWithdrawing(one)}>
                      Withdraw
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {recording && <Record close={() => setRecording(false)} />}
      {withdrawing && (
        <SayWhy
          title={`${withdrawing.personName} takes back: ${withdrawing.purpose}`}
          label="How they said so"
          confirm="Withdraw"
          send={(source) =>
            request('/privacy/consents', {
              method: 'POST',
              body: {
                ...{ personId: withdrawing.personId, purpose: withdrawing.purpose, wording: withdrawing.wording },
                ...{ source, given: false },
              },
            })
          }
          close={() => setWithdrawing(null)}
        />
      )}
    </Screen>
  );
}
