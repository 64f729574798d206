import { useQuery } from '@tanstack/react-query';
import { namesQuery } from '../../api/queries.ts';
import { countText } from '../../ui/format.ts';
import { Panel } from '../../ui/screen.tsx';
import { durationText } from './durations.ts';
import type { ProcessMetrics } from './shapes.ts';

/** Who carries the load, whoever decided most first. */
export function Load({ load }: Pick<ProcessMetrics, 'load'>) {
  const people = useQuery(namesQuery());
  const personOf = (id: string | null) =>
    id === null
      ? 'The process itself'
      : (people.data?.items.find((one) => one.id === id)?.name ?? 'Somebody who has left');
  return (
    <Panel title="Who carries the load" className="scrolls">
      <table className="grid tight">
        <thead>
          <tr>
            <th>Who</th>
            <th className="right">Decided</th>
            <th className="right">Votes</th>
            <th className="right">Late</th>
            <th className="right">Half within</th>
          </tr>
        </thead>
        <tbody>
          {load.map(({ personId, decided, voted, late, cycleMs }) => (
            <tr key={personId}>
              <td>{personOf(personId)}</td>
              <td className="right num">{countText(decided)}</td>
              <td className="right num">{countText(voted)}</td>
              <td className="right num">{late > 0 ? <span className="neg">{countText(late)}</span> : '0'}</td>
              <td className="right num">{durationText(cycleMs.p50)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
