import { instantText, wordsOf } from '../../ui/format.ts';
import { Panel } from '../../ui/screen.tsx';
import type { Step } from './shapes.ts';

/** What was done about a request or a breach, in its order. */
export function Steps({ steps }: { steps: readonly Step[] }) {
  return (
    <Panel title="What was done">
      <table className="grid tight wrap">
        <thead>
          <tr>
            <th>When</th>
            <th>What</th>
            <th>Who</th>
            <th>Note</th>
          </tr>
        </thead>
        <tbody>
          {steps.map((step) => (
            <tr key={`${step.at}${step.what}${step.note}`}>
              <td className="num">{instantText(step.at)}</td>
              <td>{wordsOf(step.what)}</td>
              <td>{step.actorName}</td>
              <td>{step.note ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
