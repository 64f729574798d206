import { SegmentedControl } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
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
  const shown = tabs.find(({ value }) => value === tab) ?? tabs[0];
  const head = (
    <SegmentedControl
      size="xs"
      aria-label="What to look at"
      data={tabs.map(({ value, label }) => ({ value, label }))}
      value={shown.value}
      onChange={(value) => void navigate({ to: '/security-alerts', search: { tab: value }, replace: true })}
    />
  );
  return <shown.View head={head} />;
}
