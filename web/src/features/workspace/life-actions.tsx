import { Button, Menu, Modal, Textarea } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { Promotion } from '../../api/promotion-shapes.ts';
import { request } from '../../api/request.ts';
import { useMay, useUser } from '../../api/session.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Refusal } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { SaveTemplate } from './save-template.tsx';

interface Action {
  path: string;
  label: string;
  done: string;
  states: readonly string[];
  needs: string;
  /** The member that carries the person's words, and whether it must be there. */
  words?: { member: 'reason' | 'comment'; required: boolean };
  primary?: boolean;
  explains: string;
}

const actions: readonly Action[] = [
  {
    path: 'submit',
    label: 'Submit',
    done: 'Submitted',
    states: ['draft'],
    needs: 'promotions:update',
    primary: true,
    explains: 'Reserves the money in the funds and asks for approval.',
  },
  {
    path: 'recall',
    label: 'Recall',
    done: 'Recalled',
    states: ['submitted'],
    needs: 'promotions:update',
    words: { member: 'comment', required: false },
    primary: true,
    explains: 'Takes it back to draft and releases the reservation.',
  },
  {
    path: 'resume',
    label: 'Resume',
    done: 'Resumed',
    states: ['on_hold'],
    needs: 'promotions:update',
    primary: true,
    explains: 'Takes it up again.',
  },
  {
    path: 'hold',
    label: 'Put on hold',
    done: 'Put on hold',
    states: ['approved', 'active'],
    needs: 'promotions:update',
    words: { member: 'reason', required: true },
    explains: 'Stops it for the time being: its money stays where it is, and it earns nothing beyond today.',
  },
  {
    path: 'close',
    label: 'Close',
    done: 'Closed',
    states: ['ended', 'in_settlement'],
    needs: 'promotions:update',
    explains: 'Releases what is left of its money, once every tactic is settled or released. This is final.',
  },
  {
    path: 'cancel',
    label: 'Cancel the promotion',
    done: 'Cancelled',
    states: ['draft', 'submitted', 'approved', 'active', 'on_hold'],
    needs: 'promotions:cancel',
    words: { member: 'reason', required: true },
    explains: 'Ends it today: what was sold until now is owed, the rest of its money is released. This is final.',
  },
];

function Confirm({ promotion, action, close }: { promotion: Promotion; action: Action; close(): void }) {
  const client = useQueryClient();
  const [words, setWords] = useState('');
  const [asked, setAsked] = useState(false);
  const once = useOneAtATime();
  const lacksWords = action.words?.required === true && words.trim() === '';
  const run = useMutation({
    mutationFn: () => {
      const body = action.words && words.trim() ? { [action.words.member]: words.trim() } : {};
      return request<Promotion | undefined>(`/promotions/${promotion.id}/${action.path}`, {
        method: 'POST',
        body,
        ifMatch: promotion.version,
      });
    },
    onSuccess: (answer) => {
      // What may be done next follows from the new state: the old one must not stay until the next answer.
      if (answer?.id === promotion.id) client.setQueryData(['promotion', promotion.id], answer);
      sayDone(action.done, promotion.code);
      close();
      for (const key of ['promotion', 'promotions', 'plan', 'history', 'conflicts', 'funds', 'tasks'])
        void client.invalidateQueries({ queryKey: [key] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (!lacksWords) once(() => run.mutateAsync());
  };
  return (
    <Modal
      opened
      onClose={close}
      closeOnClickOutside={false}
      title={`${action.label}: ${promotion.name}`}
      transitionProps={{ duration: 80 }}
    >
      <form className="stack" onSubmit={submit} noValidate>
        <div className="t-dim">{action.explains}</div>
        {action.words && (
          <Textarea
            data-autofocus
            label={action.words.required ? 'Why' : 'Comment (optional)'}
            required={action.words.required}
            error={asked && lacksWords ? 'Say why' : undefined}
            autosize
            minRows={2}
            value={words}
            onChange={(event) => setWords(event.currentTarget.value)}
          />
        )}
        {run.error && <Refusal error={run.error} />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={close}>
            Not now
          </Button>
          <Button
            type="submit"
            data-autofocus={action.words ? undefined : true}
            color={action.path === 'cancel' ? 'red' : 'accent'}
            loading={run.isPending}
          >
            {action.label}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** States in which terms are in force and can be amended. */
export const amendableStates: readonly string[] = ['approved', 'active', 'on_hold', 'ended'];

/** What may be done with the promotion in its state, by this person. */
export function LifeActions({ promotion, unsaved }: { promotion: Promotion; unsaved: boolean }) {
  const may = useMay();
  const user = useUser();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [asking, setAsking] = useState<Action | null>(null);
  const [naming, setNaming] = useState(false);
  const once = useOneAtATime();
  const copy = useMutation({
    mutationFn: () => request<Promotion>(`/promotions/${promotion.id}/copy`, { method: 'POST', body: {} }),
    onSuccess: (made) => {
      sayDone('Copied as a draft', made.code);
      void client.invalidateQueries({ queryKey: ['promotions'] });
      void navigate({ to: '/promotions/$id', params: { id: made.id } });
    },
  });
  const fitting = actions.filter((action) => action.states.includes(promotion.state) && may(action.needs));
  const primary = fitting.filter((action) => action.primary);
  const others = fitting.filter((action) => !action.primary);
  if (!user) return null;
  return (
    <>
      {primary.map((action) => (
        <Button
          key={action.path}
          disabled={unsaved}
          title={unsaved ? 'Save or undo your changes first' : undefined}
          variant={action.path === 'submit' ? 'filled' : 'default'}
          onClick={() => setAsking(action)}
        >
          {action.label}
        </Button>
      ))}
      {amendableStates.includes(promotion.state) && may('promotions:update') && (
        <Button
          variant="default"
          disabled={unsaved}
          onClick={() =>
            void navigate({ to: '/promotions/$id', params: { id: promotion.id }, search: { tab: 'amend' } })
          }
        >
          Amend
        </Button>
      )}
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={14} />}>
            More
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {may('promotions:create') && (
            <Menu.Item onClick={() => once(() => copy.mutateAsync())}>Copy as a draft</Menu.Item>
          )}
          <Menu.Item onClick={() => void navigate({ to: '/promotions/$id/sell-sheet', params: { id: promotion.id } })}>
            Sell sheet for the buyer
          </Menu.Item>
          {may('promotions:create') && <Menu.Item onClick={() => setNaming(true)}>Save as a template</Menu.Item>}
          {others.map((action) => (
            <Menu.Item
              key={action.path}
              disabled={unsaved}
              color={action.path === 'cancel' ? 'red' : undefined}
              onClick={() => setAsking(action)}
            >
              {action.label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {naming && <SaveTemplate promotion={promotion} close={() => setNaming(false)} />}
      {asking && <Confirm promotion={promotion} action={asking} close={() => setAsking(null)} />}
    </>
  );
}
