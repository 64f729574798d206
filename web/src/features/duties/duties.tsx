import { useNavigate, useSearch } from '@tanstack/react-router';
import { Tabbed } from '../../ui/tabbed.tsx';
import { Conflicts } from './conflicts.tsx';
import { Exceptions } from './exceptions.tsx';
import { Report } from './report.tsx';

const tabs = [
  { value: 'conflicts', label: 'Conflicts', View: Conflicts },
  { value: 'report', label: 'Report', View: Report },
  { value: 'exceptions', label: 'Exceptions', View: Exceptions },
] as const;

/** The separation of duties: what conflicts, who could, who did, and who was let. */
export function Duties() {
  const { tab } = useSearch({ from: '/app/duties' });
  const navigate = useNavigate();
  return (
    <Tabbed
      tabs={tabs}
      shown={tab}
      choose={(next) => void navigate({ to: '/duties', search: { tab: next }, replace: true })}
    />
  );
}
