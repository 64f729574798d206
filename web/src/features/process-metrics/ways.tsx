import { countText, wordsOf } from '../../ui/format.ts';
import { Empty, Panel } from '../../ui/screen.tsx';
import { CellValue } from '../../ui/values.tsx';
import { durationText } from './durations.ts';
import { FiguresTable, ShowButton } from './figures-table.tsx';
import type { Behind } from './queries.ts';
import type { Paths } from './shapes.ts';
import { shareText } from './step-table.tsx';

interface WaysProps {
  paths: Paths;
  /** Instances that were counted. */
  all: number;
  nameOf(step: string): string;
  show(behind: Behind): void;
}

/** The ways that instances took, most taken first. */
export function Ways({ paths: { variants, ways }, all, nameOf, show }: WaysProps) {
  return (
    <FiguresTable
      title="Ways taken"
      aside={
        <span className="t-dim t-sm">
          {ways > variants.length ? `${variants.length} of ${countText(ways)}` : countText(ways)}
        </span>
      }
      rows={variants}
      keyOf={({ key }) => key}
      columns={[
        {
          ...{ head: 'Way', isName: true },
          cell: ({ steps, length, ending }) => (
            <>
              {steps.map(nameOf).join(' → ') || 'No task'}
              {length > steps.length && ` … ${length - steps.length} more`}{' '}
              <span className="t-dim">⇒ {wordsOf(ending).toLowerCase()}</span>
            </>
          ),
        },
        {
          head: 'Instances',
          cell: ({ key, instances }) => (
            <ShowButton press={() => show({ way: key })}>{countText(instances)}</ShowButton>
          ),
        },
        {
          head: 'Share',
          cell: (way) => (
            <CellValue
              of="metrics.ways.share"
              row={{ ...way, all }}
              value={shareText(way.instances, all)}
              unit="ratio"
              label="Share of the way"
            />
          ),
        },
        { head: 'Half within', cell: ({ cycleMs }) => durationText(cycleMs.p50) },
      ]}
    />
  );
}

/** What was decided right after what, most often first. */
export function Follows({ paths, nameOf, show }: Omit<WaysProps, 'all'>) {
  const between = paths.follows.flatMap(({ from, to, count }) =>
    from === null || to === null ? [] : [{ from, to, count }],
  );
  if (between.length === 0) return null;
  return (
    <FiguresTable
      title="What followed what"
      rows={between}
      keyOf={({ from, to }) => `${from} ${to}`}
      columns={[
        { head: 'First', isName: true, cell: ({ from }) => nameOf(from) },
        { head: 'Then', isName: true, cell: ({ to }) => nameOf(to) },
        {
          head: 'Times',
          cell: ({ from, to, count }) => (
            <ShowButton press={() => show({ step: from, next: to })}>{countText(count)}</ShowButton>
          ),
        },
      ]}
    />
  );
}

/** A loop: a step that came again within an instance, or a round that was begun anew after its end. */
interface Loop {
  /** The step to which it leads back; null where that is not known. */
  at: string | null;
  how: string;
  instances: number;
  times: number;
  halfWithinMs: number | null;
  /** The step that came again. */
  step?: string;
}

/** What was done again, in words. */
const loopsOf = ({ repeats, returns }: Paths, nameOf: WaysProps['nameOf']): Loop[] => [
  ...repeats.map(({ step, instances, extra }) => ({
    ...{ at: nameOf(step), how: 'came again', instances, times: extra, halfWithinMs: null, step },
  })),
  ...returns.map(({ ending, step, instances, gapMs }) => ({
    ...{ at: step && nameOf(step), how: `${wordsOf(ending).toLowerCase()}, then begun anew` },
    ...{ instances, times: instances, halfWithinMs: gapMs.p50 },
  })),
];

/** The loop that most instances went through; null where nothing was done twice. */
export const mostRework = (paths: Paths, nameOf: WaysProps['nameOf']): Loop | null =>
  loopsOf(paths, nameOf).sort((a, b) => b.instances - a.instances)[0] ?? null;

/** What was done again: steps within one instance, and whole rounds of one subject. */
export function Rework({ paths, nameOf, show }: Omit<WaysProps, 'all'>) {
  const loops = loopsOf(paths, nameOf);
  if (loops.length === 0) {
    return (
      <Panel title="Done again">
        <Empty title="Nothing was done twice">No step came again, and nothing was submitted anew after its end.</Empty>
      </Panel>
    );
  }
  return (
    <FiguresTable
      title="Done again"
      rows={loops}
      keyOf={({ at, how }) => `${at} ${how}`}
      columns={[
        { head: 'What', isName: true, cell: ({ at, how }) => [at, how].filter(Boolean).join(' ') },
        {
          head: 'Instances',
          cell: ({ step, instances }) =>
            step ? (
              <ShowButton press={() => show({ step, what: 'again' })}>{countText(instances)}</ShowButton>
            ) : (
              countText(instances)
            ),
        },
        { head: 'Times', cell: ({ times }) => countText(times) },
        { head: 'Half within', cell: ({ halfWithinMs }) => durationText(halfWithinMs) },
      ]}
    >
      <div className="panel-body t-dim t-sm">
        Rounds by subject: {paths.rounds.map(({ rounds, subjects }) => `${countText(subjects)} × ${rounds}`).join(', ')}
      </div>
    </FiguresTable>
  );
}
