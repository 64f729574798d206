import { Button } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { namesQuery } from '../../api/queries.ts';
import { instantText, wordsOf } from '../../ui/format.ts';
import { Refusal, RowsLoading } from '../../ui/screen.tsx';
import { type ReplayFilter, replayedQuery } from './queries.ts';
import { barWords, breachWords } from './replay-words.ts';
import type { ReplayedApproval } from './shapes.ts';

const stepWords = (step: string) => wordsOf(step.replaceAll('-', ' '));

type Step = ReplayedApproval['steps'][number];

function StepLine({ step, nameOf }: { step: Step; nameOf(id: string): string }) {
  const { by, barred, may, people, is } = step;
  const others = may - (by !== null && barred === null ? 1 : 0);
  const listed = people.filter((id) => id !== by || barred !== null).map(nameOf);
  const more = others > listed.length ? ` and ${others - listed.length} more` : '';
  return (
    <li>
      <b>{stepWords(step.step)}</b>{' '}
      {is === 'dropped' && (
        <>
          <span className="neg">falls away</span>
          {by && `, taken by ${nameOf(by)} then`}
        </>
      )}
      {is === 'kept' && by && barred === null && `by ${nameOf(by)}, as then`}
      {is === 'kept' && barred !== null && (
        <>
          not by {by && nameOf(by)} any more <span className="neg">({barWords[barred] ?? barred})</span>
          {listed.length > 0 && `: ${listed.join(', ')}${more}`}
        </>
      )}
      {is === 'added' &&
        (may === 0 ? (
          <span className="neg">nobody could take it</span>
        ) : (
          <>
            new: {listed.join(', ')}
            {more}
          </>
        ))}
    </li>
  );
}

function About({ one }: { one: ReplayedApproval }) {
  if (one.subjectType === 'promotion')
    return (
      <Link className="quiet" to="/promotions/$id" params={{ id: one.subjectId }}>
        {one.title}
      </Link>
    );
  return (
    <Link className="quiet" to="/workflow/instances/$id" params={{ id: one.id }}>
      {one.title}
    </Link>
  );
}

/** Past approvals that come out otherwise, each with who took it, who could, and what breaks the rules of then. */
export function ReplayedList({ replayId, filter }: { replayId: string; filter: ReplayFilter }) {
  const listed = useInfiniteQuery(replayedQuery(replayId, filter));
  const people = useQuery(namesQuery());
  const nameOf = (id: string) => people.data?.items.find((one) => one.id === id)?.name ?? 'somebody who has left';
  const items = listed.data?.pages.flatMap((page) => page.items) ?? [];
  if (listed.error) return <Refusal error={listed.error} retry={() => void listed.refetch()} />;
  if (listed.isPending) return <RowsLoading rows={4} />;
  if (items.length === 0)
    return <div className="notice t-dim">None is listed. The list is that of the newest replay of this decision.</div>;
  return (
    <>
      <table className="grid wrap" aria-label="Approvals that come out otherwise">
        <thead>
          <tr>
            <th>About</th>
            <th>Ended</th>
            <th className="right">Steps</th>
            <th>Who</th>
            <th>Rules of then</th>
          </tr>
        </thead>
        <tbody>
          {items.map((one) => (
            <tr key={one.id}>
              <td className="wraps">
                <About one={one} />
                {one.group && <div className="t-dim t-sm">{one.group}</div>}
              </td>
              <td className="num">{instantText(one.endedAt)}</td>
              <td className="right num">
                {one.stepsThen} → {one.stepsNow}
              </td>
              <td>
                {one.stopped ? (
                  <span className="neg">{one.stopped}</span>
                ) : (
                  <ul className="plain-list">
                    {one.steps.map((step, place) => (
                      // biome-ignore lint/suspicious/noArrayIndexKey: a step may be taken twice
                      <StepLine key={place} step={step} nameOf={nameOf} />
                    ))}
                  </ul>
                )}
              </td>
              <td className="wraps">
                {one.breaches.map(({ kind, step }) => (
                  <div key={`${kind} ${step}`} className="neg">
                    {step ? `${stepWords(step)}: ` : ''}
                    {breachWords[kind] ?? kind}
                  </div>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {listed.hasNextPage && (
        <div style={{ padding: 12 }}>
          <Button variant="default" loading={listed.isFetchingNextPage} onClick={() => void listed.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </>
  );
}
