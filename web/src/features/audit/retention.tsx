import { Alert, Button, NumberInput, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { namesQuery } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import { useMay, useUser } from '../../api/session.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { countText, dateText, instantText, movedBy, today, wordsOf } from '../../ui/format.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { sayDone, sayRefused } from '../../ui/toast.tsx';
import { legalHoldsQuery, retentionQuery } from './queries.ts';
import type { KeptClass, WaitingKeeping } from './shapes.ts';

const mostDays = 36_600;
const dayIn = (instant: string) => instant.slice(0, 10);

/** What goes when, if a class is kept for so many days. */
function WhatGoes({ item, keepDays, held }: { item: KeptClass; keepDays: number; held: boolean }) {
  const { oldest } = item;
  if (!oldest) return <>There are no entries of this class yet: nothing is dropped.</>;
  const lastDay = movedBy(dayIn(oldest.to), -1);
  const goesOn = movedBy(dayIn(oldest.to), keepDays);
  const due = goesOn <= today();
  return (
    <>
      The oldest entries, of {dateText(dayIn(oldest.from))} to {dateText(lastDay)}, are dropped{' '}
      <b>{due ? 'within the hour' : `on ${dateText(goesOn)}`}</b>, for good; a signed record stays, and the rest follows
      as its days are over.
      {held && ' While a legal hold stands, nothing is dropped; this holds from its release.'}
    </>
  );
}

function KeepDays({ item, close }: { item: KeptClass; close(): void }) {
  const [keepDays, setKeepDays] = useState<number | string>(item.keepDays);
  const holds = useQuery(legalHoldsQuery);
  const name = wordsOf(item.retentionClass);
  const days = Number(keepDays);
  const ready = keepDays !== '' && Number.isInteger(days) && days >= item.leastDays && days <= mostDays;
  const shorter = days < item.keepDays;
  return (
    <FormDialog
      title={`How long entries are kept: ${name}`}
      confirm={ready ? `Keep for ${countText(days)} days` : 'Keep'}
      dangerous={shorter}
      ready={ready}
      send={() =>
        request<{ waitingChangeId?: string }>('/audit/retention', {
          method: 'PUT',
          body: { retentionClass: item.retentionClass, keepDays: days },
        })
      }
      refresh={retentionQuery.queryKey}
      done={({ waitingChangeId }) =>
        waitingChangeId
          ? sayDone('It waits', 'Somebody else confirms it before entries are kept for less than seven years.')
          : sayDone('Kept', `${name}: for ${countText(days)} days.`)
      }
      close={close}
    >
      <div className="t-dim">{item.what}.</div>
      <NumberInput
        label="Days to keep"
        description={`At least ${countText(item.leastDays)}; now ${countText(item.keepDays)}. The same days again confirm what is shown.`}
        data-autofocus
        required
        allowDecimal={false}
        allowNegative={false}
        min={item.leastDays}
        max={mostDays}
        clampBehavior="none"
        suffix=" days"
        value={keepDays}
        onChange={setKeepDays}
        error={!ready && `From ${countText(item.leastDays)} to ${countText(mostDays)} days.`}
      />
      {ready && (
        <Alert color={shorter ? 'red' : 'gray'} variant="light" p="sm" radius="sm">
          <WhatGoes item={item} keepDays={days} held={(holds.data?.items ?? []).some((hold) => !hold.releasedAt)} />
        </Alert>
      )}
    </FormDialog>
  );
}

/** Fewer days that somebody asked for, to be confirmed by another. */
function Waiting({ one, mayChange }: { one: WaitingKeeping; mayChange: boolean }) {
  const queries = useQueryClient();
  const once = useOneAtATime();
  const own = useUser()?.id === one.askedBy;
  const who = useQuery(namesQuery()).data?.items.find(({ id }) => id === one.askedBy)?.name ?? 'Somebody';
  const decide = useMutation({
    mutationFn: (what: 'confirm' | 'withdraw') =>
      what === 'confirm'
        ? request(`/audit/retention/changes/${one.id}/confirm`, { method: 'POST' })
        : request(`/audit/retention/changes/${one.id}`, { method: 'DELETE' }),
    onSuccess: (_answer, what) => {
      sayDone(what === 'confirm' ? `Kept for ${countText(one.keepDays)} days` : 'Withdrawn');
      return queries.invalidateQueries({ queryKey: retentionQuery.queryKey });
    },
    onError: sayRefused,
  });
  return (
    <Alert color="gray" variant="light" title="Waits for a second person" p="sm" radius="sm" m="sm">
      <div className="row spread">
        <span>
          {who} asked to keep {wordsOf(one.retentionClass)} entries for <b>{countText(one.keepDays)} days</b>, less than
          seven years. <span className="t-dim num">{instantText(one.askedAt)}</span>
        </span>
        {mayChange && (
          <span className="row">
            {own ? (
              <span className="t-dim">Somebody else confirms it.</span>
            ) : (
              <Button size="compact-sm" color="red" onClick={() => once(() => decide.mutateAsync('confirm'))}>
                Confirm
              </Button>
            )}
            <Button size="compact-sm" variant="default" onClick={() => once(() => decide.mutateAsync('withdraw'))}>
              Withdraw
            </Button>
          </span>
        )}
      </div>
    </Alert>
  );
}

/** How long each class of the trail is kept, what goes when, and the legal holds that stop it. */
export function RetentionPanel() {
  const retention = useQuery(retentionQuery);
  const [changed, setChanged] = useState<KeptClass>();
  const mayChange = useMay()('privacy:manage');
  return (
    <Panel title="Retention" className="scrolls">
      {retention.error && <Refusal error={retention.error} />}
      {retention.isPending && <RowsLoading rows={3} />}
      {retention.data && retention.data.doubts.length > 0 && (
        <Alert color="red" variant="light" title="Somebody changed this in the database itself" p="sm" radius="sm">
          Nothing is dropped until this is mended: set the days that are meant, or release the hold, here.
          <ul>
            {retention.data.doubts.map((doubt) => (
              <li key={doubt}>{doubt}</li>
            ))}
          </ul>
        </Alert>
      )}
      {retention.data?.waiting.map((one) => (
        <Waiting key={one.id} one={one} mayChange={mayChange} />
      ))}
      {retention.data && (
        <table className="grid tight">
          <tbody>
            {retention.data.items.map((item) => (
              <tr key={item.retentionClass}>
                <td>{wordsOf(item.retentionClass)}</td>
                <td className="wraps t-dim">{item.what}</td>
                <td className="t-dim">
                  {item.oldest ? `oldest after ${dateText(dayIn(item.oldest.from))}` : 'none yet'}
                </td>
                <td className="right num" data-plain="a setting">
                  {countText(item.keepDays)} days
                </td>
                <td className="right">
                  {mayChange && (
                    <Button
                      size="compact-sm"
                      variant="default"
                      aria-label={`Change the days of ${wordsOf(item.retentionClass)}`}
                      onClick={() => setChanged(item)}
                    >
                      Change
                    </Button>
                  )}
                </td>
              </tr>
            ))}
            {retention.data.dropped.map((one) => (
              <tr key={one.retentionClass + one.from} className="t-dim">
                <td>{wordsOf(one.retentionClass)}</td>
                <td colSpan={2}>
                  {dateText(dayIn(one.from))} until {dateText(dayIn(one.to))}: dropped, with a signed record
                </td>
                <td className="right num" data-plain="a count">
                  {countText(one.entries)} entries
                </td>
                <td />
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <LegalHolds mayChange={mayChange} />
      {changed && <KeepDays item={changed} close={() => setChanged(undefined)} />}
    </Panel>
  );
}

function LegalHolds({ mayChange }: { mayChange: boolean }) {
  const queries = useQueryClient();
  const holds = useQuery(legalHoldsQuery);
  const [note, setNote] = useState('');
  const changing = useMutation({
    mutationFn: (path: string) => request(path, { method: 'POST', body: { note } }),
    onSuccess: () => {
      setNote('');
      // A hold that was changed in the database itself is a doubt about retention until it is released here.
      void queries.invalidateQueries({ queryKey: retentionQuery.queryKey });
      return queries.invalidateQueries({ queryKey: legalHoldsQuery.queryKey });
    },
    onError: sayRefused,
  });
  const standing = (holds.data?.items ?? []).filter((hold) => hold.releasedAt === null);
  return (
    <div className="panel-body stack">
      <b>{standing.length > 0 ? 'A legal hold stands: nothing is dropped.' : 'No legal hold stands.'}</b>
      {standing.map((hold) => (
        <div key={hold.id} className="row spread">
          <span>
            {hold.reason} <span className="t-dim num">since {instantText(hold.placedAt)}</span>
          </span>
          {mayChange && (
            <Button
              size="compact-sm"
              variant="default"
              disabled={!note.trim()}
              onClick={() => changing.mutate(`/audit/legal-holds/${hold.id}/release`)}
            >
              Release
            </Button>
          )}
        </div>
      ))}
      {mayChange && (
        <div className="row">
          <TextInput
            className="grow"
            aria-label="Why a hold is placed or released"
            placeholder="Why it is placed or released"
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
          <Button
            variant="default"
            disabled={!note.trim()}
            loading={changing.isPending}
            onClick={() => changing.mutate('/audit/legal-holds')}
          >
            Place a legal hold
          </Button>
        </div>
      )}
    </div>
  );
}
