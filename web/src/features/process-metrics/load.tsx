import { useQuery } from '@tanstack/react-query';
import { namesQuery } from '../../api/queries.ts';
import { countText } from '../../ui/format.ts';
import { durationText } from './durations.ts';
import { FiguresTable } from './figures-table.tsx';
import type { ProcessMetrics } from './shapes.ts';

/** Who carries the load, whoever decided most first. */
export function Load({ load }: Pick<ProcessMetrics, 'load'>) {
  const people = useQuery(namesQuery());
  const personOf = (id: string | null) =>
    id === null
      ? 'The process itself'
      : (people.data?.items.find((one) => one.id === id)?.name ?? 'Somebody who has left');
  return (
    <FiguresTable
      title="Who carries the load"
      rows={load}
      keyOf={({ personId }) => personId ?? ''}
      columns={[
        { head: 'Who', isName: true, cell: ({ personId }) => personOf(personId) },
        { head: 'Decided', cell: ({ decided }) => countText(decided) },
        { head: 'Votes', cell: ({ voted }) => countText(voted) },
        { head: 'Late', cell: ({ late }) => (late > 0 ? <span className="neg">{countText(late)}</span> : '0') },
        { head: 'Half within', cell: ({ cycleMs }) => durationText(cycleMs.p50) },
      ]}
    />
  );
}
