import { useNavigate, useSearch } from '@tanstack/react-router';
import { Tabbed } from '../../ui/tabbed.tsx';
import { Breaches } from './breaches.tsx';
import { Consents } from './consents.tsx';
import { ProcessingRecord } from './processing.tsx';
import { Requests } from './requests.tsx';

const tabs = [
  { value: 'requests', label: 'Requests', View: Requests },
  { value: 'breaches', label: 'Breaches', View: Breaches },
  { value: 'consents', label: 'Consents', View: Consents },
  { value: 'processing', label: 'Record of processing', View: ProcessingRecord },
] as const;

/** What data subjects ask for, breaches with their clocks, consents, and what is processed why. */
export function Privacy() {
  const { tab } = useSearch({ from: '/app/privacy' });
  const navigate = useNavigate();
  return (
    <Tabbed
      tabs={tabs}
      shown={tab}
      choose={(next) => void navigate({ to: '/privacy', search: { tab: next }, replace: true })}
    />
  );
}
