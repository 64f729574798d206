import { dateText } from '../../ui/format.ts';
import type { Absence } from './shapes.ts';
import { usePersonNames } from './use-person-names.ts';

/** In the list of people: until when somebody is away, and the way to say so. */
export function AwayCell({
  person,
  absences,
  open,
}: {
  person: { id: string; name: string };
  absences: readonly Absence[];
  open(): void;
}) {
  const nameOf = usePersonNames();
  const next = absences.find(({ personId, partial }) => personId === person.id && !partial);
  const when =
    next && (next.state === 'running' ? `until ${dateText(next.endsOn)}` : `from ${dateText(next.startsOn)}`);
  return (
    <button
      type="button"
      className="plain"
      aria-label={`When ${person.name} is away`}
      onClick={(event) => {
        event.stopPropagation();
        open();
      }}
    >
      {when ?? <span className="t-faint">no</span>}
      {next?.substituteId && <span className="t-dim">, {nameOf(next.substituteId)}</span>}
    </button>
  );
}
