import { useNavigate, useSearch } from '@tanstack/react-router';
import { Tabbed } from '../../ui/tabbed.tsx';
import { Decisions } from '../decisions/decisions.tsx';
import { ProcessMetrics } from '../process-metrics/process-metrics.tsx';
import { WorkflowSettings } from '../workflow-settings/workflow-settings.tsx';
import { Instances } from './instances.tsx';
import { Processes } from './processes.tsx';

const tabs = [
  { value: 'processes', label: 'Processes', View: Processes },
  { value: 'decisions', label: 'Decisions', View: Decisions },
  { value: 'instances', label: 'Instances', View: Instances },
  { value: 'metrics', label: 'Process metrics', View: ProcessMetrics },
  { value: 'settings', label: 'Settings', View: WorkflowSettings },
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
