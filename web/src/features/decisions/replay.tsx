import { Button, Progress } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { namesQuery } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import { countText, instantText, wordsOf } from '../../ui/format.ts';
import { Panel, Refusal } from '../../ui/screen.tsx';
import { latestReplayQuery, type ReplayedKind, type ReplayFilter } from './queries.ts';
import { breachWords, differenceWords } from './replay-words.ts';
import { ReplayedList } from './replayed-list.tsx';
import type { Replay, ReplaySummary } from './shapes.ts';

/** What promotions are counted by beside all else: as their approvals say it. */
const groupBy = 'customerName';

type Pick = (filter: ReplayFilter) => void;

function Count({ filter, count, pick, label }: { filter: ReplayFilter; count: number; pick: Pick; label?: string }) {
  if (count === 0) return <>0</>;
  return (
    <button type="button" className="link-button num" aria-label={label} onClick={() => pick(filter)}>
      {countText(count)}
    </button>
  );
}

function Figures({ summary, pick }: { summary: ReplaySummary; pick: Pick }) {
  const { approvals, same, stepsThen, stepsNow, differences } = summary;
  const change = stepsNow - stepsThen;
  return (
    <div className="kpis">
      <div className="kpi">
        <span className="label">Past approvals</span>
        <span className="value num">{countText(approvals)}</span>
      </div>
      <div className="kpi">
        <span className="label">Come out as they did</span>
        <span className="value num">{countText(same)}</span>
      </div>
      <div className="kpi">
        <span className="label">Steps in all</span>
        <span className="value num">{change > 0 ? `+${countText(change)}` : countText(change)}</span>
        <span className="t-dim t-sm num">
          {countText(stepsThen)} → {countText(stepsNow)}
        </span>
      </div>
      {Object.entries(differenceWords).map(([difference, words]) => {
        const count = differences[difference] ?? 0;
        return count === 0 ? null : (
          <div className="kpi" key={difference}>
            <span className="label">{words}</span>
            <span className="value">
              <Count filter={{ difference }} count={count} pick={pick} label={`${words}: ${count}`} />
            </span>
          </div>
        );
      })}
    </div>
  );
}

