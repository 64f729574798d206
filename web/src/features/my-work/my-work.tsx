import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { tasksQuery } from '../../api/queries.ts';
import type { Task } from '../../api/shapes.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { awayText, wordsOf } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { ListItem } from '../../ui/list-item.tsx';
import { useNow } from '../../ui/now.ts';
import { Empty, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { CellValue } from '../../ui/values.tsx';
import { AwayNotices } from '../absences/away-notices.tsx';
import { OnBehalf } from '../absences/on-behalf.tsx';
import { SelectBox, type Selection, useSelection } from '../promotions/bulk-selection.tsx';
import { BulkDecide } from './bulk-decide.tsx';
import { decidedAsUsual } from './outcomes.ts';
import { TaskDetail } from './task-detail.tsx';

/** Tasks of drawn processes ask for outcomes and variables of their own: one at a time. */
const isDecidedAlike = (task: Task) => decidedAsUsual.has(task.subjectType);

function TaskItem({
  task,
  current,
  pick,
  now,
  selection,
}: {
  task: Task;
  current: boolean;
  pick(): void;
  now: number;
  selection: Selection;
}) {
  const { summary } = task;
  const late = task.dueAt !== null && !task.pausedAt && Date.parse(task.dueAt) < now;
  return (
    <ListItem
      title={task.title}
      aside={
        <span className="row over">
          {task.pausedAt && <span className="t-dim">clock stands</span>}
          {task.dueAt && !task.pausedAt && (
            <span className={late ? 'num t-sm neg' : 'num t-sm t-dim'}>
              {late ? `overdue ${awayText(task.dueAt, now)}` : `due ${awayText(task.dueAt, now)}`}
            </span>
          )}
          {isDecidedAlike(task) && <SelectBox selection={selection} id={task.id} name={task.title} />}
        </span>
      }
      current={current}
      pick={pick}
    >
      <div className="row spread t-sm">
        <span className="t-dim cut">
          {[summary.customerName ?? summary.fromFund ?? summary.toFund, summary.makerName]
            .filter(Boolean)
            .join(' · ') || wordsOf(task.definition.replaceAll('-', ' '))}
        </span>
        {(summary.conflicts ?? 0) > 0 && <span className="tag">{summary.conflicts} conflicts</span>}
      </div>
      <OnBehalf task={task} />
      {(isDecidedAlike(task) || summary.amount) && (
        <div className="row spread t-sm">
          <CellValue
            of={`tasks.${task.subjectType}.spend`}
            row={task}
            value={summary.spend ?? summary.amount}
            label={`Money of ${task.title}`}
          />
          {summary.netRoi !== undefined && (
            <span>
              <span className="t-faint">net ROI </span>
              <CellValue
                of={`tasks.${task.subjectType}.netRoi`}
                row={task}
                value={summary.netRoi}
                label={`Net ROI of ${task.title}`}
                unit="ratio"
              />
            </span>
          )}
        </div>
      )}
    </ListItem>
  );
}

function exported(tasks: readonly Task[]) {
  return {
    head: [
      'title',
      'definition',
      'step',
      'customer',
      'maker',
      'spend',
      'net_profit',
      'net_roi',
      'due_at',
      'created_at',
    ],
    rows: tasks.map(({ title, definition, step, summary, dueAt, createdAt }) => [
      ...[title, definition, step, summary.customerName, summary.makerName, summary.spend, summary.netProfit],
      ...[{ ratio: summary.netRoi }, dueAt, createdAt],
    ]),
  };
}

/** Approvals and other tasks: the list beside the evidence, decided without leaving. */
export function MyWork() {
  const { task: picked } = useSearch({ from: '/app/work' });
  const navigate = useNavigate();
  const tasks = useQuery(tasksQuery);
  const now = useNow();
  const items = tasks.data ?? [];
  const pick = (id: string | undefined) =>
    void navigate({ to: '/work', search: id ? { task: id } : {}, replace: true });
  const at = items.findIndex((task) => task.id === picked);
  const shown = items[at] ?? (picked ? undefined : items[0]);
  const step = (by: number) => {
    const from = at < 0 ? (shown ? 0 : -1) : at;
    const next = items[Math.min(Math.max(from + by, 0), items.length - 1)];
    if (next) pick(next.id);
  };
  const selection = useSelection(items);
  const select = () => shown && isDecidedAlike(shown) && selection.toggle(shown.id);
  useKeys({ j: () => step(1), k: () => step(-1), x: select });
  return (
    <Screen
      title="My work"
      sub={<span>{tasks.data ? `${items.length} open` : ''}</span>}
      actions={<ExportButton name="tasks" disabled={items.length === 0} table={() => exported(items)} />}
      flush
    >
      {tasks.error && !tasks.data ? (
        <div style={{ padding: 16 }}>
          <Refusal error={tasks.error} retry={() => void tasks.refetch()} />
        </div>
      ) : (
        <div className="panes" data-picked={picked !== undefined}>
          <div className="pane-list">
            <AwayNotices />
            <BulkDecide tasks={items} selection={selection} />
            {tasks.isPending && <RowsLoading rows={6} heightPx={76} />}
            {tasks.data && items.length === 0 && (
              <Empty title="Nothing waits for you">New tasks appear here by themselves.</Empty>
            )}
            {items.map((task) => (
              <TaskItem
                key={task.id}
                task={task}
                current={task.id === shown?.id}
                pick={() => pick(task.id)}
                now={now}
                selection={selection}
              />
            ))}
          </div>
          <div className="pane-detail">
            {shown ? (
              <TaskDetail
                key={shown.id}
                task={shown}
                back={() => pick(undefined)}
                done={() => pick(items[at + 1]?.id ?? items[at - 1]?.id)}
              />
            ) : (
              tasks.data && (
                <Empty title={picked ? 'This task is no longer open' : 'No task is chosen'}>
                  {picked
                    ? 'Somebody decided it, or it was recalled.'
                    : 'When something is submitted for your decision, its money, ROI, conflicts and history stand here.'}
                </Empty>
              )
            )}
          </div>
        </div>
      )}
    </Screen>
  );
}
