import { Button, Modal } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { Promotion } from '../../api/promotion-shapes.ts';
import { request } from '../../api/request.ts';
import { wordsOf } from '../../ui/format.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Refusal } from '../../ui/screen.tsx';

/** What became of one promotion. */
interface Outcome {
  outcome: string;
  promotion: Promotion | null;
  problem: { code: string; detail: string } | null;
}

function Outcomes({ items, names }: { items: readonly Outcome[]; names: readonly string[] }) {
  const refused = items.filter(({ problem }) => problem !== null).length;
  return (
    <>
      <div className={refused > 0 ? 'neg' : 'pos'}>
        {items.length - refused} done{refused > 0 && `, ${refused} refused and unchanged`}
      </div>
      <div style={{ maxHeight: 320, overflow: 'auto' }}>
        {items.map(({ outcome, promotion, problem }, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: outcomes come in the order of the request
          <div key={place} className="notice" data-severity={problem ? 'block' : undefined}>
            <div className="grow">
              {promotion ? (
                <Link to="/promotions/$id" params={{ id: promotion.id }}>
                  {promotion.code} {promotion.name}
                </Link>
              ) : (
                names[place]
              )}
              <span className="tag" style={{ marginLeft: 8 }}>
                {wordsOf(outcome)}
              </span>
              {problem && <div className="t-dim t-sm">{problem.detail}</div>}
            </div>
          </div>
        ))}
      </div>
    </>
  );
}

/** What is left where a call does not come through: nothing of it is known to be done. */
function notDone(count: number, error: unknown): Outcome[] {
  const detail = `Not known to be done: ${error instanceof Error ? error.message : String(error)}`;
  return Array.from({ length: count }, () => ({ outcome: 'stopped', promotion: null, problem: { code: '', detail } }));
}

/**
 * A dialog that asks, sends calls for some promotions each, tells how far it is and then shows what became of each.
 * `bodies` is null while something is missing.
 */
export function BulkDialog({
  title,
  verb,
  path,
  bodies,
  names,
  explains,
  children,
  close,
}: {
  title: string;
  verb: string;
  path: string;
  /** One call each. */
  bodies: readonly object[] | null;
  /** What each item is called, in the order of the request. */
  names: readonly string[];
  explains: string;
  children?: ReactNode;
  close(): void;
}) {
  const client = useQueryClient();
  const once = useOneAtATime();
  const [done, setDone] = useState<Outcome[] | null>(null);
  const [soFar, setSoFar] = useState(0);
  const run = useMutation({
    mutationFn: async (calls: readonly object[]) => {
      const outcomes: Outcome[] = [];
      for (const body of calls) {
        try {
          outcomes.push(...(await request<{ items: Outcome[] }>(path, { method: 'POST', body })).items);
        } catch (error) {
          // The first refusal is told in the form; later ones beside what was done before them.
          if (outcomes.length === 0) throw error;
          return [...outcomes, ...notDone(names.length - outcomes.length, error)];
        }
        setSoFar(outcomes.length);
      }
      return outcomes;
    },
    onSuccess: (outcomes) => {
      setDone(outcomes);
      for (const key of ['promotions', 'promotion', 'plan', 'history', 'conflicts', 'funds', 'tasks'])
        void client.invalidateQueries({ queryKey: [key] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (bodies) once(() => run.mutateAsync(bodies));
  };
  return (
    <Modal
      opened
      onClose={close}
      closeOnClickOutside={false}
      title={title}
      size="lg"
      transitionProps={{ duration: 80 }}
    >
      {done ? (
        <div className="stack">
          <Outcomes items={done} names={names} />
          <div className="row" style={{ justifyContent: 'flex-end' }}>
            <Button data-autofocus onClick={close}>
              Close
            </Button>
          </div>
        </div>
      ) : (
        <form className="stack" onSubmit={submit} noValidate>
          <div className="t-dim">{explains}</div>
          {children}
          {run.error && <Refusal error={run.error} />}
          <div className="row" style={{ justifyContent: 'flex-end' }}>
            {run.isPending && names.length > 1 && (
              <span className="num t-dim" role="status">
                {soFar} of {names.length} done
              </span>
            )}
            <Button variant="default" onClick={close}>
              Not now
            </Button>
            <Button type="submit" disabled={!bodies} loading={run.isPending}>
              {verb}
            </Button>
          </div>
        </form>
      )}
    </Modal>
  );
}
