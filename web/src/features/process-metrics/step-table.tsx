import { countText, instantText } from '../../ui/format.ts';
import { CellValue } from '../../ui/values.tsx';
import { durationText, hoursOf } from './durations.ts';
import type { ProcessMetrics, StepFigures } from './shapes.ts';

/** Elapsed time, or the hours of the business calendar. */
export type Time = 'elapsed' | 'business';

/** A step with the time that is looked at and its part of the whole, the heaviest first. */
export interface HeavyStep extends StepFigures {
  shownCycle: StepFigures['cycleMs'];
  shownWaiting: StepFigures['cycleMs'];
  /** Of the time that all steps took together, 0 to 1. */
  part: number;
}

const none = { p50: null, p90: null, total: 0 };
/** What is known of a step at which something waits and nothing was decided yet. */
const untouched = (step: string): StepFigures => ({
  ...{ step, opened: 0, decided: 0, withdrawn: 0, late: 0, cycleMs: none, waitingMs: none, workingMs: none },
  ...{ businessCycleMs: none, businessWaitingMs: none },
});

/** The steps of a process, the one first that takes most of the time; those where something only waits come last. */
export function heaviestFirst({ steps, queues }: ProcessMetrics, time: Time): HeavyStep[] {
  const waiting = queues.filter(({ step }) => !steps.some((one) => one.step === step));
  const shown = [...steps, ...waiting.map(({ step }) => untouched(step))].map((one) => ({
    ...one,
    shownCycle: time === 'business' ? one.businessCycleMs : one.cycleMs,
    shownWaiting: time === 'business' ? one.businessWaitingMs : one.waitingMs,
  }));
  const all = shown.reduce((sum, { shownCycle }) => sum + shownCycle.total, 0);
  return shown
    .map((one) => ({ ...one, part: all === 0 ? 0 : one.shownCycle.total / all }))
    .sort((a, b) => b.part - a.part);
}

/** A share between 0 and 1 as ratios are told. */
export const shareText = (part: number, of: number): string => (of === 0 ? '0' : (part / of).toFixed(4));

/** What each step took, how much of the whole that is, and what waits there now. */
export function StepTable({
  metrics,
  steps,
  nameOf,
  show,
}: {
  metrics: ProcessMetrics;
  steps: readonly HeavyStep[];
  nameOf(step: string): string;
  show(step: string, what: 'decided' | 'late'): void;
}) {
  const allHours = hoursOf(steps.reduce((sum, { shownCycle }) => sum + shownCycle.total, 0));
  return (
    <table className="grid">
      <thead>
        <tr>
          <th>Step</th>
          <th className="right">Decided</th>
          <th>Outcomes</th>
          <th className="right">Half within</th>
          <th className="right">9 of 10 within</th>
          <th className="right">Waiting (half)</th>
          <th className="right">Of all time</th>
          <th className="right">Late</th>
          <th className="right">Open now</th>
          <th>Oldest</th>
        </tr>
      </thead>
      <tbody>
        {steps.map((one) => {
          const { step, decided, withdrawn, late, shownCycle, shownWaiting, part } = one;
          const queue = metrics.queues.find((each) => each.step === step);
          const row = { ...one, hours: hoursOf(shownCycle.total), allHours };
          const outcomes = metrics.stepOutcomes.filter((each) => each.step === step);
          return (
            <tr key={step}>
              <td className="wraps">{nameOf(step)}</td>
              <td className="right num">
                <button type="button" className="link-button" onClick={() => show(step, 'decided')}>
                  {countText(decided)}
                </button>
                {withdrawn > 0 && <span className="t-dim t-sm"> +{countText(withdrawn)} withdrawn</span>}
              </td>
              <td className="t-sm wraps">
                {outcomes.map(({ outcome, count }) => `${outcome} ${countText(count)}`).join(' · ') || '–'}
              </td>
              <td className="right num">{durationText(shownCycle.p50)}</td>
              <td className="right num">{durationText(shownCycle.p90)}</td>
              <td className="right num">{durationText(shownWaiting.p50)}</td>
              <td className="right">
                <CellValue
                  of="metrics.steps.share"
                  row={row}
                  value={part.toFixed(4)}
                  unit="ratio"
                  label={`${nameOf(step)}: of all time`}
                />
              </td>
              <td className="right">
                <CellValue
                  of="metrics.steps.late"
                  row={row}
                  value={shareText(late, decided)}
                  unit="ratio"
                  label={`${nameOf(step)}: late`}
                />
                {late > 0 && (
                  <>
                    {' '}
                    <button type="button" className="link-button num" onClick={() => show(step, 'late')}>
                      {countText(late)}
                    </button>
                  </>
                )}
              </td>
              <td className="right num">
                {countText(queue?.open ?? 0)}
                {queue && queue.late > 0 && <span className="neg"> {countText(queue.late)} late</span>}
              </td>
              <td className="num t-sm">{queue ? instantText(queue.oldestAt) : <span className="t-faint">–</span>}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
