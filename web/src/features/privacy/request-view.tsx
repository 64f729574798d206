import { Button, TextInput } from '@mantine/core';
import { IconArrowLeft, IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { saveFile, request as send } from '../../api/request.ts';
import { dateText, instantText, wordsOf } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Panel, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { sayRefused } from '../../ui/toast.tsx';
import { Due } from './due.tsx';
import { EraseDialog, ErasureLines } from './erase-dialog.tsx';
import { requestQuery } from './queries.ts';
import { SayWhy } from './say-why.tsx';
import type { PrivacyRequestDetail } from './shapes.ts';
import { Steps } from './steps.tsx';

type Dialog = 'check_identity' | 'extend' | 'refuse' | 'withdraw' | 'complete' | 'erase' | 'rectify';

const dialogs: Record<
  Exclude<Dialog, 'erase' | 'rectify'>,
  { title: string; label: string; confirm: string; member: 'proof' | 'reason' | 'decision' }
> = {
  check_identity: { title: 'Who asked', label: 'How you made sure', confirm: 'Checked', member: 'proof' },
  extend: { title: 'Extend by two months', label: 'Why it takes longer', confirm: 'Extend', member: 'reason' },
  refuse: { title: 'Refuse', label: 'Why', confirm: 'Refuse', member: 'reason' },
  withdraw: { title: 'Withdrawn by who asked', label: 'How they said so', confirm: 'Withdraw', member: 'reason' },
  complete: { title: 'Complete', label: 'What was done', confirm: 'Complete', member: 'decision' },
};

function Rectify({ request, close }: { request: PrivacyRequestDetail; close(): void }) {
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const body = (decision: string) => ({
    decision,
    ...(name.trim() ? { name: name.trim() } : {}),
    ...(email.trim() ? { email: email.trim() } : {}),
  });
  return (
    <SayWhy
      title={`Rectify ${request.personName ?? ''}`}
      label="Decision, for the file"
      confirm="Rectify"
      disabled={!name.trim() && !email.trim()}
      send={(decision) =>
        send(`/privacy/requests/${request.id}/rectify`, {
          ...{ method: 'POST', body: body(decision), ifMatch: request.version },
        })
      }
      close={close}
    >
      <TextInput label="Name, as it should be" value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <TextInput
        label="E-mail, as it should be"
        description="Ends their sessions; the former address is told. Not by who checked who asked"
        inputWrapperOrder={['label', 'input', 'description']}
        type="email"
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
    </SayWhy>
  );
}

function Actions({ request, choose }: { request: PrivacyRequestDetail; choose(dialog: Dialog): void }) {
  const once = useOneAtATime();
  const [busy, setBusy] = useState(false);
  const checked = request.identityCheckedAt !== null;
  const hand = async () => {
    setBusy(true);
    await saveFile(`/privacy/requests/${request.id}/export`, { method: 'POST' }).catch(sayRefused);
    setBusy(false);
  };
  const gives = (request.kind === 'access' || request.kind === 'portability') && request.personId;
  const plain = (dialog: Dialog, words: string, disabled = false) => (
    <Button variant="default" disabled={disabled} onClick={() => choose(dialog)}>
      {words}
    </Button>
  );
  return (
    <div className="panel-body actions-bar">
      {!checked && <Button onClick={() => choose('check_identity')}>Check who asked</Button>}
      {gives && (
        <Button leftSection={<IconDownload size={14} />} disabled={!checked} loading={busy} onClick={() => once(hand)}>
          Download the data
        </Button>
      )}
      {request.kind === 'erasure' && request.personId && (
        <Button color="red" disabled={!checked} onClick={() => choose('erase')}>
          Erase…
        </Button>
      )}
      {request.kind === 'rectification' && request.personId && (
        <Button disabled={!checked} onClick={() => choose('rectify')}>
          Rectify…
        </Button>
      )}
      {plain('complete', 'Complete', !checked)}
      {request.extensionReason === null && plain('extend', 'Extend')}
      {plain('refuse', 'Refuse')}
      {plain('withdraw', 'Withdrawn')}
    </div>
  );
}

function Facts({ request }: { request: PrivacyRequestDetail }) {
  const facts: [string, ReactNode][] = [
    ['Asks for', wordsOf(request.kind)],
    ['Person', request.personName ?? 'somebody without an account'],
    ['Who asked', request.contact ?? 'unreadable since the erasure'],
    ['In their words', request.asked ?? '–'],
    ['Received', dateText(request.receivedOn)],
    ['Due', <Due key="due" request={request} />],
    ['Extended because', request.extensionReason ?? '–'],
    [
      'Identity',
      request.identityCheckedAt
        ? `${request.identityProof} (${instantText(request.identityCheckedAt)})`
        : 'not checked',
    ],
    ['Decision', request.decision ? `${request.decision} (${instantText(request.decidedAt)})` : '–'],
  ];
  return (
    <table className="grid tight wrap">
      <tbody>
        {facts.map(([what, value]) => (
          <tr key={what}>
            <th scope="row" style={{ width: 200 }}>
              {what}
            </th>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Opened({ request, choose }: { request: PrivacyRequestDetail; choose(dialog: Dialog): void }) {
  return (
    <div className="stack">
      <Panel title="What is asked" aside={<StateBadge state={request.state} />}>
        <Facts request={request} />
        {request.state === 'open' && <Actions request={request} choose={choose} />}
      </Panel>
      {request.evidence?.lines && (
        <Panel title="What the erasure did">
          <ErasureLines lines={request.evidence.lines} />
        </Panel>
      )}
      <Steps steps={request.steps} />
    </div>
  );
}

/** One request: what is asked, what may be done about it, and what was. */
export function RequestView({ id, back }: { id: string; back(): void }) {
  const request = useQuery(requestQuery(id));
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const close = () => setDialog(null);
  useKeys({ escape: back }, dialog === null);
  const data = request.data;
  const plain = dialog !== null && dialog !== 'erase' && dialog !== 'rectify' ? dialogs[dialog] : undefined;
  return (
    <Screen
      title={data ? `${wordsOf(data.kind)}: ${data.personName ?? data.contact ?? ''}` : 'Request'}
      actions={
        <Button variant="default" leftSection={<IconArrowLeft size={14} />} onClick={back}>
          All requests
        </Button>
      }
    >
      {request.error && <Refusal error={request.error} retry={() => void request.refetch()} />}
      {request.isPending && <RowsLoading rows={8} />}
      {data && <Opened request={data} choose={setDialog} />}
      {data && dialog === 'erase' && <EraseDialog request={data} close={close} />}
      {data && dialog === 'rectify' && <Rectify request={data} close={close} />}
      {data && plain && (
        <SayWhy
          {...plain}
          send={(note) =>
            send(`/privacy/requests/${id}/act`, {
              ...{ method: 'POST', body: { action: dialog, [plain.member]: note }, ifMatch: data.version },
            })
          }
          close={close}
        />
      )}
    </Screen>
  );
}
