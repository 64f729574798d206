import { countText, wordsOf } from '../../ui/format.ts';
import { Empty, Panel } from '../../ui/screen.tsx';
import { CellValue } from '../../ui/values.tsx';
import { durationText } from './durations.ts';
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
export function Ways({ paths, all, nameOf, show }: WaysProps) {
  const { variants, ways } = paths;
  return (
    <Panel
      title="Ways taken"
      aside={
        <span className="t-dim t-sm">
          {ways > variants.length ? `${variants.length} of ${countText(ways)}` : countText(ways)}
        </span>
      }
      className="scrolls"
    >
      <table className="grid tight">
        <thead>
          <tr>
            <th>Way</th>
            <th className="right">Instances</th>
            <th className="right">Share</th>
            <th className="right">Half within</th>
          </tr>
        </thead>
        <tbody>
          {variants.map((way) => (
            <tr key={way.key}>
              <td className="wraps">
                {way.steps.map(nameOf).join(' → ') || 'No task'}
                {way.length > way.steps.length && ` … ${way.length - way.steps.length} more`}{' '}
                <span className="t-dim">⇒ {wordsOf(way.ending).toLowerCase()}</span>
              </td>
              <td className="right num">
                <button type="button" className="link-button" onClick={() => show({ way: way.key })}>
                  {countText(way.instances)}
                </button>
              </td>
              <td className="right">
                <CellValue
                  of="metrics.ways.share"
                  row={{ ...way, all }}
                  value={shareText(way.instances, all)}
                  unit="ratio"
                  label="Share of the way"
                />
              </td>
              <td className="right num">{durationText(way.cycleMs.p50)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

/** What was decided right after what, most often first. */
export function Follows({ paths, nameOf, show }: Omit<WaysProps, 'all'>) {
  const between = paths.follows.filter(({ from, to }) => from !== null && to !== null);
  if (between.length === 0) return null;
  return (
    <Panel title="What followed what" className="scrolls">
      <table className="grid tight">
        <thead>
          <tr>
            <th>First</th>
            <th>Then</th>
            <th className="right">Times</th>
          </tr>
        </thead>
        <tbody>
          {between.map(({ from, to, count }) => (
            <tr key={`${from} ${to}`}>
              <td className="wraps">{nameOf(from ?? '')}</td>
              <td className="wraps">{nameOf(to ?? '')}</td>
              <td className="right num">
                <button
                  type="button"
                  className="link-button"
                  onClick={() => show({ step: from ?? undefined, next: to ?? undefined })}
                >
                  {countText(count)}
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

/** What was done again: steps within one instance, and whole rounds of one subject. */
export function Rework({ paths, nameOf, show }: Omit<WaysProps, 'all'>) {
  const { repeats, returns, rounds } = paths;
  if (repeats.length + returns.length === 0) {
    return (
      <Panel title="Done again">
        <Empty title="Nothing was done twice">No step came again, and nothing was submitted anew after its end.</Empty>
      </Panel>
    );
  }
  return (
    <Panel title="Done again" className="scrolls">
      <table className="grid tight">
        <thead>
          <tr>
            <th>What</th>
            <th className="right">Instances</th>
            <th className="right">Times</th>
            <th className="right">Half within</th>
          </tr>
        </thead>
        <tbody>
          {repeats.map(({ step, instances, extra }) => (
            <tr key={step}>
              <td className="wraps">{nameOf(step)} came again</td>
              <td className="right num">
                <button type="button" className="link-button" onClick={() => show({ step, what: 'again' })}>
                  {countText(instances)}
                </button>
              </td>
              <td className="right num">{countText(extra)}</td>
              <td className="right t-faint">–</td>
            </tr>
          ))}
          {returns.map(({ ending, step, instances, gapMs }) => (
            <tr key={`${ending} ${step}`}>
              <td className="wraps">
                {wordsOf(ending)}
                {step && ` at ${nameOf(step)}`}, then begun anew
              </td>
              <td className="right num">{countText(instances)}</td>
              <td className="right num">{countText(instances)}</td>
              <td className="right num">{durationText(gapMs.p50)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="panel-body t-dim t-sm">
        Rounds by subject: {rounds.map(({ rounds: count, subjects }) => `${countText(subjects)} × ${count}`).join(', ')}
      </div>
    </Panel>
  );
}
