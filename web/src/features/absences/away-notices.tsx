import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMay, useUser } from '../../api/session.ts';
import { dateText } from '../../ui/format.ts';
import { useEndAbsence } from './away-panel.tsx';
import { gapGroups } from './gap-groups.ts';
import { GapList } from './gap-list.tsx';
import { forecastQuery, ownAbsencesQuery } from './queries.ts';
import { usePersonNames } from './use-person-names.ts';

/** More lines than these are opened by hand. */
const shownAtOnce = 4;

/** Above one's tasks: that one is away, and to administrators what nobody will be left for. */
export function AwayNotices() {
  const user = useUser();
  const may = useMay();
  const nameOf = usePersonNames();
  const own = useQuery(ownAbsencesQuery);
  const forecast = useQuery({ ...forecastQuery, enabled: may('workflows:design') });
  const end = useEndAbsence();
  const away = own.data?.find((one) => one.personId === user?.id && one.state === 'running' && !one.partial);
  const gaps = forecast.data ?? [];
  return (
    <>
      {away && (
        <div className="notice" data-severity="warn">
          <div className="grow">
            <b>You are away until {dateText(away.endsOn)}.</b>{' '}
            {away.substituteId ? `New tasks go to ${nameOf(away.substituteId)}.` : 'Others take new tasks.'}
          </div>
          <Button size="compact-sm" variant="default" loading={end.isPending} onClick={() => end.mutate(away)}>
            I am back
          </Button>
        </div>
      )}
      {gaps.length > 0 && (
        <details open={gapGroups(gaps).length <= shownAtOnce}>
          <summary className="notice">
            <b className="neg">Known absences leave {gaps.length === 1 ? 'a gap' : `${gaps.length} gaps`}</b>
          </summary>
          <GapList gaps={gaps} />
        </details>
      )}
    </>
  );
}
