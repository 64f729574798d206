import { SegmentedControl } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
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
  const shown = tabs.find(({ value }) => value === tab) ?? tabs[0];
  const head = (
    <SegmentedControl
      size="xs"
      aria-label="What to look at"
      data={tabs.map(({ value, label }) => ({ value, label }))}
      value={shown.value}
      onChange={(value) => void navigate({ to: '/duties', search: { tab: value }, replace: true })}
    />
  );
  return <shown.View head={head} />;
}