function Table({ title, head, rows }: { title: string; head: readonly string[]; rows: readonly ReactNode[][] }) {
  if (rows.length === 0) return null;
  return (
    <Panel title={title} className="scrolls">
      <table className="grid tight" aria-label={title}>
        <thead>
          <tr>
            {head.map((each, at) => (
              <th key={each} className={at > 0 ? 'right' : undefined}>
                {each}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a result stay where they stand
            <tr key={place}>
              {cells.map((cell, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: as the columns
                <td key={at} className={at > 0 ? 'right num' : undefined}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Result({ summary, pick }: { summary: ReplaySummary; pick: Pick }) {
  const people = useQuery(namesQuery());
  const nameOf = (id: string) => people.data?.items.find((one) => one.id === id)?.name ?? 'somebody who has left';
  return (
    <>
      <Figures summary={summary} pick={pick} />
      <div className="beside-each-other">
        <Table
          title="By step"
          head={['Step', 'Then', 'Now', 'New', 'Falls away', 'One alone', 'Nobody']}
          rows={summary.steps.map(({ step, before, after, added, dropped, alone, nobody }) => [
            <button key="step" type="button" className="link-button" onClick={() => pick({ step })}>
              {wordsOf(step.replaceAll('-', ' '))}
            </button>,
            ...[before, after, added, dropped, alone, nobody].map(countText),
          ])}
        />
        <Table
          title="What breaks the rules of then"
          head={['What', 'Approvals']}
          rows={Object.entries(summary.breaches).map(([breach, count]) => [
            breachWords[breach] ?? breach,
            <Count key="count" {...{ filter: { breach }, count, pick }} />,
          ])}
        />
        <Table
          title="Who"
          head={['Person', 'Took', 'Still could', 'Could']}
          rows={summary.people.map(({ personId, took, still, could }) => [
            nameOf(personId),
            ...[took, still, could].map(countText),
          ])}
        />
        <Table
          title="By row"
          head={['Row', 'Approvals', 'More steps', 'Fewer steps', 'Breaches']}
          rows={summary.rows.map(({ row, approvals, moreSteps, fewerSteps, breaches }) => [
            `Row ${row}`,
            countText(approvals),
            <Count
              key="more"
              {...{ filter: { row: String(row), difference: 'more-steps' }, count: moreSteps, pick }}
            />,
            <Count
              key="fewer"
              {...{ filter: { row: String(row), difference: 'fewer-steps' }, count: fewerSteps, pick }}
            />,
            <Count key="breach" {...{ filter: { row: String(row), difference: 'breach' }, count: breaches, pick }} />,
          ])}
        />
        <Table
          title="By customer"
          head={['Customer', 'Approvals', 'More steps', 'Fewer steps', 'Breaches']}
          rows={summary.groups.map(({ group, approvals, moreSteps, fewerSteps, breaches }) => [
            group,
            countText(approvals),
            <Count key="more" {...{ filter: { group, difference: 'more-steps' }, count: moreSteps, pick }} />,
            <Count key="fewer" {...{ filter: { group, difference: 'fewer-steps' }, count: fewerSteps, pick }} />,
            <Count key="breach" {...{ filter: { group, difference: 'breach' }, count: breaches, pick }} />,
          ])}
        />
        <Table
          title="Comes to no end"
          head={['Why', 'Approvals']}
          rows={summary.stopped.map(({ why, approvals }) => [
            why,
            <Count key="count" {...{ filter: { difference: 'stopped' }, count: approvals, pick }} />,
          ])}
        />
      </div>
    </>
  );
}

function UnderWay({ replay, refresh }: { replay: Replay; refresh(): void }) {
  const cancel = useMutation({
    mutationFn: () => request(`/workflows/replays/${replay.id}/cancel`, { method: 'POST' }),
    onSuccess: refresh,
  });
  const share = replay.approvals === 0 ? 0 : (100 * replay.replayed) / replay.approvals;
  return (
    <div className="stack" role="status">
      <div className="row spread">
        <span className="num">
          {replay.state === 'queued'
            ? 'It begins in a moment.'
            : `${countText(replay.replayed)} of ${countText(replay.approvals)} past approvals`}
        </span>
        <Button size="xs" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate()}>
          Stop it
        </Button>
      </div>
      <Progress value={share} aria-label="Past approvals that are replayed" />
      {cancel.error && <Refusal error={cancel.error} />}
    </div>
  );
}

const filterWords = (filter: ReplayFilter): string =>
  [
    filter.difference && (differenceWords[filter.difference] ?? filter.difference),
    filter.breach && (breachWords[filter.breach] ?? filter.breach),
    filter.row && `row ${filter.row}`,
    filter.step && wordsOf(filter.step),
    filter.group,
  ]
    .filter(Boolean)
    .join(', ');

/** Plays a version over all past approvals and shows what it comes to: who, how many steps, and what breaks the rules of then. */
export function ReplayPanel({ of, versionId }: { of: ReplayedKind; versionId: string }) {
  const client = useQueryClient();
  const latest = useQuery(latestReplayQuery(of, versionId));
  const [filter, setFilter] = useState<ReplayFilter>({});
  const refresh = () => void client.invalidateQueries({ queryKey: ['replays', of, versionId] });
  const ask = useMutation({
    mutationFn: () => request(`/workflows/${of}/${versionId}/replays`, { method: 'POST', body: { groupBy } }),
    onSuccess: () => {
      setFilter({});
      refresh();
    },
  });
  const replay = latest.data;
  const underWay = replay?.state === 'queued' || replay?.state === 'running';
  const shown = filterWords(filter);
  return (
    <Panel
      title="Past approvals under this version"
      aside={
        <Button size="xs" variant="default" disabled={underWay} loading={ask.isPending} onClick={() => ask.mutate()}>
          {replay ? 'Replay again' : 'Replay past approvals'}
        </Button>
      }
    >
      <div className="panel-body stack">
        {ask.error && <Refusal error={ask.error} />}
        {latest.error && <Refusal error={latest.error} retry={() => void latest.refetch()} />}
        {!replay && !latest.isPending && (
          <div className="t-dim">
            Plays every approval that is over once more: who would have decided, how many steps more, and where the
            rules of then would be broken. Nothing comes of it.
          </div>
        )}
        {replay && underWay && <UnderWay replay={replay} refresh={refresh} />}
        {replay?.state === 'cancelled' && <div className="t-dim">It was stopped {instantText(replay.endedAt)}.</div>}
        {replay?.failure && <div className="neg">{replay.failure}</div>}
        {replay?.summary && <Result summary={replay.summary} pick={setFilter} />}
      </div>
      {replay?.summary && (
        <div className="scrolls-x">
          <div className="row spread panel-body">
            <b>{shown === '' ? 'All that come out otherwise' : shown}</b>
            {shown !== '' && (
              <Button size="compact-sm" variant="default" onClick={() => setFilter({})}>
                Show all
              </Button>
            )}
          </div>
          <ReplayedList replayId={replay.id} filter={filter} />
        </div>
      )}
    </Panel>
  );
}
