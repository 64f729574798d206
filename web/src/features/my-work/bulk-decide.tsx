import { Button, Modal, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { asProblem } from '../../api/problem.ts';
import { request } from '../../api/request.ts';
import type { Money, Task } from '../../api/shapes.ts';
import { decimalSum, ratioText } from '../../ui/format.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { MoneyValue } from '../../ui/values.tsx';
import type { Selection } from '../promotions/bulk-selection.tsx';
import { staleAfterDecision } from './decide.tsx';
import { needsReason, usualOutcomes, wordsOfOutcome } from './outcomes.ts';

/** Money that is asked for, by currency. */
function totals(tasks: readonly Task[]): Money[] {
  const asked = tasks.flatMap(({ summary }) => summary.spend ?? summary.amount ?? []);
  const byCurrency = Map.groupBy(asked, ({ currency }) => currency);
  return [...byCurrency].map(([currency, of]) => ({ currency, amount: decimalSum(of.map(({ amount }) => amount)) }));
}

/** One of the picked, with what is wrong with it in sight; `refusal`: why it was not decided. */
function Line({ task, told }: { task: Task; told: Told | undefined }) {
  const { summary } = task;
  const conflicts = summary.conflicts ?? 0;
  return (
    <div className="notice" data-severity={told?.refusal ? 'block' : undefined}>
      <div className="grow">
        {task.title}
        {told && ' '}
        {told && <span className="tag">{told.refusal ? 'refused' : 'decided'}</span>}
        {conflicts > 0 && <span className="tag">{conflicts} conflicts</span>}
        <div className="t-dim t-sm">
          {told?.refusal ?? (
            <>
              {summary.customerName ?? summary.fromFund ?? summary.toFund}
              {summary.netRoi && ` · net ROI ${ratioText(summary.netRoi)}`}
            </>
          )}
        </div>
      </div>
      <MoneyValue value={summary.spend ?? summary.amount} />
    </div>
  );
}

interface Told {
  id: string;
  /** Null: it is decided. */
  refusal: string | null;
}

/** Asks before several tasks are decided alike, decides each by itself, and tells what became of each. */
function Confirm({ outcome, tasks, close }: { outcome: string; tasks: readonly Task[]; close(): void }) {
  const client = useQueryClient();
  const once = useOneAtATime();
  const [reason, setReason] = useState('');
  const [told, setTold] = useState<readonly Told[]>([]);
  const words = wordsOfOutcome(outcome, usualOutcomes);
  const comment = reason.trim();
  const ready = !needsReason(outcome, usualOutcomes) || comment !== '';
  const decideEach = async () => {
    for (const { id } of tasks) {
      const body = { outcome, ...(comment ? { comment } : {}) };
      const refusal = await request(`/tasks/${id}/complete`, { method: 'POST', body }).then(
        () => null,
        (error: unknown) => asProblem(error).detail ?? asProblem(error).title,
      );
      setTold((before) => [...before, { id, refusal }]);
    }
  };
  const run = useMutation({ mutationFn: decideEach });
  const leave = () => {
    for (const key of staleAfterDecision) void client.invalidateQueries({ queryKey: [key] });
    close();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) once(() => run.mutateAsync());
  };
  const refused = told.filter(({ refusal }) => refusal !== null).length;
  return (
    <Modal
      opened
      onClose={run.isPending ? () => undefined : leave}
      closeOnClickOutside={false}
      size="lg"
      title={`${words.verb} ${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'}`}
      transitionProps={{ duration: 80 }}
    >
      <form className="stack" onSubmit={submit} noValidate>
        <div className="row spread">
          <span className="t-dim">Each is decided by itself: one that is refused stays open.</span>
          <b>
            {totals(tasks).map((total) => (
              <div key={total.currency}>
                <MoneyValue value={total} />
              </div>
            ))}
          </b>
        </div>
        <div className="panel" style={{ maxHeight: 320, overflow: 'auto' }}>
          {tasks.map((task) => (
            <Line key={task.id} task={task} told={told.find(({ id }) => id === task.id)} />
          ))}
        </div>
        {!run.isSuccess && (
          <Textarea
            data-autofocus
            label={needsReason(outcome, usualOutcomes) ? 'Why, for all of them' : 'Comment for all (optional)'}
            required={needsReason(outcome, usualOutcomes)}
            autosize
            minRows={2}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        )}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          {told.length > 0 && (
            <span className="num grow" role="status">
              {told.length - refused} of {tasks.length} decided{refused > 0 && `, ${refused} refused`}
            </span>
          )}
          <Button variant="default" disabled={run.isPending} onClick={leave}>
            {run.isSuccess ? 'Close' : 'Not now'}
          </Button>
          {!run.isSuccess && (
            <Button type="submit" color={words.color} disabled={!ready} loading={run.isPending}>
              {words.verb} {tasks.length}
            </Button>
          )}
        </div>
      </form>
    </Modal>
  );
}

/** What can be decided of the picked tasks together. */
export function BulkDecide({ tasks, selection }: { tasks: readonly Task[]; selection: Selection }) {
  const [asking, setAsking] = useState<{ outcome: string; tasks: readonly Task[] } | null>(null);
  const picked = tasks.filter(({ id }) => selection.ids.has(id));
  const close = () => {
    setAsking(null);
    selection.clear();
  };
  return (
    <>
      {picked.length > 0 && (
        <div className="filters" role="toolbar" aria-label="Picked tasks">
          <b className="num">{picked.length} picked</b>
          {usualOutcomes.map((outcome) => (
            <Button
              key={outcome}
              size="compact-sm"
              variant="default"
              onClick={() => setAsking({ outcome, tasks: picked })}
            >
              {wordsOfOutcome(outcome, usualOutcomes).verb}
            </Button>
          ))}
          <Button size="compact-sm" variant="subtle" onClick={selection.clear}>
            Pick none
          </Button>
        </div>
      )}
      {/* Those that were decided leave the list while the dialog still tells of them. */}
      {asking && <Confirm {...asking} close={close} />}
    </>
  );
}
