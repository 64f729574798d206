import { Link } from '@tanstack/react-router';
import { dateText, moneyText, rangeText } from '../../ui/format.ts';
import { gapGroups } from './gap-groups.ts';
import type { Gap } from './shapes.ts';
import { usePersonNames } from './use-person-names.ts';

const when = ({ startsOn, endsOn }: Gap) =>
  endsOn === null
    ? `From ${dateText(startsOn)}`
    : startsOn === endsOn
      ? `On ${dateText(startsOn)}`
      : rangeText(startsOn, endsOn);
const who = ({ upTo }: Gap) => (upTo ? `nobody decides above ${moneyText(upTo)}` : 'nobody is left');

/** Steps of processes that may begin, in a few words: "Fund transfer (Transfer between funds)". */
function stepsText(gaps: readonly Gap[]): string {
  const byProcess = [...Map.groupBy(gaps, ({ title }) => title)];
  return byProcess.map(([title, of]) => `${title} (${of.map(({ step }) => step).join(', ')})`).join('; ');
}

/** What would be left to nobody, from when and because of whom. */
export function GapList({ gaps }: { gaps: readonly Gap[] }) {
  const nameOf = usePersonNames();
  return (
    <>
      {gapGroups(gaps).map(({ key, of }) => {
        const [gap] = of;
        if (!gap) return null;
        return (
          <div key={key} className="notice" data-severity="warn">
            <div className="grow">
              <b>{when(gap)}</b> {who(gap)}:{' '}
              {gap.instanceId ? (
                <>
                  {gap.step},{' '}
                  <Link to="/workflow/instances/$id" params={{ id: gap.instanceId }}>
                    {gap.title}
                  </Link>
                </>
              ) : (
                stepsText(of)
              )}
              <div className="t-dim t-sm">away: {gap.away.map(nameOf).join(', ')}</div>
            </div>
          </div>
        );
      })}
    </>
  );
}
