import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ComponentProps, useState } from 'react';
import { namesQuery } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { awayText, wordsOf } from '../../ui/format.ts';
import { useNow } from '../../ui/now.ts';
import { nodeName } from './model-nodes.ts';
import { Reassign } from './reassign.tsx';
import { whoMay } from './routing-words.ts';
import type { InstanceDetail } from './shapes.ts';

const waitWords: Record<string, string> = {
  timer: 'waits for its time',
  message: 'waits for the message',
  signal: 'waits for the signal',
  retry: 'is tried again by itself',
};

/** What a process waits for: people with their clocks, timers, messages and other branches. */
export function Standing({ instance }: { instance: InstanceDetail }) {
  const { model, tasks, waits, tokens } = instance;
  const now = useNow();
  const may = useMay();
  const [moving, setMoving] = useState<ComponentProps<typeof Reassign>['task'] | null>(null);
  const people = useQuery(namesQuery());
  const personName = (id: string) => people.data?.items.find((one) => one.id === id)?.name ?? 'somebody who has left';
  const open = tasks.filter(({ state }) => state === 'open' || state === 'claimed');
  const joining = tokens.filter(({ rests }) => rests === 'join');
  if (open.length + waits.length + joining.length === 0)
    return <div className="notice t-dim">{instance.state === 'running' ? 'It has stopped.' : 'It is over.'}</div>;
  return (
    <>
      {open.map(({ id, step, assigneeId, dueAt, routing, ballots }) => (
        <div key={id} className="notice">
          <div className="grow">
            <b>{nodeName(model, step)}</b>{' '}
            <span className={Date.parse(dueAt) < now ? 'neg t-sm' : 't-dim t-sm'}>due {awayText(dueAt, now)}</span>
            <div className="t-dim t-sm">
              {assigneeId ? `taken by ${personName(assigneeId)}` : whoMay(routing, model)}
            </div>
            {ballots.length > 0 && (
              <div className="t-sm">
                {ballots.map(({ personId, outcome }) => `${personName(personId)}: ${wordsOf(outcome)}`).join(', ')}
              </div>
            )}
          </div>
          {may('workflows:design') && (
            <Button
              size="compact-sm"
              variant="default"
              onClick={() =>
                setMoving({ id, name: nodeName(model, step), assigneeId, permission: routing.candidates?.permission })
              }
            >
              Reassign
            </Button>
          )}
        </div>
      ))}
      {moving && <Reassign task={moving} close={() => setMoving(null)} />}
      {waits.map(({ token, event, kind, name }) => (
        <div key={`${token} ${event}`} className="notice">
          <div className="grow">
            <b>{nodeName(model, event)}</b> {waitWords[kind] ?? kind} {name && <code>{name}</code>}
          </div>
        </div>
      ))}
      {joining.map(({ token, node }) => (
        <div key={token} className="notice">
          <div className="grow">
            <b>{nodeName(model, node)}</b> waits for the other branches
          </div>
        </div>
      ))}
    </>
  );
}
