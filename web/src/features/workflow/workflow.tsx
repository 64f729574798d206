import { useNavigate, useSearch } from '@tanstack/react-router';
import { Tabbed } from '../../ui/tabbed.tsx';
import { Instances } from './instances.tsx';
import { Processes } from './processes.tsx';

const tabs = [
  { value: 'processes', label: 'Processes', View: Processes },
  { value: 'instances', label: 'Instances', View: Instances },
] as const;

/** What administrators draw and put in force, and what runs on it. */
export function Workflow() {
  const { tab } = useSearch({ from: '/app/workflow' });
  const navigate = useNavigate();
  return (
    <Tabbed
      tabs={tabs}
      shown={tab}
      choose={(next) => void navigate({ to: '/workflow', search: { tab: next }, replace: true })}
    />
  );
}
