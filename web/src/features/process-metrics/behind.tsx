import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { instantText, wordsOf } from '../../ui/format.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { durationText } from './durations.ts';
import { type Asked, type Behind as BehindFigure, behindQuery } from './queries.ts';

/** The instances behind a figure. */
export function Behind({ asked, behind, close }: { asked: Asked; behind: BehindFigure; close(): void }) {
  const instances = useInfiniteQuery(behindQuery(asked, behind));
  const items = instances.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Panel
      title="Behind the figure"
      className="scrolls"
      aside={
        <Button size="compact-sm" variant="default" onClick={close}>
          Close
        </Button>
      }
    >
      {instances.error && <Refusal error={instances.error} retry={() => void instances.refetch()} />}
      {instances.isPending && <RowsLoading rows={4} />}
      {instances.data && items.length === 0 && <Empty title="None">Choose another figure.</Empty>}
      {items.length > 0 && (
        <table className="grid tight">
          <thead>
            <tr>
              <th>About</th>
              <th>Ended</th>
              <th>How</th>
              <th className="right">Took</th>
            </tr>
          </thead>
          <tbody>
            {items.map(({ id, title, state, outcome, startedAt, endedAt }) => (
              <tr key={id}>
                <td className="wraps">
                  <Link to="/workflow/instances/$id" params={{ id }}>
                    {title}
                  </Link>
                </td>
                <td className="num">{instantText(endedAt)}</td>
                <td>{wordsOf(outcome ?? state)}</td>
                <td className="right num">{durationText(Date.parse(endedAt) - Date.parse(startedAt))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {instances.hasNextPage && (
        <div className="panel-body">
          <Button
            variant="default"
            loading={instances.isFetchingNextPage}
            onClick={() => void instances.fetchNextPage()}
          >
            Show more
          </Button>
        </div>
      )}
    </Panel>
  );
}
