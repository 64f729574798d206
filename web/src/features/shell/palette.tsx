import { Modal, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useState } from 'react';
import { customersQuery } from '../../api/queries.ts';
import { queryString, request } from '../../api/request.ts';
import { useMay } from '../../api/session.ts';
import type { Page, PromotionRow } from '../../api/shapes.ts';
import { StateBadge } from '../../ui/state-badge.tsx';
import { places } from './places.ts';

interface Found {
  key: string;
  label: string;
  kind: string;
  state?: string;
  open(): void;
}

function useFound(text: string): Found[] {
  const may = useMay();
  const navigate = useNavigate();
  const [search] = useDebouncedValue(text.trim(), 120);
  const reads = may('promotions:read');
  const promotions = useQuery({
    queryKey: ['promotions', 'search', search],
    queryFn: ({ signal }) => request<Page<PromotionRow>>(`/promotions${queryString({ search, limit: 8 })}`, { signal }),
    enabled: reads && search.length > 1,
    placeholderData: (before) => before,
  });
  const customers = useQuery({ ...customersQuery, enabled: may('customers:read') && search.length > 1 });
  const low = text.trim().toLowerCase();
  const found: Found[] = places
    .filter((place) => place.needs.some(may) && place.label.toLowerCase().includes(low))
    .map((place) => ({
      key: place.to,
      label: place.label,
      kind: 'Screen',
      open: () => void navigate({ to: place.to }),
    }));
  if (may('promotions:create') && 'new promotion'.includes(low)) {
    found.push({
      key: 'new',
      label: 'New promotion',
      kind: 'Action',
      open: () => void navigate({ to: '/promotions/new' }),
    });
  }
  if (low.length < 2) return found;
  for (const each of promotions.data?.items ?? []) {
    const open = () => void navigate({ to: '/promotions/$id', params: { id: each.id } });
    found.push({ key: each.id, label: `${each.code} ${each.name}`, kind: 'Promotion', state: each.state, open });
  }
  for (const each of customers.data ?? []) {
    if (found.length > 24) break;
    if (!each.name.toLowerCase().includes(low) && !each.code.toLowerCase().includes(low)) continue;
    const open = () => void navigate({ to: '/calendar', search: { customer: each.id } });
    found.push({ key: each.id, label: each.name, kind: 'Customer calendar', open });
  }
  return found;
}

/** Search over everything, opened with ⌘K. */
export function Palette({ opened, close }: { opened: boolean; close(): void }) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const found = useFound(opened ? text : '');
  const chosen = Math.min(at, found.length - 1);
  const done = () => {
    setText('');
    setAt(0);
    close();
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt(Math.min(chosen + 1, found.length - 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(chosen - 1, 0));
    else if (event.key === 'Enter' && found[chosen]) {
      found[chosen].open();
      done();
    } else return;
    event.preventDefault();
  };
  return (
    <Modal
      opened={opened}
      onClose={done}
      withCloseButton={false}
      centered={false}
      yOffset="12vh"
      size="lg"
      padding={8}
      transitionProps={{ duration: 0 }}
    >
      <TextInput
        data-autofocus
        size="md"
        variant="unstyled"
        leftSection={<IconSearch size={16} />}
        placeholder="Search promotions, customers, screens"
        aria-label="Search"
        role="combobox"
        aria-expanded
        aria-controls="found"
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={keys}
      />
      <div id="found" role="listbox" aria-label="Found" style={{ height: 330, overflow: 'auto' }}>
        {found.map((each, index) => (
          <button
            key={each.key}
            type="button"
            role="option"
            tabIndex={-1}
            className="palette-item"
            aria-selected={index === chosen}
            onMouseMove={() => setAt(index)}
            onClick={() => {
              each.open();
              done();
            }}
          >
            <span className="grow cut">{each.label}</span>
            {each.state && <StateBadge state={each.state} />}
            <span className="t-faint t-sm">{each.kind}</span>
          </button>
        ))}
        {found.length === 0 && <div className="empty">Nothing found. Try a promotion’s code or a customer’s name.</div>}
      </div>
    </Modal>
  );
}
