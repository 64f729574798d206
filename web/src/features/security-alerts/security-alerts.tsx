import { useNavigate, useSearch } from '@tanstack/react-router';
import { Tabbed } from '../../ui/tabbed.tsx';
import { Incidents } from './incidents.tsx';
import { Rules } from './rules.tsx';

const tabs = [
  { value: 'incidents', label: 'Incidents', View: Incidents },
  { value: 'rules', label: 'Rules', View: Rules },
] as const;

/** What detection found, what is done about it, and the rules by which it looks. */
export function SecurityAlerts() {
  const { tab } = useSearch({ from: '/app/security-alerts' });
  const navigate = useNavigate();
  return (
    <Tabbed
      tabs={tabs}
      shown={tab}
      choose={(next) => void navigate({ to: '/security-alerts', search: { tab: next }, replace: true })}
    />
  );
}
