import type { Task } from '../../api/shapes.ts';
import { dateText } from '../../ui/format.ts';
import { usePersonNames } from './use-person-names.ts';

/** For whom one has a task, and until when. */
export function OnBehalf({
  task: { onBehalfOf, onBehalfUntil },
}: {
  task: Pick<Task, 'onBehalfOf' | 'onBehalfUntil'>;
}) {
  const nameOf = usePersonNames();
  if (!onBehalfOf) return null;
  return (
    <div className="t-sm">
      for <b>{nameOf(onBehalfOf)}</b>
      {onBehalfUntil && <span className="t-dim"> (away until {dateText(onBehalfUntil)})</span>}
    </div>
  );
}
